"""What geocoding says about itself."""

from __future__ import annotations

import json

import pandas as pd
from geocoding_cases import incidents, town

from hotspots.geography.projection import HELMERT
from hotspots.locating.geocode import geocode
from hotspots.locating.report import GeocodeReport


def report(frame: pd.DataFrame) -> GeocodeReport:
    """Geocode, and return the report."""
    return geocode(frame, town(), projection=HELMERT).report


def test_it_is_strict_json_and_complete() -> None:
    """Every field is in the dictionary under its own name."""
    found = report(incidents(easting=[100], northing=[100]))
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert set(GeocodeReport.__dataclass_fields__) <= set(plain)
    assert plain["agreement"]["share"] is None
    assert plain["minimum_hit_rate"] == 0.85


def test_the_method_is_said_only_where_it_was_used() -> None:
    """Metres need no conversion."""
    assert report(incidents(easting=[100], northing=[100])).notes == ()
    used = report(incidents(longitude=[-1.4874], latitude=[52.917]))
    assert used.converted == 1
    assert "seven-parameter" in used.notes[0]


def test_one_source_in_many_does_not_flood_the_report() -> None:
    """A national archive has hundreds of files from elsewhere: five are named, the others counted."""
    n = 12
    names = ["derby.csv", *(f"force-{k:02d}.csv" for k in range(n))]
    found = report(incidents(easting=[100] + [60_000] * n, northing=[100] * (n + 1), source=names))
    assert found.warnings == ()
    assert found.notes[0] == "force-00.csv: no row lies in Derby; its middle lies 58 km to the east."
    assert found.notes[-1] == "Without a row in Derby as well: 7 more sources."
    assert len(found.notes) == 6


def test_poor_sources_are_counted_too() -> None:
    """Five hit rates are named beside the whole."""
    nan = float("nan")
    names = [f"{k}.csv" for k in range(8)] * 2
    found = report(incidents(easting=[100] * 8 + [nan] * 8, northing=[100] * 8 + [nan] * 8, source=names))
    assert found.warnings[0].startswith("all rows: 8 of 16 rows could be located (50.0%, 95 % interval")
    assert found.warnings[-1] == "Below 85% as well: 3 more sources."
    assert len(found.warnings) == 7


def test_rows_beyond_the_grid_are_said(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Where OSTN15 does not reach, row by row, the seven-parameter transform stands in."""
    from hotspots.geography.projection import choose_projection

    path = tmp_path / "ostn15.csv"
    nodes = [(x, y, 97.0, -76.0) for x in (433_000, 434_000, 435_000) for y in (335_000, 336_000, 337_000)]
    pd.DataFrame(nodes, columns=["easting", "northing", "eshift", "nshift"]).to_csv(path, index=False)
    rows = incidents(longitude=[-1.4874, -1.46], latitude=[52.917, 52.917])
    found = geocode(rows, town(), projection=choose_projection(path)).report
    assert (found.inside, found.converted, found.helmert_fallback) == (2, 2, 1)
    assert "by OSTN15 (ostn15.csv)" in found.notes[0]
    assert found.notes[1].startswith("Beyond the OSTN15 grid at hand: 1 row, ")
