"""What a ward profile says of searches, outcomes and ages of victims; nothing where nothing is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from footprints import with_footprint

from hotspots.outputs.record import manifest
from hotspots.outputs.tables import footprint_tables
from hotspots.pages.footprint import Footprint
from hotspots.pages.ward_pages import render_all, ward_slugs


@pytest.fixture(scope="module")
def release(sample_analysis):
    found = with_footprint(sample_analysis).footprint
    frames = {name: getattr(found, name) for name in ("searches", "outcomes", "victims")}
    return replace(sample_analysis.release(), **frames)


def test_figures_stand_beside_those_of_the_whole(release):
    said = Footprint(release).of(str(release.wards.index[0]))
    (row,) = said["outcomes"]
    assert (row["crimes"], row["open"]) == ("50", "10%")
    assert row["cells"] == ["40% (20% to 80%)", "30% (15% to 60%)", "6% (3% to 12%)", "10% (5% to 20%)"]
    assert said["searches"]["heads"] == ["January 2024", "February 2024", "Together"]
    assert [row["name"] for row in said["searches"]["rows"]] == ["Searches for drugs", "Recorded drugs"]
    assert said["searches"]["rows"][0]["cells"] == ["7", "7", "7"]
    assert "may be of policing" in said["searches"]["said"][-1]
    assert [(row["name"], row["n"], row["cells"][0]) for row in said["victims"]] == [
        ("under 18", "10", "25% (25% to 25%)"),
        ("65 and over", "under 5", "–"),
    ]
    assert Footprint(release).of(str(release.wards.index[1])) == {
        "searches": {},
        "outcomes": [],
        "victims": [],
    }


def test_profiles_tables_and_record_hold_them(release):
    pages = render_all(release)
    slugs = ward_slugs(release.wards["name"])
    first, second = (pages[f"{slugs[code]}.html"] for code in release.wards.index[:2])
    for words in ("How crimes ended", "Searches for drugs", "How old victims were", "under 5"):
        assert words in first and words not in second
    assert set(footprint_tables(release)) == {"searches", "outcomes", "victims"}
    assert [row["n"] for row in manifest(release)["outcomes"]] == [300, 100]
