"""The program put to work against what it published: tables that fit, and points that remain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hotspots.attacking import ShapeAttack, _read_places, attack_shapes, replay_program
from hotspots.auditing.all_but_one import AllButOne
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


def test_a_replay_of_the_program_leaves_every_withheld_count_of_restricted_themes(published):
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


def test_an_incident_moved_within_its_cell_changes_nothing_that_is_drawn():
    areas = load_areas()
    cells = coarse_cells(areas.outline)
    corners = cells.corners[cells.cell == cells.cell[len(cells.cell) // 2]]
    rng = np.random.default_rng(1)
    xy = corners[rng.integers(0, len(corners), 40)] + rng.uniform(5, 245, (40, 2))
    points = pd.DataFrame(xy.round(), columns=["easting", "northing"])
    theme = next(one for one in load_themes() if one.density and one.clusters)
    attack = ShapeAttack(areas, "partner", theme)
    crowd = points.iloc[rng.integers(0, 40, 300)].reset_index(drop=True)
    assert "Polygon" in attack.draw(crowd)
    moved = crowd.copy()
    moved.loc[0, ["easting", "northing"]] = crowd.loc[1, ["easting", "northing"]]
    assert attack.draw(moved) == attack.draw(crowd)
    away = crowd.assign(easting=crowd["easting"] + 1500.0)
    assert attack.draw(away) != attack.draw(crowd)
    found, drawn = attack_shapes(attack, points, size=150, extracts=1, tried=2, nearest=20)
    assert found.fewest == 20 and drawn == 1 and len(found.possible) == 2


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
