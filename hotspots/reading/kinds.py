"""What kind of incident rows say they are, and which of them are no incidents after all."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from hotspots.policeuk import API_CATEGORIES, RETIRED_TYPES
from hotspots.reading.judging import FieldColumns, chosen, tidy_labels
from hotspots.reading.table import Coded
from hotspots.text import counted
from hotspots.vocabulary import is_known

#: What a crime record system writes on a record that the Home Office Counting Rules leave out.
_VOID = re.compile(
    # A code may stand before it: "AVI - Cancelled", "19: Transferred".
    r"(?-i:[A-Z0-9./]{1,6}\s*[-:–]?\s+|[A-Z0-9./]{1,6}\s*[-:–])?"
    r"(crime\s+|is\s+)?(cancelled|cancellation|canceled|not?[\s-]*(a\s+)?crimed?|transferr?e?d?|"
    r"(record\s+)?(created|entered|recorded)\s+in\s+error|error(?=\s*$|\s*[-:/(–]|\s+(in|record|entry|dup))|void(ed)?|deleted|duplicated?(\s+(record|crime|entry))?)"
    r"\b(?!\s+pending).*",
    re.IGNORECASE,
)
_NOT_VOID = re.compile(
    r"\b(not|un)[\s-]*(cancelled|transferred|duplicate)|\btransferr?e?d?\s+in\b", re.IGNORECASE
)
_YES = {"y", "yes", "true", "1", "x"}


def kinds_of(columns: FieldColumns) -> tuple[Coded, list[str]]:
    """
    Return the crime type of each row: of the best column whose word is known, else of the first that has one.

    Returns
    -------
    Coded
        Types, tidied; the police.uk API's short names in full.
    list of str
        Notes.
    """
    names = columns.named("crime_type")
    found = [tidy_labels(columns[name]) for name in names]
    if not found:
        return tidy_labels(columns["crime_type"]), []
    best, notes = found[0], []
    for name, other in zip(names[1:], found[1:], strict=True):
        lacking = ~best.spread(_known(best)) & other.spread(_known(other))
        lacking |= best.spread(best.values == "") & other.spread(other.values != "")
        if lacking.any():
            best = chosen(best, other, lacking)
            notes.append(
                f"{counted(int(lacking.sum()), 'row')} with the type of {columns.heading(name)}, "
                "where the words of "
                f"{columns.heading(names[0])} are blank or not known."
            )
    best = _in_full(best)
    if old := sorted(set(best.values) & RETIRED_TYPES):
        notes.append(
            f"Crime types that police.uk used before May 2013 and that no theme takes as they stand: "
            f"{', '.join(old)}."
        )
    return best, notes


def _known(column: Coded) -> np.ndarray:
    return np.array([bool(text) and is_known(text) for text in column.values], bool)


def _in_full(column: Coded) -> Coded:
    """Turn the police.uk API's short names into its types, if the whole column is written in them."""
    values = {text for text in column.values if text}
    slugs = values & set(API_CATEGORIES)
    if not slugs or not all(text in API_CATEGORIES or text == text.lower() for text in values):
        return column
    return column.map(lambda text: API_CATEGORIES.get(text, text))


def void_records(columns: FieldColumns) -> np.ndarray:
    """Find records that were cancelled, transferred to another force or found to be no crime."""
    found = np.zeros(len(columns.rows), bool)
    for name in columns.named("status", "outcome", "crime_type"):
        column = columns[name]
        flag = bool(_VOID.fullmatch(columns.heading(name).replace("_", " ")))
        void = [_is_void(text, flag=flag, kind=name.startswith("crime_type")) for text in column.values]
        found |= column.spread(np.array(void, bool))
    return found


@lru_cache(maxsize=4096)
def _is_void(text: str, *, flag: bool, kind: bool) -> bool:
    plain = text.strip()
    if flag:
        return plain.casefold() in _YES
    if kind:  # "Duplicate" or "Error" may be the name of a kind; a cancelled record is none
        return bool(re.match(r"(cancelled|no[\s-]*crimed?)\b", plain, re.IGNORECASE))
    return bool(_VOID.fullmatch(plain)) and not _NOT_VOID.search(plain)


def void_notes(left_out: np.ndarray) -> list[str]:
    n = int(left_out.sum())
    if not n:
        return []
    return [
        f"{counted(n, 'record')} cancelled, transferred to another force, duplicate or found to be "
        "no crime: left out, "
        "as the Home Office Counting Rules do."
    ]
