"""Before and after: months of equal number and season on both sides of a switch."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from hotspots.errors import ParameterError

#: One stretch of days in force, the last day included; without an end it is still in force.
Range = tuple[date, date | None]

ON: Final = "on"
OFF: Final = "off"
MIXED: Final = "mixed"
#: What happened at a switch, in words.
SWITCHES: Final = {
    "began": "it began",
    "lapsed": "it lapsed",
    "returned": "it came back",
}


@dataclass(frozen=True)
class Regime:
    """Months one after another in which an intervention was in force (`on`), or was not (`off`)."""

    state: str
    months: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """
    Two sets of months around one switch, paired.

    Attributes
    ----------
    switch : str
        "began", "lapsed" or "returned".
    day : date
        First day of the new state.
    before, after : tuple of str
        Equally many months, YYYY-MM; empty where nothing can be compared.
    between : tuple of str
        Months read that lie between the first and the last of these and are in neither.
    mixed : tuple of str
        Months read in which the state changed on a day that is not their first.
    seasonal : bool
        Whether each month after has the same calendar month before.
    learning : tuple of str
        All months read of the state before the switch: what a control is chosen by.
    reason : str
        Why these months, or why none.
    """

    switch: str
    day: date
    before: tuple[str, ...]
    after: tuple[str, ...]
    between: tuple[str, ...]
    mixed: tuple[str, ...]
    seasonal: bool
    learning: tuple[str, ...]
    reason: str


def regimes(ranges: Sequence[Range], months: Iterable[str]) -> tuple[Regime, ...]:
    """
    Cut the months read into stretches with and without the intervention.

    A month in which the state changed half-way is a stretch of its own, "mixed".

    Parameters
    ----------
    ranges : sequence of (date, date or None)
        In force, both days included; in order, without overlap.
    months : iterable of str
        The months read, YYYY-MM.
    """
    found: list[tuple[str, list[str]]] = []
    for month in sorted(set(months)):
        state = _state(month, ranges)
        if found and found[-1][0] == state:
            found[-1][1].append(month)
        else:
            found.append((state, [month]))
    return tuple(Regime(state, tuple(run)) for state, run in found)


def comparisons(
    ranges: Sequence[Range], months: Iterable[str], *, length: int | None = None
) -> tuple[Comparison, ...]:
    """
    Choose the months to compare at every switch.

    Each month after the switch is set against the latest same calendar month
    before it, as often as both were read. Where that keeps less than half of
    the months that could be compared, the months just before are taken, and
    the season is left to the control.

    Parameters
    ----------
    ranges : sequence of (date, date or None)
        In force, both days included; in order, without overlap.
    months : iterable of str
        The months read, YYYY-MM, complete ones only.
    length : int, optional
        At most so many months on each side; as many as there are by default.

    Returns
    -------
    tuple of Comparison
        One per switch, in order; empty if no switch lies within reach of the months.

    Raises
    ------
    ParameterError
        If `length` is below 1.
    """
    if length is not None and length < 1:
        raise ParameterError(f"The length of a period is {length} months: give at least 1.")
    read = sorted(set(months))
    states = {month: _state(month, ranges) for month in read}
    found = []
    for number, (first, last) in enumerate(ranges):
        previous = ranges[number - 1][1] if number else None
        following = ranges[number + 1][0] if number + 1 < len(ranges) else None
        off_before = _within(states, OFF, previous, first)
        on = _within(states, ON, first, _day_after(last))
        found.append(
            _compare("returned" if number else "began", first, off_before, on, states=states, length=length)
        )
        if last is not None:
            off_after = _within(states, OFF, last, following)
            found.append(_compare("lapsed", _next_day(last), on, off_after, states=states, length=length))
    return tuple(one for one in found if one.learning or one.after or one.reason)


def _compare(
    switch: str,
    day: date,
    earlier: list[str],
    later: list[str],
    *,
    states: dict[str, str],
    length: int | None,
) -> Comparison:
    most = min(len(earlier), len(later), length or len(later))
    pairs = _seasonal_pairs(earlier, later)[: length or None]
    seasonal = bool(pairs) and 2 * len(pairs) >= most
    if seasonal:
        before, after = sorted(pair[0] for pair in pairs), [pair[1] for pair in pairs]
        reason = "the same calendar months before and after"
    else:
        before, after = earlier[len(earlier) - most :], later[:most]
        reason = (
            "the months just before and after; the season differs, which only the control takes out"
            if most
            else _nothing(switch, earlier, later)
        )
    span = [m for m in states if before and before[0] < m < after[-1]]
    used = {*before, *after}
    return Comparison(
        switch=switch,
        day=day,
        before=tuple(before),
        after=tuple(after),
        between=tuple(m for m in span if m not in used),
        mixed=tuple(m for m, state in states.items() if state == MIXED),
        seasonal=seasonal,
        learning=tuple(earlier),
        reason=reason,
    )


def _seasonal_pairs(earlier: list[str], later: list[str]) -> list[tuple[str, str]]:
    free = list(earlier)
    pairs = []
    for month in later:
        same = [candidate for candidate in free if candidate[5:] == month[5:]]
        if same:
            free.remove(same[-1])
            pairs.append((same[-1], month))
    return pairs


def _nothing(switch: str, earlier: list[str], later: list[str]) -> str:
    side = "before" if not earlier else "after"
    both = "before or after" if not earlier and not later else side
    return f"no whole month was read {both} {SWITCHES[switch]}"


def _within(states: dict[str, str], wanted: str, start: date | None, end: date | None) -> list[str]:
    """List the months of a state that begin on or after `start` and before `end`."""
    return [
        month
        for month, state in states.items()
        if state == wanted
        and (start is None or _first(month) >= start)
        and (end is None or _first(month) < end)
    ]


def _state(month: str, ranges: Sequence[Range]) -> str:
    first, last = _first(month), _last(month)
    for start, end in ranges:
        if start <= first and (end is None or end >= last):
            return ON
        if start <= last and (end is None or end >= first):
            return MIXED
    return OFF


def _first(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def _last(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, monthrange(year, number)[1])


def _next_day(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _day_after(day: date | None) -> date | None:
    return None if day is None else _next_day(day)
