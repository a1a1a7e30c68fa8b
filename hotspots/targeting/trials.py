"""
Try every candidate at every past month, and choose the one that held most so far.

A candidate is a score and a kind of shape. At each month all are given the
months before it and choose their beats; what they held of that month is then
known to every later choice, and to no earlier one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hotspots.targeting.greedy import Choice, choose_beats
from hotspots.targeting.ground import Ground
from hotspots.targeting.history import History
from hotspots.targeting.scores import SCORES

#: Months of history that the first trial needs.
FEWEST_MONTHS: Final = 3
#: Score by which expected incidents are said, whatever score chose the beats: it is right on average.
EXPECTING: Final = "Poisson model"
#: Part by which beats are chosen beyond the largest share, so that its last beat can count in part.
_BEYOND: Final = 1.02


@dataclass(frozen=True, order=True)
class Candidate:
    """A way to choose beats: a score and a kind of shape."""

    score: str
    shapes: str

    def __str__(self) -> str:
        return f"{self.score}, {self.shapes}"


#: What is customary, and the answer where nothing did better.
COUNTING: Final = Candidate("count", "cells")
#: Few that are worth trying in every run, counting first.
QUICK: Final = (
    COUNTING,
    Candidate("count", "discs"),
    Candidate("shrunk count", "discs"),
    Candidate("Poisson model", "discs"),
)


def all_candidates(ground: Ground) -> tuple[Candidate, ...]:
    """Pair every score with every kind of shape there is, counting per cell first."""
    pairs = [Candidate(score, shapes) for score in SCORES for shapes in ground.shapes]
    return (COUNTING, *(pair for pair in pairs if pair != COUNTING))


@dataclass(frozen=True, eq=False)
class Trial:
    """
    What the candidates chose before one month.

    Attributes
    ----------
    month : int
        Position of the month that was to come.
    choices : mapping of Candidate to Choice
    expected : ndarray of shape (places,)
        Incidents expected in that month at each place, by the Poisson model.
    """

    month: int
    choices: Mapping[Candidate, Choice]
    expected: np.ndarray


def run_trials(
    history: History,
    ground: Ground,
    *,
    months: Sequence[int],
    candidates: Sequence[Candidate],
    share: float,
) -> tuple[Trial, ...]:
    """
    Let each candidate choose beats before each month.

    Parameters
    ----------
    history : History
        All months; each trial sees only those before its own.
    ground : Ground
    months : sequence of int
        Positions of the months.
    candidates : sequence of Candidate
    share : float
        Largest part of the city that will be asked for.
    """
    return tuple(
        _trial(history.before(month), month, ground, candidates, min(share * _BEYOND, 1.0))
        for month in months
    )


def _trial(
    known: History, month: int, ground: Ground, candidates: Sequence[Candidate], share: float
) -> Trial:
    names = {candidate.score for candidate in candidates} | {EXPECTING}
    rates = {name: SCORES[name](known) for name in SCORES if name in names}
    choices = {
        candidate: choose_beats(ground.shapes[candidate.shapes], rates[candidate.score], share=share)
        for candidate in candidates
    }
    return Trial(month, choices, rates[EXPECTING])


def hits(choice: Choice, counts: np.ndarray, share: float) -> float:
    """Count the incidents that a choice held over a share of the city."""
    return float(choice.held(share) @ counts)


Record = Mapping[int, Mapping[Candidate, float]]


def keep_record(trials: Sequence[Trial], history: History, *, share: float) -> Record:
    """Note by month what each candidate held of it, over a share of the city."""
    return {
        trial.month: {
            candidate: hits(choice, history.counts[:, trial.month], share)
            for candidate, choice in trial.choices.items()
        }
        for trial in trials
    }


def pick_candidate(record: Record, *, before: int) -> Candidate:
    """
    Take the candidate that held most in the months before one, each chosen without seeing its month.

    Parameters
    ----------
    record : Record
        From `keep_record`.
    before : int
        Position of the month to choose for; what was held in it and later is not looked at.

    Returns
    -------
    Candidate
        Counting per cell where no trial is known or none held more; of equals the simpler.
    """
    past = [held for month, held in record.items() if month < before]
    if not past:
        return COUNTING
    totals = {candidate: sum(held[candidate] for held in past) for candidate in past[0]}
    # parts of beats make parts of incidents: less than a millionth is rounding
    best = max(totals.values()) - 1e-6
    return next(candidate for candidate, total in totals.items() if total >= best)
