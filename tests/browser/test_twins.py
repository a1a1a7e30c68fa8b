"""What a script of the page does and what its twin in Python does is the same."""

from __future__ import annotations

import random
import re

import numpy as np
import pages
import pytest
import shapely
from paths import CLONE

from hotspots.geography.gridref import parse_grid_references
from hotspots.pages import map_beats, map_hotspots, map_labels, map_page, map_shapes, map_still, words
from hotspots.pages.map_labels import Label, Order
from hotspots.pages.map_payload import build_payload

SCRIPTS = CLONE / "hotspots" / "pages" / "static" / "map"
#: The script, its twin, and the test that holds both.
TWINS = {
    "core.js": ("hotspots/pages/map_shapes.py", "test_twins.py", "test_rings_come_back"),
    "figures.js": ("hotspots/pages/map_page.py", "test_twins.py", "test_classes_of_the_first_view"),
    "words.js": ("hotspots/pages/words.py", "test_twins.py", "test_words_for_numbers"),
    "grid-reference.js": ("hotspots/geography/gridref.py", "test_twins.py", "test_grid_references_are_read"),
    "overlays.js": ("hotspots/pages/map_still.py", "test_twins.py", "test_priority_areas"),
    "beats.js": ("hotspots/pages/map_beats.py", "test_twins.py", "test_beats_are_told_as_without_scripts"),
    "placing.js": ("hotspots/pages/map_labels.py", "test_twins.py", "test_labels_find_the_same_room"),
    "legend.js": ("hotspots/pages/map_page.py", "test_legend.py", "test_says_the_same_as_without_scripts"),
    "clusters.js": ("hotspots/pages/map_hotspots.py", "test_twins.py", "test_hot_spots_are_told"),
    "card.js": ("hotspots/pages/map_hotspots.py", "test_card.py", "test_holds_the_figures_of_the_payload"),
    "saving.js": ("hotspots/outputs/csv.py", "test_saving.py", "test_cells_are_guarded_as_in_the_tables"),
    "sheet.js": ("hotspots/pages/map_still.py", "test_sheet.py", "test_the_first_view_has_its_labels"),
}

browser = pytest.mark.browser


def test_each_script_names_its_twin_in_its_first_line():
    first = {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in SCRIPTS.glob("*.js")}
    assert set(TWINS) <= set(first) == set(map_page.SCRIPTS)
    for name, line in first.items():
        if name not in TWINS:
            assert line == "/* No twin in Python. */", name
            continue
        twin, file, test = TWINS[name]
        assert line.startswith(f"/* Twin: {twin}"), name
        assert (CLONE / twin).is_file(), twin
        tests = (CLONE / "tests" / "browser" / file).read_text(encoding="utf-8")
        assert re.search(rf"^ *def {test}", tests, re.MULTILINE), test


@browser
def test_rings_come_back(watched):
    ring = shapely.Polygon([(-1.47, 52.92), (-1.46, 52.92), (-1.46, 52.93), (-1.4701, 52.9307)])
    (steps,) = map_shapes.polygon_rings(ring)[0]
    found = watched.page.evaluate("steps => Hotspots.shapeOf([[steps]])[0][0]", steps)
    np.testing.assert_allclose(np.array(found)[:, ::-1], map_shapes.decode_ring(steps), atol=1e-12)
    assert found[0] == pytest.approx([52.92, -1.47])


@browser
def test_what_is_packed_comes_back(watched):
    data = pages.payload_as_written(pages.small_release())
    read = watched.page.evaluate("Hotspots.data")
    for name in ("streets", "clusters", "parts", "bands", "beats"):
        assert read[name] == data[name], name
    for level in ("ward", "lsoa"):
        found, given = read["levels"][level], data["levels"][level]
        for name in ("counts", "shapes", "labels"):
            assert found[name] == given[name], name
        for theme, results in given["results"].items():
            for name in ("change", "rank", "class", "category", "sensitive"):
                assert found["results"][theme][name] == results[name], (theme, name)
            pairs = zip(results["class"], results["p_top"], strict=True)
            assert found["results"][theme]["certainty"] == [words.certainty(*pair) for pair in pairs]
    assert {"priority", "no"} <= set(read["levels"]["ward"]["results"]["all"]["class"])


@browser
def test_classes_of_the_first_view(opened):
    data = build_payload(pages.small_release())
    found = opened.evaluate("Hotspots.figures.compute(Hotspots.state.get()).looks")
    assert found == map_page._ward_looks(data)
    assert len(set(found)) > 3


NUMBERS = (0, 0.004, 0.04, 0.15, 0.3, 1, 2.25, 9.94, 9.95, 9.96, 10.4, 10.5, 99.6, 999.5, 1234.6, 56789.1)
SHARES = (0, 0.0004, 0.0049, 0.0051, 0.05, 0.124, 0.126, 0.4999, 0.5, 0.799, 0.8, 0.994, 1)
LISTS = (["Ash"], ["Ash", "Elm"], ["Ash", "Elm", "Fir"], list("ABCD"), list("ABCDE"), list("ABCDEFGHIJKL"))


@browser
@pytest.mark.parametrize(
    ("script", "twin", "values"),
    [
        ("whole", words.whole, NUMBERS),
        ("rate", words.rate, NUMBERS),
        ("percent", words.percent, SHARES),
        ("firmness", words.firmness, SHARES),
        ("smallNumber", words.small_number, (0, 1, 3, 10, 11, 25)),
        ("joinNames", words.join_names, LISTS),
        ("ordinal", words.ordinal, (1, 2, 3, 4, 10, 11, 12, 13, 21, 22, 101, 111)),
    ],
)
def test_words_for_numbers(watched, script, twin, values):
    found = watched.page.evaluate(f"values => values.map(value => Hotspots.words.{script}(value))", values)
    assert found == [twin(value) for value in values]


@browser
def test_hot_spots_are_told(opened):
    """The list says of each what it says without scripts, and how it came about."""
    first = build_payload(pages.small_release())["clusters"]["all"]
    assert len(first) > 1
    for cluster in first:
        said = opened.locator(f"#cluster-{cluster['number']} .spot-text").inner_text()
        assert said == f"{cluster['name']} {map_hotspots.told(cluster)}"


@browser
def test_priority_areas(opened):
    wards = build_payload(pages.small_release())["levels"]["ward"]
    drawn = opened.evaluate("Hotspots.overlays.priorityOf(Hotspots.figures.compute(Hotspots.state.get()))")
    ranks = map_still._priority_ranks(wards, "all")
    assert drawn == [i for i, rank in enumerate(ranks) if rank is not None]
    assert drawn


@browser
def test_grid_references_are_read(watched):
    """A reference that the page writes names a square around the point that it was written for."""
    points = [(435_300, 336_270), (651_409, 313_177), (216_650, 771_250), (400_000, 300_001)]
    written = watched.page.evaluate(
        "all => all.map(([easting, northing]) => Hotspots.grid.reference({ easting, northing }))", points
    )
    read = parse_grid_references(written)
    assert set(read.size) == {10}
    for k, (easting, northing) in enumerate(points):
        assert abs(read.easting[k] - easting) <= 5
        assert abs(read.northing[k] - northing) <= 5


#: Labels of a crowded map; the script names orders of its own, one lower from the leader on.
PLACE = """labels => {
  const { ORDER, arrange } = Hotspots.placing;
  const orders = {
    BIGGEST_CLUSTER: "biggestCluster", BIG_CLUSTER: "bigCluster", LEADER: "leader", PRIORITY: "priority",
    FIRST_CLUSTER: "firstCluster", WARD: "ward", CLUSTER: "cluster",
  };
  const made = label => label && {
    ...label, order: ORDER[orders[label.order]], short: made(label.short),
    holds: label.holds && ((x, y) => {
      const [west, south, east, north] = label.holds;
      return west < x && x < east && south < y && y < north;
    }),
  };
  return arrange(labels.map(made)).map(({ name, x, y, move }) => [name, x + move[0], y + move[1]]);
}"""


def _crowd(seed: int) -> list[dict]:
    """Scatter names and numbers so densely that some have to move and some have no room."""
    drawn = random.Random(seed)
    orders = ["BIGGEST_CLUSTER", *["BIG_CLUSTER"] * 2, *["FIRST_CLUSTER"] * 4, "LEADER", *["PRIORITY"] * 2]
    labels = []
    for k, order in enumerate([*orders, *["WARD"] * 5, *["CLUSTER"] * 3]):
        x, y = (drawn.randrange(0, 90) for _ in range(2))
        label = {"name": f"{order} {k}", "x": x, "y": y, "w": 21, "h": 11, "order": order}
        label |= {"moves": map_labels.moves((0, 8, 16), (0, 6)), "leads": order == "LEADER"}
        if order in ("LEADER", "PRIORITY"):
            reach = drawn.choice((5, 30))
            label["holds"] = [x - reach, y - reach, x + reach, y + reach]
            short = {"name": f"rank {k}", "w": 7, "must": True, "leads": False, "holds": None}
            label["short"] = {**label, **short, "moves": [(0, 0), (8, 0)]}
        labels.append(label)
    return labels


def _label(given: dict) -> Label:
    holds = given.get("holds")
    return Label(
        given["x"],
        given["y"],
        given["w"],
        given["h"],
        Order[given["order"]],
        name=given["name"],
        moves=given["moves"],
        within=shapely.box(*holds) if holds else None,
        leads=given["leads"],
        short=_label(given["short"]) if given.get("short") else None,
        must=given.get("must", False),
    )


@browser
def test_labels_find_the_same_room(watched):
    moved = left_out = 0
    for seed in range(40):
        crowd = _crowd(seed)
        ours = map_labels.arrange([_label(given) for given in crowd])
        found = watched.page.evaluate(PLACE, crowd)
        assert [(name, x, y) for name, x, y in found] == [(label.name, x, y) for label, x, y in ours], seed
        moved += sum((label.x, label.y) != (x, y) for label, x, y in ours)
        left_out += len(crowd) - len(ours)
    assert moved > 40 and left_out > 40


@browser
def test_beats_are_told_as_without_scripts(watched):
    beats = [
        {"grid": "SK 3530 3627", "expected": 2.25, "low": 0, "high": 6, "share": 0.031, "area": 0.00042},
        {"grid": "SK 3612 3590", "expected": 10.5, "low": 4, "high": 18, "share": 0.12, "area": 0.0014},
        {"grid": "SK 3601 3580", "expected": None, "low": None, "high": None, "share": None, "area": 0.0002},
    ]
    told = watched.page.evaluate("beats => beats.map(Hotspots.beats.told)", beats)
    assert told == [map_beats.told(beat) for beat in beats]
    # For no month: the small town has no beats of its own.
    for ticked, of in (([], []), ([], beats), (beats[:1], beats[:2]), (beats[:2], beats[:2]), (beats, beats)):
        said = watched.page.evaluate("([ticked, of]) => Hotspots.beats.shareText(ticked, of)", [ticked, of])
        assert said == map_beats.share_text(ticked, of, "")
