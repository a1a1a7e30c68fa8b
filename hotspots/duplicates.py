"""
Rows that appear more than once, and what may be concluded from it.

Anti-social behaviour has no Crime ID, and police.uk moves incidents to shared
map points, so equal rows without an ID are separate incidents until someone
who knows decides otherwise. A Crime ID is not unique either: 2 to 4 % of rows
repeat one, nearly always at another location.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Fewer different rows than this can all appear twice by chance.
MIN_DOUBLED = 10


@dataclass(frozen=True)
class RowContent:
    """
    What rows are compared by.

    Attributes
    ----------
    ids : ndarray of str
        Crime IDs; "" for none.
    source, month, crime_type : ndarray of int
        Codes.
    fields : sequence of ndarray
        Every other field that was read: codes, numbers or moments.
    """

    ids: np.ndarray
    source: np.ndarray
    month: np.ndarray
    crime_type: np.ndarray
    fields: Sequence[np.ndarray]


@dataclass(frozen=True)
class Repeats:
    """
    What was found.

    Attributes
    ----------
    duplicate : ndarray of bool
        Rows equal to an earlier one in Crime ID and every field.
    shared_id : ndarray of bool
        Rows whose Crime ID another row with other content has too.
    doubled : DataFrame
        source, month, crime_type (codes), rows: every row appears an even number of times.
    doubled_copy : ndarray of bool
        The second half of them.
    overlap : DataFrame
        source, other (codes), rows: rows without an ID that are in both of two
        sources which share rows with one.
    overlap_copy : ndarray of bool
        The copies in the later source.
    """

    duplicate: np.ndarray
    shared_id: np.ndarray
    doubled: pd.DataFrame
    doubled_copy: np.ndarray
    overlap: pd.DataFrame
    overlap_copy: np.ndarray


def find_repeats(content: RowContent) -> Repeats:
    """
    Compare all rows with each other, across sources.

    Parameters
    ----------
    content : RowContent
        Rows in the order of their sources; of equal rows the first stays.
    """
    n = len(content.ids)
    has_id = content.ids != ""
    duplicate, shared_id = np.zeros(n, bool), np.zeros(n, bool)
    again = np.flatnonzero(has_id & pd.Series(content.ids, dtype=object).duplicated(keep=False).to_numpy())
    if len(again):
        key = _content_key(content, again)
        whole = pd.Series(_paired(pd.factorize(content.ids[again])[0], key))
        duplicate[again] = whole.duplicated().to_numpy()
        shared_id[again] = ~whole.duplicated(keep=False).to_numpy() & ~duplicate[again]
    bare = np.flatnonzero(~has_id)
    key = _content_key(content, bare)
    doubled, doubled_copy = _doubled(content, bare, key)
    overlap, overlap_copy = _overlap(content, bare, key, duplicate, again)
    return Repeats(duplicate, shared_id, doubled, doubled_copy, overlap, overlap_copy)


def _paired(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return pd.factorize(one.astype(np.int64) * (int(other.max(initial=0)) + 1) + other)[0]


def _content_key(content: RowContent, rows: np.ndarray) -> np.ndarray:
    """Number the distinct contents of some rows."""
    key = np.zeros(len(rows), np.int64)
    for field in (content.month, content.crime_type, *content.fields):
        key = _paired(key, pd.factorize(field[rows], use_na_sentinel=False)[0])
    return key


def _doubled(content: RowContent, rows: np.ndarray, key: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Find months of a source in which every row of a type appears an even number of times."""
    copy = np.zeros(len(content.ids), bool)
    key = _paired(content.source[rows], key)
    group = _paired(
        content.source[rows], _paired(content.month[rows], pd.factorize(content.crime_type[rows])[0])
    )
    first = np.unique(key, return_index=True)[1]
    times = np.bincount(key)
    group_of_key = group[first]
    odd = np.bincount(group_of_key, weights=times % 2)
    different = np.bincount(group_of_key)
    doubled = (odd == 0) & (different >= MIN_DOUBLED)
    within = doubled[group] if len(group) else np.zeros(0, bool)
    nth = pd.Series(key).groupby(key, sort=False).cumcount().to_numpy() if within.any() else key
    copy[rows] = within & (nth >= times[key] // 2)
    found = pd.DataFrame(
        {
            "source": content.source[rows[within]],
            "month": content.month[rows[within]],
            "crime_type": content.crime_type[rows[within]],
        }
    )
    columns = list(found.columns)
    return found.groupby(columns, sort=True).size().rename("rows").reset_index(), copy


def _overlap(
    content: RowContent, rows: np.ndarray, key: np.ndarray, duplicate: np.ndarray, again: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Find rows without an ID that two overlapping downloads may both hold."""
    copy = np.zeros(len(content.ids), bool)
    empty = pd.DataFrame({"source": [], "other": [], "rows": []}, dtype=np.int64)
    pairs = _sharing_sources(content, duplicate, again)
    if not pairs:
        return empty, copy
    order = pd.DataFrame({"row": rows, "source": content.source[rows], "key": key})
    order["nth"] = order.groupby(["source", "key"], sort=False).cumcount()
    found = []
    for other, source in sorted(pairs):
        one, two = order[order["source"] == other], order[order["source"] == source]
        both = two.merge(one[["key", "nth"]], on=["key", "nth"])
        copy[both["row"].to_numpy()] = True
        if len(both):
            found.append({"source": source, "other": other, "rows": len(both)})
    return pd.DataFrame(found, columns=["source", "other", "rows"]) if found else empty, copy


def _sharing_sources(content: RowContent, duplicate: np.ndarray, again: np.ndarray) -> set[tuple[int, int]]:
    """Return pairs of sources (earlier, later) of which the later repeats a row of the earlier."""
    ids = pd.DataFrame({"id": content.ids[again], "source": content.source[again], "copy": duplicate[again]})
    copies, firsts = ids[ids["copy"]], ids[~ids["copy"]]
    joined = copies.merge(firsts, on="id", suffixes=("", "_first"))
    crossing = joined[joined["source"] != joined["source_first"]]
    return set(zip(crossing["source_first"].tolist(), crossing["source"].tolist(), strict=True))
