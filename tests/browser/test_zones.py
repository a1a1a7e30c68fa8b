"""Zones on the map: outlines that can be switched off, names and counts as text."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pages
import pandas as pd
import pytest
import shapely
from chromium import Watched

from hotspots.pages import map_page

pytestmark = pytest.mark.browser

DRAWN = "document.querySelectorAll('.zone-line').length"
NAME = "Order <img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    release = pages.small_release()
    middle = release.wards.geometry.iloc[0].representative_point()
    shape = shapely.box(middle.x - 200, middle.y - 200, middle.x + 200, middle.y + 200)
    zone = {"level": "zone", "code": "zone-order", "name": NAME}
    figures = {"count": 1234, "rate_per_km2": 7712.5}
    blank = dict.fromkeys(("change", "change_low", "change_high", "change_q", "p_top"), float("nan"))
    ranks = {"rank": 1.0, "rank_low": 1.0, "rank_high": 1.0, "class": "", "share": 0.2}
    given = replace(
        release,
        zones=gpd.GeoDataFrame(
            {"code": ["zone-order"], "name": [NAME], "area_km2": [0.16]}, geometry=[shape], crs=27700
        ),
        zone_counts=pd.DataFrame(
            [
                {
                    **zone,
                    "theme": "all",
                    "month": "",
                    **figures,
                    "usual_low": None,
                    "usual_high": None,
                    "signal": "",
                }
            ]
        ).astype({"usual_low": float, "usual_high": float}),
        zone_results=pd.DataFrame([{"theme": "all", **zone, **figures, **blank, **ranks}]),
    )
    path = tmp_path_factory.mktemp("zones") / "index.html"
    path.write_text(map_page.render(given), encoding="utf-8")
    return path


def test_zones_are_drawn_named_and_switched_off(chromium, file):
    watched = Watched(chromium)
    page = watched.open(file)
    assert page.evaluate(DRAWN) == 1
    label = page.locator(".zone-name")
    assert label.text_content() == f"{NAME}: 1,234"
    # Among all names of the city it waits until the map is near.
    assert not label.is_visible()
    page.evaluate("window.Hotspots.map.leaflet.setZoom(15, {animate: false})")
    assert "near-zones" in page.locator("#map").get_attribute("class")
    assert page.locator(".zone-swatch").count() == 1
    assert page.locator("#zones-table").inner_text().count("1,234") == 1
    page.locator("input[name=layer][value=zones]").uncheck(force=True)
    assert page.evaluate(DRAWN) == 0
    assert "zones" not in page.evaluate("location.hash.split('layers=')[1]")
    assert watched.problems == [] and watched.outside() == []
    watched.context.close()
