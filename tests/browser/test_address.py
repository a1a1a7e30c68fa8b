"""The view is kept in the address and comes back from it."""

from __future__ import annotations

import pytest
from reading_pages import areas, text

pytestmark = pytest.mark.browser


class TestAddress:
    HASH = "#theme=anti-social-behaviour&measure=rate_per_km2&level=lsoa&from=2025-02&to=2025-04&layers=areas"

    def test_view_comes_back_from_the_address(self, opened, watched, small_file):
        opened.goto("about:blank")
        watched.open(small_file, self.HASH)
        assert opened.input_value("#theme") == "anti-social-behaviour"
        assert text(opened, "#period") == "February to April 2025"
        assert len(areas(opened)) == 24
        assert opened.locator(".ward-label").count() == 0

    def test_choosing_writes_the_address(self, opened):
        opened.select_option("#theme", "cyber-crime")
        opened.check("[name=level][value=lsoa]")
        assert "theme=cyber-crime" in opened.url
        assert "level=lsoa" in opened.url
        kept = opened.url
        opened.goto("about:blank")
        opened.goto(kept)
        assert opened.input_value("#theme") == "cyber-crime"

    def test_changed_address_changes_the_view(self, opened):
        opened.evaluate("location.hash = 'theme=cyber-crime'")
        opened.wait_for_function("() => document.getElementById('theme').value === 'cyber-crime'")

    def test_nonsense_falls_back_to_the_first_view(self, opened, watched, small_file):
        opened.goto("about:blank")
        watched.open(small_file, "#theme=${alert(1)}&from=9999&to=<img>&level=x&layers=a,b&measure=__proto__")
        assert opened.input_value("#theme") == "all"
        assert text(opened, "#period") == "January to June 2025"
