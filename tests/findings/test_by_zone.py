"""Zones in a run: counted, compared and ranked, and what is said of them."""

from __future__ import annotations

import pytest
from zoned import NAMES, found_in, zoned

from hotspots.analysis import check_names
from hotspots.errors import InputError
from hotspots.findings.by_zone import INTERNAL_ONLY, zone_warnings
from hotspots.pages import zone_page
from hotspots.settings import Settings


@pytest.fixture(scope="module")
def analysis(sample_analysis, tmp_path_factory):
    return zoned(sample_analysis, tmp_path_factory.mktemp("zones"))


@pytest.fixture(scope="module")
def release(analysis):
    return analysis.release(audience="internal")


def test_a_ward_as_zone_counts_and_changes_as_the_ward(analysis, release):
    zone = release.zone_results.query("theme == 'all'").set_index("name").loc["The Ward"]
    code = analysis.areas.wards.index[0]
    ward = release.results.query("theme == 'all' and level == 'ward'").set_index("code").loc[code]
    # Incidents known by their ward alone are in the ward and in no zone.
    assert 0.95 * ward["count"] <= zone["count"] <= ward["count"]
    for name in ("rate_per_km2", "share"):
        assert zone[name] / zone["count"] == pytest.approx(ward[name] / ward["count"])
    assert zone["change"] == pytest.approx(ward["change"], rel=0.05)
    # Zones beside the wards tell a little more of how counts vary.
    assert zone["change_low"] == pytest.approx(ward["change_low"], rel=0.1)


def test_months_add_up_and_ranks_follow_the_density(release):
    counts = release.zone_counts
    whole = counts[counts["month"].eq("")].set_index(["code", "theme"])["count"]
    months = counts[counts["month"].ne("")].groupby(["code", "theme"])["count"].sum()
    assert whole.to_dict() == months.to_dict()
    every = release.zone_results.query("theme == 'all'").set_index("name")
    assert every.index[0] == "Busy" and every["rank"].tolist() == [1, 2, 3, 4]
    assert every["rate_per_km2"].is_monotonic_decreasing


def test_with_as_few_zones_as_the_top_there_is_no_chance_of_being_among_it(analysis):
    results = found_in(analysis, analysis.zones.zones, top=4).results
    assert results["p_top"].isna().all() and results["class"].eq("").all()
    assert results.query("theme == 'all'")["rank"].notna().all()


def test_without_zones_nothing_is_found(analysis, sample_analysis):
    assert found_in(analysis, None) is None
    assert not sample_analysis.release().has_zones


def test_the_page_has_every_zone_and_no_name_becomes_markup(release):
    page = zone_page.render_zones(release)
    assert page.count('<section aria-labelledby="zone-') == len(NAMES)
    assert "West &lt;Side&gt;" in page and "<Side>" not in page


def test_a_ward_lists_the_zones_that_lie_in_it(release):
    mine = zone_page.zones_of_wards(release)[release.wards.index[0]]
    parts = {row[0]: row[-1] for row in mine}
    assert parts["The Ward"] == parts["West <Side>"] == "all"
    assert "Other" not in parts


def test_who_asks_for_zones_outside_internal_use_is_told(analysis):
    zones = analysis.zones.zones
    assert zone_warnings(zones, audience="partner") == (INTERNAL_ONLY,)
    assert zone_warnings(zones, audience="internal") == zones.warnings != ()
    assert zone_warnings(None, audience="public") == ()


def test_zones_that_are_not_there_are_refused_before_anything_is_read(tmp_path):
    with pytest.raises(InputError, match=r"The zones nowhere\.gpkg do not exist"):
        check_names(Settings(zones=tmp_path / "nowhere.gpkg"))
