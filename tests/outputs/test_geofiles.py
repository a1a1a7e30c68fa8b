"""Layers for GIS: styles that name every theme and confidence, and the formats that are asked for."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import geopandas as gpd
import pages
import pyogrio
import pytest

from hotspots.errors import UsageError
from hotspots.outputs.geofiles import FORMATS, write_geofiles
from hotspots.outputs.geopackage import layers
from hotspots.outputs.qgis_styles import layer_styles
from hotspots.settings import GEOFILES, Settings

THEMES = {"all": "All incidents", "drugs": 'Drugs & "alcohol" <x>'}


def test_every_theme_and_confidence_has_its_own_look_and_a_label():
    styles = {name: ET.fromstring(qml) for name, qml in layer_styles(THEMES).items()}
    rules = styles["clusters"].findall(".//rule")
    assert [rule.get("label") for rule in rules][:4] == [
        f"All incidents, {sure}" for sure in ("firm", "fairly firm", "weak", "not tested")
    ]
    looks = set()
    for rule in rules:
        symbol = styles["clusters"].find(f".//symbol[@name='{rule.get('symbol')}']")
        looks.add(tuple(option.get("value") for option in symbol.iter("Option")))
    assert len(looks) == len(rules) == 8
    label = styles["clusters"].find(".//text-style").get("fieldName")
    assert label == '"order" || \' \' || "name"'
    assert styles["lsoas"].find("labeling") is None


def test_each_hot_spot_meets_one_rule_whatever_its_confidence():
    qml = ET.fromstring(layer_styles(THEMES)["clusters"])
    tests = [rule.get("filter") for rule in qml.findall(".//rule")]
    for confidence in (0.0, 0.49, 0.5, 0.79, 0.8, 1.0, None):
        met = 0
        for text in tests:
            plain = text.replace('"theme" = ', "'all' == ").replace("AND", "and").replace('"confidence"', "c")
            code = plain.replace("IS NULL", "is None")
            met += bool(eval(code, {"c": confidence})) if confidence is not None or "None" in code else 0
        assert met == 1


@pytest.mark.parametrize("wanted", GEOFILES)
def test_each_format_holds_what_the_geopackage_holds(tmp_path, wanted):
    release = pages.release_with_beats()
    write_geofiles(release, tmp_path, [wanted])
    held = {name: frame for name, frame in layers(release).items() if len(frame)}
    suffix = FORMATS[wanted]
    assert {path.name for path in (tmp_path / "layers").iterdir()} == {f"{name}{suffix}" for name in held}
    for name, frame in held.items():
        path = tmp_path / "layers" / f"{name}{suffix}"
        read = gpd.read_parquet(path) if wanted == "geoparquet" else pyogrio.read_dataframe(path)
        assert len(read) == len(frame) and read.crs.to_epsg() == 27700
        assert list(read.geometry.area.round()) == list(frame.geometry.area.round())
    before = {path.name: path.read_bytes() for path in (tmp_path / "layers").iterdir()}
    (tmp_path / "again").mkdir()
    write_geofiles(release, tmp_path / "again", [wanted])
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "again" / "layers").iterdir()}


def test_a_format_that_is_none_is_refused():
    assert tuple(FORMATS) == GEOFILES
    with pytest.raises(UsageError, match="--also takes geoparquet or flatgeobuf"):
        Settings(also=("geoparket",))
