"""
The sentences of the page's first view, for paper and for viewers without scripts.

static/map/words.js says the same for every other view; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from typing import Any

from hotspots.pages.colours import CLASSES

#: Stands on every page that sends a patrol somewhere.
#: What a beat is, by whether the page is for internal use.
BEATS_ARE = {
    True: "places of one to two hectares, small enough to walk through on a visit",
    False: "the hot spots of this release in squares of 250 m, the densest first",
}
RECORDED_BY_PATROL = (
    "Patrol changes what is recorded: where police stop and search, more drugs and weapons are found. "
    "A rise of these in a beat after patrols is no evidence that they failed, nor that more happened there."
)
#: What the looks of the map mean: the legend says so with and without scripts.
LEGEND = {
    "area-0": "none",
    "area-withheld": "withheld: too few to show, or not for this audience",
    "area-none": "not known",
    "priority": "priority: among the top",
    "rank": "; 1st, 2nd and so on is its rank",
    "significant": "among neighbours that are high beyond chance",
    "clusters": "hot spot",
    "numbered": ", numbered as in the list",
    "weak": "weak hot spot",
    "beats": "beat that is ticked in the list",
    "zones": "zone, with its incidents over the whole period",
}
#: What a ranking goes by: where residents are not known, there is no rate to rank by.
BY_RATE = "By rate per resident"
BY_COUNT = "By number of incidents"
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(value: Any, digits: int | None = None) -> float | int | None:
    """Turn a value into a JSON number, None where it is missing or infinite."""
    if value is None or not isfinite(value):
        return None
    rounded = float(value) if digits is None else round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded


def whole(value: float | None) -> str:
    """Write a count with thousands separators; a missing one is withheld."""
    return "withheld" if value is None else _rounded(value, 0)


def incidents(count: float | None) -> str:
    """Write a number of incidents."""
    return f"{whole(count)} {'incident' if count == 1 else 'incidents'}"


def rate(value: float | None) -> str:
    """Write a rate with no more digits than it can carry."""
    if value is None:
        return "withheld"
    return _rounded(value, 1 if 0 < value < 9.95 else 0)


def _rounded(value: float, decimals: int) -> str:
    """Round halves up as browsers do and people expect: Python's own format writes 2.25 as 2.2."""
    return f"{Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,}"


def percent(share: float | None) -> str:
    """Write a share in whole per cent; a tiny one is not nothing."""
    if share is None:
        return "withheld"
    return "under 1%" if 0 < share < 0.005 else f"{int(100 * share + 0.5)}%"


def fine_percent(share: float) -> str:
    """Write a small share with a decimal: 0.025 is "2.5%"."""
    if 0 < share < 0.0005:
        return "under 0.1%"
    if share >= 0.0995:
        return percent(share)
    return f"{_rounded(100 * share, 1).removesuffix('.0')}%"


def firmness(share: float) -> str:
    """Say how sure a hot spot is from the share of test runs that find it again."""
    return "firm" if share >= 0.8 else "fairly firm" if share >= 0.5 else "weak"


def small_number(value: int) -> str:
    """Write whole numbers up to ten as words."""
    return _SMALL[value] if 0 <= value < len(_SMALL) else str(value)


def ordinal(value: int) -> str:
    """Write a place in an order: 1 is "1st"."""
    teen = 10 < value % 100 < 14
    return f"{value}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(value % 10, 'th')}"


def join_names(names: list[str], *, most: int = 4) -> str:
    """Write a list as people say it; beyond `most` names the rest is counted."""
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} others"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def finding(payload: dict[str, Any], *, period: str) -> tuple[str, str]:
    """
    Say what stands out among the wards for all incidents over the whole period.

    Returns
    -------
    tuple of str
        Who has most; and how sure the ranking is.
    """
    wards = payload["levels"]["ward"]
    slug = payload["themes"][0]["slug"]
    counts = [row[0] for row in wards["counts"].get(slug, [])]
    known = [(count, name) for count, name in zip(counts, wards["names"], strict=False) if count is not None]
    # Withheld wards are in the theme's total, not in the sum of those shown.
    shown = sum(count for count, _ in known)
    total = shown if payload["themes"][0]["total"] is None else payload["themes"][0]["total"]
    partial = " that may be shown" if total == shown and None in counts else ""
    if not known or not total:
        return f"{payload['themes'][0]['name']}: no incident in {period}.", ""
    most, name = max(known, key=lambda pair: pair[0])
    first = (
        f"{payload['themes'][0]['name']}, {period}: {name} had the most of all {len(counts)} wards, "
        f"{whole(most)} of {whole(total)}{partial} ({percent(most / total)})."
    )
    scope = BY_RATE if any(wards["residents"]) else BY_COUNT
    return first, sure(wards["results"].get(slug), wards["names"], payload["top"], scope=scope)


def sure(results: Mapping[str, Any] | None, names: Sequence[str], top: int, *, scope: str) -> str:
    """
    Say which wards are surely among the top, and which perhaps.

    Parameters
    ----------
    results : mapping of str to list, or None
        `rank`, `class` and `p_top` of each ward; None if they are not ranked.
    names : sequence of str
        The wards.
    top : int
        How many areas the ranking calls its top.
    scope : {BY_RATE, BY_COUNT}
        What the ranking goes by.
    """
    if results is None:
        return ""
    ranked = sorted(range(len(names)), key=lambda i: (results["rank"][i] or len(names), names[i]))
    said = []
    for word in ("clearly", "very probably", "possibly"):
        found = [names[i] for i in ranked if certainty(results["class"][i], results["p_top"][i]) == word]
        if found:
            said.append((word, join_names(found), "is" if len(found) == 1 else "are"))
    number = small_number(top)
    if not said:
        return f"{scope}, no ward stands out as one of the top {number}."
    (first, leaders, are), *others = said
    rest = "".join(
        f" {listed} may be too." if word == "possibly" else f" {listed} {word} {verb} too."
        for word, listed, verb in others
    )
    return f"{scope}, {leaders} {are} {first} among the top {number}.{rest}"


def certainty(kind: str, chance: float | None) -> str:
    """Say what `verdicts.verdict` says of the chance to be in the top group; "" for what is not ranked."""
    if kind == "priority":
        return "clearly" if chance is not None and chance >= 0.95 else "very probably"
    if kind == "no":
        return "probably not" if chance is not None and chance > 0.05 else "not"
    return "possibly" if kind == "possible" else ""


def class_texts(breaks: list[float], *, unit: str) -> list[str]:
    """Write the limits of the map's classes, lowest first."""
    texts = []
    for position, upper in enumerate(breaks[:CLASSES]):
        if position == 0:
            texts.append(f"up to {whole(upper)} {unit}")
        else:
            texts.append(f"{whole(breaks[position - 1] + 1)} to {whole(upper)}")
    return texts
