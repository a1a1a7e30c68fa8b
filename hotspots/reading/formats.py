"""
The formats that are read, and the ones that are known and not read: one list for code, messages and docs.

A format is a name, the ends of its file names, the bytes it starts with, and
the function that opens it. A new format is a new file with an opener and a line here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from hotspots.reading.content import Source
    from hotspots.reading.survey import Survey
    from hotspots.reading.table import Table, Wanted


class Opened(Protocol):
    """
    A table, opened: its first rows are known, the others are not read.

    Attributes
    ----------
    source : Source
        Where it lies; one source may hold several tables (sheets, layers).
    header : tuple of str
        Column names as they stand.
    preview : tuple of (int, tuple of str)
        The first rows with their numbers, the header among them; empty where
        the header cannot stand elsewhere (attributes of features).
    has_points : bool
        Whether rows carry their own geometry.
    """

    @property
    def source(self) -> Source: ...
    @property
    def header(self) -> tuple[str, ...]: ...
    @property
    def preview(self) -> tuple[tuple[int, tuple[str, ...]], ...]: ...
    @property
    def survey(self) -> Survey: ...
    @property
    def delimiter(self) -> str: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def has_points(self) -> bool: ...

    def read(self, wanted: Wanted) -> Table:
        """Read the wanted columns of every row."""
        ...


@dataclass(frozen=True)
class Format:
    """
    One format that is read.

    Attributes
    ----------
    form : str
        Its key, as in `Source.form`.
    name, words : str
        What people call it, and what they should know.
    suffixes : tuple of str
        Ends of file names, small letters.
    opener : str
        "module:function" below hotspots.reading; imported when needed.
    searched : bool
        Whether it is taken from folders and zips; otherwise it has to be named.
    beside : tuple of str
        Ends of the names of files that belong to it.
    starts : tuple of bytes
        What its content starts with, where that is sure.
    """

    form: str
    name: str
    suffixes: tuple[str, ...]
    opener: str
    words: str
    searched: bool = True
    beside: tuple[str, ...] = ()
    starts: tuple[bytes, ...] = ()

    def open(self, source: Source, sheet: str) -> Sequence[Opened]:
        """Open every table of a source."""
        module, function = self.opener.split(":")
        opened: Sequence[Opened] = getattr(import_module(f"hotspots.reading.{module}"), function)(
            source, sheet=sheet
        )
        return opened


TEXT_SUFFIXES: Final = (".csv", ".tsv", ".tab", ".txt", ".psv")
_SHEET = "every sheet with the same columns; --sheet names one; formulas count by their saved result"
_LAYER = "layers of points, in any coordinate system that is stated; --sheet names one of several layers"
FORMATS: Final[tuple[Format, ...]] = (
    Format(
        "text", "Delimited text", TEXT_SUFFIXES, "delimited:open_texts",
        "comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252; packed as .gz too; "
        ".txt, .tab and .psv only where they are named singly",
    ),
    Format(
        "workbook", "Excel workbook", (".xlsx", ".xlsm"), "workbook:open_sheets", _SHEET,
        starts=(b"PK\x03\x04",),
    ),
    Format("xls", "Excel 97-2003 workbook", (".xls",), "workbook:open_sheets", _SHEET,
           starts=(b"\xd0\xcf\x11\xe0",)),
    Format("xlsb", "Excel binary workbook", (".xlsb",), "workbook:open_sheets", _SHEET,
           starts=(b"PK\x03\x04",)),
    Format("ods", "OpenDocument spreadsheet", (".ods",), "workbook:open_sheets", _SHEET,
           starts=(b"PK\x03\x04",)),
    Format("geopackage", "GeoPackage", (".gpkg",), "geofile:open_geopackages", _LAYER,
           starts=(b"SQLite format 3\0",)),
    Format(
        "json", "GeoJSON, ArcGIS JSON, the police.uk API and other lists of records",
        (".geojson", ".json", ".geojsonl", ".ndjson", ".jsonl"), "jsonfile:open_json",
        "points or records; .json, .jsonl and .ndjson only where they are named singly",
    ),
    Format("parquet", "Parquet and GeoParquet", (".parquet", ".geoparquet"), "parquet:open_parquet",
           "a table, or points as WKB", starts=(b"PAR1",)),
    Format(
        "shapefile", "Shapefile", (".shp",), "vector:open_vector", _LAYER + "; .dbf and .shx beside it",
        beside=(".dbf", ".shx", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".shp.xml", ".qix", ".qmd"),
        starts=(b"\0\0\x27\x0a",),
    ),
    Format("kml", "KML", (".kml",), "vector:open_vector", _LAYER + "; unpack a .kmz as a zip"),
    Format("flatgeobuf", "FlatGeobuf", (".fgb",), "vector:open_vector", _LAYER, starts=(b"fgb",)),
    Format(
        "mapinfo", "MapInfo TAB and MIF", (".tab", ".mif"), "vector:open_vector",
        _LAYER + "; .dat, .map and .id (or .mid) beside it", beside=(".dat", ".map", ".id", ".ind", ".mid"),
        starts=(b"!table", b"!Table", b"!TABLE", b"Version", b"VERSION", b"version"),
    ),
    Format("gml", "GML", (".gml",), "vector:open_vector", _LAYER, beside=(".xsd", ".gfs")),
    Format("filegdb", "File geodatabase", (".gdb",), "vector:open_vector",
           _LAYER + "; a folder, loose or zipped"),
)  # fmt: skip

#: Kinds of data file that are known and not read: what to do with each.
NOT_READ: Final = {
    ".mdb": "an Access database: export the table as CSV or XLSX",
    ".accdb": "an Access database: export the table as CSV or XLSX",
    ".dbf": "a dBASE table: save it as CSV, or give the .shp that it belongs to",
    ".numbers": "an Apple Numbers sheet: export it as CSV or XLSX",
    ".sav": "an SPSS file: export it as CSV",
    ".dta": "a Stata file: export it as CSV",
    ".sas7bdat": "a SAS file: export it as CSV",
    ".rds": "an R file: write it with write.csv",
    ".rdata": "an R file: write it with write.csv",
    ".pkl": "a Python pickle, which can run code when it is opened: write it as CSV or Parquet",
    ".pickle": "a Python pickle, which can run code when it is opened: write it as CSV or Parquet",
    ".feather": "an Arrow file: write it as Parquet or CSV",
    ".pdf": "a PDF: ask for the table behind it as CSV or XLSX",
    ".doc": "a Word document: save the table in it as CSV or XLSX",
    ".docx": "a Word document: save the table in it as CSV or XLSX",
    ".htm": "a web page: save the table in it as CSV",
    ".html": "a web page: save the table in it as CSV",
    ".xml": "XML: save the table as CSV or XLSX",
    ".gpx": "GPS tracks: save the waypoints as GeoPackage or CSV",
    ".qgz": "a QGIS project, which holds no data: export its layer as GeoPackage",
    ".qgs": "a QGIS project, which holds no data: export its layer as GeoPackage",
    ".aprx": "an ArcGIS project, which holds no data: export its layer as GeoPackage",
    ".lyrx": "an ArcGIS layer file, which holds no data: export the layer as GeoPackage",
    ".mxd": "an ArcGIS project, which holds no data: export its layer as GeoPackage",
    ".pbix": "a Power BI report: export its table as CSV",
    ".twbx": "a Tableau workbook: export its table as CSV",
    ".rar": "an archive: unpack it",
    ".7z": "an archive: unpack it",
    ".tar": "an archive: unpack it",
    ".tgz": "an archive: unpack it",
    ".bz2": "an archive: unpack it",
    ".xz": "an archive: unpack it",
    ".msg": "an e-mail: save what is attached to it",
    ".eml": "an e-mail: save what is attached to it",
    ".db": "a database: name it singly, with --query FILE.sql",
    ".sqlite": "a database: name it singly, with --query FILE.sql",
    ".duckdb": "a database: name it singly, with --query FILE.sql",
    ".sql": "a database dump: export the table as CSV",
    ".zst": "an archive: unpack it",
    ".lz4": "an archive: unpack it",
    ".gz": "a packed file: unpack it",
    ".gpg": "an encrypted file: decrypt it",
    ".pgp": "an encrypted file: decrypt it",
    ".asc": "an encrypted file: decrypt it",
    ".p7m": "an encrypted file: decrypt it",
    ".xlt": "an Excel template: save it as XLSX",
    ".xltx": "an Excel template: save it as XLSX",
    ".xltm": "an Excel template: save it as XLSX",
    ".fods": "a flat OpenDocument spreadsheet: save it as ODS or XLSX",
    ".prn": "text with fixed widths: save it as CSV",
    ".dif": "a sheet of another program: save it as CSV or XLSX",
    ".slk": "a sheet of another program: save it as CSV or XLSX",
    ".wk4": "a sheet of another program: save it as CSV or XLSX",
    ".mht": "a web page: save the table in it as CSV",
    ".mhtml": "a web page: save the table in it as CSV",
    ".rtf": "a Word document: save the table in it as CSV or XLSX",
    ".ppt": "a presentation: ask for the table behind it as CSV or XLSX",
    ".pptx": "a presentation: ask for the table behind it as CSV or XLSX",
    ".por": "an SPSS file: export it as CSV",
    ".zsav": "an SPSS file: export it as CSV",
    ".xpt": "a SAS file: export it as CSV",
    ".arrow": "an Arrow file: write it as Parquet or CSV",
    ".avro": "an Avro file: write it as Parquet or CSV",
    ".orc": "an ORC file: write it as Parquet or CSV",
    ".lyr": "an ArcGIS layer file, which holds no data: export the layer as GeoPackage",
    ".lpkx": "an ArcGIS package: export its layer as GeoPackage",
    ".mpkx": "an ArcGIS package: export its layer as GeoPackage",
    ".e00": "an Arc/Info export: save it as GeoPackage",
    ".dxf": "a drawing: export its points as GeoPackage",
    ".dwg": "a drawing: export its points as GeoPackage",
    ".parquet.gz": "a packed file: unpack it",
}
#: Ends of files that hold no table whatever they are: nobody asks why they were not read.
_NEVER_DATA: Final = (
    ".md", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".bmp", ".tif", ".tiff", ".css", ".js", ".py",
    ".r",
    ".toml", ".ini", ".cfg", ".lnk", ".url", ".log", ".yml", ".yaml", ".exe", ".dll", ".bat", ".ps1", ".sh",
    ".tmp",
    ".bak", ".lock", ".cpg", ".prj", ".sha256", ".md5", "thumbs.db", "desktop.ini", ".crdownload", ".part",
)  # fmt: skip
#: In a folder or zip these are as likely a README or a program's own file.
_NAMED_ONLY: Final = (".txt", ".tab", ".psv", ".json", ".jsonl", ".ndjson")
_BESIDE: Final = tuple(end for one in FORMATS for end in one.beside)
PACKED_TEXT: Final = tuple(f"{suffix}.gz" for suffix in TEXT_SUFFIXES)


def format_of(form: str) -> Format:
    """Return the format of a source by its key; "gzip" is packed text."""
    return next(one for one in FORMATS if one.form == ("text" if form == "gzip" else form))


def form_of(name: str, head: bytes) -> str:
    """
    Tell the format of a file by its name and first bytes.

    Returns
    -------
    str
        A key of `FORMATS`, "gzip" for packed text, "" for none that is read.
    """
    lower = name.lower()
    if lower.endswith(PACKED_TEXT):
        return "gzip"
    suited = [one for one in FORMATS if lower.endswith(one.suffixes)]
    # A .tab is MapInfo's, by its first line, or a table of text.
    suited.sort(key=lambda one: not (one.starts and head.lstrip().startswith(one.starts)))
    return suited[0].form if suited else ""


def remedy(name: str) -> str:
    """Say what a file that is not read is and what to do with it; "" for a kind that is not known."""
    lower = name.lower()
    return next((words for suffix, words in NOT_READ.items() if lower.endswith(suffix)), "")


def may_hold_data(name: str) -> bool:
    """Say whether a file of no known kind may hold data for all its name tells."""
    lower = name.lower()
    return "." in lower.strip(".") and not lower.endswith(_NEVER_DATA)


def searched_suffixes() -> tuple[str, ...]:
    """Return the ends of names that a search of a folder or a zip takes."""
    found = (suffix for one in FORMATS if one.searched for suffix in one.suffixes)
    return (*(suffix for suffix in found if suffix not in _NAMED_ONLY), ".csv.gz", ".tsv.gz")


def readable_suffixes() -> tuple[str, ...]:
    """Return the ends of all names that are read, if only where a file is named singly."""
    return (*(suffix for one in FORMATS for suffix in one.suffixes), *PACKED_TEXT)


def small_letters(names: Iterable[str]) -> frozenset[str]:
    """Give the names of a folder as `belongs_to_another` compares them."""
    return frozenset(map(str.lower, names))


def belongs_to_another(name: str, present: frozenset[str]) -> bool:
    """
    Say whether a file only goes with another one of the same stem, as the .dbf of a shapefile.

    Parameters
    ----------
    name : str
        Of the file.
    present : frozenset of str
        What lies beside it, from `small_letters`.
    """
    lower = name.lower()
    if not lower.endswith(_BESIDE):
        return False
    for one in FORMATS:
        for end in one.beside:
            if lower.endswith(end):
                stem = lower[: -len(end)]
                if any(f"{stem}{suffix}" in present for suffix in one.suffixes):
                    return True
    return False


def docs_table() -> list[tuple[str, str, str]]:
    """List name, ends of file names and what to know of every format, for the page of documentation."""
    return [(one.name, ", ".join(one.suffixes), one.words) for one in FORMATS]
