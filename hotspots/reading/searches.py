"""Stops and searches, known by what they hold, whatever their columns are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

#: What only the record of a stop and search holds, whatever else stands in the file.
_TELLING = {
    "objectofsearch", "removalofmorethanouterclothing", "outcomelinkedtoobjectofsearch", "searchobject",
    "stopandsearchtype", "reasonforsearch", "groundsforsearch", "searchgrounds", "searchpower",
    "powertosearch",
    "stopsearchid", "stopandsearchid", "itemsought", "itemsoughtinsearch",
}  # fmt: skip
_SEARCH_TYPES = {"person search", "vehicle search", "person and vehicle search", "stop and search"}
#: A power to stop and search, as forces write it: section 1 of PACE, 23 of the Misuse of Drugs Act, ...
_POWER = re.compile(
    r"\b(pace|police and criminal evidence act|misuse of drugs act|mda|criminal justice and public order act|"
    r"cjpoa?|firearms act|terrorism act|psychoactive substances act)\b.*\b(1|23|60|47|4[34]a?|36)\b"
    r"|\bs(ec(tion)?)?\.? ?(1|23|60|47|4[34]a?|36)\b.*\b(pace|mda|cjpoa?|act)\b"
)


def are_searches(keys: Sequence[str], typed: Sequence[int], preview: Sequence[Sequence[str]]) -> bool:
    """
    Say whether rows are searches: by a heading, by their type, or by a power where they have no type.

    Parameters
    ----------
    keys : sequence of str
        Headings in small letters without marks.
    typed : sequence of int
        Columns that say what happened.
    preview : sequence of sequence of str
        Some rows.
    """
    if _TELLING & set(keys):
        return True
    for place in typed or range(len(keys)):
        cells = (row[place].strip().lower() for row in preview if place < len(row))
        if _all(filter(None, cells), _SEARCH_TYPES.__contains__ if typed else _POWER.search):
            return True
    return not preview and {"legislation", "type"} <= set(keys)


def _all(texts: Iterable[str], test: Callable[[str], object]) -> bool:
    """Say whether there is a text, and every one passes: the first of most files does not."""
    n = 0
    for text in texts:
        if not test(text):
            return False
        n += 1
    return n > 0
