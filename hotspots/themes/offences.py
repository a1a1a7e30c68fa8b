"""The vocabulary of offences: police.uk's crime types and Home Office offence codes, compared as text."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from hotspots.vocabulary import plain_words

# A class number, its letter, a sub-class, and whatever explains them: "010D - Article with blade".
_HOME_OFFICE = re.compile(r"\d{1,3}[A-Z]{0,2}(/\d{1,3}[A-Z]?)?|NFIB\d+[A-Z]?")
_CODE = re.compile(r"0*(\d+)([A-Z]?)(?:[./]0*(\d+))?(?:\s*[-:–]\s*\D.*|\s+\D.*)?")


def normalise_code(code: str) -> str:
    """
    Write an offence code in one way, so that two spellings of it are equal.

    Case, spaces around it, leading zeros and a description after it do not
    matter; "." and "/" mean the same. The number of a sub-class is a whole
    number, not a decimal: "4.1" and "4.10" stay two codes. Codes of another
    make ("NFIB52C") come back in capitals.

    Parameters
    ----------
    code : str
        As a file has it, read as text; "" where there is none.

    Returns
    -------
    str
        "8N" for "008n", "4/1" for "4.1" and "004/01", "28/3" for "28/03".
    """
    text = code.strip().upper()
    found = _CODE.fullmatch(text)
    if not found:
        return "".join(text.split())
    number, letter, subclass = found.groups()
    return f"{number}{letter}/{subclass}" if subclass else f"{number}{letter}"


def code_within(code: str, codes: Collection[str]) -> bool:
    """Tell whether a normalised code is one of `codes` (normalised too) or a sub-code of one of them."""
    return code in codes or code.partition("/")[0] in codes


def is_home_office_code(code: str) -> bool:
    """
    Tell whether a normalised code has the form of the Home Office's or the fraud bureau's.

    Codes of a force's own system, and codes that a spreadsheet made dates,
    tell nothing: the words beside them are believed instead.
    """
    return bool(_HOME_OFFICE.fullmatch(code))


def normalise_type(name: str) -> str:
    """Write a crime type without case and punctuation: "ASB - Personal" becomes "asb personal"."""
    return plain_words(name)


def distinct_rows(
    incidents: pd.DataFrame, columns: Sequence[str]
) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """
    Find the distinct combinations of some text columns, and which of them each row has.

    A city-year has a few hundred combinations of type, code and flags: a rule
    that is asked once for each costs next to nothing.

    Returns
    -------
    kinds : list of tuple of str
        Each combination, in the order of the columns; "" where a row has nothing.
    kind_of : ndarray of int
        The position in `kinds` for each row.
    """
    key = np.zeros(len(incidents), dtype=np.int64)
    levels = []
    for column in columns:
        codes, names = _numbered(incidents[column])
        levels.append([*names, ""])
        key = key * len(levels[-1]) + np.where(codes < 0, len(names), codes)
    present, kind_of = np.unique(key, return_inverse=True)
    parts = []
    for names in reversed(levels):
        present, position = np.divmod(present, len(names))
        parts.append([str(names[at]) for at in position])
    return list(zip(*reversed(parts), strict=True)), kind_of


def _numbered(texts: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Number texts in their own order: the number of each row, -1 where there is none, and the texts."""
    if not isinstance(texts.dtype, pd.CategoricalDtype):
        return pd.factorize(texts.astype(object), sort=True)
    # The categories are numbered already, only in another order; those that no row has do no harm.
    names = np.asarray(texts.cat.categories, dtype=object)
    order = np.argsort(names, kind="stable")
    number = np.append(np.argsort(order, kind="stable"), -1)
    return number[texts.cat.codes.to_numpy()], names[order]
