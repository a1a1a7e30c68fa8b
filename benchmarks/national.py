"""
Synthetic national archives: the real months of one force, moved to 43 places and jittered.

Each force gets a copy of the map points moved by whole degrees and jittered by metres, Crime IDs
of its own that repeat where the real ones do, LSOA codes that no real one has, and the areas of
Derby moved along: one authority a force, so that a national run has 43 of them. The first force
is the real one, not moved. Nothing of it says anything of the places it is moved to.

    python -m benchmarks.national FOLDER --rows 1_000_000 --months 12
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

SHARED = Path(__file__).resolve().parents[2] / "shared" / "derby"
SEED = 15
#: The territorial forces of England and Wales in police.uk file names; the first is not moved.
FORCES = (
    "derbyshire", "avon-and-somerset", "bedfordshire", "cambridgeshire", "cheshire", "city-of-london",
    "cleveland", "cumbria", "devon-and-cornwall", "dorset", "durham", "dyfed-powys", "essex",
    "gloucestershire", "greater-manchester", "gwent", "hampshire", "hertfordshire", "humberside",
    "kent", "lancashire", "leicestershire", "lincolnshire", "merseyside", "metropolitan", "norfolk",
    "north-wales", "north-yorkshire", "northamptonshire", "northumbria", "nottinghamshire",
    "south-wales", "south-yorkshire", "staffordshire", "suffolk", "surrey", "sussex",
    "thames-valley", "warwickshire", "west-mercia", "west-midlands", "west-yorkshire", "wiltshire",
)  # fmt: skip
#: Degrees from one moved county to the next: they overlap a little, as boxes of real ones do.
_EAST, _NORTH = 0.7, 0.55
#: Degrees by which a map point is jittered at most: about 30 metres.
_JITTER = 0.0003
_LAYERS = {"wards_2023_20m.geojson": "E05", "lsoa_2021_20m.geojson": "E01"}
#: Numbers of codes from here on belong to no real area.
_UNREAL = 500_000


@dataclass(frozen=True)
class Month:
    """One real month: its rows, and for each the number of its map point and of its LSOA."""

    rows: pd.DataFrame
    point: np.ndarray
    lsoa: np.ndarray


def make_archive(folder: Path, *, rows: int, months: int, forces: int = len(FORCES)) -> list[Path]:
    """
    Write an archive of `forces` times `months` files with about `rows` rows in all.

    Parameters
    ----------
    folder : Path
        Gets a folder a month, as the archives of police.uk have them.
    rows, months, forces : int
        How much of it; the months end with December 2025.

    Returns
    -------
    list of Path
        The files, by month, then force.
    """
    real, points, codes = _real_months()
    placed = [_places(points, force) for force in range(forces)]
    each = rows // (months * forces)
    files = []
    for nth, month in enumerate(_names(months)):
        source = real[nth % len(real)]
        for force in range(forces):
            rng = np.random.default_rng([SEED, nth, force])
            chosen = np.sort(rng.choice(len(source.rows), each, replace=each > len(source.rows)))
            path = folder / month / f"{month}-{FORCES[force]}-street.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, source, chosen, placed[force], codes, force=force, named=month, rng=rng)
            files.append(path)
    return files


def make_boundaries(folder: Path, *, forces: int = len(FORCES)) -> list[str]:
    """Write wards and LSOAs of one authority a force, and return their codes."""
    folder.mkdir(parents=True, exist_ok=True)
    codes = _real_months()[2]
    for name, start in _LAYERS.items():
        layer = json.loads((SHARED / "boundaries" / name).read_text())
        field = next(key for key in layer["features"][0]["properties"] if key.endswith("CD"))
        moved = [
            _moved(feature, field, at, codes if start == "E01" else None, start, force)
            for force in range(forces)
            for at, feature in enumerate(layer["features"])
        ]
        layer["features"] = moved
        (folder / name).write_text(json.dumps(layer))
    return [authority(force) for force in range(forces)]


def authority(force: int) -> str:
    """Return the GSS code of a force's only authority."""
    return "E06000015" if not force else f"E06{_UNREAL + force:06d}"


def offset(force: int) -> tuple[float, float]:
    """Return by how many degrees east and north a force is moved."""
    places = [
        (round(_EAST * x, 3), round(_NORTH * y, 3)) for y, x in itertools.product(range(-4, 4), range(-3, 3))
    ]
    places.remove((0.0, 0.0))
    return (0.0, 0.0) if not force else places[force - 1]


def _moved(feature: dict, field: str, at: int, codes: list[str] | None, start: str, force: int) -> dict:
    """Move an area; its LSOA code follows the list of the rows' codes, its ward code its place."""
    if not force:
        return {
            **feature,
            "properties": {**feature["properties"], "LAD24CD": authority(0), "LAD24NM": "Derby"},
        }
    east, north = offset(force)
    old = feature["properties"][field]
    number = codes.index(old) if codes is not None and old in codes else 4000 + at
    code = f"{start}{_UNREAL + force * 5000 + number:06d}"
    properties = {
        **feature["properties"],
        field: code,
        "LAD24CD": authority(force),
        "LAD24NM": f"Town {force}",
    }
    geometry = feature["geometry"]
    return {
        **feature,
        "properties": properties,
        "geometry": {**geometry, "coordinates": _shifted(geometry["coordinates"], east, north)},
    }


def _shifted(coordinates: list, east: float, north: float) -> list:
    if isinstance(coordinates[0], float | int):
        return [round(coordinates[0] + east, 7), round(coordinates[1] + north, 7)]
    return [_shifted(part, east, north) for part in coordinates]


def _names(months: int) -> Iterator[str]:
    last = pd.Period("2025-12", "M")
    return (str(last - back) for back in range(months - 1, -1, -1))


def _real_months() -> tuple[list[Month], np.ndarray, list[str]]:
    """Read the months of 2025, and number their map points and LSOA codes over all of them."""
    files = sorted((SHARED / "police").glob("2025-*-derbyshire-street.csv.gz"))
    frames = [pd.read_csv(file, dtype=str, keep_default_na=False) for file in files]
    whole = pd.concat(frames, ignore_index=True)
    point, pairs = pd.factorize(pd.MultiIndex.from_frame(whole[["Longitude", "Latitude"]]))
    lsoa, codes = pd.factorize(whole["LSOA code"])
    cuts = np.cumsum([0, *map(len, frames)])
    months = [
        Month(frame, point[a:b], lsoa[a:b]) for frame, a, b in zip(frames, cuts[:-1], cuts[1:], strict=True)
    ]
    points = np.array([[float(x or "nan"), float(y or "nan")] for x, y in pairs])
    return months, points, list(codes)


def _write(
    path: Path,
    month: Month,
    chosen: np.ndarray,
    placed: tuple[np.ndarray, np.ndarray],
    codes: list[str],
    *,
    force: int,
    named: str,
    rng: np.random.Generator,
) -> None:
    rows = month.rows.iloc[chosen]
    x, y = placed
    at = month.point[chosen]
    who = FORCES[force].replace("-", " ").title() + " Constabulary"
    lsoa = [code if not force or not code else f"E01{_UNREAL + force * 5000 + n:06d}"
            for n, code in enumerate(codes)]  # fmt: skip
    n = len(rows)
    columns = {
        "Crime ID": pa.array(_idents(rows["Crime ID"], chosen, rng)),
        "Month": pa.array(np.full(n, named)),
        "Reported by": pa.array(np.full(n, who)),
        "Falls within": pa.array(np.full(n, who)),
        "Longitude": pa.array(x[at]),
        "Latitude": pa.array(y[at]),
        "Location": pa.array(rows["Location"].to_numpy()),
        "LSOA code": pa.array(np.array(lsoa, dtype=object)[month.lsoa[chosen]]),
        "LSOA name": pa.array(rows["LSOA name"].to_numpy()),
        "Crime type": pa.array(rows["Crime type"].to_numpy()),
        "Last outcome category": pa.array(rows["Last outcome category"].to_numpy()),
        "Context": pa.array(np.full(n, "")),
    }
    with path.open("wb") as stream:
        stream.write((",".join(columns) + "\n").encode())
        options = csv.WriteOptions(include_header=False, quoting_style="none")
        csv.write_csv(pa.table(columns), stream, options)


def _places(points: np.ndarray, force: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the map points of a force as text with six decimals, "" where there is none."""
    moved = points + offset(force)
    if force:
        moved += np.random.default_rng([SEED, force]).uniform(-_JITTER, _JITTER, points.shape)
    texts = [["" if np.isnan(value) else f"{value:.6f}" for value in row] for row in moved]
    return tuple(np.array(texts, dtype=object).T)  # type: ignore[return-value]


def _idents(real: pd.Series, chosen: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Make Crime IDs that repeat where the real ones do, "" where these are blank."""
    # A row that was drawn more than once is another incident each time.
    nth = pd.Series(chosen).groupby(chosen).cumcount().to_numpy()
    codes, kinds = pd.factorize(pd.MultiIndex.from_arrays([real.to_numpy(), nth]))
    drawn = rng.bytes(32 * len(kinds)).hex()
    made = np.array([drawn[64 * at : 64 * at + 64] for at in range(len(kinds))], dtype=object)
    return np.where(real.to_numpy() == "", "", made[codes])


def main() -> None:
    """Write an archive and its boundaries."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--forces", type=int, default=len(FORCES))
    asked = parser.parse_args()
    files = make_archive(asked.folder / "police", rows=asked.rows, months=asked.months, forces=asked.forces)
    make_boundaries(asked.folder / "boundaries", forces=asked.forces)
    print(f"{len(files)} files, {sum(file.stat().st_size for file in files) / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
