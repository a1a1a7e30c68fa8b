"""What the board reads in a ward profile: alike wards, small areas by their streets."""

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
from hotspots.pages import ward_pages
from hotspots.pages.ward_facts import WardFacts
from hotspots.pages.ward_lines import Lines, line_chart
from hotspots.pages.ward_lsoas import SmallAreas, deprived_ward
from hotspots.pages.ward_map import WardMaps
from hotspots.pages.ward_messages import boxes, key_messages

ASH, BEECH, CEDAR = (f"E0500000{k}" for k in range(3))


def _similar() -> pd.DataFrame:
    rows = [
        (ASH, "Ash", 1, BEECH, "Beech", 0.5, "income and age"),
        (ASH, "Ash", 2, CEDAR, "Cedar", 0.9, "income and age"),
    ]
    return pd.DataFrame(rows, columns=list(schema.columns("similar")))


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


def test_the_headline_says_which_way_it_goes_and_where():
    plain = pages.small_release()
    ash = plain.results["code"].eq(ASH) & plain.results["theme"].eq("all")
    figures = {"change": 0.89, "change_low": 0.8, "change_high": 1.1, "change_q": 0.4}
    for q, end in ((0.4, ", which may be chance."), (0.01, ".")):
        changed = {name: plain.results[name].mask(ash, value) for name, value in figures.items()}
        changed["change_q"] = plain.results["change_q"].mask(ash, q)
        facts = WardFacts(pages.small_release(results=plain.results.assign(**changed)))
        first, change, places, *rest = key_messages(facts, ASH)
        assert first.startswith("420 incidents were recorded in Ash")
        assert change == f"April to June 2025 had 11% fewer incidents than January to March 2025{end}"
        assert places == "Hot spot: High Street (120 incidents, firm)."
        assert rest == facts.finding(ASH)[1:]


def test_the_team_fills_in_each_place_once_with_all_its_themes():
    rows = [
        {"streets": "High Street; Mill Lane", "theme": "All incidents"},
        {"streets": "High Street; Park Road", "theme": "Anti-social behaviour"},
        {"streets": "Quarry Lane", "theme": "All incidents"},
    ]
    assert boxes(rows) == [
        "High Street: all incidents and anti-social behaviour",
        "Quarry Lane: all incidents",
        "Elsewhere in the ward",
    ]
    assert boxes([]) == ["Ward"]
