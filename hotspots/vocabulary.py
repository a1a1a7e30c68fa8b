"""Other words for the same kinds of incident: data/crime_words.csv, of forces, councils, the Home Office."""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import Final

from hotspots.policeuk import POLICE_TYPES
from hotspots.resources import shipped

#: Names of partners' files that the shipped themes know beside police.uk's types.
PARTNER_TYPES: Final = (
    "ASB",
    "ASB Environmental",
    "ASB Nuisance",
    "ASB Personal",
    "Drug litter",
    "Needle find",
)


def plain_words(name: str) -> str:
    """Write a name without case and marks: "ASB - Personal" becomes "asb personal"."""
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))


@cache
def meanings() -> dict[str, str]:
    """Return what each wording means, both in plain words; "" for a word that is known and means no type."""
    with shipped("data", "crime_words.csv").open(encoding="utf-8", newline="") as stream:
        return {plain_words(row["wording"]): plain_words(row["means"]) for row in csv.DictReader(stream)}


@cache
def wordings(meaning: str) -> frozenset[str]:
    """Return every other wording of a type, in plain words."""
    return frozenset(word for word, means in meanings().items() if means == plain_words(meaning))


@cache
def _types() -> frozenset[str]:
    return frozenset(map(plain_words, (*POLICE_TYPES, *PARTNER_TYPES)))


def is_known(name: str) -> bool:
    """Say whether a name is a type, a partner's name or another wording of one."""
    plain = plain_words(name)
    return plain in _types() or plain in meanings()
