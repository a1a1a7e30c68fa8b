"""The map as a folium map: more layers, a notebook, tiles."""

from __future__ import annotations

import folium
import pages
import pytest
from chromium import Watched
from reading_pages import text

from hotspots.pages import map_page
from hotspots.pages.map_folium import HotspotMap

pytestmark = pytest.mark.browser


class TestExtras:
    def test_folium_layers_are_drawn(self, chromium, tmp_path):
        map_ = HotspotMap(pages.small_release())
        group = folium.FeatureGroup(name="Beats").add_to(map_)
        folium.CircleMarker([52.9, -1.53], radius=20, color="#ff8800").add_to(group)
        folium.LayerControl().add_to(map_)
        map_.save(tmp_path / "map.html")
        watched = Watched(chromium)
        page = watched.open(tmp_path / "map.html")
        assert page.locator("path[stroke='#ff8800']").count() == 1
        assert page.locator(".leaflet-control-layers").count() == 1
        assert watched.problems == []
        watched.context.close()

    def test_in_a_notebook_s_sandbox(self, chromium, tmp_path):
        path = tmp_path / "notebook.html"
        path.write_text(f"<!DOCTYPE html>{HotspotMap(pages.small_release())._repr_html_()}", encoding="utf-8")
        watched = Watched(chromium)
        page = watched.open(path)
        frame = page.frame_locator("iframe")
        frame.locator("#theme").select_option("anti-social-behaviour")
        assert "Anti-social behaviour" in frame.locator("#finding").inner_text()
        frame.locator("path.area[data-area=E05000005]").press("Enter")
        assert frame.locator("#ward").input_value() == "E05000005"
        assert "Fir" in frame.locator(".readout").inner_text()
        assert frame.locator(".readout a").count() == 0
        assert watched.problems == []
        watched.context.close()

    def test_tiles_ask_their_host_only_and_the_map_says_so(self, chromium, tmp_path):
        path = tmp_path / "tiles.html"
        release = pages.small_release()
        path.write_text(
            map_page.render(release, tiles="https://maps.derby.example/{z}/{x}/{y}.png"), encoding="utf-8"
        )
        watched = Watched(chromium)
        page = watched.open(path)
        page.wait_for_function("() => document.querySelectorAll('.leaflet-tile').length > 0")
        assert {url.split("/")[2] for url in watched.outside()} == {"maps.derby.example"}
        assert "maps.derby.example" in text(page, ".tile-note")
        with page.expect_event("requestfailed", lambda request: "other.example" in request.url):
            page.evaluate("new Image().src = 'https://other.example/x.png'")
        assert "other.example" in watched.blocked[0]
        assert {url.split("/")[2] for url in watched.outside()} == {"maps.derby.example"}
        watched.context.close()
