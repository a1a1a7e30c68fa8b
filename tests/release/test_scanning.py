"""Circles sought in released counts: a planted crowd is found, a withheld LSOA lies in none."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from made_months import months_from

from hotspots.release.scanning import scan_release
from hotspots.schema import NATIONAL_GRID, columns
from hotspots.statistics.counts import Counts

MONTHS = months_from("2025-01", 12)
SIDE = 7
CODES = [f"L{i:02d}" for i in range(SIDE**2)]


def city():
    boxes = [
        shapely.box(500 * (i % SIDE), 500 * (i // SIDE), 500 * (i % SIDE) + 500, 500 * (i // SIDE) + 500)
        for i in range(SIDE**2)
    ]
    frame = {"name": [f"small {code}" for code in CODES], "residents": 1000.0}
    lsoas = gpd.GeoDataFrame(frame, geometry=boxes, index=pd.Index(CODES, name="code"), crs=NATIONAL_GRID)
    wards = lsoas.dissolve().set_index(pd.Index(["W"], name="code"))
    return SimpleNamespace(level={"ward": wards, "lsoa": lsoas}.__getitem__, lsoas=lsoas, wards=wards)


def counts_of(monthly):
    areas = pd.DataFrame({"level": ["ward", *["lsoa"] * len(CODES)], "code": ["W", *CODES]})
    table = np.vstack([monthly.sum(axis=0), monthly])
    count = np.concatenate([table.sum(axis=1, keepdims=True), table], axis=1)[None]
    return Counts.exact(["all"], areas, MONTHS, count)


def steady(seed=4):
    return np.random.default_rng(seed).poisson(4.0, (SIDE**2, 12)).astype(float)


def scanned(monthly, **options):
    return scan_release(counts_of(monthly), city(), themes=["all"], months=MONTHS, seed=1, **options)


def test_nothing_planted_nothing_found_and_the_columns_stand():
    found = scanned(steady())
    assert found.empty and tuple(found.columns) == columns("scan")


def test_a_planted_crowd_is_the_first_circle_and_a_late_one_is_dated():
    monthly = steady()
    centre = 3 * SIDE + 3
    monthly[centre] *= 4
    first = scanned(monthly).query("kind == 'whole period'").iloc[0]
    assert (first["members"], first["name"]) == (CODES[centre], f"small {CODES[centre]}")
    assert first["n"] == monthly[centre].sum() and first["p"] <= 0.001 + 1e-9
    late = steady()
    late[centre, -2:] += 25
    recent = scanned(late).query("kind == 'last months'").iloc[0]
    assert (recent["centre"], recent["since"]) == (CODES[centre], "2025-11")


def test_a_withheld_lsoa_lies_in_no_circle():
    monthly = steady()
    monthly[[10, 11, 12]] *= 4
    monthly[11, 4] = np.nan
    counts = counts_of(np.nan_to_num(monthly, nan=4.0))
    hidden = counts.count.copy()
    hidden[0, 1 + 11] = np.nan
    partly = Counts.exact(["all"], counts.areas, MONTHS, hidden)
    # One ward tells no dispersion of LSOAs apart from chance; it is learnt from its months.
    found = scan_release(partly, city(), themes=["all"], months=MONTHS, seed=1)
    assert len(found) and not any("L11" in row.split(";") for row in found["members"])
    assert set(found["kind"]) == {"whole period"}


def test_for_internal_use_places_that_lie_together_are_found_too():
    monthly, centre = steady(), 3 * SIDE + 3
    usual = np.random.default_rng(7).poisson(24, (len(CODES), 2))
    # Two places in each LSOA, 50 m apart; in one of them six, and each of these full.
    held = [[150] * 6 if at == centre else usual[at].tolist() for at in range(len(CODES))]
    rows = [(at, one, n) for at, some in enumerate(held) for one, n in enumerate(some)]
    frame = gpd.GeoDataFrame(
        {
            "lsoa_code": [CODES[at] for at, *_ in rows],
            "street": [f"On or near {CODES[at]} Street" for at, *_ in rows],
            "n": [n for *_, n in rows],
        },
        geometry=[
            shapely.Point(
                500 * (at % SIDE) + 100 + 50 * (one % 2), 500 * (at // SIDE) + 100 + 50 * (one // 2)
            )
            for at, one, _ in rows
        ],
        crs=NATIONAL_GRID,
    )
    places = SimpleNamespace(frame=frame, weights=lambda _: frame["n"].to_numpy())
    found = scanned(monthly, places=places).query("over == 'places'")
    first, code = found.iloc[0], CODES[centre]
    assert (first["centre"], first["members"], first["name"]) == (code, code, f"{code} Street")
    assert first["n"] == 900 and tuple(found.columns) == columns("scan")
    assert not len(scanned(monthly).query("over == 'places'"))


def test_without_residents_or_a_ward_that_is_known_no_circle_is_sought():
    place = city()
    place.lsoas["residents"] = 0.0
    assert scan_release(counts_of(steady()), place, themes=["all"], months=MONTHS, seed=1).empty
    counts = counts_of(steady())
    hidden = counts.count.copy()
    hidden[0, :2, 3] = np.nan
    partly = Counts.exact(["all"], counts.areas, MONTHS, hidden)
    assert scan_release(partly, city(), themes=["all"], months=MONTHS, seed=1).empty


@pytest.mark.parametrize("months", [MONTHS[:5], []])
def test_few_months_tell_no_dispersion_and_so_no_circle(months):
    found = scan_release(counts_of(steady()), city(), themes=["all"], months=months, seed=1)
    assert found.empty
