"""The map as a folium.Map: added layers are in the page, and the page still asks for nothing."""

from __future__ import annotations

import html
import io
import re

import folium
import pages
import pytest
from folium.plugins import MarkerCluster

from hotspots.errors import ParameterError
from hotspots.pages.map_folium import HotspotMap


def circle_map():
    map_ = HotspotMap(pages.small_release())
    folium.CircleMarker([52.9, -1.54], radius=9, tooltip="my own").add_to(map_)
    return map_


def test_is_a_folium_map_without_folium_s_files():
    map_ = HotspotMap(pages.small_release())
    assert isinstance(map_, folium.Map)
    assert HotspotMap.default_js == []
    assert HotspotMap.default_css == []
    assert folium.Map.default_js, "folium's own maps keep theirs"


def test_save_writes_the_page_with_the_layer(tmp_path):
    path = tmp_path / "map.html"
    circle_map().save(path)
    text = path.read_text(encoding="utf-8")
    assert "L.circleMarker" in text.rsplit("<script>", 1)[1]
    assert "var hotspot_map_page = window.Hotspots.map.leaflet" in text
    assert not re.search(r"<(script|link)[^>]+(src|href)=", text)


def test_save_to_open_file():
    stream = io.BytesIO()
    HotspotMap(pages.small_release()).save(stream, close_file=False)
    assert stream.getvalue().startswith(b"<!DOCTYPE html>")


def test_equal_maps_equal_bytes():
    assert circle_map().to_html() == circle_map().to_html()
    map_ = circle_map()
    assert map_.to_html() == map_.to_html()


def test_notebook_shows_it_in_a_sandbox():
    shown = HotspotMap(pages.small_release())._repr_html_()
    attributes = shown.split("srcdoc=")[0]
    assert 'sandbox="allow-scripts allow-downloads"' in attributes
    assert "allow-same-origin" not in attributes
    inner = shown.split('srcdoc="', 1)[1].rsplit('"', 1)[0]
    assert '"' not in inner
    assert html.unescape(inner).startswith("<!DOCTYPE html>")


def test_popup_is_refused():
    map_ = HotspotMap(pages.small_release())
    folium.CircleMarker([52.9, -1.5], popup="text").add_to(map_)
    with pytest.raises(ParameterError, match="use a Tooltip"):
        map_.to_html()


def test_layer_with_scripts_of_its_own_is_refused():
    map_ = HotspotMap(pages.small_release())
    MarkerCluster().add_to(map_)
    with pytest.raises(ParameterError, match="the page asks for nothing"):
        map_.to_html()


def test_tile_layer_names_its_host():
    map_ = HotspotMap(pages.small_release())
    folium.TileLayer("https://maps.derby.example/{z}/{x}/{y}.png", attr="ours").add_to(map_)
    text = map_.to_html()
    assert "img-src data: https://maps.derby.example" in text
    assert '"hosts":["maps.derby.example"]' in text


def test_geojson_layer_and_options(tmp_path):
    map_ = HotspotMap(pages.small_release(), tiles="https://maps.derby.example/{z}/{x}/{y}.png")
    shape = {"type": "Point", "coordinates": [-1.5, 52.9]}
    folium.GeoJson(shape, marker=folium.Circle(radius=30), name="beat").add_to(map_)
    folium.LayerControl().add_to(map_)
    text = map_.to_html()
    assert "L.geoJson" in text
    assert "maps.derby.example/{z}" in text
