"""Marks on an incident (knife, alcohol, youth, ...) from the columns of force and partner extracts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from hotspots.reading.table import Coded
from hotspots.schema import FLAGS
from hotspots.text import counted

#: Serious youth violence counts victims and suspects under this age.
YOUTH_BELOW: Final = 25

_YES = {"y", "yes", "true", "t", "1", "1.0", "x"}
_NO = {"", "n", "no", "false", "f", "0", "0.0", "none", "null", "na", "n/a", "not known", "unknown", "-"}


_NEGATION = re.compile(r"\b(no|not|non|none|never|without|nil)\b|n't\b")
#: What may stand beside a flag's name and a negation without leaving doubt.
_PLAIN = {
    "no", "not", "non", "none", "never", "without", "nil", "a", "an", "any", "the", "of", "is", "was", "were",
    "been", "used", "seen", "involved", "present", "produced", "carried", "found", "mentioned", "recorded",
    "related", "enabled", "crime", "flag", "marker", "evidence", "offence", "incident", "applicable",
}  # fmt: skip


def flag_rows(columns: Mapping[str, Coded], *, n_rows: int) -> tuple[Coded, list[str]]:
    """
    Gather the flags of each row.

    Parameters
    ----------
    columns : mapping of str to Coded
        Those of `schema.FLAGS`, "flags" (a list of words), "victim_age" and
        "suspect_age" that the source has.
    n_rows : int
        Rows of the source.

    Returns
    -------
    Coded
        Sorted names joined by ";", "" for none. Someone under 25 makes "youth".
    list of str
        Notes: rows whose mark could not be understood, and so does not count.
    """
    if not columns:
        return Coded(np.zeros(n_rows, np.int32), np.array([""], dtype=object)), []
    bits = np.zeros(n_rows, np.int32)
    notes = []
    for place, flag in enumerate(FLAGS):
        if flag in columns:
            marks = np.array([_mark(text, flag) for text in columns[flag].values], np.int32)
            bits |= columns[flag].spread((marks > 0).astype(np.int32)) << place
            unclear = int(columns[flag].spread(marks < 0).sum())
            if unclear:
                notes.append(f"{counted(unclear, 'row')} with a {flag} mark that is neither yes nor no.")
        if "flags" in columns:
            named = np.array([flag in _words(text) for text in columns["flags"].values], np.int32)
            bits |= columns["flags"].spread(named) << place
    for name in {"victim_age", "suspect_age"} & set(columns):
        young = np.array([is_young(text) for text in columns[name].values], np.int32)
        bits |= columns[name].spread(young) << FLAGS.index("youth")
    distinct, codes = np.unique(bits, return_inverse=True)
    names = [
        ";".join(sorted(flag for place, flag in enumerate(FLAGS) if bit >> place & 1)) for bit in distinct
    ]
    return Coded(codes.astype(np.int32), np.array(names, dtype=object)), notes


def is_young(text: str) -> bool:
    """Say whether an age or age band ("17", "18-24", "under 18") lies wholly under 25."""
    ages = [int(number) for number in re.findall(r"\d{1,3}", text)]
    if not ages or re.search(r"over|above|\+|>", text, re.IGNORECASE):
        return False
    below = re.search(r"under|below|<", text, re.IGNORECASE)
    return max(ages) < YOUTH_BELOW or bool(below and max(ages) <= YOUTH_BELOW)


def _mark(text: str, flag: str) -> int:
    """Return 1 for yes, 0 for no, -1 for a word that is neither."""
    word = text.strip().lower()
    if word in _YES:
        return 1
    if word in _NO:
        return 0
    before, named, after = word.replace("-", " ").partition(flag.replace("-", " "))
    if named:
        return _mark_beside_name(f"{before} {after}".strip(" :;=.,()/"))
    return 0 if re.match(r"(no|not|non)\b", word) else -1


def _mark_beside_name(rest: str) -> int:
    """Judge what stands beside the flag's own name: nothing or a description is yes."""
    if not rest or not (rest in _NO or _NEGATION.search(rest)):
        return 1
    # "Knife used, no injury" is not "Knife not used".
    return 0 if rest in _NO or set(re.findall(r"[a-z]+", rest)) <= _PLAIN else -1


def _words(text: str) -> set[str]:
    return {word.strip().lower().replace(" ", "-") for word in re.split(r"[;,|/]", text)}
