"""What is known of a column that leaves: its kind, its words, and by which rule each audience sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hotspots.audiences import OUTSIDE

#: What a value is: a text, a whole number, any number, yes or no, a geometry.
DTYPES: Final = {"text": "object", "whole": "int64", "number": "float64", "flag": "bool", "shape": "geometry"}
#: The rules by which a column may leave, and what each promises of its values.
RULES: Final = {
    "exact": "as it was found",
    "label": "names what the row is about; says nothing of incidents",
    "count": "a released count: withheld below the audience's minimum, else rounded",
    "computed": "computed from released counts and public figures, and from nothing else",
    "shape": "a cluster or band, or drawn with one: enough incidents and places, on a coarse grid",
    "parameter": "from the published ladder, chosen by released totals",
    "grade": "of the whole city, in whole percent, from at least 100 incidents",
    "internal": "for internal use only: blank elsewhere",
}


@dataclass(frozen=True)
class Column:
    """
    What is known of one column, and who may see it.

    Attributes
    ----------
    kind : str
        A key of `DTYPES`.
    words : str
        What people call it.
    rules : mapping of str to str
        By audience, a key of `RULES`.
    decimals : int or None
        Digits after the point that mean something; None leaves numbers as they are.
    optional : bool
        Whether some runs have it and others not.
    """

    kind: str
    words: str
    rules: Mapping[str, str]
    decimals: int | None = None
    optional: bool = False


def ruled(kind: str, words: str, rule: str, decimals: int | None = None, *, optional: bool = False) -> Column:
    """Make a column that is exact for internal use and follows one rule elsewhere."""
    rules = {"internal": "exact", **dict.fromkeys(OUTSIDE, rule)}
    return Column(kind, words, rules, decimals, optional)


def label(words: str) -> Column:
    """Make a column of text that says nothing of incidents."""
    return ruled("text", words, "label")
