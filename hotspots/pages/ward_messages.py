"""What a board asks first of a ward: how much, which way it goes, and where; and room for what is done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hotspots import policeuk, schema
from hotspots.months import period_words
from hotspots.pages import words
from hotspots.pages.ward_facts import WardFacts, change_words, confidence_words

#: Hot spots that the headline names, and rows for what the team does about its places.
_NAMED: Final = 2
_BOXES: Final = 3


def key_messages(facts: WardFacts, code: str) -> list[str]:
    """
    Say in a few sentences what the ward's figures come to.

    Parameters
    ----------
    facts : WardFacts
    code : str
        Of the ward.

    Returns
    -------
    list of str
        How many incidents, how they changed, where they gather, and the place among the wards; what is
        not known is left out.
    """
    first, *rest = facts.finding(code)
    return [first, *filter(None, (_change(facts, code), _places(facts, code))), *rest]


def _change(facts: WardFacts, code: str) -> str:
    """Say how the latest months compare, and whether that may be chance."""
    periods = facts.release.compared
    change, spread = change_words(facts.results[code, schema.ALL_INCIDENTS])
    if not spread or not periods.after:
        return ""
    points = change.strip("+−%")
    more = "more" if change.startswith("+") else "fewer"
    many = "as many incidents as" if points == "0" else f"{points}% {more} incidents than"
    after, before = period_words(periods.after), period_words(periods.before)
    chance = ", which may be chance" if spread.endswith("chance") else ""
    return f"{after} had {many} {before}{chance}."


def _places(facts: WardFacts, code: str) -> str:
    """Name the ward's biggest hot spots of all incidents."""
    held = [row for row in facts.clusters.get(code, []) if row["theme"] == schema.ALL_INCIDENTS]
    if not held:
        return ""
    named = [
        f"{_street(row['name'])} ({words.incidents(row['n'])}, {confidence_words(row['confidence'])})"
        for row in held[:_NAMED]
    ]
    more = f", and {len(held) - _NAMED} smaller" if len(held) > _NAMED else ""
    begun = "Hot spot" if len(held) == 1 else "Hot spots"
    return f"{begun}: {words.join_names(named)}{more}."


def _street(name: Any) -> str:
    return policeuk.street_name(str(name)) or "no street named"


def boxes(rows: Sequence[dict[str, Any]]) -> list[str]:
    """
    Give the places that the team fills in what it does about, each once with all its themes.

    Parameters
    ----------
    rows : sequence of dict
        From `WardFacts.cluster_rows`.

    Returns
    -------
    list of str
        Three places at most, and the rest of the ward.
    """
    places: dict[str, list[str]] = {}
    for row in rows:
        places.setdefault(str(row["streets"]).split(";")[0].strip(), []).append(str(row["theme"]))
    told = [f"{place}: {words.join_names(themes, most=9).lower()}" for place, themes in places.items()]
    return [*told[:_BOXES], "Elsewhere in the ward" if told else "Ward"]
