"""What the room takes from the ground floor, in one place."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any, Final

from hotspots.audiences import POLICIES, Policy
from hotspots.errors import InputError, ParameterError
from hotspots.months import MONTH_NAMES
from hotspots.resources import shipped
from hotspots.schema import ALL_INCIDENTS, COMBINED, LSOA, TYPE_PREFIX, WARD, WHOLE_PERIOD

__all__ = [
    "ALL_INCIDENTS",
    "CITY",
    "COMBINED",
    "LSOA",
    "MONTH_NAMES",
    "POLICIES",
    "TYPE_PREFIX",
    "WARD",
    "WHOLE_PERIOD",
    "ZONE",
    "InputError",
    "ParameterError",
    "Policy",
    "secret_themes",
    "types_of_themes",
]

#: Levels of cells that are no layer of areas with a vintage.
CITY: Final = "city"
ZONE: Final = "zone"


@cache
def _themes() -> tuple[dict[str, Any], ...]:
    with shipped("data", "themes.toml").open("rb") as file:
        return tuple(tomllib.load(file)["theme"])


@cache
def types_of_themes() -> dict[str, tuple[str, ...]]:
    """Crime types that are enough for a shipped theme, by its slug."""
    found = {}
    for theme in _themes():
        enough = [rule for rule in theme["rule"] if not {"codes", "flags"} & set(rule)]
        found[str(theme["slug"])] = tuple(str(name) for rule in enough for name in rule["types"])
    return found


@cache
def secret_themes() -> tuple[str, ...]:
    """Slugs and names of the shipped themes that the public may not know of."""
    secret = [theme for theme in _themes() if theme["sensitivity"] == "secret"]
    return tuple(str(theme[key]) for theme in secret for key in ("slug", "name"))
