"""
The payload in fewer characters, as static/map/core.js reads it back.

Whole numbers become text, one to three characters each; words of which there
are few become one letter. Everything stays plain text, which a filter for
e-mail can look into: a page that unpacks an archive is taken for an attack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from hotspots.pages import words
from hotspots.schema import CATEGORIES

#: Signs that neither JSON nor HTML has to write in another way: 44 that end a number, 44 that go on.
_SIGNS: Final = "".join(chr(code) for code in range(0x23, 0x7F) if chr(code) not in "&<>\\")
_HALF: Final = len(_SIGNS) // 2
#: The words of columns that hold nothing else; each is written as the letter of its place.
_FEW_WORDS: Final = {
    "category": ["", *CATEGORIES],
    "certainty": ["", "clearly", "very probably", "possibly", "probably not", "not"],
}
_LETTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Small counts share a sign: so many together, each below this limit. A group that does not fit has its own.
_GROUPS: Final = {2: 8, 3: 4, 6: 2}
_FULL: Final = 64
#: Decimals, at most, of the columns that are written as numbers.
_DECIMALS: Final = {"change": 3, "rank": 1, "rank_low": 1, "rank_high": 1}
#: Below it a change or a cluster of high values is not put down to chance.
_CLEAR: Final = 0.05


def packed(data: dict[str, Any]) -> dict[str, Any]:
    """Pack what `map_payload.build_payload` gives."""
    return {
        **data,
        "levels": {name: _level(level) for name, level in data["levels"].items()},
        **{kind: _drawn(data[kind]) for kind in ("clusters", "parts", "bands", "beats")},
        "streets": {**data["streets"], "points": write_points(data["streets"]["points"])},
        "packed": {"signs": _SIGNS, "words": _FEW_WORDS, "groups": _GROUPS},
    }


def write(numbers: Iterable[int]) -> str:
    """
    Write whole numbers from 0 on as text.

    The lowest digits come first, in a system of 44; a sign of the second half
    says that more follow. So 0 to 43 take one sign each, up to 1,935 two.
    """
    return "".join(map(_digits, numbers))


def read(text: str) -> list[int]:
    """Read back what `write` wrote."""
    found, number, times = [], 0, 1
    for sign in text:
        digit = _SIGNS.index(sign)
        number += (digit % _HALF) * times
        times *= _HALF
        if digit < _HALF:
            found.append(number)
            number, times = 0, 1
    return found


def write_shape(rings: Sequence[Sequence[Sequence[int]]]) -> str:
    """Write polygons, each a list of rings of steps: how many there are before each list."""
    return write(_counted(rings))


def write_points(points: Sequence[Sequence[int]]) -> str:
    """Write points as the steps from one to the next."""
    return write(_signed(_stepped(points)))


def write_known(values: Iterable[float | None], *, decimals: int = 0) -> str:
    """Write numbers from 0 on, of which some are not known."""
    return write(0 if value is None else round(value * 10**decimals) + 1 for value in values)


@lru_cache(maxsize=4_096)
def _digits(number: int) -> str:
    text = ""
    while number >= _HALF:
        text += _SIGNS[_HALF + number % _HALF]
        number //= _HALF
    return text + _SIGNS[number]


def _signed(numbers: Iterable[int]) -> Iterator[int]:
    """Fold negative numbers in between the others: 0, -1, 1, -2 become 0, 1, 2, 3."""
    return (-2 * number - 1 if number < 0 else 2 * number for number in numbers)


def _counted(rings: Sequence[Sequence[Sequence[int]]]) -> Iterator[int]:
    yield len(rings)
    for polygon in rings:
        yield len(polygon)
        for ring in polygon:
            yield len(ring)
            yield from _signed(ring)


def _stepped(points: Sequence[Sequence[int]]) -> Iterator[int]:
    """Give the steps from each point to the next."""
    before = (0, 0)
    for x, y in points:
        yield x - before[0]
        yield y - before[1]
        before = (x, y)


def _drawn(rows: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, list[list[Any]]]:
    """Give the names of the columns, which are the same in each row, and then the rows."""
    made = {slug: [{**row, **_row(row)} for row in listed] for slug, listed in rows.items() if listed}
    return {slug: [list(listed[0]), *(list(row.values()) for row in listed)] for slug, listed in made.items()}


def _row(row: Mapping[str, Any]) -> dict[str, str]:
    monthly = {"monthly": write(row["monthly"])} if "monthly" in row else {}
    return {"shape": write_shape(row["shape"]), **monthly}


def _level(level: dict[str, Any]) -> dict[str, Any]:
    return {
        **level,
        "shapes": [write_shape(shape) for shape in level["shapes"]],
        "labels": write_points(level["labels"]),
        "counts": _once({slug: _counts(rows) for slug, rows in level["counts"].items()}),
        "results": _once({slug: _results(found) for slug, found in level["results"].items()}),
    }


def _once(by_theme: Mapping[str, Any]) -> dict[str, Any]:
    """Name an earlier theme in place of figures that are the same: a type may be all there is of a theme."""
    found: dict[str, Any] = {}
    for slug, value in by_theme.items():
        found[slug] = next((earlier for earlier, other in found.items() if other == value), value)
    return found


def _counts(rows: Sequence[Sequence[float | None]]) -> list[Any]:
    """Give the figures in one row, how many share a sign, and all rows one after the other."""
    width = len(rows[0]) if rows else 0
    codes = [0 if value is None else round(value) + 1 for row in rows for value in row]
    # What fills the last group up must be less than a row, or a reader takes it for one more area.
    sizes = [size for size in _GROUPS if -len(codes) % size < width]
    texts = {1: write(codes), **{size: _grouped(codes, size) for size in sizes}}
    best = min(texts, key=lambda size: len(texts[size]))
    return [width, best, texts[best]]


def _grouped(codes: Sequence[int], size: int) -> str:
    """Write so many numbers with one sign where all are small; the last group is filled up with noughts."""
    limit = _GROUPS[size]
    groups = np.array([*codes, *[0] * (-len(codes) % size)], dtype=np.int64).reshape(-1, size)
    largest = groups.max(axis=1, initial=0).tolist()
    values = (groups @ limit ** np.arange(size)).tolist()
    return "".join(
        _SIGNS[value] if most < limit else _SIGNS[_FULL] + write(group)
        for most, value, group in zip(largest, values, groups.tolist(), strict=True)
    )


def _results(found: dict[str, Any]) -> dict[str, Any]:
    """
    Leave out what the page says in a word or a mark only.

    It asks whether a change or a cluster is clear and how surely an area is
    among the first, and for the interval of a rank only where that is in doubt.
    """
    kinds = found["class"]
    doubtful = [kind in ("priority", "possible") for kind in kinds]
    certainty = [words.certainty(*pair) for pair in zip(kinds, found["p_top"], strict=True)]
    lettered = {"category": found["category"], "certainty": certainty}
    numbers = {name: found[name] for name in _DECIMALS}
    for name in ("rank_low", "rank_high"):
        numbers[name] = [value if kept else None for value, kept in zip(found[name], doubtful, strict=True)]
    return {
        "by": found["by"],
        **{name: _decimal(numbers[name], most) for name, most in _DECIMALS.items()},
        **{
            name: "".join(_LETTERS[_FEW_WORDS[name].index(word)] for word in listed)
            for name, listed in lettered.items()
        },
        "marks": _marks(found),
    }


def _decimal(values: Sequence[float | None], most: int) -> list[Any]:
    """Give the decimals that some numbers need, and them as text."""
    whole = all(value is None or float(value).is_integer() for value in values)
    decimals = 0 if whole else most
    return [decimals, write_known(values, decimals=decimals)]


def _pairs(found: Mapping[str, Sequence[Any]], *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(found[name] for name in names), strict=True)


def _below(q: float | None) -> bool:
    return q is not None and q < _CLEAR


def _marks(found: Mapping[str, Sequence[Any]]) -> str:
    """Mark each area: 1 for a clear change, 2 for a clear cluster, 4 for a rank that differs elsewhere."""
    clear = [change is not None and _below(q) for change, q in _pairs(found, "change", "change_q")]
    high = [_below(q) and score is not None and score > 0 for score, q in _pairs(found, "gi_star", "gi_q")]
    marks = zip(clear, high, found["sensitive"], strict=True)
    return "".join(str(bool(a) + 2 * bool(b) + 4 * bool(c)) for a, b, c in marks)
