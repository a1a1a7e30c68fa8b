"""One switch of one intervention: its control, its effect, and what moved next door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from hotspots.evaluation.controls import FEWEST, apart, similar_places, untouched
from hotspots.evaluation.dispersion import Dispersion, place_dispersion
from hotspots.evaluation.displacement import Displacement, Pair, ring_around, scaled_displacement_difference
from hotspots.evaluation.effect import Effect, rate_ratio
from hotspots.evaluation.interventions import Intervention
from hotspots.evaluation.power import smallest_fall
from hotspots.evaluation.series import ThemeIncidents
from hotspots.evaluation.shapes import SHAPE
from hotspots.evaluation.synthetic import FEWEST_MONTHS, synthetic_control
from hotspots.evaluation.verdict import Verdict, judge, no_control_inside
from hotspots.evaluation.windows import Comparison, Regime, regimes
from hotspots.schema import LEVEL_PLURALS

#: How a control was come by.
GIVEN, SIMILAR, SYNTHETIC, ELSEWHERE, NONE = "given", "similar", "synthetic", "elsewhere", "none"
#: False discoveries allowed among all switches of a file.
DISCOVERY_RATE: Final = 0.05
# Halves of fewer months than this are too short to show a place going its own way.
_FEWEST_IN_HALF: Final = 4


@dataclass(frozen=True)
class Options:
    """What steers a comparison; see `evaluate.evaluate`."""

    ring_width: float = 250.0
    method: str = SIMILAR
    elsewhere: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    theme_names: Mapping[str, str] = field(default_factory=dict)
    treated: Sequence[shapely.Geometry] = ()
    confidence: float = 0.95


@dataclass(frozen=True, eq=False)
class Finding:
    """
    What became of one intervention at one switch.

    Attributes
    ----------
    intervention : Intervention
    windows : Comparison
        The months compared.
    regimes : tuple of Regime
        All months read, by whether it was in force.
    series : DataFrame
        By month (rows): treated, ring, and control, which is NaN throughout without one.
    control_method : str
        "given", "similar", "synthetic", "elsewhere" or "none".
    control_words : str
        The control as words; "" without one.
    control_codes : tuple of str
        Its areas, the most alike (or heaviest) first; empty for a polygon.
    treated_pair, control_pair, ring_pair : (float, float)
        Incidents before and after.
    effect : Effect
    displacement : Displacement or None
    smallest_fall : float
        The fall that would have been found with a chance of 80 %; a share.
    verdict : Verdict
    notes : tuple of str
        What else a reader must know: months left out, a place that was moving already.
    q : float
        p-value brought to all switches evaluated together.
    """

    intervention: Intervention
    windows: Comparison
    regimes: tuple[Regime, ...]
    series: pd.DataFrame
    control_method: str
    control_words: str
    control_codes: tuple[str, ...]
    treated_pair: Pair
    control_pair: Pair
    ring_pair: Pair
    effect: Effect
    displacement: Displacement | None
    smallest_fall: float
    verdict: Verdict
    notes: tuple[str, ...]
    judged: Mapping[str, Any] = field(default_factory=dict)
    q: float = np.nan

    @property
    def found(self) -> bool:
        """Whether a change was found, also among all switches evaluated together."""
        return self.effect.found and not self.q >= DISCOVERY_RATE

    def with_q(self, q: float) -> Finding:
        """Give the finding its q-value, and say so where the change is no more than chance among many."""
        one = replace(self, q=q)
        if self.effect.found and not one.found:
            verdict = judge(self.effect, self.displacement, **{**self.judged, "in_doubt": True})
            return replace(one, verdict=verdict)
        return one


@dataclass(frozen=True, eq=False)
class _Control:
    """Counts of the control by place and month, and how it was come by."""

    method: str
    words: str
    codes: tuple[str, ...]
    counts: pd.DataFrame
    note: str = ""
    effect: Effect | None = None


def compare(
    intervention: Intervention, windows: Comparison, theme: ThemeIncidents, options: Options
) -> Finding:
    """
    Compare the months before and after one switch.

    Parameters
    ----------
    intervention : Intervention
    windows : Comparison
        From `windows.comparisons`.
    theme : ThemeIncidents
    options : Options

    Returns
    -------
    Finding
    """
    place = intervention.place
    treated = theme.at(place)
    ring = theme.in_shape(ring_around(place.shape, width=options.ring_width))
    level = theme.level_for(place)
    pool = _pool(intervention, theme, level, options)
    control = _control(intervention, windows, theme, treated, pool, level, options)
    dispersion = _dispersion(pool, windows)
    effect = _effect(treated, control, windows, dispersion, options)
    moved = _displacement(treated, control, ring, windows, effect, options)
    visible = _visible(treated, control, windows, dispersion, options)
    judged = _words(intervention, windows, theme, control, visible, options)
    series = pd.DataFrame(
        {"treated": treated.sum(), "ring": ring, "control": control.counts.sum() if len(control.counts) else np.nan}
    )
    verdict = judge(effect, moved, **judged)
    if control.method == NONE and windows.before:
        before, after = _pair(treated, windows)
        verdict = no_control_inside(judged["what"], judged["where"], int(before), int(after))
    return Finding(
        intervention=intervention,
        windows=windows,
        regimes=regimes(intervention.ranges, theme.months),
        series=series,
        control_method=control.method,
        control_words=control.words,
        control_codes=control.codes,
        treated_pair=_pair(treated, windows),
        control_pair=_pair(control.counts, windows),
        ring_pair=_pair(ring.to_frame().T, windows),
        effect=effect,
        displacement=moved,
        smallest_fall=visible,
        verdict=verdict,
        notes=_notes(windows, control, treated, pool, options),
        judged=judged,
    )


def _pool(
    intervention: Intervention, theme: ThemeIncidents, level: str, options: Options
) -> pd.DataFrame:
    """Give the counts of every area in which, and next to which, nothing was done."""
    layer = theme.areas[level]
    codes = apart(layer, intervention.place.shape, distance=options.ring_width)
    codes = codes.intersection(untouched(layer, options.treated))
    return theme.tables[level].loc[codes.sort_values()]


def _control(
    intervention: Intervention,
    windows: Comparison,
    theme: ThemeIncidents,
    treated: pd.DataFrame,
    pool: pd.DataFrame,
    level: str,
    options: Options,
) -> _Control:
    if intervention.control is not None:
        counts = theme.at(intervention.control)
        return _Control(GIVEN, "the control that was named", intervention.control.codes, counts)
    if not windows.before:
        return _no_control(pool)
    if len(pool) < FEWEST:
        return _from_elsewhere(intervention, windows, treated, pool, options)
    plural = LEVEL_PLURALS.get(level, f"{level}s")
    note = ""
    if options.method == SYNTHETIC:
        if len(windows.learning) >= FEWEST_MONTHS:
            return _weighted(SYNTHETIC, treated, pool, windows, plural, options)
        note = (
            f"A control weighted from several places needs {FEWEST_MONTHS} months before; "
            f"{len(windows.learning)} were read, so similar places were taken."
        )
    codes = similar_places(pool, treated.mean(), learning=windows.learning)
    if codes.empty:
        return _no_control(pool)
    words = f"{len(codes)} similar {plural}"
    return _Control(SIMILAR, words, tuple(map(str, codes)), pool.loc[codes], note)


def _from_elsewhere(
    intervention: Intervention,
    windows: Comparison,
    treated: pd.DataFrame,
    pool: pd.DataFrame,
    options: Options,
) -> _Control:
    others = options.elsewhere.get(intervention.theme)
    months = [*windows.learning, *windows.before, *windows.after]
    if others is None or not set(months) <= set(others.columns) or len(windows.learning) < FEWEST_MONTHS:
        return _no_control(pool)
    return _weighted(ELSEWHERE, treated, others, windows, "other authorities", options)


def _weighted(
    method: str,
    treated: pd.DataFrame,
    donors: pd.DataFrame,
    windows: Comparison,
    plural: str,
    options: Options,
) -> _Control:
    made = synthetic_control(
        treated.sum(),
        donors,
        learning=windows.learning,
        before=windows.before,
        after=windows.after,
        confidence=options.confidence,
    )
    note = (
        f"The change is the {_ordinal(made.rank)} largest among the place and {made.placebos} others that were "
        "treated as if something had been done there."
    )
    words = f"a weighted mix of {len(made.weights)} {plural}"
    codes = tuple(map(str, made.weights.index))
    return _Control(method, words, codes, made.series.to_frame("synthetic").T, note, made.effect)


def _no_control(pool: pd.DataFrame) -> _Control:
    return _Control(NONE, "", (), pool.iloc[:0])


def _dispersion(pool: pd.DataFrame, windows: Comparison) -> Dispersion:
    before, after = (pool[list(months)].sum(axis=1).to_numpy() for months in (windows.before, windows.after))
    return place_dispersion(before, after)


def _effect(
    treated: pd.DataFrame, control: _Control, windows: Comparison, dispersion: Dispersion, options: Options
) -> Effect:
    if control.effect is not None:
        return control.effect
    if not windows.before or control.method == NONE:
        reason = windows.reason if not windows.before else "there is no place to compare with"
        return Effect(np.nan, np.nan, np.nan, np.nan, np.nan, dispersion.freedom, reason)
    return rate_ratio(
        _pairs(treated, windows),
        _pairs(control.counts, windows),
        dispersion=dispersion,
        confidence=options.confidence,
    )


def _displacement(
    treated: pd.DataFrame,
    control: _Control,
    ring: pd.Series,
    windows: Comparison,
    effect: Effect,
    options: Options,
) -> Displacement | None:
    if not windows.before or control.method == NONE or np.isnan(effect.dispersion):
        return None
    return scaled_displacement_difference(
        _pair(treated, windows),
        _pair(control.counts, windows),
        treated_ring=_pair(ring.to_frame().T, windows),
        dispersion=effect.dispersion,
        confidence=options.confidence,
        freedom=effect.freedom,
    )


def _visible(
    treated: pd.DataFrame, control: _Control, windows: Comparison, dispersion: Dispersion, options: Options
) -> float:
    if not windows.before or control.method == NONE:
        return float("nan")
    expected, others = _pairs(treated, windows)[:, 0], _pairs(control.counts, windows)[:, 0]
    return smallest_fall(expected, others, dispersion=dispersion, confidence=options.confidence)


def _words(
    intervention: Intervention,
    windows: Comparison,
    theme: ThemeIncidents,
    control: _Control,
    visible: float,
    options: Options,
) -> dict[str, Any]:
    return {
        "what": options.theme_names.get(intervention.theme, intervention.theme),
        "where": _where(intervention, theme),
        "switch": windows.switch,
        "day": windows.day,
        "smallest_fall": visible,
        "control": control.words,
        "ring_width": options.ring_width,
        "seasonal": windows.seasonal,
    }


def _where(intervention: Intervention, theme: ThemeIncidents, *, most: int = 3) -> str:
    place = intervention.place
    if place.level == SHAPE:
        return f"the area of {intervention.name}"
    names = [str(name) for name in theme.areas[place.level]["name"].loc[list(place.codes)]]
    if len(names) == len(theme.areas[place.level]):
        return f"all {LEVEL_PLURALS.get(place.level, place.level)}"
    if len(names) > most:
        return f"{len(names)} {LEVEL_PLURALS.get(place.level, place.level)}"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _notes(
    windows: Comparison, control: _Control, treated: pd.DataFrame, pool: pd.DataFrame, options: Options
) -> tuple[str, ...]:
    found = [f"Months compared: {windows.reason}." if windows.before else f"{windows.reason.capitalize()}."]
    if windows.between:
        found.append(f"Months read in between and not compared: {', '.join(windows.between)}.")
    if windows.mixed:
        found.append(f"Months in which it began or ended half-way, left out: {', '.join(windows.mixed)}.")
    if control.note:
        found.append(control.note)
    if _was_moving(windows, control, treated, pool, options):
        found.append(
            "The place went another way than its control already before: what is found may be more of the same."
        )
    return tuple(found)


def _was_moving(
    windows: Comparison, control: _Control, treated: pd.DataFrame, pool: pd.DataFrame, options: Options
) -> bool:
    """Tell whether the same test finds a change between the halves of the months before the switch."""
    half = len(windows.learning) // 2
    if half < _FEWEST_IN_HALF or control.method not in (GIVEN, SIMILAR):
        return False
    halves = replace(windows, before=windows.learning[:half], after=windows.learning[-half:])
    effect = rate_ratio(
        _pairs(treated, halves),
        _pairs(control.counts, halves),
        dispersion=_dispersion(pool, halves),
        confidence=options.confidence,
    )
    return effect.found


def _pairs(counts: pd.DataFrame, windows: Comparison) -> np.ndarray:
    return np.column_stack(
        [counts[list(months)].sum(axis=1).to_numpy(float) for months in (windows.before, windows.after)]
    )


def _pair(counts: pd.DataFrame, windows: Comparison) -> Pair:
    before, after = _pairs(counts, windows).sum(axis=0)
    return float(before), float(after)


def _ordinal(number: int) -> str:
    if 10 < number % 100 < 14:
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"
