"""Read a file of themes, such as data/themes.toml, and check all of it at once."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from hotspots.errors import ConfigError
from hotspots.policeuk import POLICE_TYPES
from hotspots.schema import ALL_INCIDENTS, COMBINED, DIRECT, FLAGS, NOT_VISIBLE, PROXY, TYPE_PREFIX
from hotspots.text import counted
from hotspots.themes.offences import normalise_type
from hotspots.vocabulary import meanings

_CHOICES: Final = {
    "observability": (DIRECT, PROXY, NOT_VISIBLE),
    "sensitivity": ("open", "restricted", "secret"),
    "geography": ("place-based", "borderless"),
}
#: The texts and the true-or-false settings that every theme has.
THEME_TEXTS: Final = ("slug", "name", "description", "note", *_CHOICES)
THEME_SWITCHES: Final = ("density", "clusters")
# It becomes part of file names and links.
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RULE_LISTS: Final = ("types", "codes", "flags")


def read_theme_table(source: Path) -> dict[str, Any]:
    """
    Read a file of themes as a table that is known to be complete and right.

    Raises
    ------
    ConfigError
        If it cannot be read, or anything in it is wrong: one error lists
        every fault.
    """
    try:
        table = tomllib.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{source.name} cannot be read: {error.strerror}. Check --theme-rules.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{source.name} cannot be read as TOML: {error}. Correct the file.") from error
    except RecursionError as error:
        raise ConfigError(f"{source.name} is nested more deeply than themes are: correct it.") from error
    faults = _faults(table)
    if faults:
        raise ConfigError(
            f"{source.name} has {counted(len(faults), 'fault')}: {'; '.join(faults)}. Correct the file."
        )
    return table


def _faults(table: dict[str, Any]) -> list[str]:
    """List everything wrong with a table of themes, in the order of the file."""
    partner = table.get("partner_types", [])
    if not _is_texts(partner):
        return ["partner_types is not a list of texts"]
    entries = table.get("theme")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        return ["there is no [[theme]]"]
    faults = [f"{key} is not a setting" for key in table if key not in ("partner_types", "theme")]
    types = {*map(normalise_type, (*POLICE_TYPES, *partner)), *meanings()}
    for number, entry in enumerate(entries, 1):
        faults += _theme_faults(entry, f"theme {number}", types)
    slugs = [entry.get("slug") for entry in entries]
    return faults + [
        f"the slug {slug} is used twice" for slug in dict.fromkeys(slugs) if slugs.count(slug) > 1
    ]


def _theme_faults(entry: dict[str, Any], where: str, types: set[str]) -> list[str]:
    """List what is wrong with one [[theme]]."""
    faults = [
        f"{where}: {key} is missing or not a text"
        for key in THEME_TEXTS
        if not (isinstance(entry.get(key), str) and entry[key])
    ]
    faults += [
        f"{where}: {key} is not true or false"
        for key in THEME_SWITCHES
        if not isinstance(entry.get(key), bool)
    ]
    faults += [
        f"{where}: {key} is not one of {', '.join(known)}"
        for key, known in _CHOICES.items()
        if isinstance(entry.get(key), str) and entry[key] not in known
    ]
    faults += [
        f"{where}: {key} is not a setting"
        for key in entry
        if key not in (*THEME_TEXTS, *THEME_SWITCHES, "rule")
    ]
    slug = entry.get("slug")
    if isinstance(slug, str) and not _SLUG.fullmatch(slug):
        faults.append(f"{where}: the slug is not made of small letters, digits and hyphens")
    if slug == ALL_INCIDENTS:
        faults.append(f"{where}: the slug all is kept for all incidents")
    if isinstance(slug, str) and slug.startswith(TYPE_PREFIX):
        faults.append(f"{where}: slugs that begin with {TYPE_PREFIX} are kept for types of incidents")
    if slug == COMBINED:
        faults.append(f"{where}: the slug combined is kept for the themes together")
    if entry.get("sensitivity") == "secret" and (entry.get("density") or entry.get("clusters")):
        faults.append(f"{where}: a secret theme cannot show density or clusters")
    rules = entry.get("rule")
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        return [*faults, f"{where}: there is no [[theme.rule]]"]
    for number, rule in enumerate(rules, 1):
        faults += _rule_faults(rule, f"{where} rule {number}", types)
    return faults


def _rule_faults(rule: dict[str, Any], where: str, types: set[str]) -> list[str]:
    """List what is wrong with one [[theme.rule]]."""
    lists = {key: rule[key] for key in _RULE_LISTS if key in rule}
    bad = [key for key, values in lists.items() if not (_is_texts(values) and values)]
    faults = [f"{where}: {key} is not a list of texts (write codes in quotes)" for key in bad]
    if not lists:
        faults.append(f"{where}: it names no types, codes or flags")
    if not bad:
        faults += [
            f"{where}: {name} is not a crime type"
            for name in lists.get("types", ())
            if normalise_type(name) not in types
        ]
        faults += [f"{where}: {name} is not a flag" for name in lists.get("flags", ()) if name not in FLAGS]
    if rule.get("evidence") not in (DIRECT, PROXY):
        faults.append(f"{where}: evidence is not direct or proxy")
    if not (isinstance(rule.get("words"), str) and rule["words"]):
        faults.append(f"{where}: words is missing or not a text")
    if not isinstance(rule.get("without_code", False), bool):
        faults.append(f"{where}: without_code is not true or false")
    elif rule.get("without_code") and "codes" in rule:
        faults.append(f"{where}: codes and without_code contradict each other")
    known = (*_RULE_LISTS, "without_code", "evidence", "words")
    return faults + [f"{where}: {key} is not a setting" for key in rule if key not in known]


def _is_texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) and value for value in values)
