"""The door: no frame leaves with a column that no rule covers, nor with values that break its rule."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
from footprints import with_footprint
from zoned import zoned

from hotspots.audiences import AUDIENCES
from hotspots.column import DTYPES, RULES
from hotspots.errors import ReleaseError
from hotspots.findings.by_zone import INTERNAL_ONLY
from hotspots.release.disclose import disclose
from hotspots.release.door import check_frame
from hotspots.schema import COLUMNS
from hotspots.statistics.footprint import INTERNAL_ONLY as FOOTPRINT_ONLY

OUTSIDE = [audience for audience in AUDIENCES if audience != "internal"]
#: Where a frame of the findings, or of their parts, lies.
SOURCES = ("results", "priority", "rejected", "clusters", "bands", "wards", "lsoas")
#: Frames that hold exact figures, or are drawn from exact places.
EXACT = ("results", "priority", "clusters", "bands")
TIMES = {"hours": "hours", "ward_hours": "wards", "time_themes": "themes", "near_repeats": "repeats"}


@pytest.fixture(scope="module")
def releases(sample_analysis, tmp_path_factory):
    """Release the sample with zones and searches; outside internal use also with exact figures put beside."""
    analysis = with_footprint(zoned(sample_analysis, tmp_path_factory.mktemp("zones")))
    beside = _with_exact_figures(analysis)
    return {
        audience: (analysis if audience == "internal" else beside).release(audience=audience)
        for audience in AUDIENCES
    }


@pytest.mark.parametrize("audience", OUTSIDE)
def test_zones_stay_inside_and_their_absence_is_said(releases, audience):
    release, inside = releases[audience], releases["internal"]
    assert inside.has_zones and not release.has_zones
    assert not len(release.zone_counts) and not len(release.zone_results)
    assert INTERNAL_ONLY in release.warnings and INTERNAL_ONLY not in inside.warnings
    for name in ("zones", "zone_counts", "zone_results"):
        with pytest.raises(ReleaseError, match="for internal use only"):
            replace(release, **{name: getattr(inside, name)})


@pytest.mark.parametrize("audience", OUTSIDE)
def test_searches_outcomes_and_victims_stay_inside_and_their_absence_is_said(releases, audience):
    release, inside = releases[audience], releases["internal"]
    assert set(inside.footprint) == {"searches", "outcomes", "victims"} and not release.footprint
    assert FOOTPRINT_ONLY in release.warnings and FOOTPRINT_ONLY not in inside.warnings
    for name, frame in inside.footprint.items():
        with pytest.raises(ReleaseError, match="for internal use only"):
            replace(release, **{name: frame})


def test_every_column_has_a_kind_words_and_a_rule_for_every_audience():
    for frame, columns in COLUMNS.items():
        for name, column in columns.items():
            assert set(column.rules) == set(AUDIENCES), (frame, name)
            assert set(column.rules.values()) <= set(RULES), (frame, name)
            assert column.kind in DTYPES and column.words, (frame, name)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_frame_of_a_release_is_in_the_table_of_columns(releases, audience):
    release = releases[audience]
    held = [one.name for one in fields(release) if isinstance(getattr(release, one.name), pd.DataFrame)]
    times = [one.name for one in fields(release.times) if one.name != "reason"]
    assert set(release.frames()) == {*held, *TIMES} and len(times) == len(TIMES)
    assert set(release.frames()) <= set(COLUMNS)


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("name", [name for name in sorted(COLUMNS) if not name.startswith("shift_")])
def test_an_unruled_column_of_any_frame_stops_the_release(releases, audience, name):
    release = releases[audience]
    frame = release.frames()[name]
    wider = frame.assign(exact=np.arange(len(frame)))
    changed = {"times": replace(release.times, **{TIMES[name]: wider})} if name in TIMES else {name: wider}
    with pytest.raises(ReleaseError, match=f"column 'exact' of {name} has no rule"):
        replace(release, **changed)


@pytest.mark.parametrize(
    ("name", "audience"),
    [
        *((name, "internal") for name in SOURCES),
        # Outside internal use the others are computed anew from released counts.
        *((name, audience) for name in ("rejected", "wards", "lsoas") for audience in OUTSIDE),
    ],
)
def test_an_unruled_column_of_the_findings_is_not_dropped_on_the_way_but_refused(
    town_analysis, name, audience
):
    with pytest.raises(ReleaseError, match=f"column 'exact' of {name} has no rule"):
        disclose(_with_column(town_analysis, name), audience=audience)


def _with_column(analysis, name):
    if name in ("wards", "lsoas"):
        return replace(
            analysis, areas=replace(analysis.areas, **{name: _wider(getattr(analysis.areas, name))})
        )
    if name in ("clusters", "bands"):
        found = {
            slug: replace(one, **{name: _wider(getattr(one, name))}) for slug, one in analysis.themes.items()
        }
        return replace(analysis, themes=found)
    return replace(analysis, **{name: _wider(getattr(analysis, name))})


def _wider(frame):
    return frame.assign(exact=1)


@pytest.mark.parametrize("audience", OUTSIDE)
def test_exact_figures_beside_the_counts_do_not_reach_a_release_at_all(sample_analysis, releases, audience):
    before, after = sample_analysis.release(audience=audience).frames(), releases[audience].frames()
    for name in EXACT:
        pd.testing.assert_frame_equal(before[name], after[name], obj=name)


def _with_exact_figures(analysis):
    for name in EXACT:
        analysis = _with_column(analysis, name)
    for name in ("results", "priority"):
        analysis = replace(analysis, **{name: getattr(analysis, name).assign(rank=1.0, p_top=0.5)})
    return analysis


def test_a_setting_without_a_rule_stops_the_release(town_analysis, monkeypatch):
    from hotspots.release import reports

    known = {name: column for name, column in reports.PARAMETERS.items() if name != "seed"}
    monkeypatch.setattr(reports, "PARAMETERS", known)
    with pytest.raises(ReleaseError, match="setting 'seed' has no rule"):
        disclose(town_analysis)


def test_an_unknown_frame_or_audience_is_refused():
    frame = pd.DataFrame({"count": [10]})
    with pytest.raises(ReleaseError, match=r"frame 'beat' is not in schema\.COLUMNS"):
        check_frame(frame, "beat", audience="internal")
    with pytest.raises(ReleaseError, match="to 'everyone', which is not an audience"):
        check_frame(frame, "counts", audience="everyone")


@pytest.mark.parametrize("count", [0, 4, 12, 10.5])
def test_a_count_that_is_small_or_not_rounded_cannot_leave(count):
    frame = pd.DataFrame({"count": [10.0, np.nan, count]})
    check_frame(frame.iloc[:2], "counts", audience="public")
    check_frame(frame, "counts", audience="internal")
    with pytest.raises(ReleaseError, match="a count that is small or not rounded"):
        check_frame(frame, "counts", audience="public")


@pytest.mark.parametrize("audience", OUTSIDE)
def test_what_is_internal_leaves_only_blank(audience):
    check_frame(pd.DataFrame({"monthly": ["", None]}), "clusters", audience=audience)
    check_frame(pd.DataFrame({"harm": [np.nan]}), "priority", audience=audience)
    for name, frame in {"clusters": {"monthly": ["1;2"]}, "priority": {"harm": [0.0]}}.items():
        check_frame(pd.DataFrame(frame), name, audience="internal")
        with pytest.raises(ReleaseError, match="for internal use only"):
            check_frame(pd.DataFrame(frame), name, audience=audience)


def test_text_in_a_column_of_numbers_cannot_leave():
    with pytest.raises(ReleaseError, match="does not hold numbers"):
        check_frame(pd.DataFrame({"rank": ["first"]}), "priority", audience="internal")
