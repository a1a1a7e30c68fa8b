"""Valid inputs of every format, small and made up: what the fuzzer starts from."""

from __future__ import annotations

import gzip
import io
import json
import random
import sqlite3
import struct
import zipfile
from contextlib import closing
from pathlib import Path

#: In every street name: no message may show it.
CANARY = "Zyxel"
_POLICE = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
_TYPES = ("Drugs", "Burglary", "Anti-social behaviour", "Violence and sexual offences", "Robbery")


def police_csv(dice: random.Random, *, rows: int = 14) -> bytes:
    """Make a police.uk street file."""
    lines = [_POLICE]
    for n in range(rows):
        kind = dice.choice(_TYPES)
        identity = "" if kind.startswith("Anti") else f"{dice.getrandbits(256):064x}"
        lines.append(
            f"{identity},2024-{dice.randint(1, 12):02d},Derbyshire Constabulary,Derbyshire Constabulary,"
            f"{-1.47 + dice.uniform(-0.05, 0.05):.6f},{52.92 + dice.uniform(-0.03, 0.03):.6f},"
            f"On or near {CANARY} Street {n},E01013453,Derby 001A,{kind},,"
        )
    return _text(lines)


def own_csv(dice: random.Random, *, rows: int = 14, delimiter: str = ",", quoted: bool = False) -> bytes:
    """Make a table of a force's own, with dates, times and metres."""
    records = [["Ref", "Date", "Time", "Easting", "Northing", "Offence", "Street", "Knife flag"]]
    for n in range(rows):
        street = f"{CANARY} Lane {n}"
        if quoted and n % 3 == 0:
            street = f'{street}{delimiter} ""by\nthe"" gate'
        records.append(
            [
                f"D{n:05d}",
                f"{dice.randint(1, 28):02d}/{dice.randint(1, 12):02d}/2024",
                f"{dice.randint(0, 23):02d}:{dice.randint(0, 59):02d}",
                f"{435000 + dice.randint(-3000, 3000)}",
                f"{336000 + dice.randint(-3000, 3000)}",
                dice.choice(_TYPES),
                street,
                dice.choice("YN"),
            ]
        )
    mark = '"' if quoted else ""
    return _text([delimiter.join(f"{mark}{cell}{mark}" for cell in record) for record in records])


def _text(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def zipped(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, method)
    return packed.getvalue()


def gzipped(content: bytes, *, members: int = 1) -> bytes:
    """Pack content as one or more gzip members, as `cat a.gz b.gz` makes them."""
    size = -(-len(content) // members)
    return b"".join(
        gzip.compress(content[start : start + size], mtime=0) for start in range(0, len(content), size)
    )


def workbook(dice: random.Random, *, rows: int = 10) -> bytes:
    """Make an XLSX sheet with numbers and texts."""
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Incidents")
        for at, line in enumerate(own_csv(dice, rows=rows).decode().splitlines()):
            for column, cell in enumerate(line.split(",")):
                if column in (3, 4) and at:
                    sheet.write_number(at, column, float(cell))
                else:
                    sheet.write_string(at, column, cell)
    return made.getvalue()


def geojson(dice: random.Random, *, rows: int = 10) -> bytes:
    """Make points with a month and a type."""
    features = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [-1.47 + dice.uniform(-0.05, 0.05), 52.92 + dice.uniform(-0.03, 0.03)],
            },
            "properties": {"Month": "2024-03", "Crime type": dice.choice(_TYPES), "Street": f"{CANARY} {n}"},
        }
        for n in range(rows)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def geopackage(dice: random.Random, folder: Path, *, rows: int = 10) -> bytes:
    """Make a GeoPackage with one layer of points, by hand."""
    path = folder / "base.gpkg"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(
            "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT, srs_id INTEGER);"
            "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT,"
            " geometry_type_name TEXT, srs_id INTEGER);"
            "CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT,"
            " organization_coordsys_id INTEGER, definition TEXT);"
            "INSERT INTO gpkg_contents VALUES ('incidents', 'features', 27700);"
            "INSERT INTO gpkg_geometry_columns VALUES ('incidents', 'geom', 'POINT', 27700);"
            "INSERT INTO gpkg_spatial_ref_sys VALUES (27700, 'EPSG', 27700, '');"
            "CREATE TABLE incidents (fid INTEGER PRIMARY KEY, geom BLOB, Month TEXT, Type TEXT, Street TEXT);"
        )
        for n in range(rows):
            x, y = 435000 + dice.randint(-3000, 3000), 336000 + dice.randint(-3000, 3000)
            blob = b"GP\0\1" + struct.pack("<i", 27700) + struct.pack("<BIdd", 1, 1, x, y)
            base.execute(
                "INSERT INTO incidents (geom, Month, Type, Street) VALUES (?, ?, ?, ?)",
                (blob, "2024-03", dice.choice(_TYPES), f"{CANARY} {n}"),
            )
    content = path.read_bytes()
    path.unlink()
    return content
