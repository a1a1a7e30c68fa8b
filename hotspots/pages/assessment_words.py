"""What the assessment says of levels, directions and places, in words; nothing is estimated here."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from hotspots.pages import words
from hotspots.pages.ward_facts import rank_words, rate_words, signed_percent
from hotspots.schema import DIRECT

NOT_SEEN: Final = "not visible in these data"
WITHHELD: Final = "withheld"
#: What stands where only people can say something.
EMPTY: Final = "to be entered"


def known(value: Any) -> bool:
    """Tell whether a figure is there."""
    return value is not None and isinstance(value, int | float) and isfinite(value)


def level(theme: Mapping[str, Any], residents: float) -> str:
    """Write a count with its rate: "5,190 (20 per 1,000)"."""
    if not theme.get("seen", True):
        return NOT_SEEN
    if not known(theme["count"]):
        return WITHHELD
    if not residents > 0:
        return words.whole(theme["count"])
    rate = rate_words(1000 * theme["count"] / residents, theme["count"])
    return f"{words.whole(theme['count'])} ({rate} per 1,000)"


def direction(theme: Mapping[str, Any]) -> str:
    """Say whether a theme rose or fell, and whether that may be chance."""
    trend = theme["trend"]
    if not theme.get("seen", True):
        return "not known"
    if trend is None:
        return "not given: a ward's month is withheld"
    if not known(trend.change):
        return trend.reason or "too few to tell"
    if not known(trend.low):
        return f"{signed_percent(trend.change)}%, untested"
    moved = "up" if trend.change > 1 else "down"
    sure = moved if trend.sure else f"{moved}, may be chance"
    return f"{signed_percent(trend.change)}% ({spread(trend.low, trend.high)}): {sure}"


def spread(low: float, high: float) -> str:
    """Write the range of a change."""
    return (
        f"{signed_percent(low)} to {signed_percent(high)}%"
        if isfinite(high)
        else f"{signed_percent(low)}% or more"
    )


def counts(theme: Mapping[str, Any]) -> str:
    """Write the two counts that a change compares."""
    trend = theme["trend"]
    if trend is None or not known(trend.before):
        return ""
    return f"{words.whole(trend.before)}, then {words.whole(trend.after)}"


def expected(theme: Mapping[str, Any]) -> str:
    """Write what the next three months may hold."""
    trend = theme["trend"]
    if trend is None or not known(trend.expected):
        return "not known"
    low, high = words.whole(trend.expected_low), words.whole(trend.expected_high)
    return f"{words.whole(trend.expected)} ({low} to {high})"


def harm(theme: Mapping[str, Any], index: str) -> str:
    """Write the harm beside a count; a theme without weights says so."""
    if not theme.get("seen", True):
        return "not known"
    if not index:
        return "not computed"
    return words.whole(theme["harm"]) if known(theme["harm"]) else "no weight"


def share_of_wards(theme: Mapping[str, Any]) -> str:
    """Say in how many wards half of a theme lies."""
    some, every = theme["spread"]
    return f"half of it in {some} of {every} wards" if every else "not known"


def certainty(theme: Mapping[str, Any]) -> str:
    """Say how far the records show the theme."""
    if not theme["seen"]:
        return "none: nothing of it is recorded here"
    return (
        "records show it directly"
        if theme["observability"] == DIRECT
        else "a proxy: part of it, and other things too"
    )


def hotspots(theme: Mapping[str, Any]) -> str:
    """Say how many hot spots there are and what share of incidents lies in what share of the area."""
    held = theme["hotspots"]
    if held is None or theme["withheld"] or not held["number"]:
        return theme["withheld"] or "No hot spot was found that may be shown."
    spots = f"{held['number']} hot {'spot' if held['number'] == 1 else 'spots'}"
    if not known(held["share"]) or not known(held["area"]):
        return f"{spots}; what they hold may not be shown."
    share, area = words.percent(held["share"]), words.fine_percent(held["area"])
    hold = "holds" if held["number"] == 1 else "hold"
    return f"{spots} {hold} {share} of the incidents in {area} of the area."


def beats(theme: Mapping[str, Any]) -> str:
    """Say what the proposed beats are expected to hold."""
    held = theme["beats"]
    if not held or not held["number"]:
        return ""
    names = words.join_names(held["names"], most=5)
    area = f", {words.fine_percent(held['area'])} of the area" if known(held["area"]) else ""
    hold = (
        f", expected to hold {words.whole(held['expected'])} incidents in the next month"
        if known(held["expected"])
        else ""
    )
    return f"{held['number']} beats{area}{hold}. First: {names}."


def deprived(theme: Mapping[str, Any], *, what: str = "it was") -> str:
    """Say how far a theme falls on the most deprived; `what` carries its verb."""
    held = theme["deprived"]
    if held is None:
        return ""
    people = words.percent(held["residents"])
    return (
        f"{words.percent(held['incidents'])} of {what} recorded in the {held['areas']:.0f} small areas "
        f"that are in the fifth of England most deprived by income; {people} of the residents live there. "
        "It was recorded there, which does not say who suffered or did it."
    )


def ward_row(row: Mapping[str, Any]) -> dict[str, str]:
    """Write one ward of a ranking."""
    plain = {name: (value if known(value) or isinstance(value, str) else None) for name, value in row.items()}
    return {
        "name": str(row["name"]),
        "count": words.whole(plain["count"]),
        "rate": rate_words(plain["rate_per_1000"], plain["count"]),
        "rank": rank_words(plain),
        "sure": _standing(words.certainty(str(row["class"]), plain["p_top"])),
    }


def _standing(certainty: str) -> str:
    """Answer "among the top?": a bare "not" in a column says nothing."""
    return {"not": "no", "": "not ranked"}.get(certainty, certainty)


def hotspot_row(row: Mapping[str, Any]) -> dict[str, str]:
    """Write one hot spot."""
    confidence = row["confidence"]
    return {
        "number": f"{row['number']:.0f}",
        "name": str(row["streets"] or row["name"]),
        "wards": words.join_names([str(name) for name in row["wards"]]) if row["wards"] else "",
        "n": words.whole(row["n"]) if known(row["n"]) else WITHHELD,
        "sure": words.firmness(confidence) if known(confidence) else "not given",
        "status": str(row["status"] or "–"),
    }
