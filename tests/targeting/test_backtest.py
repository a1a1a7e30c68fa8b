"""The back-test: it looks at no month before its time, and its figures are those of simple counting."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hot_cities import OUTLINE, city, ground_of, history, planted_rates

from hotspots.density.grid import square_grid
from hotspots.density.surface import kernel_density
from hotspots.errors import ParameterError
from hotspots.targeting import trials as trying
from hotspots.targeting.backtest import CHOSEN, COUNTED, GRADE_COLUMNS, QUARTIC, back_test
from hotspots.targeting.history import History, history_of
from hotspots.targeting.intervals import fit_dispersion, predictive_interval
from hotspots.targeting.trials import (
    COUNTING,
    QUICK,
    Candidate,
    all_candidates,
    keep_record,
    pick_candidate,
    run_trials,
)


@pytest.fixture(scope="module")
def planted():
    places = city(planted_rates(400, hot=12), n_months=12)
    return history_of(places, "theft"), ground_of(places)


@pytest.fixture(scope="module")
def graded(planted):
    return back_test(*planted, shares=(0.01, 0.03), horizons=(1, 3), every=True)


def test_later_months_change_no_earlier_choice(planted):
    known, ground = planted
    counts = known.counts.copy()
    counts[:, 9:] = counts[::-1, 9:] * 7
    other = history(counts, counts, ground)
    same = history(known.counts, known.counts, ground)
    one, two = (back_test(h, ground, graded=6) for h in (same, other))
    months = known.months[:10]
    assert [one.picked[m] for m in months if m in one.picked] == [
        two.picked[m] for m in months if m in two.picked
    ]
    first, second = (
        run_trials(h, ground, months=[8], candidates=QUICK, share=0.01)[0] for h in (same, other)
    )
    assert (first.expected == second.expected).all()
    for candidate in QUICK:
        assert (first.choices[candidate].shape == second.choices[candidate].shape).all()


def test_a_pick_rests_on_earlier_months_only():
    count, disc = COUNTING, Candidate("count", "discs")
    record = {3: {count: 5.0, disc: 6.0}, 4: {count: 9.0, disc: 1.0}, 5: {count: 0.0, disc: 99.0}}
    assert pick_candidate(record, before=3) == COUNTING
    assert pick_candidate(record, before=4) == disc
    assert pick_candidate(record, before=5) == COUNTING
    assert pick_candidate(record, before=6) == disc


def test_counting_is_kept_where_nothing_held_more():
    record = {3: {COUNTING: 5.0, Candidate("count", "discs"): 5.0 + 1e-9}}
    assert pick_candidate(record, before=4) == COUNTING


def test_the_figures_are_those_of_counting_by_hand(planted, graded):
    known, ground = planted
    held = [
        run_trials(known, ground, months=[m], candidates=[COUNTING], share=0.03)[0]
        .choices[COUNTING]
        .held(0.03)
        for m in range(6, 12)
    ]
    hits = sum(h @ known.counts[:, m] for h, m in zip(held, range(6, 12), strict=True))
    row = graded.grade(COUNTED, share=0.03)
    assert row["hits"] == pytest.approx(hits)
    assert row["n"] == known.counts[:, 6:].sum()
    assert row["hit_rate"] == pytest.approx(hits / known.counts[:, 6:].sum())
    assert row["pai"] == pytest.approx(row["hit_rate"] / 0.03)
    assert row["gain"] == row["gain_error"] == 0


def test_the_quartic_ranking_is_that_of_the_density_surface(planted):
    known, ground = planted
    frame = gpd.GeoDataFrame(
        {"n": known.counts.sum(axis=1)}, geometry=shapely.points(known.near.xy), crs="EPSG:27700"
    )
    grid = square_grid(OUTLINE, cell=150)
    surface = kernel_density(frame, grid=grid, bandwidth=200)
    surface = np.where(grid.share_inside(OUTLINE) > 0, surface, 0)
    best = ground.quartic_choice(known)
    assert surface.ravel()[best.shape[0]] == surface.max()
    assert (np.diff(surface.ravel()[best.shape]) <= 1e-9).all()
    assert best.area.sum() <= OUTLINE.area + 1


@pytest.fixture(scope="module")
def ten_cities():
    found = []
    for seed in range(10):
        rates = planted_rates(400, hot=12, seed=seed)
        places = city(rates, seed=seed)
        found.append((rates, back_test(history_of(places, "theft"), ground_of(places), shares=(0.03,))))
    return found


def test_hot_spots_that_were_planted_are_found(ten_cities):
    # 3 % of the square are about twelve discs, and twelve places are hot
    possible = np.mean([np.sort(rates)[-12:].sum() / rates.sum() for rates, _ in ten_cities])
    chosen, counted, quartic = (
        np.mean([test.grade(method)["hit_rate"] for _, test in ten_cities])
        for method in (CHOSEN, COUNTED, QUARTIC)
    )
    assert chosen > 0.95 * possible
    assert chosen > counted - 0.01
    assert chosen > 1.3 * quartic
    assert all(test.grade()["pei"] <= 1 for _, test in ten_cities)


def test_what_is_expected_comes_true(ten_cities):
    graded = [test.grade() for _, test in ten_cities]
    expected = sum(row["rri"] * row["hits"] for row in graded)
    assert expected / sum(row["hits"] for row in graded) == pytest.approx(1, abs=0.06)


def test_the_table_has_a_row_for_each_method_horizon_and_share(graded):
    assert tuple(graded.table.columns) == GRADE_COLUMNS
    assert len(graded.table) == (3 + len(QUICK)) * 2 * 2
    three = graded.table[graded.table["horizon"].eq(3)]
    # of the six last months only four leave three to come
    assert set(three["origins"]) == {4}
    with pytest.raises(ParameterError, match="holds no 'magic'"):
        graded.grade("magic")


def test_the_sentence_names_both_shares_and_says_what_may_be_chance(graded):
    sentence = graded.sentence("thefts").replace("\xa0", " ")
    assert sentence.startswith("In the last six months such beats held ")
    assert " of thefts in 1 % of the city; counting alone would have held " in sentence
    row = graded.grade()
    assert ("may be chance" in sentence) == (row["gain_low"] <= 0 <= row["gain_high"])
    assert f"({int(row['n']):,} incidents" in sentence


@pytest.mark.parametrize("n_months", [1, 2, 3])
def test_too_few_months_are_said_and_counting_is_used(n_months):
    places = city(planted_rates(400), n_months=n_months)
    found = back_test(history_of(places, "theft"), ground_of(places))
    assert found.table.empty
    assert found.candidate == COUNTING
    assert found.sentence("thefts").startswith("Too few months to test")
    assert np.isnan(found.coverage)


def test_what_counting_holds_as_well_is_no_difference():
    places = city(planted_rates(400), n_months=8)
    found = back_test(history_of(places, "theft"), ground_of(places), candidates=(COUNTING,))
    sentence = found.sentence("thefts")
    assert "counting alone would have held as much (" in sentence and "may be chance" not in sentence


def test_four_months_are_graded_on_the_last_one():
    places = city(planted_rates(400), n_months=4)
    found = back_test(history_of(places, "theft"), ground_of(places))
    assert found.sentence("thefts").startswith("In the last month such beats")
    assert list(found.picked) == ["2024-04"]
    # Nothing was tried before that month: where another choice won in it, that one was not graded.
    assert "untried" not in found.sentence("thefts")
    won = replace(found, candidate=QUICK[1])
    assert won.sentence("thefts").endswith("the choice of these beats is untried.")


def test_the_same_again_and_another_seed_only_moves_the_errors(planted, graded):
    again = back_test(*planted, shares=(0.01, 0.03), horizons=(1, 3), every=True)
    assert again.table.equals(graded.table)
    other = back_test(*planted, shares=(0.01, 0.03), horizons=(1, 3), every=True, seed=1)
    assert other.table["hits"].equals(graded.table["hits"])
    assert not other.table["gain_error"].equals(graded.table["gain_error"])


def test_a_score_that_is_added_is_tried(monkeypatch):
    # hot places that a few months of counting cannot tell from the others
    truth = planted_rates(400, hot=30, times=8, base=0.03)
    places = city(truth, n_months=8)
    ground = ground_of(places)
    monkeypatch.setattr(trying, "SCORES", {**trying.SCORES, "oracle": lambda history: truth})
    oracle = Candidate("oracle", "discs")
    assert oracle in all_candidates(ground)
    known = history_of(places, "theft")
    assert back_test(known, ground, shares=(0.05,), candidates=(*QUICK, oracle)).candidate == oracle


def test_every_candidate_is_tried_where_asked(planted):
    _, ground = planted
    assert len(all_candidates(ground)) == 8
    assert all_candidates(ground)[0] == COUNTING
    known = History(
        planted[0].counts[:, :5], planted[0].everything[:, :5], ground.near, planted[0].months[:5]
    )
    past = run_trials(known, ground, months=[3, 4], candidates=all_candidates(ground), share=0.02)
    assert set(keep_record(past, known, share=0.02)[4]) == set(all_candidates(ground))


@pytest.mark.parametrize("horizon", [1, 3])
def test_an_interval_knows_nothing_that_was_not_over(planted, horizon):
    known, ground = planted
    found = back_test(known, ground, shares=(0.03,), horizons=(horizon,), candidates=(COUNTING,))
    trials = run_trials(known, ground, months=range(3, 13 - horizon), candidates=(COUNTING,), share=0.03)
    inside, tested, record = 0, 0, {}
    for trial in trials:
        choice = trial.choices[COUNTING]
        first = np.cumsum(choice.area) - choice.area < 0.03 * choice.city
        expected = choice.add_up(trial.expected)[first] * horizon
        came = choice.add_up(known.counts[:, trial.month : trial.month + horizon].sum(axis=1))[first]
        over = [one for month, one in record.items() if month + horizon <= trial.month]
        if over:
            dispersion = fit_dispersion(*np.concatenate(over, axis=1))
            low, high = predictive_interval(expected, dispersion)
            inside, tested = inside + ((low <= came) & (came <= high)).sum(), tested + len(came)
        record[trial.month] = np.stack([expected, came])
    assert len(found.predicted) == tested
    assert found.coverage == pytest.approx(inside / tested)
    last = fit_dispersion(*np.concatenate(list(record.values()), axis=1))
    assert found.dispersion == pytest.approx(last, rel=1e-3)


def test_intervals_made_before_the_fact_cover_the_truth():
    inside = tested = 0.0
    for seed in range(10):
        rates = planted_rates(400, hot=25, seed=seed)
        # whole months are busier or quieter, as they are in life
        rng = np.random.default_rng(seed)
        level = rng.gamma(25, 1 / 25, 12)
        counts = rng.poisson(rates[:, None] * level)
        places = city(rates, n_months=12)
        found = back_test(
            history(counts, counts, ground_of(places)), ground_of(places), shares=(0.05,), graded=8
        )
        beats = len(found.predicted)
        inside, tested = inside + found.coverage * beats, tested + beats
    assert tested > 1000
    assert 0.93 <= inside / tested <= 0.97


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"shares": ()}, "share is not a part"),
        ({"shares": (1.2,)}, "share is not a part"),
        ({"horizons": (0,)}, "horizon is below one month"),
        ({"graded": 0}, "graded is 0"),
    ],
)
def test_impossible_tests_are_refused(planted, options, match):
    with pytest.raises(ParameterError, match=match):
        back_test(*planted, **options)
