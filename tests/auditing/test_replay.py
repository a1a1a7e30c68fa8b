"""The replay of a ranking, against one that is simple enough to know what it gives back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_releases import honest, quiet, town

from hotspots.auditing.audit import audit_folders
from hotspots.auditing.bounds import bounds
from hotspots.auditing.cells import count_interval
from hotspots.auditing.replay import _range, replay, replay_all

CODES = [f"E0500{n:04d}" for n in range(1, 5)]


def noisy_ranking(counts, seed):
    """Rank by count plus a draw that the seed fixes, as a simulation does; chances to two digits."""
    drawn = np.random.default_rng(seed).poisson(counts.to_numpy() + 0.5, size=(200, len(counts)))
    order = (-drawn).argsort(axis=1, kind="stable").argsort(axis=1) + 1
    rank = (-counts).rank(method="first")
    return pd.DataFrame(
        {"rank": rank, "rank_low": order.min(axis=0), "p_top": np.round((order <= 2).mean(axis=0), 2)},
        index=counts.index,
    )


def test_a_ranking_with_its_seed_gives_counts_back():
    truth = pd.Series([9, 6, 3, 1], index=CODES)
    stated = noisy_ranking(truth, 7)
    found = replay(noisy_ranking, stated, dict.fromkeys(CODES, (0, 9)), seed=7, tries=600)
    assert found.matches
    for match in found.matches:
        pd.testing.assert_frame_equal(noisy_ranking(pd.Series(match), 7), stated)
    assert dict(truth) in [dict(match) for match in found.matches]


def test_with_another_seed_the_same_counts_do_not_match():
    truth = pd.Series([9, 6, 3, 1], index=CODES)
    stated = noisy_ranking(truth, 7)
    exact = {code: (n, n) for code, n in truth.items()}
    assert len(replay(noisy_ranking, stated, exact, seed=7).matches) == 1
    assert not replay(noisy_ranking, stated, exact, seed=8).matches


def test_a_walk_that_no_small_step_leads_on_starts_from_elsewhere(monkeypatch):
    """Only one count of 201 gives the ranking, all others are equally far from it, and it is far off."""
    truth = pd.Series([9, 6, 3, 3], index=CODES)

    def told(counts, _seed):
        word = "priority" if counts.loc[CODES].tolist() == truth.tolist() else "no"
        return pd.DataFrame({"class": word}, index=counts.index)

    ranges = {code: (n, n) for code, n in truth.items()} | {CODES[3]: (0, 200)}
    search = {"seed": 7, "tries": 600, "matches": 1}
    assert [dict(match) for match in replay(told, told(truth, 0), ranges, **search).matches] == [dict(truth)]
    monkeypatch.setattr("hotspots.auditing.replay._PATIENCE", 10_000)
    assert not replay(told, told(truth, 0), ranges, **{**search, "tries": 200}).matches


def test_counts_that_are_stated_are_tried_as_they_are_rounded():
    release = quiet().published()
    cell, count = next((cell, count) for cell, count in release.stated.items() if count is not None)
    low, high = _range(release, cell, None)
    assert (low, high) == tuple(map(int, count_interval(count, release.policy)))


def test_the_search_is_the_same_every_time():
    stated = noisy_ranking(pd.Series([9, 6, 3, 1], index=CODES), 7)
    first, second = (
        replay(noisy_ranking, stated, dict.fromkeys(CODES, (0, 9)), seed=7, tries=200) for _ in range(2)
    )
    assert first == second


@pytest.fixture
def ranked():
    """Four wards with small counts that are withheld, and their ranking."""
    table = np.array([[5, 4], [3, 3], [2, 1], [1, 0]])
    truth = town({"robbery": table}, per_ward=1)
    truth = {key: n for key, n in truth.items() if key[1] == "ward" and not key[3]}
    counts = pd.Series(table.sum(axis=1), index=CODES)
    priority = noisy_ranking(counts, 7).assign(theme="robbery", level="ward", count="")
    return honest(truth, wards=4, per_ward=1, priority=priority.rename_axis("code").reset_index())


def test_an_audit_says_which_rankings_give_counts_back(ranked, tmp_path):
    folder = ranked.write(tmp_path / "a")
    report = audit_folders(
        [folder], deep=True, rank_function=lambda level, counts, seed: noisy_ranking(counts, seed), tries=600
    )
    (one,) = report.replays
    assert one.narrows and one.withheld == 4 and not report.ok
    assert "vectors of counts give it exactly" in report.text()
    assert report.as_dict()["replays"][0]["narrows"]


def test_without_ranks_beside_withheld_counts_there_is_nothing_to_replay():
    release = quiet().published()
    (one,) = replay_all(release, bounds([release]), lambda level, counts, seed: 1 / 0, tries=10)
    assert not one.narrows and "nothing like a rank" in one.text()


def test_a_replay_that_was_not_run_is_said_to_be_so(tmp_path):
    report = audit_folders([quiet().write(tmp_path / "a")], deep=True)
    assert any("was not replayed" in note for note in report.notes)
