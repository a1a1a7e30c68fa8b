"""Points that remain for one who knows every incident except one."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.auditing.all_but_one import all_but_one
from hotspots.errors import ParameterError

POINTS = pd.DataFrame(
    [(e, n) for e in range(400000, 400400, 100) for n in range(300000, 300300, 100)],
    columns=["easting", "northing"],
)
INCIDENTS = POINTS.iloc[[0, 5, 11]].reset_index(drop=True).assign(kind=["a", "b", "c"])


def squares(step):
    """Publish how many incidents each square of a grid holds."""

    def publish(incidents):
        at = incidents[["easting", "northing"]] // step
        return tuple(sorted(at.value_counts().items()))

    return publish


def test_an_exact_mean_leaves_the_true_point_alone():
    found = all_but_one(lambda frame: tuple(frame[["easting", "northing"]].mean()), INCIDENTS, POINTS)
    assert found.possible == (1, 1, 1)
    assert not found.ok and "3 with fewer than 8" in found.text()


def test_a_coarse_grid_leaves_the_points_of_a_square():
    # squares of 200 m hold 2 by 2 points, those at the upper edge, where two of the three lie, 2 by 1
    found = all_but_one(squares(200), INCIDENTS, POINTS, least=4)
    assert found.possible == (4, 2, 2)
    assert found.fewest == 2 and not found.ok


def test_nothing_published_leaves_every_point():
    found = all_but_one(len, INCIDENTS, POINTS, rows=[1])
    assert found.possible == (len(POINTS),) and found.ok and found.tried == (1,)


def test_only_the_nearest_candidates_are_tried_when_asked():
    found = all_but_one(len, INCIDENTS, POINTS, nearest=5)
    assert found.possible == (5, 5, 5) and not found.ok


@settings(max_examples=8)
@given(seed=st.integers(0, 1000), step=st.sampled_from([200, 300]), nearest=st.sampled_from([None, 5]))
def test_publishing_one_of_points_that_are_alike_finds_what_publishing_each_finds(seed, step, nearest):
    crowd = POINTS.sample(5, replace=True, random_state=seed).reset_index(drop=True)
    published = []

    def publish(incidents):
        # Tells only which squares hold two or more, so that squares far apart may look the same.
        published.append(1)
        return tuple(sorted(key for key, n in squares(step)(incidents) if n > 1))

    def alike(points):
        return (points["easting"] // step * 1000 + points["northing"] // step).to_numpy()

    known = {"rows": [0, 3], "nearest": nearest, "least": 3}
    slow = all_but_one(publish, crowd, POINTS, **known)
    each = len(published)
    assert all_but_one(publish, crowd, POINTS, alike=alike, **known) == slow
    assert len(published) < 2 * each
    few = all_but_one(publish, crowd, POINTS, alike=alike, enough=True, **known)
    assert few.ok == slow.ok
    assert all(min(n, 3) <= least <= n for least, n in zip(few.possible, slow.possible, strict=True))


def test_what_goes_with_a_point_moves_with_it():
    # points that carry the name of their area: the area is published, so points of others are ruled out
    named = POINTS.assign(ward=["x"] * 6 + ["y"] * 6)
    known = named.iloc[[0, 11]].reset_index(drop=True)
    assert all_but_one(lambda frame: tuple(frame["ward"]), known, named).possible == (6, 6)


def test_the_incidents_are_left_as_they_were():
    before = INCIDENTS.copy()
    all_but_one(squares(200), INCIDENTS, POINTS)
    pd.testing.assert_frame_equal(INCIDENTS, before)


@pytest.mark.parametrize(
    "frames", [(INCIDENTS.drop(columns="northing"), POINTS), (INCIDENTS, POINTS.iloc[:0])]
)
def test_frames_without_points_are_refused(frames):
    with pytest.raises(ParameterError, match="need rows with easting and northing"):
        all_but_one(squares(200), *frames)
