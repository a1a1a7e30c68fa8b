"""What the caller asks of every source: the date order, the months, the forces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Rules:
    """
    What the caller asked of every source.

    Attributes
    ----------
    today : date
        Later dates are rejected.
    date_format : str
        See `dates.parse_dates`.
    from_month, to_month : str
        First and last month, "YYYY-MM"; "" for open.
    forces : frozenset of str
        Police forces as in police.uk file names; empty for all.
    """

    today: date
    date_format: str = ""
    from_month: str = ""
    to_month: str = ""
    forces: frozenset[str] = frozenset()
