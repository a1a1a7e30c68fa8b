"""
Settings of one run, and the configuration file that may give them.

A flag wins over an environment variable (HOTSPOTS_*), that over hotspots.toml,
that over the defaults here. `resolve` applies this order.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from hotspots.audiences import AUDIENCES, PUBLISHERS
from hotspots.authorities import SHIPPED
from hotspots.errors import ConfigError, UsageError
from hotspots.months import MONTH_PATTERN
from hotspots.text import INVISIBLE, nearest

HARM_INDICES = ("", "cambridge", "ons")
#: Formats in which layers may be written besides the GeoPackage.
GEOFILES = ("geoparquet", "flatgeobuf")

#: Most random numbers of a kind that a run can hold and wait for.
MOST_DRAWS = 100_000
_KIND_WORDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list of texts"}
_PATHS = {
    *("out", "boundaries", "postcodes", "ostn15", "backdrop", "context"),
    *("theme_rules", "denominator", "zones", "query"),
}


@dataclass(frozen=True)
class Settings:
    """
    Everything that steers a run.

    Attributes
    ----------
    inputs : tuple of Path
        Incident files, folders and zips; none means the shipped synthetic sample.
    out : Path
        The folder that the run replaces.
    area : str
        GSS code of the local authority. The command line takes names too, and several.
    boundaries, postcodes, ostn15 : Path or None
        Local layers, postcode file and OSTN15 grid that win over the shipped ones.
    wards, lsoas : str
        Vintages, such as "2023" and "2021"; "" for the newest at hand.
    from_month, to_month : str
        First and last month, "YYYY-MM"; "" for open.
    compare : tuple of str
        Two periods to compare, as "2024-01..2024-12"; none for the usual ones.
    themes : tuple of str
        Slugs to map; none means all of them.
    theme_rules : Path or None
        A file shaped like data/themes.toml to use in its place.
    audience : {"internal", "partner", "public"}
        Who may see the outputs: steers suppression.
    marking : str
        Security marking for the top and bottom of each page.
    seed : int
        Seed of every random draw.
    top : int
        How many areas the ranking calls its top.
    draws : int
        Bootstrap draws behind the confidence of a cluster.
    permutations : int
        Random relabellings behind the local statistics.
    columns : mapping of str to str
        Our field name to the file's header.
    weights : mapping of str to float
        Weight of each theme in the combined ranking; equal when empty.
    denominator : Path or None
        CSV of GSS codes and a figure of the user's, by which areas are ranked as well.
    heaps : mapping of str to (float, float)
        Name and easting and northing in metres of points known to be no scene: a police station, a default.
    harm : {"", "cambridge", "ons"}
        Harm index to show beside the counts.
    force : str
        Police force to read from an archive, as in its file names.
    date_format, sheet : str
        Reading options for dates and workbooks.
    dedupe_source : bool
        Drop the second half of a month in which every row appears exactly twice.
    query : Path or None
        File with the SELECT that a database among the inputs is asked.
    backdrop, context : Path or None
        Raster and vector context for the map.
    tiles : str
        URL template of the user's own tile server.
    points : tuple of Path
        Schools, premises, stops: what lies near beats and hot spots is named from these.
    scan : bool
        Whether circles that are high beyond chance are sought; it costs some seconds a theme.
    zones : Path or None
        Named polygons in which incidents are counted as in wards, for internal use.
    returns : tuple of str
        Columns of the form in which crews write what they delivered.
    found_by_patrol : bool
        Whether possession of drugs and weapons, which patrols find themselves, counts in the choice of beats.
    word : bool
        Whether a Word document is written beside each page that is to be handed on.
    also : tuple of {"geoparquet", "flatgeobuf"}
        Formats in which the layers are written besides the GeoPackage.
    already_public : {"", "data.police.uk"}
        Who publishes every row already, as the user attests; never from a file or the environment.
    """

    inputs: tuple[Path, ...] = ()
    out: Path = Path("maps")
    area: str = SHIPPED.code
    boundaries: Path | None = None
    wards: str = ""
    lsoas: str = ""
    from_month: str = ""
    to_month: str = ""
    compare: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    theme_rules: Path | None = None
    audience: str = "internal"
    marking: str = ""
    seed: int = 20230504
    top: int = 3
    draws: int = 200
    permutations: int = 9999
    columns: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    denominator: Path | None = None
    heaps: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    harm: str = ""
    force: str = ""
    date_format: str = ""
    sheet: str = ""
    dedupe_source: bool = False
    query: Path | None = None
    postcodes: Path | None = None
    ostn15: Path | None = None
    backdrop: Path | None = None
    context: Path | None = None
    tiles: str = ""
    points: tuple[Path, ...] = ()
    scan: bool = False
    zones: Path | None = None
    returns: tuple[str, ...] = ("visits made", "patrol-hours", "person-hours", "what was found", "note")
    found_by_patrol: bool = False
    word: bool = False
    also: tuple[str, ...] = ()
    already_public: str = ""

    def __post_init__(self) -> None:
        """Refuse values that no run can use, all of them in one error."""
        faults = list(self._faults())
        if faults:
            raise UsageError(" ".join(faults))

    def _faults(self) -> list[str]:
        choices = {
            "--audience": (self.audience, AUDIENCES),
            "--harm": (self.harm, HARM_INDICES),
            "--already-public": (self.already_public, ("", *PUBLISHERS)),
        }
        pair = "--compare takes two periods, such as 2024-01..2024-12 2025-01..2025-12."
        faults = [pair] * (len(self.compare) not in (0, 2))
        faults += [
            f"{flag} takes one of {', '.join(repr(c) for c in allowed if c)}.{nearest(value, allowed)}"
            for flag, (value, allowed) in choices.items()
            if value not in allowed
        ]
        faults += [
            f"--also takes geoparquet or flatgeobuf.{nearest(one, GEOFILES)}"
            for one in self.also
            if one not in GEOFILES
        ]
        for flag, year in (("--wards", self.wards), ("--lsoas", self.lsoas)):
            if year and not re.fullmatch(r"\d{4}", year):
                faults.append(f"{flag} takes the year of a vintage: 2023 for wards, 2021 for LSOAs.")
        for flag, month in (("--from", self.from_month), ("--to", self.to_month)):
            if month and not re.fullmatch(MONTH_PATTERN, month):
                faults.append(f"{flag} takes a month as YYYY-MM, such as 2025-01.")
        if self.already_public and self.audience == "internal":
            faults.append("--already-public is for --audience partner or public: inside, all is shown.")
        if self.already_public and (self.columns or not self.inputs):
            faults.append("--already-public takes named files as police.uk writes them, without [columns].")
        if self.already_public and self.zones:
            faults.append("--already-public takes no --zones: no publisher's rows go by them.")
        if self.from_month and self.to_month and self.from_month > self.to_month:
            faults.append("--from is later than --to: swap them.")
        if self.top < 1 or min(self.draws, self.permutations, self.seed) < 0:
            faults.append("top must be at least 1; seed, draws and permutations at least 0.")
        if max(self.draws, self.permutations) > MOST_DRAWS:
            faults.append(f"draws and permutations must be at most {MOST_DRAWS:,}: more change no figure.")
        if INVISIBLE.search(self.marking):
            faults.append("The marking holds signs that cannot be seen or turn text around: type it anew.")
        if not all(math.isfinite(weight) and weight >= 0 for weight in self.weights.values()):
            faults.append("The weights of themes must be numbers of at least 0.")
        return faults


def load_config(path: Path | None) -> dict[str, Any]:
    """
    Read a hotspots.toml into keyword arguments of `Settings`.

    Parameters
    ----------
    path : Path or None
        The file; None gives an empty mapping.

    Raises
    ------
    ConfigError
        If the file is missing, is not TOML, or holds an unknown key or a value
        of the wrong kind; every fault is named in one message.
    """
    if path is None:
        return {}
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}. Check --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} is not valid TOML: {error}.") from error
    except RecursionError as error:
        raise ConfigError(f"{path.name} is nested more deeply than settings are: correct it.") from error
    tables = {name: document.pop(name, {}) for name in ("columns", "weights", "heaps")}
    run = document.pop("run", {})
    if not isinstance(run, dict):
        raise ConfigError(f"{path.name}: 'run' must be a table: write [run] on a line of its own.")
    values = {**run, **document, **tables}
    values = {{"from": "from_month", "to": "to_month"}.get(key, key): value for key, value in values.items()}
    faults = [fault for key, value in values.items() if (fault := _config_fault(key, value))]
    if faults:
        raise ConfigError(f"{path.name}: " + " ".join(faults))
    return {key: _typed(key, value, path.parent) for key, value in values.items()}


def resolve(given: Mapping[str, Any], *, config: Path | None = None) -> Settings:
    """
    Merge what the command line gave over the configuration file and the defaults.

    Parameters
    ----------
    given : mapping
        Values from flags and environment; None means not given.
    config : Path or None
        The configuration file.
    """
    try:
        replace(Settings(), **load_config(config))
    except UsageError as error:
        raise ConfigError(f"{config.name if config else ''}: {error}") from error
    stated = {key: value for key, value in given.items() if value is not None}
    return replace(Settings(), **{**load_config(config), **stated})


def _config_fault(key: str, value: Any) -> str:
    kinds = {f.name: str(f.type) for f in fields(Settings)}
    if key == "already_public":
        return "'already_public' is attested on the command line alone: give --already-public with the run."
    if key not in kinds:
        return f"unknown key '{key}'; the keys are {', '.join(sorted(kinds))}.{nearest(key, kinds)}"
    expected = {"int": int, "bool": bool, "tuple[str, ...]": list, "tuple[Path, ...]": list}.get(
        kinds[key], str
    )
    if key in _TABLES:
        fits, words = _TABLES[key]
        good = isinstance(value, dict) and all(fits(one) for one in value.values())
        return "" if good else f"[{key}] must map names to {words}."
    if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        return f"'{key}' must be {_KIND_WORDS[expected]}."
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        return f"'{key}' must be a list of texts."
    return ""


def _is_point(value: Any) -> bool:
    """Tell whether a value is a pair of numbers."""
    return (
        isinstance(value, list) and len(value) == 2 and all(_is_number(n) and math.isfinite(n) for n in value)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


#: Tables of the file: what each value must be, and that in words.
_TABLES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "columns": (lambda value: isinstance(value, str), "text"),
    "weights": (_is_number, "numbers"),
    "heaps": (_is_point, "[easting, northing] in metres"),
}


def _typed(key: str, value: Any, folder: Path) -> Any:
    # Paths in the file are meant from where the file lies, not from where the command runs.
    if key in {"inputs", "points"}:
        # The address of a database lies in no folder.
        return tuple(Path(item) if "://" in item else folder / item for item in value)
    if key == "heaps":
        return {name: (float(east), float(north)) for name, (east, north) in value.items()}
    if key in _PATHS:
        return folder / value
    return tuple(value) if isinstance(value, list) else value
