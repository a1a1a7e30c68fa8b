"""Numbers in the room's sentences."""

from __future__ import annotations

from typing import Final

_SMALL: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def small_number(value: int) -> str:
    """Write whole numbers up to ten as words."""
    return _SMALL[value] if 0 <= value < len(_SMALL) else str(value)


def percent(share: float) -> str:
    """Write a share in whole per cent, below one with a decimal; number and sign stay on one line."""
    value = 100 * share
    return f"{value:.0f}\xa0%" if value >= 0.95 or value == 0 else f"{value:.1f}\xa0%"
