"""The program put to work against what it published: tables that fit, and points that remain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hotspots import attacking
from hotspots.attacking import replay_program
from hotspots.attacking_shapes import ShapeAttack, _read_places, attack_releases, attack_shapes
from hotspots.audiences import POLICIES
from hotspots.auditing.all_but_one import AllButOne, all_but_one
from hotspots.auditing.audit import AuditReport
from hotspots.auditing.bounds import bounds
from hotspots.auditing.reading import read_published
from hotspots.errors import InputError
from hotspots.geography.coarse import coarse_cells
from hotspots.geography.load import load_areas
from hotspots.outputs.publish import publish
from hotspots.themes.themes import load_themes


@pytest.fixture(scope="module")
def published(sample_analysis, tmp_path_factory):
    """Read what partners get of the sample from its folder."""
    out = tmp_path_factory.mktemp("partner") / "maps"
    publish(sample_analysis.release(audience="partner"), out)
    return read_published(out)


def test_a_replay_of_the_program_leaves_every_withheld_count_of_restricted_themes(published, monkeypatch):
    # `make attack` tries as many as an audit does.
    monkeypatch.setattr(attacking, "MONTHS", 8)
    monkeypatch.setattr(attacking, "TRIES", 4)
    found = list(replay_program(published, bounds([published])))
    assert found and sum(one.withheld for one in found) > 0
    for one in found:
        assert one.matches and not one.narrows, one.text()


def test_a_release_that_the_program_would_not_make_matches_no_table(published):
    theme = next(one["slug"] for one in published.record["themes"] if one["sensitivity"] != "open")
    # figures that no table gives: the program rounds to 5
    odd = {
        cell: (7.0 if count is not None and cell.theme == theme else count)
        for cell, count in published.stated.items()
    }
    changed = replace(published)
    changed.__dict__["stated"] = odd
    found = [one for one in replay_program(changed, None) if f" {theme} " in one.ranking]
    assert all(not one.matches for one in found)


@pytest.fixture(scope="module")
def shape_attack():
    """Attack shapes of partners; without density, which takes longest and comes of the same counts."""
    theme = next(one for one in load_themes() if one.density and one.clusters)
    return ShapeAttack(load_areas(), "partner", replace(theme, density=False))


@pytest.fixture(scope="module")
def crowd(shape_attack):
    """Give 303 incidents at 40 points of a cell: published as 305, and as 300 if one is elsewhere."""
    cells = coarse_cells(shape_attack.areas.outline)
    corners = cells.corners[cells.cell == cells.cell[len(cells.cell) // 2]]
    rng = np.random.default_rng(1)
    xy = corners[rng.integers(0, len(corners), 40)] + rng.uniform(5, 245, (40, 2))
    points = pd.DataFrame(xy.round(), columns=["easting", "northing"])
    return points.iloc[rng.integers(0, 40, 303)].reset_index(drop=True)


def test_an_incident_moved_within_its_half_changes_nothing_that_is_drawn(shape_attack, crowd):
    drawn = shape_attack.draw(crowd)
    half = shape_attack.alike(crowd)
    other = crowd.drop_duplicates()[lambda one: shape_attack.alike(one) == half[0]].iloc[-1]
    moved = crowd.copy()
    moved.loc[0, ["easting", "northing"]] = other
    assert "Polygon" in drawn and not moved.equals(crowd) and set(half % 2) == {0, 1}
    assert shape_attack.draw(moved) == drawn
    assert shape_attack.draw(crowd.assign(easting=crowd["easting"] + 1500.0)) != drawn


def test_the_fast_attack_finds_what_publishing_every_point_finds(shape_attack, crowd):
    away = crowd.iloc[:3].assign(easting=lambda one: one["easting"] + 1200.0)
    points = pd.concat([crowd.drop_duplicates().iloc[:6], away]).reset_index(drop=True)

    def afresh(incidents):
        shape_attack._drawn.clear()
        return shape_attack.draw(incidents)

    slow = all_but_one(afresh, crowd, points, rows=[0])
    fast = all_but_one(shape_attack.draw, crowd, points, rows=[0], alike=shape_attack.alike)
    assert fast == slow
    assert 0 < slow.fewest < len(points)


def test_extracts_are_attacked_at_random_the_same_each_time(shape_attack, crowd):
    points = crowd.drop_duplicates()
    found, drawn = attack_shapes(shape_attack, points, size=150, extracts=1, tried=2)
    assert found.ok and drawn == 1 and len(found.possible) == 2
    again, _ = attack_shapes(shape_attack, points, size=150, extracts=1, tried=2, nearest=12, enough=False)
    assert (
        again.possible
        == attack_shapes(shape_attack, points, size=150, extracts=1, tried=2, nearest=12, enough=False)[
            0
        ].possible
    )


def test_each_audience_outside_internal_use_is_attacked_once(tmp_path, monkeypatch):
    asked = []

    def attacked(attack, points, *, size, extracts):
        asked.append((attack.audience, attack.areas.area_code, len(points), size, extracts))
        return AllButOne((size, size + 1), (0, 1), 8), 1

    def record(folder):
        audience = folder.name.partition("-")[0]
        return {"audience": audience, "area": {"code": "E06000015"}}, POLICIES[audience]

    monkeypatch.setattr("hotspots.attacking_shapes.attack_shapes", attacked)
    monkeypatch.setattr("hotspots.attacking_shapes.read_record", record)
    (tmp_path / "points.csv").write_text("easting,northing\n435000,336000\n435100,336000\n")
    folders = [tmp_path / name for name in ("internal", "partner", "partner-before")]
    found = attack_releases(folders, tmp_path / "points.csv")
    assert asked == [("partner", "E06000015", 2, size, 60) for size in (60, 600)]
    assert {name: one.possible for name, one in found.items()} == {"partner": (60, 61, 600, 601)}
    assert attack_releases(folders[:1], tmp_path / "points.csv") == {}


def test_a_report_tells_of_shapes_that_find_the_last_incident():
    good = AllButOne((9, 8), (0, 1), 8)
    report = AuditReport((), hidden={"partner": good})
    assert report.ok and "partner: All but one: 2 incidents tried" in report.text()
    bad = replace(report, hidden={"partner": replace(good, possible=(9, 7))})
    assert not bad.ok and "shapes that find the last incident" in bad.text()
    assert bad.as_dict()["all_but_one"] == {"partner": [7, 8]}


def test_places_are_points_in_metres(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("easting,northing,kind\n435300,336200,x\n", encoding="utf-8")
    assert _read_places(path).to_numpy().tolist() == [[435300.0, 336200.0]]
    path.write_text("lon,lat\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"points\.csv is no CSV with easting and northing"):
        _read_places(path)
