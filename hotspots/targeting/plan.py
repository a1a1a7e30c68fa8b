"""Beats for next month: choose them, grade the choice, describe them. The door of this room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.months import shift_month
from hotspots.places import Places
from hotspots.targeting.backtest import BackTest, back_test
from hotspots.targeting.beats import Outlook, beat_details, beat_frame, nearest_place
from hotspots.targeting.greedy import Choice, choose_beats
from hotspots.targeting.ground import Ground
from hotspots.targeting.history import History, history_of
from hotspots.targeting.scores import SCORES
from hotspots.targeting.shapes import Shapes
from hotspots.targeting.trials import EXPECTING, QUICK, Candidate
from hotspots.targeting.words import percent

#: Times the budget up to which beats compete for the top.
RIVALS = 2


@dataclass(frozen=True, eq=False)
class Walked:
    """
    Beats of a theme as a shift walks them.

    Attributes
    ----------
    theme : str
        Slug.
    frame : GeoDataFrame
        One row a beat, in order of choice: `beats.BEAT_COLUMNS` and `geometry`.
    rate : ndarray of shape (places,)
        Incidents expected at each place over the months planned for.
    beat_of : ndarray of int, shape (places,)
        Row of `frame` that holds each place, -1 for none.
    ward_of : ndarray of str, shape (places,)
        Ward code of each place, "" where not known.
    price : float
        Part of all expected incidents given up by equal cover of the wards; 0 without it.
    """

    theme: str
    frame: gpd.GeoDataFrame
    rate: np.ndarray
    beat_of: np.ndarray
    ward_of: np.ndarray
    price: float

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def share_expected(self) -> float:
        """Part of the city's expected incidents that the beats hold; 0 where none is expected."""
        total = self.rate.sum()
        return float(self.rate[self.beat_of >= 0].sum() / total) if total > 0 else 0.0

    def price_words(self) -> str:
        """Say what equal cover of the wards costs; "" without it."""
        if not self.price:
            return ""
        held = self.share_expected
        return (
            f"Equal cover of the wards: the beats hold {percent(held)} of what is expected, "
            f"and would hold {percent(held + self.price)} if chosen freely over the same area."
        )


@dataclass(frozen=True, eq=False)
class Beats(Walked):
    """
    Beats of a theme, in order of choice, with what such beats were worth before.

    Attributes
    ----------
    details : DataFrame
        For the cards: `beats.DETAIL_COLUMNS`.
    grade : BackTest
        Of the procedure that chose these beats.
    candidate : Candidate
        The score and kind of shape it took.
    first_month : str
        The month planned for, "YYYY-MM"; the first of `horizon` months.
    horizon : int
        Months planned for.
    even_wards : bool
        Whether the wards took turns; the grade is that of a free choice.
    only : str
        Which incidents of the theme count, as words after its name; "" for all.
    """

    details: pd.DataFrame
    grade: BackTest
    candidate: Candidate
    first_month: str
    horizon: int
    even_wards: bool = False
    only: str = ""

    def grade_words(self, what: str) -> str:
        """Say what such beats held in past months, of which incidents, and how they were chosen."""
        manner = "such beats, chosen freely and not by ward," if self.even_wards else "such beats"
        return self.grade.sentence(f"{what}{self.only}", manner=manner)


def plan_beats(
    places: Places,
    *,
    theme: str,
    ground: Ground,
    months: Sequence[str] | None = None,
    share: float = 0.01,
    number: int | None = None,
    horizon: int = 1,
    even_wards: bool = False,
    counts: np.ndarray | None = None,
    types: pd.DataFrame | None = None,
    hours: pd.DataFrame | None = None,
    clusters: gpd.GeoDataFrame | None = None,
    heaps: Sequence[str] | None = None,
    graded: int = 6,
    candidates: Sequence[Candidate] = QUICK,
    every: bool = False,
    seed: int = 0,
) -> Beats:
    """
    Choose the beats of a theme for the month after the last one known.

    Each candidate (a score and a kind of shape) is tried at past months on
    what was known before them; the one that held most so far chooses now, and
    the back-test grades this procedure on the last months. Expected incidents
    come from the Poisson model whatever chose the beats, with an interval as
    wide as earlier predictions were wrong.

    What misleads: recorded drug and weapon offences follow searches, so
    patrol makes its own beats busier; incidents were moved to map points.

    Parameters
    ----------
    places : Places
        From `fold_places`. Leave out what patrols find themselves
        (`tally.found_by_patrol`) before folding.
    theme : str
        Slug among `places.themes`.
    ground : Ground
        From `lay_ground` on the same places; share it between themes.
    months : sequence of str, optional
        Months known, in order without a gap; those of the places if not given.
    share : float, default 0.01
        Part of the city's area that the beats make up; the last beat is that
        with which it is reached.
    number : int, optional
        Of beats; with it the share, if smaller, still ends the choice.
    horizon : int, default 1
        Months for which the beats are kept.
    even_wards : bool, default False
        Let the wards take turns, so that each gets equally many beats.
    counts : ndarray of shape (places, len(months)), optional
        Instead of the theme's own, such as those of some hours of the day.
    types, hours : DataFrame, optional
        Counts by place, for the cards; see `tally`.
    clusters : GeoDataFrame, optional
        Of the theme, for `part_of`.
    heaps : sequence of str, optional
        As for `beat_frame`.
    graded : int, default 6
        Past months that are graded; fewer in a quick run.
    candidates : sequence of Candidate
        What is tried; see `trials.all_candidates`.
    every : bool, default False
        Grade each candidate too.
    seed : int, default 0
        Of bootstrap and draws.

    Returns
    -------
    Beats

    Raises
    ------
    ParameterError
        If the places are not those of the ground, or an option is out of range.
    """
    if len(places) != len(ground.near):
        raise ParameterError("The ground was laid for other places: lay it on these.")
    if horizon < 1:
        raise ParameterError(f"horizon is {horizon}: plan for at least one month.")
    history = history_of(places, theme, months=months, near=ground.near, counts=counts)
    grade = back_test(
        history,
        ground,
        shares=(share,),
        horizons=tuple(dict.fromkeys((1, horizon))),
        graded=graded,
        candidates=candidates,
        every=every,
        seed=seed,
    )
    shapes = ground.shapes[grade.candidate.shapes]
    score, rate = _rates(history, grade.candidate)
    wards = places.frame["ward_code"].astype(object).fillna("").to_numpy(dtype=str)
    groups = wards[nearest_place(shapes.middle, places.frame)] if even_wards else None
    rivals = choose_beats(
        shapes,
        score,
        share=min(RIVALS * share, 1.0),
        number=None if number is None else RIVALS * number,
        groups=groups,
    )
    top = _within(rivals, share, number)
    outlook = Outlook(rate * horizon, score, grade.dispersion, seed)
    frame = beat_frame(theme, rivals, shapes, places.frame, outlook, top=top, clusters=clusters, heaps=heaps)
    beat_of = np.where(rivals.beat_of < top, rivals.beat_of, -1)
    return Beats(
        theme=theme,
        frame=frame,
        details=beat_details(frame, rivals, history.counts, types=types, hours=hours),
        grade=grade,
        candidate=grade.candidate,
        first_month=shift_month(history.months[-1], 1),
        horizon=horizon,
        even_wards=even_wards,
        rate=outlook.rate,
        beat_of=beat_of,
        ward_of=wards,
        price=_price(shapes, score, outlook.rate, beat_of, frame) if even_wards else 0.0,
    )


def _rates(history: History, candidate: Candidate) -> tuple[np.ndarray, np.ndarray]:
    """Give the rate that chooses the beats and the one that is said to be expected."""
    score = SCORES[candidate.score](history)
    return score, score if candidate.score == EXPECTING else SCORES[EXPECTING](history)


def _within(choice: Choice, share: float, number: int | None) -> int:
    """Count the beats within the budget: up to the one with which the share is reached."""
    # areas are sums of polygons: a square metre of a city is rounding
    begun = np.cumsum(choice.area) - choice.area < share * choice.city - 1.0
    most = len(choice) if number is None else number
    return min(int(begun.sum()), most)


def _price(
    shapes: Shapes, score: np.ndarray, rate: np.ndarray, beat_of: np.ndarray, frame: gpd.GeoDataFrame
) -> float:
    """Say which part of all expected incidents a free choice over the same area would hold more."""
    area = float(frame["area_km2"].sum()) * 1e6 / shapes.city
    if not area or not rate.sum():
        return 0.0
    free = choose_beats(shapes, score, share=min(area * 1.02, 1.0)).held(area) @ rate
    return float(max(free - rate[beat_of >= 0].sum(), 0.0) / rate.sum())
