"""
Rows that appear more than once, and what may be concluded from it.

Anti-social behaviour has no Crime ID, and police.uk moves incidents to shared
map points, so equal rows without an ID are separate incidents until someone
who knows decides otherwise. A Crime ID is not unique either: 2 to 4 % of rows
repeat one, nearly always at another location. Two releases of a month differ
in outcomes that were known later, and in little else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Fewer different rows than this can all appear twice by chance.
MIN_DOUBLED = 10
#: What is written where there is no ID, and what Excel makes of a long one: equal for many incidents.
_PLACEHOLDER = re.compile(
    r"n\W?a|#?n/a|nan|nil|none|null|no|unknown|not\s(known|recorded|available|applicable|given|yet\sknown)"
    r"|unk|tb[acd]|pending|blank|missing|x+|\W+|0+|[+-]?\d(\.\d+)?e\+\d+|[+-]?\d\.\d+e-?\d+",
    re.ASCII | re.IGNORECASE,
)
#: No placeholder is longer.
_LONGEST = 24


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
    outcome : ndarray of int
        Codes; what the police publish of an incident anew in each release.
    fields : sequence of ndarray
        Every other field that was read: codes, numbers or moments.
    """

    ids: np.ndarray
    source: np.ndarray
    month: np.ndarray
    crime_type: np.ndarray
    outcome: np.ndarray
    fields: Sequence[np.ndarray]


@dataclass(frozen=True)
class Repeats:
    """
    What was found.

    Attributes
    ----------
    duplicate : ndarray of bool
        Rows equal to an earlier one in Crime ID and every field, and `version`.
    version : ndarray of bool
        Rows equal to one of a later source in Crime ID and every field but the outcome.
    versions : DataFrame
        source, other (codes), rows: of a source, those of which a later one has the version that stays.
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
    stays : ndarray of int
        For each row of `duplicate` the row that stays for its incident; -1 for all others.
    """

    duplicate: np.ndarray
    version: np.ndarray
    versions: pd.DataFrame
    shared_id: np.ndarray
    doubled: pd.DataFrame
    doubled_copy: np.ndarray
    overlap: pd.DataFrame
    overlap_copy: np.ndarray
    stays: np.ndarray


def is_placeholder(ident: str) -> bool:
    """Say whether an ID only stands for none: "N/A", "-", "0", or "1.23E+15", which has lost its digits."""
    # The length first: a force's file has a hundred thousand long IDs.
    return 0 < len(ident) <= _LONGEST and bool(_PLACEHOLDER.fullmatch(ident.strip() or ident))


def placeholders(ids: np.ndarray) -> np.ndarray:
    """Say of each ID whether it only stands for none."""
    found = np.zeros(len(ids), bool)
    # A force's file has a hundred thousand long IDs: their length alone tells that they are none of
    # these words.
    lengths = np.fromiter(map(len, ids), np.int64, len(ids))
    for row in np.flatnonzero((lengths > 0) & (lengths <= _LONGEST)).tolist():
        found[row] = is_placeholder(ids[row])
    return found


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
    duplicate, version, shared_id = np.zeros(n, bool), np.zeros(n, bool), np.zeros(n, bool)
    again = np.flatnonzero(has_id & pd.Series(content.ids, dtype=object).duplicated(keep=False).to_numpy())
    ids = pd.factorize(content.ids[again])[0]
    incident = _paired(ids, _content_key(content, again))
    source = content.source[again]
    if len(again):
        whole = _paired(incident, content.outcome[again])
        older, version[again] = _versions(incident, whole, source)
        repeated = pd.Series(whole)
        duplicate[again] = older | repeated.where(~older).duplicated().to_numpy()
        stays = ~duplicate[again]
        unique = ~repeated.duplicated(keep=False).to_numpy()
        shared_id[again] = unique & stays & (np.bincount(ids, weights=stays)[ids] > 1)
    bare = np.flatnonzero(~has_id)
    key = _paired(_content_key(content, bare), content.outcome[bare])
    doubled, doubled_copy = _doubled(content, bare, key)
    pairs = _sharing_sources(incident, source, duplicate[again])
    overlap, overlap_copy = _overlap(content, bare, key, pairs)
    versions = _kept_in(incident, source, version[again])
    kept = _stays(incident, again, duplicate)
    return Repeats(
        duplicate, version, versions, shared_id, doubled, doubled_copy, overlap, overlap_copy, kept
    )


def _stays(incident: np.ndarray, again: np.ndarray, duplicate: np.ndarray) -> np.ndarray:
    """Return for each duplicate the first row of its incident that is none."""
    stays = np.full(len(duplicate), -1, np.int64)
    gone = duplicate[again]
    if gone.any():
        first = np.full(int(incident.max()) + 1, -1, np.int64)
        left = np.flatnonzero(~gone)[::-1]
        # Written from the end, the first row of each incident is what stays.
        first[incident[left]] = again[left]
        stays[again[gone]] = first[incident[gone]]
    return stays


def _versions(incident: np.ndarray, whole: np.ndarray, source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """
    Find rows of which a later source has another version.

    Within one source two outcomes are two rows, as published. Where outcomes
    differ between sources, all rows of the incident but the last source's go.

    Returns
    -------
    two ndarrays of bool
        Rows that go, and those of them that the last source does not hold unchanged.
    """
    rows = pd.DataFrame({"incident": incident, "whole": whole, "source": source})
    groups = rows.groupby("incident", sort=False)
    last = groups["source"].transform("max")
    # Numbers of `whole` are equal only within an incident, so more than one means several outcomes.
    older = (rows["source"] < last) & (groups["whole"].transform("nunique") > 1)
    unchanged = rows["whole"].isin(rows.loc[rows["source"] == last, "whole"])
    return older.to_numpy(), (older & ~unchanged).to_numpy()


def _paired(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return pd.factorize(one.astype(np.int64) * (int(other.max(initial=0)) + 1) + other)[0]


def _content_key(content: RowContent, rows: np.ndarray) -> np.ndarray:
    """Number the distinct contents of some rows, whatever the outcome."""
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
    if not within.any():
        return _none("source", "month", "crime_type"), copy
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
    content: RowContent, rows: np.ndarray, key: np.ndarray, pairs: set[tuple[int, int]]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Find rows without an ID that two overlapping downloads may both hold."""
    copy = np.zeros(len(content.ids), bool)
    if not pairs:
        return _none("source", "other"), copy
    order = pd.DataFrame({"row": rows, "source": content.source[rows], "key": key})
    order["nth"] = order.groupby(["source", "key"], sort=False).cumcount()
    found = []
    for other, source in sorted(pairs):
        one, two = order[order["source"] == other], order[order["source"] == source]
        both = two.merge(one[["key", "nth"]], on=["key", "nth"])
        copy[both["row"].to_numpy()] = True
        if len(both):
            found.append({"source": source, "other": other, "rows": len(both)})
    return pd.DataFrame(found) if found else _none("source", "other"), copy


def _none(*columns: str) -> pd.DataFrame:
    """Give a list of rows that went, without any: most files have none, and are small."""
    return pd.DataFrame({name: np.zeros(0, np.int64) for name in (*columns, "rows")})


def _sharing_sources(incident: np.ndarray, source: np.ndarray, duplicate: np.ndarray) -> set[tuple[int, int]]:
    """Return pairs of sources (earlier, later) that hold an incident of each other."""
    crossing = _kept_in(incident, source, duplicate)
    pairs = crossing[["source", "other"]].to_numpy()
    return {(min(pair), max(pair)) for pair in pairs.tolist()}


def _kept_in(incident: np.ndarray, source: np.ndarray, gone: np.ndarray) -> pd.DataFrame:
    """Count rows that went by their source and the other one whose row of the incident stays."""
    if not gone.any():
        return _none("source", "other")
    rows = pd.DataFrame({"incident": incident, "source": source})
    stays = rows[~gone].drop_duplicates("incident").rename(columns={"source": "other"})
    joined = rows[gone].merge(stays, on="incident")
    crossing = joined[joined["source"] != joined["other"]]
    return crossing.groupby(["source", "other"], sort=True).size().rename("rows").reset_index()
