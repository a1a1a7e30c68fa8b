"""
Files as analysts may send them, made in code: each with what must come of it, written before it was tried.

Twelve incidents on a line through Derby, one a day from 1 January 2024, of two kinds in turn. Each case
puts them into another form; what has to come out is the same twelve, or a refusal that names what was seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely

from hotspots.errors import HotspotsError
from hotspots.reading.incidents import Incidents, read_incidents

TODAY = date(2026, 1, 31)

N = 12
KINDS = ("Drugs", "Burglary")


@dataclass(frozen=True)
class Case:
    """
    One input and what must come of it.

    Attributes
    ----------
    name : str
        What it is, in the words of whoever sends it.
    make : callable or str or bytes
        Writes it below a folder and returns its path; or the content of a CSV file.
    count : int
        Incidents.
    months, resolution
        Of all rows.
    place : {"point", "lsoa", "ward", "grid", "postcode"}
        What locates them; points must lie within `within` metres of the truth.
    kinds : tuple of str
        Crime types, as they stand in the frame.
    rejects : mapping
        Reasons and rows.
    says : str
        A pattern in the notes or warnings.
    refused : str
        A pattern in the message, where nothing may be read.
    options : mapping
        Of `read_incidents`.
    """

    name: str
    make: Callable[[Path], Path] | str | bytes
    count: int = N
    months: tuple[str, ...] = ("2024-01",)
    resolution: str = ""
    place: str = "point"
    within: float = 8.0
    kinds: tuple[str, ...] = tuple(sorted(KINDS))
    rejects: Mapping[str, int] = field(default_factory=dict)
    says: str = ""
    refused: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    end: str = ".csv"


def day(n: int) -> date:
    return date(2024, 1, 1) + timedelta(days=n)


def east(n: int) -> int:
    return 434_000 + 100 * n


def north(n: int) -> int:
    return 336_000 + 50 * n


def degrees(n: int, system: int = 4326) -> tuple[float, float]:
    """Give the point of incident n in another coordinate system."""
    found: tuple[float, float] = _changer(system).transform(east(n), north(n))
    return found


@cache
def _changer(system: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(27700, system, always_xy=True)


def fields(n: int) -> dict[str, object]:
    """Give what a line may hold of incident n, for `str.format`."""
    then = day(n)
    longitude, latitude = degrees(n)
    x, y = degrees(n, 3857)
    return {
        "n": n, "k": n + 1,  "ref": f"DC{n:05}", "iso": then.isoformat(), "dmy": f"{then:%d/%m/%Y}",
        "then": then,
        "kind": KINDS[n % 2], "e": east(n), "n_": north(n), "en": f"{east(n)},{north(n)}",
        "lon": f"{longitude:.6f}", "lat": f"{latitude:.6f}", "pick": n % 3, "few": n % 3 + 1,
        "wkb": shapely.to_wkb(shapely.set_srid(shapely.Point(east(n), north(n)), 27700), hex=True,
        include_srid=True),
        "mx": round(x, 2), "my": round(y, 2),
        "serial": (then - date(1899, 12, 30)).days,
    }  # fmt: skip


def lines(pattern: str, n: int = N) -> list[str]:
    return [pattern.format(**fields(k)) for k in range(n)]


def table(header: str, pattern: str, *, below: str = "", above: str = "") -> str:
    """Make a CSV of the twelve: a header, a line for each, and what stands around them."""
    return above + "\n".join([header, *lines(pattern)]) + "\n" + below


@dataclass(frozen=True)
class Outcome:
    """What came of a case: "right", "wrong", "missing" or "unhelpful", and why."""

    verdict: str
    why: str = ""


def tried(case: Case, folder: Path) -> Outcome:
    """Read one case and compare what came of it with what was to come."""
    path = case.make(folder) if callable(case.make) else folder / f"sent{case.end}"
    if isinstance(case.make, str):
        path.write_text(case.make, encoding="utf-8", newline="")
    elif isinstance(case.make, bytes):
        path.write_bytes(case.make)
    try:
        found = read_incidents(path, today=TODAY, **case.options)
    except HotspotsError as error:
        return _refusal(case, str(error))
    if case.refused:
        return Outcome("wrong", f"read {len(found)}")
    return _reading(case, found)


def _refusal(case: Case, message: str) -> Outcome:
    if case.refused and re.search(case.refused, message):
        return Outcome("right")
    return Outcome("unhelpful" if case.refused else "missing", message)


def _reading(case: Case, found: Incidents) -> Outcome:
    frame = found.frame
    said = "\n".join(
        [
            *found.report.warnings,
            *found.report.notes,
            *(note for one in found.report.sources for note in one.notes),
        ]
    )
    seen = {
        "count": (len(frame), case.count),
        "months": (tuple(sorted(set(frame["month"].astype(str)))), case.months),
        "resolution": (found.resolution, case.resolution or found.resolution),
        "kinds": (tuple(sorted(set(frame["crime_type"].astype(str)))), case.kinds),
        "rejects": ({name: found.report.rejects.get(name, 0) for name in case.rejects}, dict(case.rejects)),
        "days": (_days(case, frame), True),
        "place": (_placed(case, frame), True),
    }
    wrong = [f"{name}: {was}, not {should}" for name, (was, should) in seen.items() if was != should]
    if wrong:
        return Outcome("wrong", "; ".join(wrong))
    return Outcome("right") if re.search(case.says, said) else Outcome("unhelpful", said)


def _days(case: Case, frame: pd.DataFrame) -> bool:
    """Say whether the days are those of the twelve, where a case asks for days or times."""
    if case.resolution not in ("day", "time") or case.count != N:
        return True
    return bool((frame["occurred_from"].dt.date == [day(n) for n in range(N)]).all())


def _placed(case: Case, frame: pd.DataFrame) -> bool:
    named = {"lsoa": "stated_lsoa", "ward": "stated_ward", "grid": "grid_reference", "postcode": "postcode"}
    if case.place in named:
        return bool((frame[named[case.place]].astype(str) != "").all())
    if case.place != "point":
        return True
    x, y = _changer(4326).transform(frame["longitude"], frame["latitude"], direction="INVERSE")
    x = np.where(frame["easting"].isna(), x, frame["easting"])
    y = np.where(frame["northing"].isna(), y, frame["northing"])
    n = np.rint((x - east(0)) / 100)
    off = np.hypot(x - (east(0) + 100 * n), y - (north(0) + 50 * n))
    return bool((off < case.within).all() and set(n.astype(int)) <= set(range(N)))
