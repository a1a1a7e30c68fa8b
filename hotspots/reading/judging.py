"""What both halves of judging a row need: reasons by number, the columns of a source by field."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from hotspots.reading.columns import ColumnPlan, rank_of
from hotspots.reading.table import Coded, Table
from hotspots.schema import REJECT_REASONS
from hotspots.text import clean_label, is_tidy

#: Reasons by number; 0 is a good row.
REASONS: Final = ("", *REJECT_REASONS)
CODE: Final = {reason: np.int8(place) for place, reason in enumerate(REASONS)}


def count_reasons(codes: np.ndarray) -> Counter[str]:
    """Count rejected rows by reason."""
    numbers = np.bincount(codes, minlength=len(REASONS)).tolist()
    return Counter({reason: n for reason, n in zip(REASONS[1:], numbers[1:], strict=True) if n})


#: What programs and people write for "nothing": R, pandas, SQL, spreadsheets, forms.
BLANKS: Final = frozenset(
    word
    for one in (
        "na", "n/a", "#n/a", "n.a.", "nan", "null", "none", "nil", "<na>", "<null>", "(null)", "nat",
        "-", "--", "---",
        "unknown", "not known", "unk", "not recorded", "not stated", "not available", "not applicable",
        "missing", "blank", "(blank)", "tbc", "n/k", "nk", "no data", "not provided", "not given",
        "not supplied", "not specified", "unspecified", "none recorded", "none given", "none stated",
        "nothing",
        ".", "..", "...", "?", "??", "*", "#value!", "#ref!", "#name?", "#num!", "#null!", "#div/0!",
    )
    for word in (one, one.upper(), one.title(), one.capitalize())
) | {"NaN", "NaT", "<Null>", "N/a", "\\N"}  # fmt: skip
_MARKS: Final = (".", "..", "...", "?", "??", "*")
#: In names of kinds these are kinds, if poor ones: the incident still counts.
_KINDS_TOO: Final = frozenset(
    word
    for word in BLANKS
    if word in _MARKS
    or word.casefold()
    in ("unknown", "not known", "unk", "not recorded", "not stated", "not specified", "unspecified")
)
_NEVER_BLANKED: Final = ("crime_id",)


def without_blanks(column: Coded, *, keep: frozenset[str] = frozenset()) -> Coded:
    """Turn words that stand for nothing into nothing."""
    if BLANKS.isdisjoint(column.values):
        return column
    words = BLANKS - keep
    return column.map(lambda text: "" if text in words else text)


def blank_values(column: Coded) -> np.ndarray:
    """Say of each distinct value whether it is blank, or a word for it."""
    if BLANKS.isdisjoint(column.values):  # a year has thousands of coordinates and no word among them
        return column.values == ""
    return np.array([not text.strip() or text.strip() in BLANKS for text in column.values], bool)


class FieldColumns:
    """The columns of a table by field; one that the file lacks is blank throughout."""

    def __init__(self, table: Table, plan: ColumnPlan) -> None:
        self._table, self._plan = table, plan
        self.rows, self.points, self.crs = table.rows, table.points, table.crs
        self.since_1904 = table.since_1904
        self._plain: dict[str, Coded] = {}
        # "date", "date:2" and so on, at most nine: by one figure they sort as numbers do.
        self._named: dict[str, list[str]] = {}
        for name in sorted(name for name in plan.places if len(name.partition(":")[2]) < 2):
            self._named.setdefault(name.partition(":")[0], []).append(name)
        self._blank = Coded(np.zeros(len(table.rows), np.int32), np.array([""], dtype=object))

    def __contains__(self, name: str) -> bool:
        return name in self._plan.places

    def present(self, *names: str) -> dict[str, Coded]:
        """Return those of some columns that the file has."""
        return {name: self[name] for name in names if name in self}

    def __getitem__(self, name: str) -> Coded:
        place = self._plan.places.get(name)
        if place is None:
            return self._blank
        if name not in self._plain:
            field = name.partition(":")[0]
            keep = _KINDS_TOO if field == "crime_type" else frozenset()
            column = _unwrapped(self._table.columns[place])
            self._plain[name] = column if field in _NEVER_BLANKED else without_blanks(column, keep=keep)
        return self._plain[name]

    def raw(self, name: str) -> Coded:
        """Return a column as it stands, with the words that stand for nothing."""
        return _unwrapped(self._table.columns[self._plan.places[name]])

    def named(self, *fields: str) -> list[str]:
        """Return the names of the columns of some fields that the file has, the best first."""
        return [name for field in fields for name in self._named.get(field, ())]

    def heading(self, name: str) -> str:
        """Return a column's name as it stands in the file."""
        return self._plan.used[name]

    def rank(self, field: str) -> int:
        """Return how far down in the list of its field a column's name stands; -1 if there is none."""
        return rank_of(self._plan.used[field], field) if field in self else -1

    def filled(self, *fields: str) -> Coded:
        """Return the best column of some fields, each row filled from the next ones where it is blank."""
        found = [self[name] for name in self.named(*fields)]
        if not found:
            return self._blank
        best = found[0]
        for other in found[1:]:
            best = filled_from(best, other)
        return best


def _unwrapped(column: Coded) -> Coded:
    """Take cells written as ="text", which keeps Excel from changing them, as that text."""
    # The first two tell, as held: a year has thousands of coordinates that nobody needs as texts.
    if not any(str(text).startswith('="') for text in column.stored[:2]):
        return column
    return column.map(lambda text: text[2:-1] if text.startswith('="') and text.endswith('"') else text)


def filled_from(best: Coded, other: Coded) -> Coded:
    """Take the other column's text where the better one is blank."""
    lacking = best.spread(np.array([not text.strip() for text in best.values], bool))
    if not lacking.any():
        return best
    return chosen(best, other, lacking)


def chosen(best: Coded, other: Coded, rows: np.ndarray) -> Coded:
    """Take the other column's text in some rows."""
    both = Coded.concat([best, other])
    n = len(best)
    return both.take(np.where(rows, np.arange(n, 2 * n), np.arange(n)))


def first_reason(*reasons: np.ndarray) -> np.ndarray:
    """Take for each row the first reason that is not 0."""
    result = reasons[0].astype(np.int8)
    for later in reasons[1:]:
        np.copyto(result, later.astype(np.int8), where=result == 0)
    return result


def tidy_labels(column: Coded) -> Coded:
    return column if is_tidy(column.values) else column.map(clean_label)
