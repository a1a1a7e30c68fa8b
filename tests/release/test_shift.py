"""A shift as each audience may see it: rounds for all who walk them, model figures inside alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hotspots import schema
from hotspots.errors import ReleaseError
from hotspots.release.coarse_beats import walked
from hotspots.release.shift import release_shift
from hotspots.targeting.patrol import patrol_plan


def shift_for(analysis, audience):
    release = analysis.release(audience=audience)
    beats = analysis.beats["all"] if audience == "internal" else walked(release, "all")
    patrol = patrol_plan(beats, officers=4, hours=6)
    return release, patrol, release_shift(patrol, beats, release, asked={"officers": 4}, notes=("First.",))


def test_inside_everything_is_as_planned(sample_analysis):
    release, patrol, shift = shift_for(sample_analysis, "internal")
    for name, frame in shift.frames().items():
        planned = getattr(patrol, name)
        assert len(frame) == len(planned)
        assert tuple(frame.columns) == schema.columns(f"shift_{name}")
        shared = [column for column in frame.columns if column in planned.columns]
        assert frame[shared].reset_index(drop=True).equals(planned[shared].reset_index(drop=True))
    assert shift.notes == ("First.", *patrol.notes)
    assert set(shift.uncovered["ward"]) <= set(release.wards["name"])


def test_partners_walk_released_beats_and_see_no_model_figure(sample_analysis):
    release, patrol, shift = shift_for(sample_analysis, "partner")
    known = release.beats.query("theme == 'all'").set_index("beat")
    assert set(shift.cover["beat"]) <= set(known.index)
    assert set(shift.rounds["beat"]) == set(shift.cover["beat"])
    for row in shift.cover.to_dict("records"):
        assert row["easting"] == known.loc[row["beat"], "easting"]
        assert row["name"] == known.loc[row["beat"], "name"]
    assert shift.cover[["expected", "share_of_time", "share_of_expected"]].isna().all().all()
    assert shift.cover["patrol_hours"].sum() == pytest.approx(patrol.cover["patrol_hours"].sum())
    assert shift.curve.empty and shift.uncovered.empty


def test_the_door_stops_expectations_on_their_way_to_partners(sample_analysis):
    _, patrol, shift = shift_for(sample_analysis, "partner")
    with pytest.raises(ReleaseError, match="column 'expected' of shift_cover"):
        replace(shift, cover=shift.cover.assign(expected=1.0))
    with pytest.raises(ReleaseError, match="of shift_curve"):
        replace(shift, curve=patrol.curve)
    with pytest.raises(ReleaseError, match="column 'secret' of shift_rounds has no rule"):
        replace(shift, rounds=shift.rounds.assign(secret=np.arange(len(shift.rounds))))
