"""What a figure means, in sentences that a councillor can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from hotspots.evaluation.displacement import Displacement
from hotspots.evaluation.effect import Effect
from hotspots.months import MONTH_NAMES

#: What was done at the switch, as the middle of a sentence.
_SINCE: Final = {"began": "since it began", "lapsed": "since it lapsed", "returned": "since it came back"}


@dataclass(frozen=True)
class KnownEffect:
    """A published effect of programmes at places: the change in per cent, or NaN where none was found."""

    change: float
    words: str
    about: str


#: Falls in per cent with their sources; trials of a few places over 90 days are left out on purpose.
KNOWN_EFFECTS: Final = (
    KnownEffect(-7, "7 % fewer violent crimes and robberies in the first year of Grip patrols", "violence"),
    KnownEffect(np.nan, "no significant effect in the second year of Grip patrols", "violence"),
    KnownEffect(
        -14, "about 14 % less violence with hot spot policing (Youth Endowment Fund toolkit)", "violence"
    ),
    KnownEffect(-30, "about 30 % fewer drug offences with hot spot policing (same toolkit)", "drugs"),
    KnownEffect(
        np.nan,
        "a small fall over 78 tests of hot spot policing, more often diffusion than displacement "
        "(Braga and others 2019)",
        "any",
    ),
    KnownEffect(np.nan, "little evidence of an effect on crime in 52 Safer Streets areas (round 1)", "any"),
)
#: The largest fall among them: more than this calls for another explanation.
LARGEST_KNOWN: Final = 30.0
#: The smallest fall among them.
SMALLEST_KNOWN: Final = 7.0


def known_effects(theme: str) -> list[str]:
    """List what well-tested programmes have shown for a theme, by its slug, and for any."""
    return [one.words for one in KNOWN_EFFECTS if one.about == "any" or one.about in theme]


@dataclass(frozen=True)
class Verdict:
    """
    What can be said of one comparison.

    Attributes
    ----------
    sentence : str
        The answer, for a councillor.
    cannot_exclude : tuple of str
        What the figures leave open.
    plausibility : str
        The estimate beside known effects.
    renewal : tuple of (str, str)
        Two readings for whoever decides on a renewal; the figures choose neither.
    """

    sentence: str
    cannot_exclude: tuple[str, ...]
    plausibility: str
    renewal: tuple[str, str]


def judge(
    effect: Effect,
    displacement: Displacement | None,
    *,
    what: str,
    where: str,
    switch: str,
    day: date,
    smallest_fall: float,
    control: str,
    ring_width: float,
    in_doubt: bool = False,
    seasonal: bool = True,
) -> Verdict:
    """
    Put an effect into words.

    Parameters
    ----------
    effect : Effect
    displacement : Displacement or None
        None where there was no control.
    what, where : str
        Theme and place, as words.
    switch, day
        See `windows.Comparison`.
    smallest_fall : float
        From `power.smallest_fall`.
    control : str
        What it is compared with, such as "5 similar wards"; "" without any.
    ring_width : float
        Metres.
    in_doubt : bool
        Found, but no more than chance among the rows evaluated together.
    seasonal : bool
        Whether both sides hold the same calendar months.
    """
    open_questions = _open_questions(effect, displacement, what, control, ring_width, seasonal=seasonal)
    head = f"{what} in {where} {_SINCE[switch]} ({day.day} {MONTH_NAMES[day.month - 1]} {day.year})"
    return Verdict(
        sentence=_sentence(head, effect, control, smallest_fall, in_doubt=in_doubt),
        cannot_exclude=open_questions,
        plausibility=_plausibility(effect, switch),
        renewal=_renewal(effect, switch),
    )


def no_control_inside(what: str, where: str, before: int, after: int, *, seasonal: bool = True) -> Verdict:
    """
    Say what is known where everything was treated, so that nothing inside the city can serve as a control.

    Parameters
    ----------
    what, where : str
        Theme and place, as words.
    before, after : int
        Incidents in periods of equal length.
    seasonal : bool
        Whether both sides hold the same calendar months.
    """
    season = (
        () if seasonal else ("the season: the months before are other months of the year than those after",)
    )
    return Verdict(
        sentence=(
            f"{what} in {where} went from {before:,} to {after:,} incidents in periods of equal length; "
            "whether the measure did that cannot be said, because it leaves no place to compare with."
        ),
        cannot_exclude=(
            *season,
            "that incidents would have changed as much without it, as they may have in other cities",
            "a change in how incidents are reported or recorded",
        ),
        plausibility=(
            "Files of other authorities for the same months (--elsewhere, a file or folder each) would "
            "allow a control weighted from them: a synthetic control."
        ),
        renewal=_RENEWAL_OPEN,
    )


def change_words(ratio: float) -> str:
    """Write a ratio as a change: "38 % fewer", "12 % more", "no change", "none left"."""
    if np.isnan(ratio):
        return "unknown"
    if np.isinf(ratio):
        return "many times more"
    if ratio == 0:
        return "100 % fewer"
    per_cent = round(100 * (ratio - 1))
    if per_cent == 0:
        return "no change"
    if per_cent >= 400:
        return f"{ratio:.0f} times as many"
    return f"{abs(per_cent)} % {'more' if per_cent > 0 else 'fewer'}"


def range_words(effect: Effect) -> str:
    """Write an interval: "between 12 % and 57 % fewer", "between 30 % fewer and 45 % more"."""
    low, high = change_words(effect.low), change_words(effect.high)
    for side in (" % fewer", " % more"):
        if low.endswith(side) and high.endswith(side):
            first, second = (high, low) if side == " % fewer" else (low, high)
            return f"between {first.removesuffix(side)} % and {second}"
    return f"between {low} and {high}"


def _sentence(head: str, effect: Effect, control: str, smallest: float, *, in_doubt: bool) -> str:
    if np.isnan(effect.ratio):
        return f"{head}: nothing can be said, because {effect.reason}."
    if np.isnan(effect.low):
        return (
            f"{head}: {change_words(effect.ratio)} incidents than {control} would lead one to expect, but "
            f"whether that is chance cannot be said: {effect.reason}."
        )
    if effect.found:
        chance = (
            "but among so many comparisons one such difference is to be expected by chance"
            if in_doubt
            else "more than chance explains"
        )
        return (
            f"{head}: {change_words(effect.ratio)} incidents than {control} would lead one to expect "
            f"(likely {range_words(effect)}), {chance}."
        )
    nothing = f"{head}: no change that can be told from chance (likely {range_words(effect)})"
    if np.isnan(smallest):
        return f"{nothing}."
    if np.isinf(smallest):
        return f"{nothing}; not even an end of all incidents could have been told from chance here."
    return f"{nothing}; a fall of less than about {100 * smallest:.0f} % would probably have stayed unseen."


def _open_questions(
    effect: Effect,
    displacement: Displacement | None,
    what: str,
    control: str,
    ring_width: float,
    *,
    seasonal: bool,
) -> tuple[str, ...]:
    found = []
    if not np.isnan(effect.low) and not effect.found:
        found.append(f"no change at all, nor any change {range_words(effect)}")
    if effect.found and control:
        found.append("another cause that began in the same months at this place and not at its control")
    if effect.found and effect.ratio < 1:
        found.append("that the place was chosen when it was unusually high, and would have fallen by itself")
    if displacement is not None and not np.isnan(displacement.low):
        found.append(_displacement_words(displacement, ring_width))
    if not seasonal:
        found.append("a season that this place has and its control has not")
    found.append(f"a change in how {what[:1].lower()}{what[1:]} is reported or recorded: these are records")
    return tuple(found)


def _displacement_words(displacement: Displacement, ring_width: float) -> str:
    low, high = round(displacement.low), round(displacement.high)
    return (
        f"that incidents moved away farther than {ring_width:.0f} m; with the ring of that width counted in, "
        f"the change against the control is between {_incidents(low)} and {_incidents(high)}"
    )


def _incidents(number: int) -> str:
    return f"{abs(number):,} incidents {'fewer' if number < 0 else 'more'}"


def _plausibility(effect: Effect, switch: str) -> str:
    span = f"{SMALLEST_KNOWN:.0f} to {LARGEST_KNOWN:.0f} % fewer"
    if np.isnan(effect.ratio) or switch == "lapsed":
        return f"Programmes of this kind that were tested well have shown from no effect to {span} incidents."
    per_cent = 100 * (effect.ratio - 1)
    if effect.found and per_cent < -LARGEST_KNOWN:
        return (
            f"The fall is larger than well-tested programmes of this kind have shown ({span}): "
            "look for another cause, or a change in recording, before it is credited to this one."
        )
    if effect.found and per_cent < 0:
        return f"The fall is of the size that well-tested programmes of this kind have shown ({span})."
    if effect.found:
        return (
            f"A rise is not what such programmes have shown ({span}, or no effect); was recording improved?"
        )
    held = not np.isnan(effect.low) and effect.low <= 1 - SMALLEST_KNOWN / 100
    return (
        f"Well-tested programmes of this kind have shown from no effect to {span} incidents; these figures "
        f"{'cannot exclude an effect of that size' if held else 'leave no room for one of that size'}."
    )


_RENEWAL_FALL: Final = (
    "For renewal: incidents are lower with it, and may return without it.",
    "Against: the problem may have gone, so that the test of a persistent detriment is no longer met.",
)
_RENEWAL_OPEN: Final = (
    "For renewal: an effect too small to see here is not ruled out, and the detriment may persist.",
    "Against: no effect is shown, so that another response may serve the place better.",
)
_RENEWAL_RISE: Final = (
    "For renewal: the problem persists, and may be larger still without it.",
    "Against: it has not reduced what is recorded.",
)
_RENEWAL_LAPSE: Final = (
    "For renewal: incidents rose when it lapsed.",
    "Against: other things changed in the same months, and the rise may end by itself.",
)


def _renewal(effect: Effect, switch: str) -> tuple[str, str]:
    if not effect.found:
        return _RENEWAL_OPEN
    if switch == "lapsed":
        return _RENEWAL_LAPSE if effect.ratio > 1 else _RENEWAL_OPEN
    return _RENEWAL_FALL if effect.ratio < 1 else _RENEWAL_RISE
