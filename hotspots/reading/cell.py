"""Values of cells and attributes as the text that a CSV of the same table would hold."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal

#: What stands for a formula that was saved without its result.
NO_RESULT = "="


def cell_text(value: object) -> str:
    """Return a cell's value as the text a CSV of the same sheet would hold."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        plain = value.replace(microsecond=0)
        return plain.date().isoformat() if plain.time() == time() else plain.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(Decimal(value.total_seconds()) / 86400)
    if isinstance(value, float):
        return _number_text(value)
    return "" if value is None else str(value)


def _number_text(value: float) -> str:
    if not math.isfinite(value):
        return ""
    # 123.0 is how Excel keeps 123; no exponents, which no reader here takes.
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def attribute_text(value: object) -> str:
    """Return an attribute's value as text: lists and objects as JSON, bytes as nothing."""
    if isinstance(value, bytes):
        return ""
    return json.dumps(value) if isinstance(value, dict | list) else cell_text(value)
