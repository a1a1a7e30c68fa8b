"""What helps to find the way: kinds, names, what ships for Derby, and what the user brings."""

from __future__ import annotations

import json

import geopandas as gpd
import pages
import pytest
import shapely
from shapely import LineString, Point

from hotspots.errors import InputError
from hotspots.pages import map_context, map_packing, map_page
from hotspots.pages.map_context import KINDS, kind_of, read_context

DERBY = map_context.SHIPPED_FOR
OUTLINE = pages.small_release().outline
NEAR = LineString([(430_100, 332_100), (433_000, 335_000)])
SQUARE = shapely.box(431_000, 333_000, 431_500, 333_500)


FAR = LineString([(500_000, 200_000), (500_100, 200_000)])


def frame(shapes=(NEAR, SQUARE, FAR), **columns):
    columns = columns or {"kind": ["rail", "water", "road"]}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=27700)


def sizes(kind):
    """How many lines and areas there are."""
    return map_packing.read(kind["lines"])[1], map_packing.read(kind["areas"])[0]


def test_kinds_and_clipping():
    water, rail = read_context(frame(), OUTLINE)
    assert (rail["kind"], sizes(rail)) == ("rail", (1, 0))
    assert (water["kind"], sizes(water)) == ("water", (0, 1))


def test_layer_names_tell_the_kind(tmp_path):
    path = tmp_path / "local.gpkg"
    bare = frame().drop(columns="kind")
    bare.iloc[:1].to_file(path, layer="roads")
    bare.iloc[1:2].to_file(path, layer="surface_water")
    assert [part["kind"] for part in read_context(path, OUTLINE)] == ["water", "road"]


def test_files_of_a_folder_are_read_by_their_names(tmp_path):
    points = [Point(431_000, 333_000), Point(432_000, 334_000)]
    frame(points, name=["The Anchor", None]).to_file(tmp_path / "licensed premises.geojson")
    frame(points[:1], NAME=["Hill School"]).to_file(tmp_path / "schools.geojson")
    (tmp_path / "readme.txt").write_text("not a layer")
    licensed, school = read_context(tmp_path, OUTLINE)
    assert (licensed["kind"], licensed["names"]) == ("licensed", ["The Anchor"])
    assert len(map_packing.read(licensed["dots"])) == 4, "a place without a name still has its dot"
    assert (school["kind"], school["names"]) == ("school", ["Hill School"])


@pytest.mark.parametrize(
    ("words", "road_class", "kind"),
    [
        ("SK_RoadLink", "A Road", "road"),
        ("roads", "B Road", "b road"),
        ("roads", "Unclassified", "minor road"),
        ("Motorway", "", "road"),
        ("railway_stations", "", "station"),
        ("OS Open Rivers", "", "water"),
        ("pubs 2025", "", "licensed"),
        ("public parks", "", "green"),
        ("no such word", "", "road"),
    ],
)
def test_words_for_kinds(words, road_class, kind):
    assert kind_of(words, road_class) == kind


def test_links_of_one_road_are_one_line_with_its_name_in_the_middle():
    links = [LineString([(431_000 + 300 * k, 333_000), (431_300 + 300 * k, 333_000)]) for k in range(4)]
    (road,) = read_context(frame(links, name=["London Road"] * 4, kind=["road"] * 4), OUTLINE)
    assert sizes(road) == (1, 0)
    assert (road["names"], map_packing.read(road["each"])) == (["London Road"], [1])


def test_derby_has_context_of_its_own_and_other_places_have_none():
    shipped = {kind["kind"] for kind in read_context(None, OUTLINE, area=DERBY)}
    assert shipped == {"rail-sketch", "road-sketch", "stop", "school", "station", "district"}
    assert read_context(None, OUTLINE, area="E06000016") == []
    assert "NaPTAN" in map_page.render(pages.small_release())


def test_own_roads_take_the_place_of_the_sketch():
    kinds = {kind["kind"] for kind in read_context(frame([NEAR], kind=["road"]), OUTLINE, area=DERBY)}
    assert "road" in kinds and "road-sketch" not in kinds and "rail-sketch" in kinds


def test_no_real_school_or_stop_stands_beside_invented_incidents():
    kinds = {kind["kind"] for kind in read_context(None, OUTLINE, area=DERBY, synthetic=True)}
    assert kinds == {"rail-sketch", "road-sketch", "station", "district"}


def test_sketches_are_hidden_where_their_errors_would_show():
    # 156,543 m at the equator is a pixel at zoom 0; 70 m is about the worst bend that is cut.
    for kind, metres in (("road sketch", 70), ("rail sketch", 40)):
        pixels = metres / (156_543 * 0.603 / 2 ** KINDS[kind].end)
        assert pixels < 13, kind


def test_unreadable(tmp_path):
    (tmp_path / "bad.gpkg").write_text("no")
    with pytest.raises(InputError, match="cannot be read as a layer"):
        read_context(tmp_path / "bad.gpkg", OUTLINE)
    with pytest.raises(InputError, match="coordinate system"):
        read_context(frame().set_crs(None, allow_override=True), OUTLINE)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty holds no layer"):
        read_context(tmp_path / "empty", OUTLINE)


@pytest.mark.parametrize("hostile", pages.HOSTILE)
def test_hostile_names_stay_text(hostile):
    text = map_page.render(pages.small_release(), context=frame([NEAR], kind=["water"], name=[hostile]))
    block = text.partition('id="data">')[2].partition("</script>")[0]
    assert not set(block) & set("<>&")
    assert json.loads(block)["basemap"]["context"][0]["names"] == [hostile]
