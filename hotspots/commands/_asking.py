"""From the words of a command to settings: flag before environment before file before default."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from hotspots.authorities import areas_meant, known_authority
from hotspots.commands._options import PREFIX, VARIABLES
from hotspots.errors import ConfigError, UsageError
from hotspots.settings import Settings, resolve
from hotspots.text import nearest

#: The file of settings that is found by itself.
USUAL_CONFIG = Path("hotspots.toml")
#: What PROJ takes for yes.
_ON = ("ON", "YES", "TRUE")


def settings_of(words: Mapping[str, Any]) -> Settings:
    """
    Resolve a command's words; each that steers a run is named as the setting.

    Raises
    ------
    UsageError
        If a value is none that a run can use, an environment variable is misspelt, or several
        areas are meant.
    DataMissingError
        If nothing is at hand for the name of an area.
    """
    found = all_settings_of(words)
    if len(found) > 1:
        names = ", ".join(known_authority(one.area).name for one in found)
        raise UsageError(f"--area stands for {len(found)} authorities, and this command takes one: {names}.")
    return found[0]


def all_settings_of(words: Mapping[str, Any]) -> tuple[Settings, ...]:
    """Resolve a command's words as `settings_of` does, once for each authority that --area stands for."""
    settings = _resolved(words)
    areas = areas_meant(settings.area)
    if not areas:
        raise UsageError("--area is empty: give a GSS code, the name of an authority, or a force.")
    return tuple(replace(settings, area=one.code) for one in areas)


def _resolved(words: Mapping[str, Any]) -> Settings:
    from hotspots.reading.dates import run_date

    # Libraries read SOURCE_DATE_EPOCH when they load, and end in a traceback where it is no number.
    run_date()
    check_variables(os.environ)
    check_network(os.environ)
    names = {field.name for field in fields(Settings)}
    given = {name: value for name, value in words.items() if name in names}
    lists = {name: tuple(value) or None for name, value in given.items() if isinstance(value, list)}
    return resolve({**given, **lists}, config=_config(words))


def check_variables(environment: Mapping[str, str]) -> None:
    """Refuse variables that look like settings and are none: nobody would miss their effect."""
    names = {name.removeprefix(PREFIX) for name in environment if name.startswith(PREFIX)}
    faults = [
        f"The environment variable {PREFIX}{name} is no setting."
        + nearest(name, VARIABLES, form=f"{PREFIX}{{}}")
        for name in sorted(names - VARIABLES)
    ]
    if faults:
        raise UsageError(" ".join(faults))


def check_network(environment: Mapping[str, str]) -> None:
    """Refuse to place anything by grids from the network: whether it answers would change the figures."""
    if environment.get("PROJ_NETWORK", "").strip().upper() in _ON:
        raise ConfigError(
            "The environment variable PROJ_NETWORK is on, with which coordinates would hang on what a server "
            "answers: unset it, or set it to OFF."
        )


def _config(words: Mapping[str, Any]) -> Path | None:
    """Return the file that was named, else the usual one where the command runs, and say so."""
    named: Path | None = words.get("config")
    if named is not None or not USUAL_CONFIG.is_file():
        return named
    if not words.get("quiet"):
        print(f"Settings from {USUAL_CONFIG} in this folder.", file=sys.stderr)
    return USUAL_CONFIG
