"""Workbooks, JSON, layers, folders and zips as analysts may send them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
from analysts import KINDS, Case, N, day, degrees, east, north, table

from hotspots.policeuk import POLICE_COLUMNS

PLACED = ("Date", "Offence", "Easting", "Northing")
CSV = table(",".join(PLACED), "{iso},{kind},{en}")


def rows(*, text: bool = False) -> list[list[Any]]:
    return [[day(n).isoformat() if text else day(n), KINDS[n % 2], east(n), north(n)] for n in range(N)]


def workbook(
    change: Callable[[Any], object] = lambda book: None,
    *,
    name: str = "sent.xlsx",
    header: Sequence[str] = PLACED,
    filled: Sequence[Sequence[Any]] | None = None,
) -> Callable[[Path], Path]:
    """Write a sheet of the twelve, changed by a function that is given the workbook."""

    def make(folder: Path) -> Path:
        book = openpyxl.Workbook()
        for row in [list(header), *(rows() if filled is None else filled)]:
            book.active.append(list(row))
        change(book)
        book.save(folder / name)
        return folder / name

    return make


def _hide_rows(book: Any) -> None:
    for row in range(4, 10):
        book.active.row_dimensions[row].hidden = True


def _hide_column(book: Any) -> None:
    book.active.column_dimensions["C"].hidden = True


def _hidden_sheet(book: Any) -> None:
    old = book.create_sheet("Old")
    old.append(PLACED)
    old.sheet_state = "hidden"


def _titles(book: Any) -> None:
    book.active.insert_rows(1, 4)
    book.active["A1"] = "Community Safety Partnership: crimes recorded"
    book.active["A2"] = "Run on"
    book.active["B2"] = day(40)


def _corner(book: Any) -> None:
    book.active.insert_cols(1, 2)
    book.active.insert_rows(1, 3)


def _merged(book: Any) -> None:
    sheet = book.active
    sheet.insert_rows(1)
    for cell, text in zip(
        ("A1", "B1", "C1", "A2", "B2", "C2", "D2"),
        ("When", "What", "Where", "Date", "Offence", "Easting", "Northing"),
        strict=True,
    ):
        sheet[cell] = text
    sheet.merge_cells("C1:D1")


def _notes_sheet(book: Any) -> None:
    book.create_sheet("Notes", 0).append(["Please treat as restricted"])


def _pivot_sheet(book: Any) -> None:
    pivot = book.create_sheet("Summary", 0)
    for row in (["Row Labels", "Count of Offence"], ["Burglary", 6], ["Drugs", 6], ["Grand Total", 12]):
        pivot.append(row)


def _total(book: Any) -> None:
    book.active.append(["Total", None, None, 12])


def _formula(book: Any) -> None:
    for row in range(2, N + 2):
        book.active[f"C{row}"] = f"=434000+{row}"


def _since_1904(book: Any) -> None:
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904


def _errors(book: Any) -> None:
    book.active["C3"] = "#N/A"
    book.active["D3"] = "#N/A"


def _month_sheets(book: Any, *, more: bool = False) -> None:
    first = book.active
    first.title = "Jan"
    second = book.create_sheet("Feb")
    for row in list(first.iter_rows(min_row=8)):
        second.append([cell.value for cell in row] + (["x"] if more else []))
    first.delete_rows(8, 10)
    second.insert_rows(1)
    for at, name in enumerate([*PLACED, *(["Remarks"] if more else [])], start=1):
        second.cell(1, at, name)


def as_json(value: Any, *, name: str = "sent.json", lines_of: bool = False) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        text = "\n".join(map(json.dumps, value)) if lines_of else json.dumps(value)
        (folder / name).write_text(text, encoding="utf-8")
        return folder / name

    return make


RECORDS = [dict(zip(PLACED, row, strict=True)) for row in rows(text=True)]
SEARCH = {"type": "Person search", "datetime": "2024-01-03T10:05:00+00:00",
"object_of_search": "Controlled drugs",
          "location": {"latitude": "52.92", "longitude": "-1.47", "street": {"id": 1,
          "name": "On or near X"}}}  # fmt: skip
API = [
    {"category": ("drugs", "burglary")[n % 2], "location_type": "Force", "context": "", "persistent_id": "",
    "id": n,
     "location": {"latitude": str(degrees(n)[1]), "longitude": str(degrees(n)[0]), "street": {"id": n,
     "name": "On or near X"}},
     "outcome_status": None if n % 2 else {"category": "Under investigation", "date": "2024-02"},
     "location_subtype": "", "month": "2024-01"}
    for n in range(N)
]  # fmt: skip


def layer(system: int = 27700, **columns: Sequence[Any]) -> gpd.GeoDataFrame:
    found = {
        "Date": [day(n).isoformat() for n in range(N)],
        "Offence": [KINDS[n % 2] for n in range(N)],
        **columns,
    }
    points = gpd.points_from_xy(*zip(*((east(n), north(n)) for n in range(N)), strict=True))
    return gpd.GeoDataFrame(found, geometry=points, crs=27700).to_crs(system)


def written(
    name: str,
    driver: str = "",
    *,
    system: int = 27700,
    then: Callable[[Path], object] = lambda path: None,
    **columns: Sequence[Any],
) -> Callable[[Path], Path]:
    """Write the twelve as a layer of points."""

    def make(folder: Path) -> Path:
        path = folder / name
        layer(system, **columns).to_file(path, driver=driver)
        then(path)
        return path

    return make


def _no_prj(path: Path) -> None:
    path.with_suffix(".prj").unlink()


def truncated(folder: Path) -> Path:
    """Write a shapefile with the ten letters that its DBF keeps of longer names."""
    names = {"Date": "Date_committed"[:10], "Offence": "Offence_description"[:10]}
    frame = layer(**{"Crime_reference_number"[:10]: [f"C{n}" for n in range(N)]}).rename(columns=names)
    frame.to_file(folder / "sent.shp")
    return folder / "sent.shp"


def polygons(folder: Path) -> Path:
    frame = layer()
    frame.set_geometry(frame.buffer(10)).to_file(folder / "sent.gpkg")
    return folder / "sent.gpkg"


def zipped(**members: str | bytes | Callable[[Path], Path]) -> Callable[[Path], Path]:
    """Put files into a zip; "_" in a name stands for ".", "__" for "/"."""

    def make(folder: Path) -> Path:
        inside = folder / "inside"
        inside.mkdir()
        with zipfile.ZipFile(folder / "sent.zip", "w") as archive:
            for key, content in members.items():
                name = key.replace("__", "/").replace("_", ".")
                if callable(content):
                    made = content(inside)
                    for part in sorted(
                        [made, *made.rglob("*")] if made.is_dir() else made.parent.glob(f"{made.stem}.*")
                    ):
                        if part.is_file():
                            archive.write(part, str(part.relative_to(inside)))
                else:
                    archive.writestr(name, content)
        return folder / "sent.zip"

    return make


def folder_of(**members: str | bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        for key, content in members.items():
            path = folder / "in" / key.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder / "in"

    return make


def copied(name: str, make: Callable[[Path], Path]) -> Callable[[Path], Path]:
    return lambda folder: make(folder).rename(folder / name)


def parquet(**more: Any) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        frame = pd.DataFrame(rows(), columns=list(PLACED))
        for name, kind in more.items():
            frame[name] = (
                pd.to_datetime(frame[name]).dt.tz_localize("UTC")
                if kind == "utc"
                else frame[name].astype(kind)
            )
        frame.to_parquet(folder / "sent.parquet")
        return folder / "sent.parquet"

    return make


HTML = "<html><body><table><tr><td>Date</td></tr></table></body></html>"
STREET = table(
    ",".join(POLICE_COLUMNS),
    "{ref},2024-01,X Police,X Police,{lon},{lat},On or near X,,,{kind},,",
)
FORCES = {
    f"2024-01__2024-01-{name}-street_csv": STREET.replace("DC", name[:2]).replace("X Police", name)
    for name in ("avon", "bedfordshire", "cheshire", "derbyshire", "essex", "gwent", "kent")
}
WORKBOOKS = (
    Case("dates as cells", workbook()),
    Case("dates as text", workbook(filled=rows(text=True))),
    Case("numbers as text", workbook(filled=[[d, k, str(x), f"{y}.0"] for d, k, x, y in rows()])),
    Case("rows hidden by a filter", workbook(_hide_rows), says="6 rows hidden"),
    Case("a hidden column", workbook(_hide_column)),
    Case("a hidden sheet", workbook(_hidden_sheet), says="hidden sheet not read"),
    Case("titles above", workbook(_titles), says="row 5"),
    Case("a table in the middle of the sheet", workbook(_corner)),
    Case("a header merged over two rows", workbook(_merged), says="row 2"),
    Case("a sheet of notes first", workbook(_notes_sheet), says="not read"),
    Case("a pivot table first", workbook(_pivot_sheet), says="not read"),
    Case("a total below", workbook(_total), rejects={"missing_coordinate": 1}),
    Case("formulas without a result", workbook(_formula), refused="(formula|result)"),
    Case("days since 1904", workbook(_since_1904)),
    Case(
        "errors in cells",
        workbook(_errors, header=(*PLACED, "LSOA code"), filled=[[*row, "E01013453"] for row in rows()]),
        place="any",
    ),
    Case("a sheet for each month", workbook(_month_sheets)),
    Case("a sheet for each month, one with remarks", workbook(lambda book: _month_sheets(book, more=True))),
    Case(
        "headings over lines in a cell",
        workbook(header=("Date\nFrom", "Offence\n(HO)", "Easting\n(m)", "Northing\n(m)")),
    ),
    Case("a workbook named .xls", copied("sent.xls", workbook())),
    Case("a workbook named .XLSX", workbook(name="sent.XLSX")),
    Case("a CSV named .xlsx", CSV, end=".xlsx", refused="(text|CSV|not a workbook)"),
    Case("tabs named .xls", CSV.replace(",", "\t"), end=".xls", refused="(text|CSV|\\.csv)"),
    Case("a web page named .xls", HTML, end=".xls", refused="web page"),
    Case("a workbook named .csv", copied("sent.csv", workbook()), refused="workbook"),
    Case(
        "months across as date cells",
        workbook(
            header=("LSOA code", "Offence", *(date(2024, k, 1) for k in range(1, 6))),
            filled=[["E01013453", "Drugs", 1, 2, 3, 4, 5]],
        ),
        refused="months stand as columns",
    ),
    Case(
        "weekly counts in a workbook",
        workbook(
            header=("Week", "Offence", "LSOA code", "Count"),
            filled=[["2024-W02", "Drugs", "E01013453", 3], ["2024-W03", "Burglary", "E01013453", 2]],
        ),
        count=5,
        place="lsoa",
    ),
)
JSONS = (
    Case("a list of records", as_json(RECORDS)),
    Case("records under data", as_json({"meta": {}, "data": RECORDS})),
    Case("a record a line", as_json(RECORDS, name="sent.jsonl", lines_of=True)),
    Case("columns of pandas", as_json({name: {str(n): row[name] for n,
        row in enumerate(RECORDS)} for name in PLACED})),
    Case("lists of columns", as_json({name: [row[name] for row in RECORDS] for name in PLACED})),
    Case("columns and rows apart", as_json({"columns": list(PLACED), "data": rows(text=True)})),
    Case("the API of police.uk", as_json(API), resolution="month"),
    Case("searches of the API", as_json([SEARCH] * 3), refused="stop and search"),
    Case("points in a feature service's answer", as_json({"features": [{"attributes": {"Date": row["Date"],
        "Offence": row["Offence"]}, "geometry": {"x": row["Easting"],
        "y": row["Northing"]}} for row in RECORDS], "spatialReference": {"wkid": 27700}})),
    Case("features without a shape beside an LSOA", as_json({"type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": None, "properties": {**row, "Easting": "",
        "Northing": "", "LSOA code": "E01013453"}} for row in RECORDS]}), place="lsoa"),
    Case("features without a shape beside coordinates", as_json({"type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": None, "properties": row} for row in RECORDS]})),
    Case("an error of an API", as_json({"error": {"code": 400, "message": "x"}}),
        refused="(list of records|JSON)"),
    Case("an empty list", as_json([]), refused="(list of records|no features|holds no|empty)"),
)  # fmt: skip
LAYERS = (
    Case("a shapefile", written("sent.shp", "ESRI Shapefile")),
    Case("a shapefile without its system", written("sent.shp", "ESRI Shapefile", then=_no_prj)),
    Case("a shapefile whose names were cut", truncated),
    Case("a shapefile in Web Mercator", written("sent.shp", "ESRI Shapefile", system=3857)),
    Case(
        "a shapefile without its table",
        written("sent.shp", "ESRI Shapefile", then=lambda path: path.with_suffix(".dbf").unlink()),
        refused=r"(\.dbf|crime type|date)",
    ),
    Case("a GeoPackage in UTM", written("sent.gpkg", "GPKG", system=32630)),
    Case("a GeoPackage in ETRS89", written("sent.gpkg", "GPKG", system=4258)),
    Case("a FlatGeobuf", written("sent.fgb", "FlatGeobuf")),
    Case("a MapInfo table", written("sent.tab", "MapInfo File")),
    Case("a MIF", written("sent.mif", "MapInfo File")),
    Case("a KML", written("sent.kml", "KML", system=4326)),
    Case("a GML", written("sent.gml", "GML")),
    Case("a geodatabase", written("sent.gdb", "OpenFileGDB")),
    Case("GeoJSON in metres with its system", written("sent.geojson", "GeoJSON")),
    Case("counts in a layer", written("sent.gpkg", "GPKG", Point_Count=[2] * N), count=24),
    Case("areas in place of points", polygons, refused="(points|areas)"),
    Case("Parquet of cells", parquet()),
    Case("Parquet with a zone", parquet(Date="utc")),
    Case("Parquet with categories", parquet(Offence="category", Easting="float32", Northing="float64")),
)
PACKED = (
    Case("a workbook in a zip", zipped(a_xlsx=workbook(name="a.xlsx"))),
    Case("a GeoPackage in a zip", zipped(a_gpkg=written("a.gpkg", "GPKG"))),
    Case("a shapefile in a zip", zipped(a_shp=written("a.shp", "ESRI Shapefile"))),
    Case("a geodatabase in a zip", zipped(a_gdb=written("a.gdb", "OpenFileGDB"))),
    Case("a KMZ", copied("sent.kmz", zipped(doc_kml=written("doc.kml", "KML", system=4326)))),
    Case("seven forces in a zip", zipped(**FORCES), count=7 * N),
    Case("a zip with a PDF and a Mac's folder", zipped(a_csv=CSV, readme_pdf=b"%PDF",
        **{"__MACOSX__a_csv": b"x"}), says="a PDF"),
    Case("a zip with JSON beside", zipped(a_csv=CSV, more_json="[]"), says="json is read only where"),
    Case("a zip with a packed table", zipped(a_csv=CSV, b_csv_gz=b"\x1f\x8b"), says=r"(\.gz|packed|unpack)"),
    Case("a folder with Access and Word", folder_of(a_csv=CSV, old_accdb=b"x", minutes_docx=b"x"),
        says="Access database"),
    Case("a folder with kinds nobody knows", folder_of(a_csv=CSV, crimes_fods=b"x", crimes_prn=b"x",
        crimes_xyz=b"x"), says=r"\.fods"),
    Case("a folder with a template and a web archive", folder_of(a_csv=CSV, crimes_xltx=b"x",
        crimes_mht=b"x"), says="xltx"),
    Case("a folder with encrypted files", folder_of(a_csv=CSV, b_csv_gpg=b"x", c_xlsx_pgp=b"x"),
        says="encrypted"),
    Case("a folder with other packings", folder_of(a_csv=CSV, b_csv_bz2=b"x", c_csv_xz=b"x", d_csv_zst=b"x",
        e_json_gz=b"x"), says="zst"),
    Case("a folder with text", folder_of(a_csv=CSV, b_txt=CSV), says="name them singly"),
    Case("a folder with a lock of Excel and a picture", folder_of(**{"a_csv": CSV, "~$a_xlsx": b"x",
        "logo_png": b"x", "Thumbs_db": b"x"})),
    Case("folders in a folder", folder_of(**{"2024__01__a_csv": CSV})),
    Case("a zip in a zip", zipped(a_csv=CSV, b_zip=b"PK"), says="a zip inside a zip"),
    Case("a zip in a folder", folder_of(a_csv=CSV, b_zip=b"PK\x05\x06" + bytes(18)), refused="empty zip"),
    Case("the parts of a shapefile without .shp", folder_of(a_csv=CSV, b_dbf=b"x", b_shx=b"x"), says="dBASE"),
)  # fmt: skip
ALL = (*WORKBOOKS, *JSONS, *LAYERS, *PACKED)
