"""Which control a case gets: the one named, similar places, a weighted mix, other authorities, or none."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from hotspots.evaluation.case import ELSEWHERE, GIVEN, NONE, SIMILAR, SYNTHETIC, Case
from hotspots.evaluation.controls import FEWEST, similar_places
from hotspots.evaluation.effect import Effect
from hotspots.evaluation.synthetic import FEWEST_MONTHS, synthetic_control


@dataclass(frozen=True, eq=False)
class Control:
    """
    What a place is compared with.

    Attributes
    ----------
    method : str
        "given", "similar", "synthetic", "elsewhere" or "none".
    words : str
        Such as "5 similar wards"; "" for none.
    codes : tuple of str
        Its areas, the most alike or heaviest first; empty for a polygon and for none.
    counts : DataFrame
        Incidents by place and month; without rows for none.
    note : str
        What a reader must know of how it was chosen.
    effect : Effect or None
        Where choosing it gives the effect too.
    """

    method: str
    words: str
    codes: tuple[str, ...]
    counts: pd.DataFrame
    note: str = ""
    effect: Effect | None = None


def find_control(case: Case) -> Control:
    """
    Find what a case can be compared with.

    The control that the file names wins. Else it is chosen among the areas where,
    and next to which, nothing was done; where there are none of these, such as
    with an order over all wards, among other authorities if their files were read.

    Parameters
    ----------
    case : Case

    Returns
    -------
    Control
    """
    named = case.intervention.control
    if named is not None:
        return Control(GIVEN, "the control that was named", named.codes, case.theme.at(named))
    if not case.windows.before:
        return _none(case)
    if len(case.pool) < FEWEST:
        return _from_elsewhere(case)
    if case.options.method != SYNTHETIC:
        return _similar(case)
    if len(case.windows.learning) >= FEWEST_MONTHS:
        return _weighted(case, SYNTHETIC, case.pool, case.plural())
    note = (
        f"A control weighted from several places needs {FEWEST_MONTHS} months before; "
        f"{len(case.windows.learning)} were read, so similar places were taken."
    )
    return _similar(case, note)


def _similar(case: Case, note: str = "") -> Control:
    codes = similar_places(case.pool, case.treated.mean(), learning=case.windows.learning)
    if codes.empty:
        return _none(case)
    words = f"{len(codes)} similar {case.plural()}"
    return Control(SIMILAR, words, tuple(map(str, codes)), case.pool.loc[codes], note)


def _from_elsewhere(case: Case) -> Control:
    others = case.options.elsewhere.get(case.intervention.theme)
    windows = case.windows
    needed = {*windows.learning, *windows.before, *windows.after}
    if others is None or not needed <= set(others.columns) or len(windows.learning) < FEWEST_MONTHS:
        return _none(case)
    return _weighted(case, ELSEWHERE, others, "other authorities")


def _weighted(case: Case, method: str, donors: pd.DataFrame, plural: str) -> Control:
    windows = case.windows
    near = case.near if method == SYNTHETIC else None
    made = synthetic_control(
        case.treated.sum(),
        donors,
        learning=windows.learning,
        before=windows.before,
        after=windows.after,
        near=near,
        confidence=case.options.confidence,
    )
    note = (
        f"The change is number {made.rank} by size among the place and {made.placebos} others that were "
        "treated as if something had been done there."
    )
    words = f"a weighted mix of {len(made.weights)} {plural}"
    counts = made.series.to_frame("synthetic").T
    return Control(method, words, tuple(map(str, made.weights.index)), counts, note, made.effect)


def _none(case: Case) -> Control:
    return Control(NONE, "", (), case.pool.iloc[:0])
