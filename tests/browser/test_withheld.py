"""What the page shows to an audience that may not see everything."""

from __future__ import annotations

import pages
import pytest
from chromium import Watched
from reading_pages import areas, choose, table, text

from hotspots.pages import map_page

pytestmark = pytest.mark.browser


class TestWithheld:
    @pytest.fixture
    def guarded(self, chromium, tmp_path):
        """The page for an audience that gets no months of LSOAs and not every ward."""
        release = pages.small_release()
        counts = release.counts
        gone = counts["level"].eq("lsoa") & counts["month"].ne("")
        hidden = counts["code"].eq("E05000003") & counts["theme"].eq("all")
        counts = counts.assign(count=counts["count"].where(~hidden))[~gone]
        path = tmp_path / "guarded.html"
        path.write_text(map_page.render(pages.small_release(counts=counts)), encoding="utf-8")
        watched = Watched(chromium)
        yield watched.open(path)
        assert watched.problems == []
        watched.context.close()

    def test_withheld_areas_look_and_read_so(self, guarded):
        assert dict(areas(guarded))["E05000003"].endswith("area-withheld")
        row = next(row for row in table(guarded) if row[0] == "Dogwood")
        assert row[1:5] == ["withheld"] * 4
        assert "withheld" in text(guarded, "#legend")
        assert "420 of 924 (45%)" in text(guarded, "#finding")
        choose(guarded, **{"from": 0, "to": 1})
        assert "120 of 252 that may be shown" in text(guarded, "#finding")

    def test_months_that_are_not_published_say_so(self, guarded):
        choose(guarded, level="lsoa", **{"from": 1, "to": 1})
        assert "Single months are not given" in text(guarded, "#period-note")
        assert {look.split()[-1] for _, look in areas(guarded)} == {"area-withheld"}
        assert "no figures can be shown for February 2025" in text(guarded, "#finding")
