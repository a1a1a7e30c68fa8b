"""What became of one case: its effect, what moved next door, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots.evaluation.case import GIVEN, NONE, SIMILAR, Case, pair, pairs
from hotspots.evaluation.choice import Control, find_control
from hotspots.evaluation.displacement import Displacement, Pair, scaled_displacement_difference
from hotspots.evaluation.effect import Effect, rate_ratio
from hotspots.evaluation.power import smallest_fall
from hotspots.evaluation.synthetic import smallest_fall_against
from hotspots.evaluation.verdict import Verdict, judge, no_control_inside
from hotspots.evaluation.windows import Comparison, Regime, regimes

#: False discoveries allowed among all switches of a file.
DISCOVERY_RATE: Final = 0.05
# Halves of fewer months than this are too short to show a place going its own way.
_FEWEST_IN_HALF: Final = 4
# A control as many times larger adds no variance of its own.
_SURE: Final = 1e9


@dataclass(frozen=True, eq=False)
class Finding:
    """
    What became of one intervention at one switch.

    Attributes
    ----------
    case : Case
        The intervention and the months compared.
    control : Control
    effect : Effect
    displacement : Displacement or None
        None without a control.
    smallest_fall : float
        The fall that would have been found with a chance of 80 %; a share, infinite
        if not even an end of all incidents would have been, NaN where unknown.
    verdict : Verdict
    notes : tuple of str
        What else a reader must know: months left out, a place that was moving already.
    q : float
        p-value brought to all switches evaluated together.
    """

    case: Case
    control: Control
    effect: Effect
    displacement: Displacement | None
    smallest_fall: float
    verdict: Verdict
    notes: tuple[str, ...]
    q: float = np.nan

    @property
    def found(self) -> bool:
        """Whether a change was found, also among all switches evaluated together."""
        return self.effect.found and not self.q >= DISCOVERY_RATE

    @property
    def treated_pair(self) -> Pair:
        """Incidents at the place before and after."""
        return pair(self.case.treated, self.case.windows)

    @property
    def control_pair(self) -> Pair:
        """Incidents of the control before and after; 0 without one."""
        return pair(self.control.counts, self.case.windows)

    @property
    def ring_pair(self) -> Pair:
        """Incidents in the ring before and after."""
        return pair(self.case.ring, self.case.windows)

    @property
    def regimes(self) -> tuple[Regime, ...]:
        """All months read, by whether it was in force."""
        return regimes(self.case.intervention.ranges, self.case.theme.months)

    @property
    def series(self) -> pd.DataFrame:
        """By month (rows): treated, ring, and control, which is NaN without one."""
        control = self.control.counts
        return pd.DataFrame(
            {
                "treated": self.case.treated.sum(),
                "ring": self.case.ring.sum(),
                "control": control.sum() if len(control) else np.nan,
            }
        )

    def with_q(self, q: float) -> Finding:
        """Give the finding its q-value, and say so where the change is no more than chance among many."""
        one = replace(self, q=q)
        return replace(one, verdict=_verdict(one, in_doubt=True)) if self.effect.found > one.found else one


def compare(case: Case) -> Finding:
    """
    Compare the months before and after one switch.

    Parameters
    ----------
    case : Case

    Returns
    -------
    Finding
        Without a q-value.
    """
    control = find_control(case)
    effect = _effect(case, control)
    finding = Finding(
        case=case,
        control=control,
        effect=effect,
        displacement=_displacement(case, control, effect),
        smallest_fall=_smallest_fall(case, control),
        verdict=Verdict("", (), "", ("", "")),
        notes=_notes(case, control),
    )
    return replace(finding, verdict=_verdict(finding))


def _effect(case: Case, control: Control) -> Effect:
    if control.effect is not None:
        return control.effect
    if not case.windows.before or control.method == NONE:
        reason = "there is no place to compare with" if case.windows.before else case.windows.reason
        return Effect(np.nan, np.nan, np.nan, np.nan, np.nan, 0, reason)
    return rate_ratio(
        pairs(case.treated, case.windows),
        pairs(control.counts, case.windows),
        dispersion=case.dispersion,
        confidence=case.options.confidence,
    )


def _displacement(case: Case, control: Control, effect: Effect) -> Displacement | None:
    if np.isnan(effect.dispersion):
        return None
    before, after = pair(control.counts, case.windows)
    # What a synthetic control adds to the variance is in the spread of its placebos already.
    size = 1.0 if control.effect is None else _SURE
    return scaled_displacement_difference(
        pair(case.treated, case.windows),
        (size * before, size * after),
        treated_ring=pair(case.ring, case.windows),
        dispersion=effect.dispersion,
        confidence=case.options.confidence,
        freedom=effect.freedom,
    )


def _smallest_fall(case: Case, control: Control) -> float:
    if not case.windows.before or control.method == NONE:
        return float("nan")
    if control.effect is not None:
        expected = pair(case.treated, case.windows)[0]
        return smallest_fall_against(expected, control.effect, confidence=case.options.confidence)
    return smallest_fall(
        pairs(case.treated, case.windows)[:, 0],
        pairs(control.counts, case.windows)[:, 0],
        dispersion=case.dispersion,
        confidence=case.options.confidence,
    )


def _verdict(finding: Finding, *, in_doubt: bool = False) -> Verdict:
    case = finding.case
    if finding.control.method == NONE and case.windows.before:
        before, after = finding.treated_pair
        return no_control_inside(
            case.what, case.where, int(before), int(after), seasonal=case.windows.seasonal
        )
    words: dict[str, Any] = {
        "what": case.what,
        "where": case.where,
        "switch": case.windows.switch,
        "day": case.windows.day,
        "smallest_fall": finding.smallest_fall,
        "control": finding.control.words,
        "ring_width": case.options.ring_width,
        "seasonal": case.windows.seasonal,
    }
    return judge(finding.effect, finding.displacement, in_doubt=in_doubt, **words)


def _notes(case: Case, control: Control) -> tuple[str, ...]:
    windows = case.windows
    found = [f"Months compared: {windows.reason}."] if windows.before else []
    if windows.between:
        found.append(f"Months read in between and not compared: {', '.join(windows.between)}.")
    if windows.mixed:
        found.append(f"Months in which it began or ended half-way, left out: {', '.join(windows.mixed)}.")
    if control.note:
        found.append(control.note)
    if _was_moving(case, control):
        found.append(
            "The place went another way than its control before the switch already: "
            "what is found may be more of the same."
        )
    return tuple(found)


def _was_moving(case: Case, control: Control) -> bool:
    """Tell whether the same test finds a change between the halves of the months before the switch."""
    learning = case.windows.learning
    half = len(learning) // 2
    if half < _FEWEST_IN_HALF or control.method not in (GIVEN, SIMILAR):
        return False
    halves: Comparison = replace(case.windows, before=learning[:half], after=learning[-half:])
    effect = rate_ratio(
        pairs(case.treated, halves),
        pairs(control.counts, halves),
        dispersion=case.dispersion_of(halves),
        confidence=case.options.confidence,
    )
    return effect.found
