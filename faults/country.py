# ruff: noqa: S311
"""A made-up country of small towns: layers of wards and LSOAs, and police.uk files of its forces."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import shapely

from hotspots.geography.projection import to_degrees
from hotspots.policeuk import POLICE_COLUMNS

#: Metres along the side of a town, and from one town's corner to the next: neighbours see each other's files.
SIDE, APART = 1_000, 2_500
#: Towns in a row, and towns that a force looks after.
ROW, OF_A_FORCE = 6, 3
MONTHS = ("2024-01", "2024-02", "2024-03", "2024-04")
_TYPES = ("Drugs", "Burglary", "Anti-social behaviour", "Robbery")
#: Incidents of a town in a month, and the map points on which they lie.
_MONTHLY, _POINTS = 40, 14


def codes(towns: int) -> list[str]:
    """Give the GSS codes of the towns, which no real authority has."""
    return [f"E069{town:05}" for town in range(towns)]


def make_layers(folder: Path, *, towns: int) -> Path:
    """Write wards, LSOAs and residents of so many towns, each a square of four wards and sixteen LSOAs."""
    folder.mkdir(parents=True)
    for level, start, cuts in (("WD23", "E059", 2), ("LSOA21", "E019", 4)):
        side = SIDE / cuts
        rows = []
        for town, code in enumerate(codes(towns)):
            x, y = _corner(town)
            for part in range(cuts * cuts):
                east, north = x + side * (part % cuts), y + side * (part // cuts)
                name = f"{start}{town:02}{part:03}"
                square = shapely.box(east, north, east + side, north + side)
                rows.append((name, f"Part {name}", code, f"Town {town}", square))
        columns = [f"{level}CD", f"{level}NM", "LAD23CD", "LAD23NM", "geometry"]
        gpd.GeoDataFrame(rows, columns=columns, crs=27700).to_file(folder / f"{level.lower()}.gpkg")
    figures = [f"E019{town:02}{part:03},{100 + 5 * town},40" for town in range(towns) for part in range(16)]
    (folder / "residents_households.csv").write_text("\n".join(["code,residents,households", *figures, ""]))
    return folder


def make_files(folder: Path, *, towns: int) -> list[Path]:
    """
    Write a street file a force and month.

    Every tenth incident stands in the next force's file too: as it is, with another outcome, or its Crime
    ID with another offence, as in a crime of several offences. Some come again in the next month's file.
    """
    folder.mkdir(parents=True)
    files = []
    forces = -(-towns // OF_A_FORCE)
    again: dict[int, list[list[str]]] = {}
    for month in MONTHS:
        own = {force: list(_rows(force, month, towns=towns)) for force in range(forces)}
        for force in range(forces):
            lines = [*own[force], *again.get(force, ()), *_shared(own[(force + 1) % forces])]
            again[force] = own[force][7::20]
            path = folder / month / f"{month}-{_name(force)}-street.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join([",".join(POLICE_COLUMNS), *map(",".join, lines), ""]))
            files.append(path)
    return files


def _corner(town: int) -> tuple[int, int]:
    return 400_000 + APART * (town % ROW), 300_000 + APART * (town // ROW)


def _name(force: int) -> str:
    return f"force-{chr(ord('a') + force)}"


def _rows(force: int, month: str, *, towns: int) -> Iterator[list[str]]:
    """Draw the incidents of a force's towns in one month."""
    for town in range(OF_A_FORCE * force, min(towns, OF_A_FORCE * (force + 1))):
        places = random.Random(town)
        x, y = _corner(town)
        metres = [(places.uniform(20, SIDE - 20), places.uniform(20, SIDE - 20)) for _ in range(_POINTS)]
        degrees = to_degrees([x + east for east, _ in metres], [y + north for _, north in metres])
        dice = random.Random(f"{town} {month}")
        for _ in range(_MONTHLY):
            at = min(dice.randrange(_POINTS), dice.randrange(_POINTS))
            kind = dice.choice(_TYPES)
            identity = "" if kind.startswith("Anti") else f"{dice.getrandbits(256):064x}"
            who = _name(force)
            place = [f"{degrees[0][at]:.6f}", f"{degrees[1][at]:.6f}", f"On or near Road {at}"]
            yield [identity, month, who, who, *place, "", "", kind, "Under investigation", ""]


def _shared(rows: list[list[str]]) -> Iterator[list[str]]:
    """Give every tenth row once more, as a neighbouring force may hold it."""
    outcome, kind = POLICE_COLUMNS.index("Last outcome category"), POLICE_COLUMNS.index("Crime type")
    for nth, row in enumerate(rows[::10]):
        copy = list(row)
        if nth % 3 == 1:
            copy[outcome] = "Offender given a caution"
        if nth % 3 == 2:
            copy[kind] = "Shoplifting"
        yield copy
