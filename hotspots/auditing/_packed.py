"""The figures that a page carries as signs, as numbers again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def unpacked(data: dict[str, Any]) -> dict[str, Any]:
    """Give the data of a page with counts and results as lists; those of other pages as they are."""
    signs = data.get("packed", {}).get("signs", "")
    if not signs:
        return data
    levels = {
        name: {
            **level,
            "counts": {
                slug: _rows(value, data["packed"], len(level["codes"]))
                for slug, value in _each(level["counts"])
            },
            "results": {slug: _columns(value, signs) for slug, value in _each(level["results"])},
        }
        for name, level in data["levels"].items()
    }
    drawn = {
        kind: {
            slug: [_row(dict(zip(columns, values, strict=True)), signs) for values in rows]
            for slug, (columns, *rows) in data[kind].items()
        }
        for kind in ("clusters", "parts", "bands", "beats")
    }
    return {**data, **drawn, "levels": levels, "packed": {}}


def _row(row: dict[str, Any], signs: str) -> dict[str, Any]:
    return {**row, "monthly": list(_numbers(row["monthly"], signs))} if "monthly" in row else row


def _each(by_theme: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give each theme's figures; a name stands for those of that theme."""
    for slug, value in by_theme.items():
        yield slug, by_theme[value] if isinstance(value, str) else value


def _rows(value: list[Any], packed: Mapping[str, Any], areas: int) -> list[list[float | None]]:
    """Read a row for each area; what fills the last group up is none."""
    width, size, text = value
    signs = packed["signs"]
    codes = (
        list(_numbers(text, signs)) if size == 1 else _grouped(text, signs, size, packed["groups"][str(size)])
    )
    flat: list[float | None] = [None if code == 0 else code - 1 for code in codes]
    return [flat[start : start + width] for start in range(0, width * areas, width)]


def _grouped(text: str, signs: str, size: int, limit: int) -> list[int]:
    """Read numbers of which several share a sign; the sign with place 64 begins a group in full."""
    found: list[int] = []
    at = 0
    while at < len(text):
        digit = signs.index(text[at])
        at += 1
        if digit < 64:
            found += [digit // limit**place % limit for place in range(size)]
            continue
        start, left = at, size
        while left:
            left -= signs.index(text[at]) < len(signs) // 2
            at += 1
        found += _numbers(text[start:at], signs)
    return found


def _columns(found: Mapping[str, Any], signs: str) -> dict[str, Any]:
    """Columns of numbers are written as their decimals and a text."""
    return {
        name: _known(values[1], signs, 10 ** values[0])
        if isinstance(values, list) and len(values) == 2 and isinstance(values[1], str)
        else values
        for name, values in found.items()
    }


def _known(text: str, signs: str, scale: int) -> list[float | None]:
    """Read numbers of which some are not known."""
    return [None if number == 0 else (number - 1) / scale for number in _numbers(text, signs)]


def _numbers(text: str, signs: str) -> Iterator[int]:
    """Read numbers of base 44, lowest digit first; a sign of the second half goes on."""
    half = len(signs) // 2
    number, times = 0, 1
    for sign in text:
        digit = signs.index(sign)
        number += digit % half * times
        times *= half
        if digit < half:
            yield number
            number, times = 0, 1
