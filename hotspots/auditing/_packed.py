"""The figures that a page carries as signs, as numbers again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def unpacked(data: dict[str, Any]) -> dict[str, Any]:
    """Give the data of a page with counts and results as lists; those of other pages as they are."""
    signs = data.get("packed", {}).get("signs", "")
    if not signs:
        return data
    levels = {
        name: {
            **level,
            "counts": {slug: _rows(packed, signs) for slug, packed in level["counts"].items()},
            "results": {slug: _columns(found, signs) for slug, found in level["results"].items()},
        }
        for name, level in data["levels"].items()
    }
    return {**data, "levels": levels, "packed": {}}


def _rows(packed: list[Any], signs: str) -> list[list[float | None]]:
    width, text = packed
    flat = _known(text, signs)
    return [flat[start : start + width] for start in range(0, len(flat), width)]


def _columns(found: Mapping[str, Any], signs: str) -> dict[str, Any]:
    """Columns of numbers are written as their decimals and a text."""
    return {
        name: _known(values[1], signs, 10 ** values[0])
        if isinstance(values, list) and len(values) == 2 and isinstance(values[1], str)
        else values
        for name, values in found.items()
    }


def _known(text: str, signs: str, scale: int = 1) -> list[float | None]:
    """Read numbers of base 44, lowest digit first; a sign of the second half goes on, nought is none."""
    half = len(signs) // 2
    found: list[float | None] = []
    number, times = 0, 1
    for sign in text:
        digit = signs.index(sign)
        number += digit % half * times
        times *= half
        if digit < half:
            whole = (number - 1) / scale
            found.append(None if number == 0 else int(whole) if whole.is_integer() else whole)
            number, times = 0, 1
    return found
