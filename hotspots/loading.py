"""
What a run takes in: names checked before anything is read, files or a lake, layers, zones, and places.

`check`, `run` and `evaluate` begin alike, and say alike what was set aside and what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from hotspots import schema
from hotspots.at_hand import layers_folder, postcode_file, usual_inputs
from hotspots.authorities import fetched_changes
from hotspots.errors import InputError, LakeError, UsageError
from hotspots.evaluation.zones import Zones, read_zones
from hotspots.findings.basis import Basis
from hotspots.findings.combination import check_weights
from hotspots.findings.coverage import coverage_warnings, incomplete_months, months_read, period_warnings
from hotspots.findings.quality import quality_warnings
from hotspots.geography.denominator import read_denominator
from hotspots.geography.load import Areas, load_areas
from hotspots.geography.points import read_points
from hotspots.geography.postcodes import check_there
from hotspots.geography.projection import choose_projection
from hotspots.geography.shipped import shipped_vintage
from hotspots.locating.geocode import Geocoded, geocode
from hotspots.places import fold_places
from hotspots.reading.incidents import Incidents, Watch, force_names, read_incidents
from hotspots.scale.again import read_lake
from hotspots.scale.lake import Lake, ReadAs, is_lake, open_lake
from hotspots.settings import Settings
from hotspots.statistics.counts import count_areas
from hotspots.statistics.periods import parse_comparison, parse_period
from hotspots.text import safe_text
from hotspots.themes.themes import classify, load_themes, select_themes
from hotspots.themes.types import find_types

Progress = Callable[[str], None]


def check_names(settings: Settings) -> None:
    """
    Refuse names of themes, vintages and files that no run knows, before anything is read.

    Raises
    ------
    ParameterError, ConfigError, DataMissingError, InputError
        The first that is wrong; with the nearest name where one is alike.
    """
    select_themes(load_themes(settings.theme_rules), settings.themes)
    check_weights(settings)
    for period in settings.compare:
        parse_period(period)
    if layers_folder(settings) is None:
        for level, year in ((schema.WARD, settings.wards), (schema.LSOA, settings.lsoas)):
            shipped_vintage(level, year)
    if settings.postcodes:
        check_there(settings.postcodes)
    if settings.zones and not settings.zones.is_file():
        raise InputError(f"The zones {safe_text(settings.zones.name)} do not exist: check --zones.")


def read_inputs(settings: Settings, *, watch: Watch = iter) -> Incidents:
    """Read the settings' files, or the lake that was made of them."""
    lake = _lake_of(settings)
    if lake is not None:
        return read_lake(
            lake,
            from_month=settings.from_month,
            to_month=settings.to_month,
            forces=force_names(settings.force),
            dedupe_source=settings.dedupe_source,
            watch=watch,
        )
    return read_incidents(
        settings.inputs or usual_inputs(settings.area),
        mapping=settings.columns or None,
        from_month=settings.from_month or None,
        to_month=settings.to_month or None,
        force=settings.force or None,
        date_format=settings.date_format or None,
        dedupe_source=settings.dedupe_source,
        sheet=settings.sheet or None,
        query=settings.query,
        already_public=settings.already_public,
        watch=watch,
    )


def _lake_of(settings: Settings) -> Lake | None:
    """
    Open the lake that is the only input, None where files are given.

    Raises
    ------
    LakeError
        If it was read by other settings than are asked for.
    UsageError
        If other inputs stand beside it.
    """
    lakes = [path for path in settings.inputs if is_lake(Path(path))]
    if not lakes:
        return None
    if len(settings.inputs) > 1:
        raise UsageError("A lake is given beside other inputs: give it alone, or archive all of them.")
    if settings.already_public:
        raise UsageError("--already-public is checked on the publisher's files: give these, not a lake.")
    lake = open_lake(Path(lakes[0]))
    asked = ReadAs(dict(settings.columns), settings.date_format, settings.sheet)
    if lake.read_as != asked:
        raise LakeError(
            f"The lake {safe_text(lakes[0])} was read with other columns, dates or sheets than are asked "
            "for: give these to `hotspots archive`, which then reads its files again."
        )
    return lake


def load_layers(settings: Settings) -> Areas:
    """Load the layers that were named, else official ones that were fetched, else the shipped ones."""
    return load_areas(
        wards=settings.wards or None,
        lsoas=settings.lsoas or None,
        folder=layers_folder(settings),
        area=settings.area,
        projection=choose_projection(settings.ostn15, area=settings.area),
    )


def load_zones(settings: Settings, areas: Areas) -> Zones | None:
    """Read the user's zones; None without any."""
    if settings.zones is None:
        return None
    return read_zones(settings.zones, areas={level: areas.level(level) for level in schema.LEVELS})


def locate(incidents: Incidents, areas: Areas, settings: Settings) -> Geocoded:
    return geocode(
        incidents.frame,
        areas,
        projection=choose_projection(settings.ostn15, area=settings.area),
        postcodes=postcode_file(settings),
        lookup=fetched_changes(settings.area),
        rejected=incidents.rejected,
    )


def covered_months(incidents: Incidents, located: pd.DataFrame) -> tuple[str, ...]:
    """Give the months that were read, also those without an incident in the area."""
    if located.empty:
        raise InputError("No incident lies in the area and period: check --area, --from and --to.")
    return months_read(incidents, located)


def gap_warnings(
    located: pd.DataFrame, months: Sequence[str], partial: Mapping[str, str], settings: Settings
) -> tuple[str, ...]:
    """Say what the months lack, but not of those that are known to be incomplete already."""
    whole = [month for month in months if month not in partial]
    return period_warnings(
        whole or months, located, from_month=settings.from_month, to_month=settings.to_month
    )


def months_warnings(incidents: Incidents, located: pd.DataFrame, settings: Settings) -> tuple[str, ...]:
    """Say all that is to be said of the months that the files cover."""
    months = months_read(incidents, located)
    partial = incomplete_months(incidents, located, months)
    return (
        *coverage_warnings(incidents, located, months),
        *gap_warnings(located, months, partial, settings),
        *partial.values(),
    )


def prepare(incidents: Incidents, settings: Settings, *, progress: Progress) -> Basis:
    """
    Locate and classify incidents, and count them: all that the stages of an analysis start from.

    Raises
    ------
    InputError
        If no incident lies in the area.
    """
    own = read_denominator(settings.denominator) if settings.denominator else None
    areas = load_layers(settings)
    points = read_points(settings.points, projection=choose_projection(settings.ostn15, area=settings.area))
    zones = load_zones(settings, areas)
    progress("Locating incidents in wards and LSOAs")
    geocoded = locate(incidents, areas, settings)
    located = geocoded.frame
    themes = select_themes(load_themes(settings.theme_rules), settings.themes)
    membership = classify(located, themes)
    types = find_types(located, themes, membership)
    groups = pd.concat([membership, types.membership], axis=1)
    places = fold_places(located, groups)
    months = covered_months(incidents, located)
    partial = incomplete_months(incidents, located, months)
    complete = [month for month in months if month not in partial]
    return Basis(
        settings=settings,
        incidents=incidents,
        geocoded=geocoded,
        areas=areas,
        themes=themes,
        membership=membership,
        types=types,
        groups=groups,
        places=places,
        months=months,
        partial=partial,
        named=parse_comparison(*settings.compare, months=complete) if settings.compare else None,
        table=count_areas(located, groups, areas, months=months),
        own=own,
        points=points,
        zones=zones,
    )


def rejected_rows(incidents: Incidents, geocoded: Geocoded) -> pd.DataFrame:
    """
    Join the rows that reading and geocoding set aside, by source and line.

    Those outside the area are counted by source, without a line: a force's file
    holds its whole county, and a list of that would be longer than all outputs.
    """
    away = geocoded.rejected["reason"].eq("outside_area")
    plain = {"source": object, "source_row": "Int64", "reason": object}
    listed = pd.concat([incidents.rejected.astype(plain), geocoded.rejected[~away].astype(plain)]).assign(
        rows=1
    )
    by_source = geocoded.rejected[away].astype({"source": object}).groupby("source").size()
    beyond = by_source.rename("rows").reset_index().assign(source_row=pd.NA, reason="outside_area")
    both = pd.concat([listed, beyond.astype(plain)[listed.columns]])
    return both.sort_values(["source", "source_row"], kind="stable", ignore_index=True)


def run_warnings(
    incidents: Incidents, geocoded: Geocoded, areas: Areas, quality: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    found = [*incidents.report.warnings, *geocoded.report.warnings, *areas.warnings]
    return tuple(dict.fromkeys([*found, *quality_warnings(quality)]))
