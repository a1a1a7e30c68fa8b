"""What geocoding found, in figures and in sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.geography.projection import Projection
from hotspots.geography.vintages import BOTH, EITHER, LSOA_2011, LSOA_2021
from hotspots.locating._evidence import AREA_CODE, COORDINATE, SECTOR, plain_text
from hotspots.locating._far import points_of
from hotspots.locating._stated_lsoas import Agreement, vintages_by_month
from hotspots.locating._suspicions import PointChange, find_point_changes, guess_mistake, how_far
from hotspots.locating.hitrate import MINIMUM_HIT_RATE, HitRate, hit_rate
from hotspots.schema import MATCH_LEVELS
from hotspots.text import counted

if TYPE_CHECKING:
    from hotspots.geography.load import Areas
    from hotspots.geography.vintages import ChangeTable
    from hotspots.locating._evidence import Points
    from hotspots.locating._locations import Locations
#: The reasons for which reading sets a row aside that say it cannot be located.
UNLOCATED_REASONS = ("no_location", "missing_coordinate", "zero_coordinate", "bad_coordinate")
#: Of the sources that hold nothing in the area, so many are named one by one.
_NAMED_SOURCES = 5


@dataclass(frozen=True)
class SourceLocations:
    """Where the rows of one source lie: in the area, outside it, or nobody knows."""

    name: str
    rows: int
    inside: int
    outside: int
    unlocated: int
    hit_rate: HitRate

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "name": self.name,
            "rows": self.rows,
            "inside": self.inside,
            "outside": self.outside,
            "unlocated": self.unlocated,
            "hit_rate": self.hit_rate.as_dict(),
        }


@dataclass(frozen=True)
class GeocodeReport:
    """
    What geocoding found.

    Attributes
    ----------
    rows, inside, outside, unlocated : int
        All rows; those in the study area, elsewhere, and without a location.
    unlocated_in_reading : int
        How many of `unlocated` reading had set aside before: without them a
        hit rate would flatter.
    hit_rate : HitRate
        The share of rows located, in the area or outside it.
    by_level : dict of str to int
        Rows in the area by match level; "none" counts the unlocated.
    by_source : tuple of SourceLocations
        The same for each file.
    agreement : Agreement
        Stated against computed LSOA.
    lsoa_vintage : str
        Vintage of the stated codes: lsoa_2011, lsoa_2021, either (only codes
        that never changed), both, or "" where none is stated.
    lsoa_vintages : dict of str to str
        The same for each month.
    terminated_postcodes, coarse_grid_references : int
        Rows located by a postcode no longer in use; by a square above 100 m.
    without_ward, without_lsoa : int
        Rows in the area whose evidence does not determine one.
    point_changes : tuple of PointChange
        Years between which the map points were replaced.
    projection : Projection
        How degrees became metres.
    converted, helmert_fallback : int
        Rows converted from degrees; of these, rows beyond the OSTN15 grid.
    notes, warnings : tuple of str
        Sentences for the reader; warnings are what may mislead.
    """

    rows: int
    inside: int
    outside: int
    unlocated: int
    unlocated_in_reading: int
    hit_rate: HitRate
    by_level: dict[str, int]
    by_source: tuple[SourceLocations, ...]
    agreement: Agreement
    lsoa_vintage: str
    lsoa_vintages: dict[str, str]
    terminated_postcodes: int
    coarse_grid_references: int
    without_ward: int
    without_lsoa: int
    point_changes: tuple[PointChange, ...]
    projection: Projection
    converted: int
    helmert_fallback: int
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for strict JSON; None, never NaN, for what is unknown."""
        plain = (
            "rows inside outside unlocated unlocated_in_reading by_level lsoa_vintage lsoa_vintages"
            " terminated_postcodes coarse_grid_references without_ward without_lsoa converted"
            " helmert_fallback"
        )
        return {
            **{name: getattr(self, name) for name in plain.split()},
            "minimum_hit_rate": MINIMUM_HIT_RATE,
            "hit_rate": self.hit_rate.as_dict(),
            "by_source": [source.as_dict() for source in self.by_source],
            "agreement": self.agreement.as_dict(),
            "point_changes": [change.as_dict() for change in self.point_changes],
            "projection": self.projection.as_dict(),
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }


def build_report(
    incidents: pd.DataFrame,
    points: Points,
    locations: Locations,
    areas: Areas,
    *,
    agreement: Agreement,
    changes: ChangeTable,
    projection: Projection,
    rejected: pd.DataFrame | None,
) -> GeocodeReport:
    """Count what was found, and put what a reader must know into sentences."""
    here = locations.inside
    levels = np.bincount(locations.level[here], minlength=len(MATCH_LEVELS)).tolist()
    early = _lost_in_reading(rejected)
    rows = len(incidents) + len(early)
    unlocated = int((~here & ~locations.outside).sum()) + len(early)
    by_month = vintages_by_month(incidents, changes=changes)
    report = GeocodeReport(
        rows=rows,
        inside=int(here.sum()),
        outside=int(locations.outside.sum()),
        unlocated=unlocated,
        unlocated_in_reading=len(early),
        hit_rate=hit_rate("all rows", located=rows - unlocated, total=rows),
        by_level=dict(zip(MATCH_LEVELS, (*levels[:-1], unlocated), strict=True)),
        by_source=_by_source(incidents, locations, early),
        agreement=agreement,
        lsoa_vintage=_overall(by_month),
        lsoa_vintages=by_month,
        terminated_postcodes=int((points.terminated & here).sum()),
        coarse_grid_references=int((points.coarse & here).sum()),
        without_ward=int((here & (locations.ward < 0)).sum()),
        without_lsoa=int((here & (locations.lsoa < 0)).sum()),
        point_changes=_point_changes(incidents, locations),
        projection=projection,
        converted=int(points.converted.sum()),
        helmert_fallback=int((points.helmert & here).sum()),
        notes=(),
        warnings=(),
    )
    notes, warnings = _strayed_sources(incidents, locations, areas, report)
    return replace(report, notes=(*_notes(report, areas), *notes), warnings=(*_warnings(report), *warnings))


def _lost_in_reading(rejected: pd.DataFrame | None) -> pd.Series:
    """Return the source of each row that reading set aside because nothing usable locates it."""
    if rejected is None:
        return pd.Series([], dtype="str")
    return plain_text(rejected.loc[rejected["reason"].isin(UNLOCATED_REASONS), "source"])


def _by_source(
    incidents: pd.DataFrame, locations: Locations, early: pd.Series
) -> tuple[SourceLocations, ...]:
    """Count the rows of each source that lie inside, outside and nowhere."""
    every = pd.concat([plain_text(incidents["source"]), early], ignore_index=True)
    code, names = pd.factorize(every, sort=True)
    rows = np.bincount(code, minlength=len(names))
    read = code[: len(incidents)]
    here = np.bincount(read[locations.inside], minlength=len(names))
    away = np.bincount(read[locations.outside], minlength=len(names))
    return tuple(
        SourceLocations(
            name, int(n), int(i), int(o), int(n - i - o), hit_rate(name, located=int(i + o), total=int(n))
        )
        for name, n, i, o in zip(map(str, names), rows, here, away, strict=True)
    )


def _overall(by_month: dict[str, str]) -> str:
    """Sum the months' vintages up."""
    seen = set(by_month.values())
    decided = seen - {EITHER}
    if not decided:
        return EITHER if seen else ""
    return decided.pop() if len(decided) == 1 else BOTH


def _point_changes(incidents: pd.DataFrame, locations: Locations) -> tuple[PointChange, ...]:
    """Compare the points of the years of data, for rows located by a coordinate."""
    rows = np.flatnonzero((locations.place >= 0) & (locations.level == COORDINATE))
    code, months = pd.factorize(plain_text(incidents["month"].iloc[rows]))
    years = np.array([int(month[:4]) for month in months], dtype=int)
    return find_point_changes(locations.place[rows], years[code])


def _warnings(report: GeocodeReport) -> list[str]:
    """Say what may mislead."""
    said = _poor_rates(report)
    if report.lsoa_vintage == BOTH:
        said.append(_vintage_sentence(report.lsoa_vintages))
    said += [change.words for change in report.point_changes]
    if report.terminated_postcodes:
        said.append(
            f"Located by a postcode that is no longer in use: {counted(report.terminated_postcodes, 'row')}."
        )
    if report.coarse_grid_references:
        said.append(
            f"Located by a grid reference of 1 km: {counted(report.coarse_grid_references, 'row')};"
            " the centre of the square may be 700 m off."
        )
    return said


def _poor_rates(report: GeocodeReport) -> list[str]:
    """Say which hit rates are below the minimum, all sources together first."""
    poor = [source.hit_rate for source in report.by_source if not source.hit_rate.reliable]
    # A single source is the whole: once is enough.
    whole = (report.hit_rate,) if len(report.by_source) > 1 else ()
    named = [rate for rate in (*whole, *poor[:_NAMED_SOURCES]) if not rate.reliable]
    said = [
        f"{rate.name}: {rate.located:,} of {rate.total:,} rows could be located ({rate.rate:.1%}, 95 %"
        f" interval {rate.low:.1%} to {rate.high:.1%}), below the {MINIMUM_HIT_RATE:.0%} of a reliable map."
        for rate in named
    ]
    if len(poor) > _NAMED_SOURCES:
        more = counted(len(poor) - _NAMED_SOURCES, "more source")
        said.append(f"Below {MINIMUM_HIT_RATE:.0%} as well: {more}.")
    return said


def _vintage_sentence(by_month: dict[str, str]) -> str:
    """Say which months state which vintage."""
    spans = []
    for vintage in (LSOA_2011, LSOA_2021, BOTH):
        months = sorted(month for month, found in by_month.items() if found == vintage)
        if months:
            name = "both" if vintage == BOTH else vintage[-4:]
            spans.append(f"{name} from {months[0]} to {months[-1]}")
    return (
        f"The stated LSOA codes change vintage within the period ({'; '.join(spans)}): they were compared"
        " through the official table of changes."
    )


def _strayed_sources(
    incidents: pd.DataFrame, locations: Locations, areas: Areas, report: GeocodeReport
) -> tuple[list[str], list[str]]:
    """
    Name the sources that hold rows, but none in the area.

    Returns
    -------
    notes, warnings : list of str
        A source from elsewhere is a note; one that some usual mistake would
        explain is a warning.
    """
    strayed = [source.name for source in report.by_source if source.outside and not source.inside]
    said: dict[bool, list[str]] = {False: [], True: []}
    for name in strayed[:_NAMED_SOURCES]:
        rows = np.flatnonzero((incidents["source"] == name).to_numpy())
        clause = guess_mistake(incidents.iloc[rows], areas)
        points = points_of(
            incidents.iloc[rows],
            locations.easting[rows],
            locations.northing[rows],
            projection=report.projection,
        )
        away = how_far(*points, areas)
        said[bool(clause)].append(
            f"{name}: no row lies in {areas.area_name}; {clause or f'its middle lies {away}'}."
        )
    if len(strayed) > _NAMED_SOURCES:
        more = counted(len(strayed) - _NAMED_SOURCES, "more source")
        said[False].append(f"Without a row in {areas.area_name} as well: {more}.")
    return said[False], said[True]


def _agreement_sentence(agreement: Agreement) -> str:
    """Say how often the stated LSOA is the one that holds the point."""
    if not agreement.conflicts:
        return f"The stated LSOA holds the point in 100% of {counted(agreement.compared, 'row')}."
    return (
        f"The stated LSOA holds the point in {agreement.share:.1%} of {counted(agreement.compared, 'row')};"
        f" {counted(agreement.conflicts, 'conflicting row')}, where the point decides."
    )


def _notes(report: GeocodeReport, areas: Areas) -> list[str]:
    """Say what was decided, without alarm."""
    said = []
    if report.converted:
        said.append(report.projection.words)
    if report.helmert_fallback:
        said.append(
            f"Beyond the OSTN15 grid at hand: {counted(report.helmert_fallback, 'row')}, converted with the"
            " seven-parameter transform (about 2 m off)."
        )
    if report.agreement.share is not None:
        said.append(_agreement_sentence(report.agreement))
    if report.agreement.outside_stated_inside:
        said.append(
            f"Outside {areas.area_name} by their point but inside by the LSOA they state:"
            f" {counted(report.agreement.outside_stated_inside, 'row')}; the point decides."
        )
    by_area = report.by_level[MATCH_LEVELS[SECTOR]] + report.by_level[MATCH_LEVELS[AREA_CODE]]
    if by_area:
        said.append(
            f"Located by postcode sector or area code only: {counted(by_area, 'row')}, counted in area"
            " tables, not in density or clusters; without a certain ward:"
            f" {counted(report.without_ward, 'row')}, without a certain LSOA:"
            f" {counted(report.without_lsoa, 'row')}."
        )
    return said
