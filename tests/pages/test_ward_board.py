"""What the board reads in a ward profile: alike wards, year on year, small areas by their streets."""

from __future__ import annotations

import html
import re

import geopandas as gpd
import numpy as np
import pages
import pandas as pd
import pytest
import shapely

from hotspots import schema
from hotspots.findings.by_period import compare_wards
from hotspots.pages import ward_pages
from hotspots.pages.ward_facts import WardFacts
from hotspots.pages.ward_lines import Lines, line_chart
from hotspots.pages.ward_lsoas import SmallAreas, deprived_ward
from hotspots.pages.ward_map import WardMaps
from hotspots.pages.ward_years import Years
from hotspots.statistics.counts import Counts

ASH, BEECH, CEDAR = (f"E0500000{k}" for k in range(3))
MONTHS = tuple(f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13))


def _similar() -> pd.DataFrame:
    rows = [
        (ASH, 1, BEECH, "Beech", 0.5, "income and age"),
        (ASH, 2, CEDAR, "Cedar", 0.9, "income and age"),
    ]
    return pd.DataFrame(rows, columns=list(schema.columns("similar")))


def _two_years() -> Counts:
    """Ash goes from 100 to 50 a month, Beech from 20 to 40, Cedar stays at 30."""
    rng = np.random.default_rng(1)
    areas = pd.DataFrame(
        {
            "level": "ward",
            "code": [ASH, BEECH, CEDAR],
            "name": ["Ash", "Beech", "Cedar"],
            "vintage": "ward_2023",
        }
    ).astype(object)
    first, second = np.array([100, 20, 30]), np.array([50, 40, 30])
    mean = np.repeat(np.stack([first, second], axis=1), 12, axis=1)
    monthly = rng.poisson(mean)
    count = np.concatenate([monthly.sum(axis=1, keepdims=True), monthly], axis=1)[None].astype(float)
    return Counts.exact(["all"], areas, MONTHS, count)


def test_a_year_stands_beside_the_city_and_the_wards_that_are_alike():
    counts = _two_years()
    found = compare_wards(counts, months=MONTHS, similar=_similar())
    assert sorted(found["comparison"].unique()) == [
        "2024-01..2024-12 2025-01..2025-12",
        "2024-10..2024-12 2025-10..2025-12",
    ]
    row = found[found["code"].eq(ASH) & found["comparison"].str.startswith("2024-01")].iloc[0]
    monthly = counts.monthly("all")
    before, after = (
        monthly[[m for m in MONTHS if m.startswith(year)]].sum(axis=1) for year in ("2024", "2025")
    )
    # 2024 had a day more.
    assert row["change"] == pytest.approx(after[ASH] / before[ASH] * 366 / 365)
    assert row["city_change"] == pytest.approx(after.sum() / before.sum() * 366 / 365)
    alike = [BEECH, CEDAR]
    assert row["similar_change"] == pytest.approx(after[alike].sum() / before[alike].sum() * 366 / 365)
    assert row["q"] < 0.05


def test_a_withheld_month_takes_the_ward_and_the_city_out():
    counts = _two_years()
    counts.count[0, 1, 5] = np.nan
    found = compare_wards(counts, months=MONTHS, similar=_similar())
    assert set(found["code"]) == {ASH, CEDAR}
    assert found["city_change"].isna().all()
    # Two wards taken together need both.
    assert found["similar_change"].isna().all()


def test_with_a_year_alone_the_profile_says_what_it_would_take():
    counts = _two_years()
    assert compare_wards(counts, months=MONTHS[:12], similar=_similar()).empty
    assert "24 whole months" in Years(WardFacts(pages.small_release())).missing


def test_year_on_year_in_words():
    rows = compare_wards(_two_years(), months=MONTHS, similar=_similar())
    years = Years(WardFacts(pages.small_release(comparisons=rows)))
    first, second = years.tables(ASH)
    assert first["title"] == "January to December 2025 against January to December 2024"
    assert second["title"].startswith("October to December 2025")
    assert re.fullmatch(r"−[45]\d%", first["rows"][0]["change"])
    assert "chance" not in first["rows"][0]["spread"]


def test_each_line_of_the_chart_is_of_the_ward_that_it_names():
    release = pages.small_release(similar=_similar())
    svg = html.unescape(str(Lines(release).draw(ASH)))
    said = dict(re.findall(r"(Ash|Beech|Cedar): January 2025 ([\d.]+)", svg))
    people = release.wards["residents"]
    monthly = release.table.level("ward").monthly("all")
    for name, code in (("Ash", ASH), ("Beech", BEECH), ("Cedar", CEDAR)):
        assert float(said[name]) == pytest.approx(1000 * monthly.loc[code].iloc[0] / people[code], rel=0.05)
    assert len(set(re.findall(r'class="(?:own|like|like like-2)" d="(M44[^"]+)"', svg))) == 3


def test_names_at_the_ends_of_lines_never_lie_on_each_other():
    alike = [
        {"name": f"Ward {k}", "look": "like", "values": np.array([1.0, 2.0, 3.0 + k / 1000])}
        for k in range(5)
    ]
    svg = str(line_chart(alike, ["2025-01", "2025-02", "2025-03"], label=""))
    heights = sorted(float(y) for y in re.findall(r'<text class="" x="724" y="([\d.]+)"', svg))
    assert len(heights) == 5
    assert min(np.diff(heights)) >= 17.9


def test_a_small_area_has_the_name_of_its_commonest_streets():
    corner = pages.WEST + 100, pages.SOUTH + 100
    streets = gpd.GeoDataFrame(
        {
            "street": ["On or near Mill Lane", "On or near Parking Area", "On or near High Street"],
            "n": [5.0, 90.0, 40.0],
        },
        geometry=[shapely.Point(corner)] * 3,
        crs=schema.NATIONAL_GRID,
    )
    rows = SmallAreas(WardFacts(pages.small_release(streets=streets))).rows(ASH)
    assert [row["streets"] for row in rows].count("High Street, Mill Lane") == 1
    assert sum(bool(row["streets"]) for row in rows) == 1


def test_deciles_tell_income_first_and_leave_crime_out():
    deciles = pd.DataFrame([("E1", 1, 2, 3, 4, 9, 6), ("E2", 5, 5, 5, 5, 5, 5)])
    deciles.columns = list(schema.columns("deprivation"))
    assert "crime" not in deciles
    assert deprived_ward(deciles, ["E1", "E2"]).startswith(
        "1 of its 2 small areas lies in the fifth of England"
    )
    assert deprived_ward(deciles, ["E3"]) == ""


def test_the_map_numbers_hot_spots_of_all_incidents_as_the_table_does():
    release = pages.release_with_beats()
    drawn = WardMaps(release).draw(ASH)
    shown = release.hotspots[release.hotspots["theme"].eq("all")]
    ward = release.wards.loc[ASH].geometry
    inside = {f"{row.order:.0f}" for row in shown.itertuples() if row.geometry.intersects(ward)}
    assert inside <= set(re.findall(r'class="number[ a-z]*"[^>]*>(\d+)<', str(drawn["svg"])))
    assert drawn["beats"] == 3


def test_the_map_link_opens_the_ward_and_no_caption_lies_in_a_scroller():
    for name, text in ward_pages.render_all(pages.small_release()).items():
        if name != "index.html":
            assert re.search(r'href="\.\./index\.html#ward=E0500000\d"', text)
            assert "<caption" not in text


def test_gaps_between_two_borders_are_not_drawn_as_areas():
    release = pages.small_release()
    ward = release.wards.loc[ASH].geometry
    plain = str(WardMaps(release).draw(ASH)["svg"]).count('class="lsoa"')
    shapes = release.lsoas.geometry.to_numpy().copy()
    # A neighbour's small area reaches 15 m over the border.
    at = next(
        i for i, shape in enumerate(shapes) if shape.touches(ward) and shape.intersection(ward).length > 500
    )
    shapes[at] = shapes[at].buffer(15, join_style="mitre")
    moved = pages.small_release(lsoas=release.lsoas.set_geometry(shapes))
    assert str(WardMaps(moved).draw(ASH)["svg"]).count('class="lsoa"') == plain == 4


def test_a_rate_without_a_denominator_is_not_known_and_not_withheld():
    plain = pages.small_release()
    bare = plain.results.assign(rate_per_1000=np.nan)
    facts = WardFacts(pages.small_release(results=bare))
    view = next(view for view in facts.themes if view.slug == "all")
    assert facts.theme_row(view, ASH)["rate"] == "not known"
    assert SmallAreas(facts).rows(ASH)[0]["rate"] == "not known"


def test_a_place_without_a_name_is_not_called_by_its_code():
    for text in ward_pages.render_all(pages.small_release(area_name="E06000015")).values():
        assert "E06000015" not in text.split("<title>")[1].split("</title>")[0]
        assert "the chosen area" in text
