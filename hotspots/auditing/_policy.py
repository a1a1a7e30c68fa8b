"""What the room takes from the ground floor, in one place."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Final

from hotspots.audiences import POLICIES, Policy
from hotspots.errors import InputError, ParameterError
from hotspots.months import MONTH_NAMES
from hotspots.resources import shipped
from hotspots.schema import ALL_INCIDENTS, COMBINED, LSOA, WARD, WHOLE_PERIOD

__all__ = [
    "ALL_INCIDENTS",
    "CITY",
    "COMBINED",
    "LSOA",
    "MONTH_NAMES",
    "POLICIES",
    "WARD",
    "WHOLE_PERIOD",
    "ZONE",
    "InputError",
    "ParameterError",
    "Policy",
    "secret_themes",
]

#: Levels of cells that are no layer of areas with a vintage.
CITY: Final = "city"
ZONE: Final = "zone"


@cache
def secret_themes() -> tuple[str, ...]:
    """Slugs and names of the shipped themes that the public may not know of."""
    with shipped("data", "themes.toml").open("rb") as file:
        themes = tomllib.load(file)["theme"]
    secret = [theme for theme in themes if theme["sensitivity"] == "secret"]
    return tuple(str(theme[key]) for theme in secret for key in ("slug", "name"))
