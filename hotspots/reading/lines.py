"""Rows compared with each other: copies, and the lines that other systems write for one incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from hotspots.reading.repeats import Repeats, RowContent, find_repeats
from hotspots.reading.table import Coded

#: What rows with the same Crime ID, or with none, are compared by beside month, type and outcome.
_COMPARED_TEXTS: Final = (
    "offence_code", "flags", "street", "grid_reference", "postcode", "stated_lsoa", "stated_ward",
)  # fmt: skip
_COMPARED_NUMBERS: Final = (
    "occurred_from", "occurred_to", "longitude", "latitude", "easting", "northing",
)  # fmt: skip


def compare_rows(
    texts: Mapping[str, Coded],
    numbers: Mapping[str, np.ndarray],
    source: np.ndarray,
    rows: np.ndarray,
    *,
    ids: np.ndarray,
    own: np.ndarray,
) -> Repeats:
    """
    Compare rows with each other.

    police.uk has one row for each crime, and two that differ are two, as
    published. Other systems write a row for each victim, suspect or outcome:
    under one crime number the same offence, day and place are one incident,
    whatever else the rows say, so that no further column changes the count.
    """
    lines = own[rows] & (ids != "")
    fields = []
    for name in _COMPARED_TEXTS:
        if len(texts[name].values) > 1:
            codes = texts[name].codes[rows]
            fields.append(np.where(lines, _line_text(name, codes, texts, numbers, rows), codes))
    for name in _COMPARED_NUMBERS:
        values = numbers[name][rows]
        dates = name.startswith("occurred")
        if not (np.isnat(values) if dates else np.isnan(values)).all():
            fields.append(_line_number(name, values, lines))
    content = RowContent(
        ids=ids,
        source=source[rows],
        month=texts["month"].codes[rows],
        crime_type=texts["crime_type"].codes[rows],
        outcome=np.where(lines, -1, texts["outcome"].codes[rows]) + 1,
        fields=fields,
    )
    return find_repeats(content)


#: Of a place, the better evidence alone is compared: what else is stated follows from it.
_EVIDENCE = ("grid_reference", "postcode", "stated_lsoa", "stated_ward")


def _line_text(
    name: str,
    codes: np.ndarray,
    texts: Mapping[str, Coded],
    numbers: Mapping[str, np.ndarray],
    rows: np.ndarray,
) -> np.ndarray:
    """Return what of a text tells incidents under one crime number apart; -1 for nothing."""
    if name == "offence_code":
        return codes
    if name not in _EVIDENCE:
        return np.full(len(rows), -1, np.int32)
    better = ~np.isnan(numbers["easting"][rows]) | ~np.isnan(numbers["longitude"][rows])
    for other in _EVIDENCE[: _EVIDENCE.index(name)]:
        better |= texts[other].values[texts[other].codes[rows]] != ""
    return np.where(better, -1, codes)


def _line_number(name: str, values: np.ndarray, lines: np.ndarray) -> np.ndarray:
    if name == "occurred_to":
        return np.where(lines, np.datetime64("NaT", "s"), values)
    if name == "occurred_from":
        return np.where(lines, values.astype("datetime64[D]").astype("datetime64[s]"), values)
    return values


def merged_flags(flags: Coded, repeats: Repeats, compared: np.ndarray) -> Coded:
    """Give the row that stays the flags of the rows of its incident that go."""
    gone = np.flatnonzero(repeats.stays >= 0)
    gone = gone[flags.values[flags.codes[compared[gone]]] != ""]
    if not len(gone):
        return flags
    texts = flags.values[flags.codes].copy()
    for row in gone.tolist():
        stays = compared[repeats.stays[row]]
        both = {*texts[compared[row]].split(";"), *texts[stays].split(";")} - {""}
        texts[stays] = ";".join(sorted(both))
    return Coded.of(texts)
