"""
Where postcodes lie: a local ONSPD, NSPL or Code-Point Open file, and sector centroids.

Only the postcodes that occur in the incidents are kept in memory; ONSPD has
2.7 million. Nothing is fetched here.
"""

from __future__ import annotations

import csv
import gzip
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from hotspots.errors import DataMissingError, InputError
from hotspots.resources import shipped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_FULL = r"^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$"
_SECTOR_OF = r"^([A-Z]{1,2}\d[A-Z\d]?)\s*(\d)[A-Z]{2}$"
# Alone, a sector needs its space: "DE12" is a district, "DE1 2" a sector.
_SECTOR = r"^([A-Z]{1,2}\d[A-Z\d]?)\s+(\d)$"
_CHUNK = 200_000
# Code-Point Open has no header: these are the first four of its ten columns.
_CODE_POINT = ("postcode", "quality", "easting", "northing")
# The names that each publisher has used, newest first.
_NAMES = {
    "postcode": ("pcds", "pcd7", "pcd", "pcd8", "pcd2", "postcode"),
    "easting": ("east1m", "oseast1m", "eastings", "easting"),
    "northing": ("north1m", "osnrth1m", "northings", "northing"),
    "terminated": ("doterm",),
    "quality": ("gridind", "osgrdind", "pqi", "positional_quality_indicator", "quality"),
}
# ONS and Ordnance Survey mark a postcode placed at its sector's mean 6 and 60,
# and one without a place 9 and 90.
_SECTOR_MEAN = (6, 60)
_NO_PLACE = (9, 90)


@dataclass(frozen=True)
class PostcodeTable:
    """
    Postcodes and where they lie.

    `frame` is indexed by postcode without spaces and has easting and northing
    in metres, `terminated` (the postcode is no longer in use) and
    `sector_mean` (the publisher placed it at its sector's mean only).
    """

    name: str
    frame: pd.DataFrame = field(repr=False)


def normalise_postcodes(postcodes: pd.Series) -> pd.Series:
    """Return upper-case postcodes without spaces; "" for what is not a full postcode."""
    bare = _bare(postcodes)
    return bare.where(bare.str.match(_FULL), "")


def postcode_sectors(postcodes: pd.Series) -> pd.Series:
    """Return the sector of each postcode, as "DE1 2"; a sector given alone is one too, all else ""."""
    text = _upper(postcodes)
    parts = text.str.extract(_SECTOR_OF).fillna(text.str.extract(_SECTOR))
    return (parts[0] + " " + parts[1]).fillna("")


def _bare(postcodes: pd.Series) -> pd.Series:
    """Drop spaces and lower case."""
    return _upper(postcodes).str.replace(r"\s+", "", regex=True)


def _upper(text: pd.Series) -> pd.Series:
    """Return upper-case text without outer spaces, "" for what is missing."""
    return text.astype(object).where(text.notna(), "").astype("str").str.strip().str.upper()


def load_sectors(path: Path | None = None) -> pd.DataFrame:
    """Read the centroids of postcode sectors, shipped or local: easting and northing by sector."""
    table = pd.read_csv(shipped("data", "postcode_sectors.csv") if path is None else path, comment="#")
    return table.set_index("sector")[["easting", "northing"]].astype(float)


def sector_centres(path: Path, *, wanted: Collection[str]) -> pd.DataFrame:
    """
    Find the mean place of the live postcodes of some sectors in a postcode file.

    Parameters
    ----------
    path : Path
        As for `load_postcodes`.
    wanted : collection of str
        Sectors, as "DE1 2".

    Returns
    -------
    DataFrame
        easting and northing by sector; sectors without a live postcode are left out.
    """
    keep = frozenset(wanted)
    found = []
    for stream in _tables(Path(path)):
        for chunk in _chunks(stream, None):
            live = chunk[~chunk["terminated"] & ~chunk["sector_mean"]]
            sector = postcode_sectors(live.index.to_series()).to_numpy()
            mine = np.isin(sector, sorted(keep))
            found.append(live.loc[mine, ["easting", "northing"]].assign(sector=sector[mine]))
    if not found:
        return pd.DataFrame({"easting": [], "northing": []}, dtype=float)
    return pd.concat(found).groupby("sector")[["easting", "northing"]].mean()


def check_there(path: Path) -> None:
    """
    Refuse a postcode file that does not exist, even if no row should need it.

    Raises
    ------
    DataMissingError
        If there is nothing at `path`.
    """
    if not path.exists():
        raise DataMissingError(
            f"There is no postcode file at {path}: correct the name, or run hotspots fetch postcodes."
        )


def load_postcodes(path: Path | str, *, wanted: Collection[str] | None = None) -> PostcodeTable:
    """
    Read a postcode file of ONS or Ordnance Survey.

    Parameters
    ----------
    path : Path
        A CSV of ONSPD, NSPL or Code-Point Open, plain, gzipped or in its zip,
        or the folder of CSV files that such a zip unpacks to.
    wanted : collection of str, optional
        Postcodes without spaces; all others are passed over.

    Raises
    ------
    DataMissingError
        If there is nothing at `path`.
    InputError
        If no postcode table is found there.
    """
    path = Path(path)
    check_there(path)
    keep = None if wanted is None else frozenset(wanted)
    chunks = [chunk for stream in _tables(path) for chunk in _chunks(stream, keep)]
    if not chunks:
        raise InputError(f"{path.name} holds no postcode table: give ONSPD, NSPL or Code-Point Open as CSV.")
    frame = pd.concat(chunks)
    return PostcodeTable(path.name, frame[~frame.index.duplicated()].sort_index())


def _tables(path: Path) -> Iterator[IO[bytes]]:
    """Yield each CSV at `path` that can hold postcodes, open and unpacked."""
    if path.is_dir():
        files = {file.relative_to(path).as_posix(): file for file in path.rglob("*") if file.is_file()}
        for name in _data_files(files):
            with _opened(files[name]) as stream:
                yield stream
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in _data_files(archive.namelist()):
                with archive.open(name) as stream:
                    yield stream
    else:
        with _opened(path) as stream:
            yield stream


def _opened(file: Path) -> IO[bytes]:
    """Open a file, unpacking gzip on the way."""
    return cast("IO[bytes]", gzip.open(file)) if file.suffix.lower() == ".gz" else file.open("rb")


def _data_files(names: Iterable[str]) -> list[str]:
    """
    Pick the tables from among the code lists and notes that publishers put beside them.

    ONSPD carries every postcode twice, in one file and again in one for each
    postcode area; the one file is enough.
    """
    tables = sorted(name for name in names if re.search(r"\.csv(\.gz)?$", name.lower()))
    data = [name for name in tables if not re.search(r"(^|/)doc(ument)?s?/", name.lower())]
    whole = [name for name in data if "multi_csv/" not in name.lower()]
    return whole or data


def _chunks(stream: IO[bytes], keep: frozenset[str] | None) -> Iterator[pd.DataFrame]:
    """Yield the wanted rows of one table under our own names; nothing if it is no postcode table."""
    line = stream.readline().decode("utf-8-sig", errors="replace")
    stream.seek(0)
    first = next(csv.reader([line]), [])
    headless = bool(first) and re.match(_FULL, re.sub(r"\s+", "", first[0].upper())) is not None
    header = (
        [*_CODE_POINT, *map(str, range(4, len(first)))] if headless else [f.strip().lower() for f in first]
    )
    columns = {ours: next((c for c in theirs if c in header), "") for ours, theirs in _NAMES.items()}
    if not all(columns[name] for name in ("postcode", "easting", "northing")):
        return
    reader = pd.read_csv(
        stream,
        names=header,
        header=None if headless else 0,
        usecols=[column for column in columns.values() if column],
        dtype=str,
        keep_default_na=False,
        encoding_errors="replace",
        chunksize=_CHUNK,
    )
    for chunk in reader:
        yield _tidy(chunk.rename(columns={theirs: ours for ours, theirs in columns.items()}), keep)


def _tidy(chunk: pd.DataFrame, keep: frozenset[str] | None) -> pd.DataFrame:
    """Index by postcode, turn text into numbers and flags, drop postcodes without a place."""
    codes = _bare(chunk["postcode"])
    wanted = codes.str.match(_FULL) if keep is None else codes.isin(keep)
    chunk, codes = chunk[wanted], codes[wanted]
    blank = pd.Series("", index=chunk.index)
    quality = pd.to_numeric(chunk.get("quality", blank), errors="coerce")
    frame = pd.DataFrame(
        {
            "easting": pd.to_numeric(chunk["easting"], errors="coerce"),
            "northing": pd.to_numeric(chunk["northing"], errors="coerce"),
            "terminated": chunk.get("terminated", blank).str.strip() != "",
            "sector_mean": quality.isin(_SECTOR_MEAN),
        }
    ).set_index(pd.Index(codes, name="postcode"))
    placed = ~quality.isin(_NO_PLACE).to_numpy() & (frame["easting"] > 0) & (frame["northing"] > 0)
    return frame[placed].astype({"easting": float, "northing": float})
