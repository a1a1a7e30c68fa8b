"""Reading a published folder: every file, in every medium, into tables that look alike."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hotspots.auditing._html import read_page
from hotspots.auditing._page_tables import Names, data_tables, page_tables
from hotspots.auditing._policy import COMBINED, WHOLE_PERIOD, ZONE, InputError
from hotspots.auditing.cells import blank
from hotspots.auditing.published import AREA_LAYERS, Published, Table, read_record

_ARCHIVES: Final = (".xlsx", ".docx")
_DICTIONARY: Final = "Dictionary"
_SHAPES: Final[tuple[str, ...]] = ("clusters", "density", "beats")
_AREA_KEYS: Final = ["level", "vintage", "code", "name", "theme"]


def read_published(folder: Path) -> Published:
    """
    Read all that a release states.

    Parameters
    ----------
    folder : Path
        What `hotspots run` wrote, or a copy of it.

    Returns
    -------
    Published

    Raises
    ------
    InputError
        If the record or the table of areas is missing, or a file cannot be read.
    """
    folder = Path(folder)
    record, policy = read_record(folder)
    layers = dict(_layers(folder / "hotspots.gpkg"))
    areas = {level: layers[name].set_index("code") for name, level in AREA_LAYERS.items() if name in layers}
    shapes = {name: layers[name] for name in _SHAPES if name in layers}
    texts = dict(_texts(folder))
    pages = {name: read_page(text) for name, text in texts.items() if name.endswith(".html")}
    tables = [*_csv_tables(folder), *_sheets(folder / "hotspots.xlsx")]
    others = list(_other_layers(folder))
    shapes |= {where: frame for where, name, frame in others if name in _SHAPES}
    told = [*((f"hotspots.gpkg {name}", name, frame) for name, frame in layers.items()), *others]
    tables += [table for where, name, frame in told for table in _layer_tables(where, name, frame)]
    tables += _record_tables(record)
    if not any(table.where == "tables/areas.csv" for table in tables):
        raise InputError(f"{folder} holds no tables/areas.csv: name a folder that `hotspots run` wrote.")
    data = pages["index.html"].data if "index.html" in pages else {}
    listed = {
        str(one["slug"]): str(one.get("name", ""))
        for one in (*record.get("themes", []), *data.get("themes", []))
    }
    city = str(record.get("area", {}).get("name", ""))
    names = Names(tuple(listed.items()), _codes_by_name(tables, areas), city)
    for name, page in pages.items():
        tables += _page_data(folder, name, page.data)
        tables += page_tables(page, name, names)
    return Published(
        folder,
        record,
        policy,
        tuple(tables),
        areas=areas,
        shapes=shapes,
        texts=texts,
        pages={name: page.text for name, page in pages.items()},
        data=data,
        unread={name: page.unread for name, page in pages.items() if page.unread},
    )


def _record_tables(record: Mapping[str, Any]) -> Iterator[Table]:
    """Read lists of rows in the record, such as what emerges, as the tables that they are."""
    for name, rows in record.items():
        if isinstance(rows, list) and rows and all(isinstance(row, dict) and "theme" in row for row in rows):
            yield Table(f"run.json {name}", pd.DataFrame(rows))


def _page_data(folder: Path, name: str, data: Mapping[str, Any]) -> list[Table]:
    try:
        return list(data_tables(data, f"{name} data"))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"The data in {folder / name} have a form that this audit does not read: make the release again "
            "with this version."
        ) from error


def _csv_tables(folder: Path) -> Iterator[Table]:
    for path in sorted((folder / "tables").glob("*.csv")):
        try:
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        except ValueError as error:
            raise InputError(f"{path} cannot be read as a table: make the release again.") from error
        if path.name == "zones.csv":
            frame = frame.rename(columns={"zone": "code"}).assign(level=ZONE)
        yield Table(f"tables/{path.name}", frame)


def _sheets(path: Path) -> Iterator[Table]:
    """Read the workbook; monthly counts that stand in columns become rows."""
    import openpyxl

    if not path.is_file():
        return
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        names = _dictionary(book)
        for sheet in book:
            rows = list(sheet.iter_rows(values_only=True))
            if not rows or sheet.title in ("Notes", _DICTIONARY):
                continue
            head = [names.get((sheet.title, str(name)), str(name)) for name in rows[0]]
            body = [(*row, *[None] * len(head))[: len(head)] for row in rows[1:]]
            frame = pd.DataFrame(body, columns=head, dtype=object)
            where = f"{path.name} {sheet.title}"
            wide = {"Areas": _wide_months, "Summary": _wide_themes}.get(sheet.title)
            yield from wide(where, frame) if wide else [Table(where, frame)]
    finally:
        book.close()


def _dictionary(book: Any) -> dict[tuple[str, str], str]:
    """Read which column each heading stands for; an older workbook has the columns' own names."""
    if _DICTIONARY not in book.sheetnames:
        return {}
    rows = book[_DICTIONARY].iter_rows(min_row=2, max_col=3, values_only=True)
    return {(str(sheet), str(words)): str(column) for sheet, words, column in rows}


def _wide_themes(where: str, frame: pd.DataFrame) -> Iterator[Table]:
    """Turn the summary's columns by theme into rows; what stands below the wards is their sum by month."""
    wards = frame[frame["code"].astype(str).str.fullmatch(r"[A-Z]\d{8}", na=False)]
    for column in frame.columns:
        measure, _, theme = str(column).partition(" ")
        if measure in ("count", "share") and theme:
            plain = wards[["code", "name"]].assign(level="ward", theme=theme, month=WHOLE_PERIOD)
            yield Table(f"{where} {column}", plain.assign(**{measure: wards[column]}))


def _wide_months(where: str, frame: pd.DataFrame) -> Iterator[Table]:
    """Turn months in columns into rows; a blank is no statement, for whole grains are left out so."""
    months = [name for name in frame.columns if len(name) == 7 and name[4] == "-"]
    yield Table(where, frame.drop(columns=months).assign(month=WHOLE_PERIOD))
    keys = [name for name in _AREA_KEYS if name in frame]
    long = frame[[*keys, *months]].melt(id_vars=keys, value_vars=months, var_name="month", value_name="count")
    yield Table(f"{where} by month", long[~long["count"].map(blank).astype(bool)])


def _layers(path: Path) -> Iterator[tuple[str, Any]]:
    import pyogrio

    if not path.is_file():
        return
    for name, _ in pyogrio.list_layers(path):
        if name != "layer_styles":
            frame = pyogrio.read_dataframe(path, layer=name)
            yield str(name), frame.rename(columns={"zone": "code"}) if name == "zones" else frame


def _other_layers(folder: Path) -> Iterator[tuple[str, str, Any]]:
    """Read the layers in further formats: where they lie, which they are, and what they hold."""
    import geopandas as gpd

    for path in sorted(one for one in folder.rglob("*") if one.suffix in (".parquet", ".fgb")):
        frame = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
        zones = path.stem == "zones"
        yield (
            path.relative_to(folder).as_posix(),
            path.stem,
            frame.rename(columns={"zone": "code"}) if zones else frame,
        )


def _layer_tables(where: str, name: str, frame: pd.DataFrame) -> Iterator[Table]:
    """Read the attributes of a layer; a column a theme becomes rows."""
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    if name not in AREA_LAYERS:
        yield Table(where, plain)
        return
    plain = plain.assign(level=AREA_LAYERS[name])
    counts = [column for column in plain.columns if str(column).startswith("count_")]
    long = plain.melt(id_vars=["level", "code"], value_vars=counts, var_name="theme", value_name="count")
    slugs = long["theme"].astype(str).str.removeprefix("count_").str.replace("_", "-", regex=False)
    yield Table(where, long.assign(theme=slugs, month=WHOLE_PERIOD))
    # The ranking that stands with the areas is the one over the themes together.
    yield Table(f"{where} ranks", plain.drop(columns=counts).assign(theme=COMBINED))


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix in _ARCHIVES:
            yield from _members(path, name)
        else:
            yield name, path.read_bytes().decode("utf-8-sig", errors="replace")


def _members(path: Path, name: str) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                yield f"{name} {member}", archive.read(member).decode("utf-8", errors="replace")
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is no archive that can be opened: make the release again.") from error


def _codes_by_name(tables: list[Table], areas: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Level and code by name of area, as pages name them."""
    found: dict[str, tuple[str, str]] = {}
    frame = next(table.frame for table in tables if table.where == "tables/areas.csv")
    if {"name", "level", "code"} <= set(frame.columns):
        rows = frame[["name", "level", "code"]].drop_duplicates()
        found = {str(name): (str(level), str(code)) for name, level, code in rows.to_numpy()}
    for level, layer in areas.items():
        if "name" in layer:
            found.update({str(name): (level, str(code)) for code, name in layer["name"].items()})
    return found
