"""
What the choice of beats was worth in past months that it had not seen.

At each month score and shape are picked by what held in earlier months alone,
and counting where nothing did better. What is graded is this whole procedure,
not the method that looks best afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.targeting.greedy import Choice, choose_beats
from hotspots.targeting.ground import Ground
from hotspots.targeting.history import History
from hotspots.targeting.intervals import fit_dispersion, predictive_interval
from hotspots.targeting.measures import accuracy_index, efficiency_index, paired_difference, recovery_rate
from hotspots.targeting.trials import (
    COUNTING,
    FEWEST_MONTHS,
    QUICK,
    Candidate,
    Trial,
    hits,
    keep_record,
    pick_candidate,
    run_trials,
)
from hotspots.targeting.words import percent, small_number

#: Months that are tried before the first that is graded, so that its choice knows something.
LEARNING_MONTHS: Final = 3
#: The methods that every table holds.
CHOSEN: Final = "as chosen"
COUNTED: Final = "count per cell"
QUARTIC: Final = "quartic 200 m per cell"

_UNTRIED: Final = (
    " Before, nothing was known to hold more than counting, so it is counting that was graded: "
    "the choice of these beats is untried."
)
GRADE_COLUMNS: Final = (
    *("method", "horizon", "share", "area", "origins", "n", "hits", "hit_rate", "pai", "pei", "rri"),
    *("gain", "gain_error", "gain_low", "gain_high"),
    *("gain_on_quartic", "gain_on_quartic_error"),
)
PREDICTED_COLUMNS: Final = ("month", "place", "expected", "low", "high", "found")


@dataclass(frozen=True, eq=False)
class BackTest:
    """
    How the procedure did in past months, and what it says for the next.

    Attributes
    ----------
    table : DataFrame
        One row for each method, horizon (months) and share of the city:
        columns `GRADE_COLUMNS`. `n` are the later incidents and `hits` those
        inside, both summed over the origins; `area` is the part of the city that the beats
        made up, less than `share` where there are too few places; `gain` is the hit rate minus that
        of counting per cell, with a paired bootstrap. Empty with too few months.
    picked : mapping of str to Candidate
        What was picked before each graded month, at the first share.
    candidate : Candidate
        What is picked for the month to come.
    dispersion : float
        Of a beat's count around its expectation, learnt from the trials, over the last horizon.
    predicted : DataFrame
        Past beats with the interval that each had before the fact, over the last horizon: columns
        `PREDICTED_COLUMNS`. `month` is the number of the first month tested, `place` that of the
        place where most was expected.
    """

    table: pd.DataFrame
    picked: Mapping[str, Candidate]
    candidate: Candidate
    dispersion: float
    predicted: pd.DataFrame

    @property
    def coverage(self) -> float:
        """Part of the past beats whose count lay in its interval; NaN if none was predicted."""
        past = self.predicted
        return float(past["found"].between(past["low"], past["high"]).mean())

    def grade(self, method: str = CHOSEN, *, horizon: int = 1, share: float | None = None) -> pd.Series:
        """Give the row of a method; the first share if none is named."""
        rows = self.table[self.table["method"].eq(method) & self.table["horizon"].eq(horizon)]
        if share is not None:
            rows = rows[np.isclose(rows["share"], share)]
        if rows.empty:
            raise ParameterError(f"The back-test holds no {method!r} for {horizon} months and that share.")
        return rows.iloc[0]

    def sentence(self, what: str, *, manner: str = "such beats") -> str:
        """
        Say what such beats held, beside counting.

        Parameters
        ----------
        what : str
            The incidents in words, such as "knife crime".
        manner : str
            What was graded, where the beats that are shown were chosen in another way.
        """
        if self.table.empty:
            return (
                "Too few months to test such beats on: "
                f"at least {FEWEST_MONTHS} are needed to choose and one more to grade."
            )
        row, counted = self.grade(), self.grade(COUNTED)
        months = int(row["origins"])
        period = "month" if months == 1 else f"{small_number(months)} months"
        if not row["n"]:
            return f"No {what} in the last {period}: such beats could not be tested."
        chance = "" if row["gain_low"] > 0 or row["gain_high"] < 0 else ", a difference that may be chance"
        beside = percent(counted["hit_rate"])
        if row["hits"] == counted["hits"]:
            beside, chance = "as much", ""
        # With few months the first trial is the one that is graded, before which nothing was tried.
        untried = self.candidate != COUNTING and set(self.picked.values()) == {COUNTING}
        return (
            f"In the last {period} {manner} held {percent(row['hit_rate'])} of {what} in "
            f"{percent(row['area'])} of the city; counting alone would have held "
            f"{beside} ({int(row['n']):,} incidents{chance})."
            f"{_UNTRIED if untried else ''}"
        )


def back_test(
    history: History,
    ground: Ground,
    *,
    shares: Sequence[float] = (0.01,),
    horizons: Sequence[int] = (1,),
    graded: int = 6,
    learning: int = LEARNING_MONTHS,
    candidates: Sequence[Candidate] = QUICK,
    every: bool = False,
    seed: int = 0,
) -> BackTest:
    """
    Grade the choice of beats on rolling origins inside the data.

    Parameters
    ----------
    history : History
    ground : Ground
        Of the same places.
    shares : sequence of float, default (0.01,)
        Parts of the city's area.
    horizons : sequence of int, default (1,)
        Months ahead over which the beats are kept. Dispersion and coverage are those over the last one named.
    graded : int, default 6
        The last months that are graded; fewer where there are fewer.
    learning : int, default 3
        Months tried before the first that is graded.
    candidates : sequence of Candidate
        What is tried; counting per cell always is.
    every : bool, default False
        Grade each candidate too, not only what was picked.
    seed : int, default 0
        Of the bootstrap.

    Returns
    -------
    BackTest

    Raises
    ------
    ParameterError
        If a share, horizon or `graded` is out of range.

    References
    ----------
    Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy: an
    analysis and review. International Journal of Forecasting 16, 437-450.
    """
    _check(shares, horizons, graded)
    tried = (COUNTING, *(one for one in candidates if one != COUNTING))
    last = len(history.months)
    first = max(FEWEST_MONTHS, last - graded - learning)
    past = run_trials(history, ground, months=range(first, last), candidates=tried, share=max(shares))
    judged = [trial for trial in past if trial.month >= max(first + 1, last - graded)] or list(past)
    record = keep_record(past, history, share=shares[0])
    picks = {trial.month: pick_candidate(record, before=trial.month) for trial in past}
    dispersion, predicted = _calibration(past, picks, history, share=shares[0], horizon=horizons[-1])
    return BackTest(
        table=_table(judged, past, history, ground, shares=shares, horizons=horizons, every=every, seed=seed),
        picked={history.months[trial.month]: picks[trial.month] for trial in judged},
        candidate=pick_candidate(record, before=last),
        dispersion=dispersion,
        predicted=predicted,
    )


def _table(
    judged: Sequence[Trial],
    past: Sequence[Trial],
    history: History,
    ground: Ground,
    *,
    shares: Sequence[float],
    horizons: Sequence[int],
    every: bool,
    seed: int,
) -> pd.DataFrame:
    records = {share: keep_record(past, history, share=share) for share in shares}
    quartic = {trial.month: ground.quartic_choice(history.before(trial.month)) for trial in judged}
    rows = []
    for horizon in horizons:
        whole = [trial for trial in judged if trial.month + horizon <= len(history.months)]
        for share in shares if whole else ():
            picks = {trial.month: pick_candidate(records[share], before=trial.month) for trial in whole}
            candidates = whole[0].choices if every else ()
            methods = {
                CHOSEN: [trial.choices[picks[trial.month]] for trial in whole],
                COUNTED: [trial.choices[COUNTING] for trial in whole],
                QUARTIC: [quartic[trial.month] for trial in whole],
                **{str(one): [trial.choices[one] for trial in whole] for one in candidates},
            }
            kinds = {CHOSEN: [picks[trial.month].shapes for trial in whole], COUNTED: ["cells"] * len(whole)}
            graded = _Grading(whole, history, ground, horizon=horizon, share=share, seed=seed)
            rows += [graded.row(name, methods, kinds.get(name)) for name in methods]
    return pd.DataFrame(rows, columns=list(GRADE_COLUMNS))


class _Grading:
    """The trials over which methods are compared, at one horizon and share."""

    def __init__(
        self,
        trials: Sequence[Trial],
        history: History,
        ground: Ground,
        *,
        horizon: int,
        share: float,
        seed: int,
    ) -> None:
        self.trials, self.ground, self.horizon, self.share, self.seed = trials, ground, horizon, share, seed
        self.later = [history.counts[:, t.month : t.month + horizon] for t in trials]
        self.counts = np.concatenate([table.ravel() for table in self.later])

    def row(self, method: str, methods: Mapping[str, Sequence[Choice]], kinds: list[str] | None) -> dict:
        """Grade one method beside counting and the quartic kernel."""
        held = [choice.held(self.share) for choice in methods[method]]
        mine = self._units(methods[method])
        # Added up in one order, which a product shared among threads would not be.
        found, n = float((mine * self.counts).sum()), float(self.counts.sum())
        expected = sum(part @ t.expected for part, t in zip(held, self.trials, strict=True)) * self.horizon
        hit_rate = found / n if n else float("nan")
        gain = paired_difference(self.counts, mine, self._units(methods[COUNTED]), seed=self.seed)
        other = paired_difference(self.counts, mine, self._units(methods[QUARTIC]), seed=self.seed)
        return {
            "method": method,
            "horizon": self.horizon,
            "share": self.share,
            "area": float(np.mean([min(one.area.sum() / one.city, self.share) for one in methods[method]])),
            "origins": len(self.trials),
            "n": n,
            "hits": found,
            "hit_rate": hit_rate,
            "pai": accuracy_index(hit_rate, self.share),
            "pei": efficiency_index(found, self._most(kinds)) if kinds else float("nan"),
            "rri": recovery_rate(float(expected), found),
            "gain": gain.value,
            "gain_error": gain.error,
            "gain_low": gain.low,
            "gain_high": gain.high,
            "gain_on_quartic": other.value,
            "gain_on_quartic_error": other.error,
        }

    def _units(self, choices: Sequence[Choice]) -> np.ndarray:
        """Say how much of each place and month the choices held, trial after trial."""
        return np.concatenate([np.repeat(choice.held(self.share), self.horizon) for choice in choices])

    def _most(self, kinds: Sequence[str]) -> float:
        """Count what the same area of the same shapes could have held, had the months been known."""
        total = 0.0
        for later, kind in zip(self.later, kinds, strict=True):
            counts = later.sum(axis=1)
            best = choose_beats(self.ground.shapes[kind], counts, share=self.share)
            total += hits(best, counts, self.share)
        return total


def _calibration(
    past: Sequence[Trial],
    picks: Mapping[int, Candidate],
    history: History,
    *,
    share: float,
    horizon: int,
) -> tuple[float, pd.DataFrame]:
    """Learn the dispersion from all trials, and grade the intervals that each would have had before it."""
    whole = [trial for trial in past if trial.month + horizon <= len(history.months)]
    beats = [_expected_and_found(t, t.choices[picks[t.month]], history, share, horizon) for t in whole]
    predicted = [np.zeros((len(PREDICTED_COLUMNS), 0))]
    for trial, (places, means, found) in zip(whole, beats, strict=True):
        # what came of a trial is known when its last month is over
        known = [one[1:] for t, one in zip(whole, beats, strict=True) if t.month + horizon <= trial.month]
        if known:
            low, high = predictive_interval(means, fit_dispersion(*np.concatenate(known, axis=1)))
            month = np.full(len(means), trial.month)
            predicted.append(np.stack([month, places, means, low, high, found]))
    dispersion = fit_dispersion(*np.concatenate([np.zeros((2, 0)), *(one[1:] for one in beats)], axis=1))
    return dispersion, pd.DataFrame(np.concatenate(predicted, axis=1).T, columns=list(PREDICTED_COLUMNS))


def _expected_and_found(
    trial: Trial, choice: Choice, history: History, share: float, horizon: int
) -> np.ndarray:
    """Give for the beats within a share their busiest place, what was expected and what came: (3, beats)."""
    begun = np.cumsum(choice.area) - choice.area < share * choice.city
    later = history.counts[:, trial.month : trial.month + horizon].sum(axis=1)
    # Places in falling order of what is expected: the first of a beat is its busiest.
    order = np.argsort(-trial.expected, kind="stable")
    beat, first = np.unique(choice.beat_of[order], return_index=True)
    busiest = np.full(len(choice), -1)
    busiest[beat[beat >= 0]] = order[first][beat >= 0]
    sums = choice.add_up(trial.expected * horizon), choice.add_up(later)
    return np.stack([busiest, *sums])[:, begun]


def _check(shares: Sequence[float], horizons: Sequence[int], graded: int) -> None:
    if not shares or not all(0 < share <= 1 for share in shares):
        raise ParameterError("A share is not a part of the city: give numbers above 0 and up to 1.")
    if not horizons or not all(horizon >= 1 for horizon in horizons):
        raise ParameterError("A horizon is below one month: give whole months from 1.")
    if graded < 1:
        raise ParameterError(f"graded is {graded}: give at least one month to grade.")
