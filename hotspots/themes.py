"""
Sort incidents into the themes of the strategic assessment.

The rules are data: data/themes.toml, or a file of the user's with the same
shape. This module reads it, applies it, and says what of each theme the data
at hand can show.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hotspots.errors import ConfigError, ParameterError
from hotspots.offences import FLAGS, POLICE_TYPES, code_within, normalise_code, normalise_type
from hotspots.resources import shipped
from hotspots.schema import ALL_INCIDENTS

DIRECT, PROXY, NOT_VISIBLE = "direct", "proxy", "not visible"

_CHOICES = {
    "observability": (DIRECT, PROXY, NOT_VISIBLE),
    "sensitivity": ("open", "restricted", "secret"),
    "geography": ("place-based", "borderless"),
}
_THEME_TEXTS = ("slug", "name", "description", "note", *_CHOICES)
_THEME_SWITCHES = ("density", "clusters")
_RULE_LISTS = ("types", "codes", "flags")


@dataclass(frozen=True)
class Rule:
    """
    One way in which an incident belongs to a theme; every condition stated must hold.

    Attributes
    ----------
    types, codes, flags : frozenset of str
        Normalised crime types and offence codes, and flags; empty where the
        rule does not ask for them. One of each is enough.
    without_code : bool
        Whether the rule is only for incidents without an offence code.
    evidence : {"direct", "proxy"}
        Whether it shows the theme or something that goes with it.
    words : str
        What it rests on, for the page.
    """

    types: frozenset[str]
    codes: frozenset[str]
    flags: frozenset[str]
    without_code: bool
    evidence: str
    words: str

    def holds(self, crime_type: str, code: str, flags: frozenset[str]) -> bool:
        """Tell whether an incident with this normalised type and code and these flags meets the rule."""
        return (
            (not self.types or crime_type in self.types)
            and (not self.codes or code_within(code, self.codes))
            and (not self.flags or not self.flags.isdisjoint(flags))
            and not (self.without_code and code)
        )


@dataclass(frozen=True)
class Theme:
    """
    A theme: its rules, and how far it may be mapped.

    Attributes
    ----------
    slug, name, description : str
        Its name in files, on the page, and a sentence about it.
    rules : tuple of Rule
        An incident belongs to the theme when any of them holds.
    observability : {"direct", "proxy", "not visible"}
        What police.uk data show of it; see `observability` for other data.
    sensitivity : {"open", "restricted", "secret"}
        "restricted": ward or coarser outside internal use; "secret": never
        points, density or clusters, and nothing in public.
    geography : {"place-based", "borderless"}
        Whether the place of an incident is where it happened.
    density, clusters : bool
        Whether a density surface and clusters make sense.
    note : str
        The caveat that stands beside every figure of the theme.
    """

    slug: str
    name: str
    description: str
    rules: tuple[Rule, ...]
    observability: str
    sensitivity: str
    geography: str
    density: bool
    clusters: bool
    note: str


def load_themes(path: Path | str | None = None) -> tuple[Theme, ...]:
    """
    Read the themes and their rules.

    Parameters
    ----------
    path : Path or str, optional
        A TOML file shaped like data/themes.toml; the shipped one when left out.

    Returns
    -------
    tuple of Theme
        In the order of the file.

    Raises
    ------
    ConfigError
        If the file cannot be read, or anything in it is wrong: one error
        lists every fault.
    """
    source = Path(path) if path is not None else shipped("data", "themes.toml")
    try:
        table = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{source.name} cannot be read as TOML: {error}. Correct the file.") from error
    faults = _faults(table)
    if faults:
        raise ConfigError(f"{source.name} has {len(faults)} faults: " + "; ".join(faults) + ". Correct them.")
    return tuple(_theme(entry) for entry in table["theme"])


def classify(incidents: pd.DataFrame, themes: Sequence[Theme]) -> pd.DataFrame:
    """
    Tell for each incident to which themes it belongs: none, one or several.

    Parameters
    ----------
    incidents : DataFrame
        With `crime_type`, `offence_code` and `flags`.
    themes : sequence of Theme
        From `load_themes`.

    Returns
    -------
    DataFrame of bool
        Index as `incidents`; a column "all", which is True throughout, then one per theme.
    """
    kinds, kind_of = _kinds(incidents)
    columns = {ALL_INCIDENTS: np.ones(len(incidents), dtype=bool)}
    for theme in themes:
        holds = [any(rule.holds(*kind) for rule in theme.rules) for kind in kinds]
        columns[theme.slug] = np.array(holds, dtype=bool)[kind_of]
    return pd.DataFrame(columns, index=incidents.index)


def observability(theme: Theme, incidents: pd.DataFrame) -> str:
    """
    Say how far the incidents at hand can show a theme.

    A source that carries offence codes or a flag shows more than police.uk
    does; one without anti-social behaviour shows less. A flag counts as
    carried by a source once any of its rows has it set.

    Returns
    -------
    {"direct", "proxy", "not visible"}
        "direct" if direct evidence could show the theme in at least half of
        the incidents; "proxy" if less, or only a proxy, could.
    """
    direct, proxy, _ = _evidence(theme, incidents)
    if direct >= 0.5:
        return DIRECT
    return PROXY if direct > 0 or proxy > 0 else NOT_VISIBLE


def observability_words(theme: Theme, incidents: pd.DataFrame) -> str:
    """Say in a sentence for the page what of a theme the incidents at hand can show, and by what evidence."""
    direct, proxy, found = _evidence(theme, incidents)
    by = {kind: _join([rule.words for rule in found if rule.evidence == kind]) for kind in (DIRECT, PROXY)}
    if direct > 0:
        reach = "" if direct > 0.995 else f" in {max(1, round(100 * direct))} % of the incidents"
        rest = f", and through {by[PROXY]}, a proxy" if proxy > 0 else ""
        return f"Seen directly{reach} through {by[DIRECT]}{rest}."
    if proxy > 0:
        return f"Seen only through {by[PROXY]}, a proxy."
    needed = _join([rule.words for rule in theme.rules], "or")
    return f"Not visible in these data; it would take {needed}."


def describe(themes: Sequence[Theme]) -> list[dict[str, str]]:
    """
    List the themes in words, one row each, as `hotspots themes` prints them.

    Returns
    -------
    list of dict
        slug, theme, police.uk data, shown as, rules, note.
    """
    return [
        {
            "slug": theme.slug,
            "theme": theme.name,
            "police.uk data": theme.observability,
            "shown as": _shown_as(theme),
            "rules": "; ".join(f"{rule.words} ({rule.evidence})" for rule in theme.rules),
            "note": theme.note,
        }
        for theme in themes
    ]


def select_themes(themes: Sequence[Theme], slugs: Sequence[str]) -> tuple[Theme, ...]:
    """
    Keep the themes with these slugs, in the order of `themes`; all of them when no slug is given.

    Raises
    ------
    ParameterError
        If a slug is not one of the themes'.
    """
    known = [theme.slug for theme in themes]
    unknown = sorted(set(slugs) - set(known))
    if unknown:
        raise ParameterError(f"There is no theme {', '.join(unknown)}; choose among {', '.join(known)}.")
    return tuple(theme for theme in themes if not slugs or theme.slug in slugs)


def _kinds(incidents: pd.DataFrame) -> tuple[list[tuple[str, str, frozenset[str]]], np.ndarray]:
    """
    Find the distinct combinations of type, code and flags, and which one each incident has.

    A city-year has a few hundred of them: the rules are asked once for each.
    """
    key = np.zeros(len(incidents), dtype=np.int64)
    levels = []
    for column in ("crime_type", "offence_code", "flags"):
        codes, names = pd.factorize(incidents[column].astype(object), sort=True)
        levels.append([*names, ""])
        key = key * len(levels[-1]) + np.where(codes < 0, len(names), codes)
    present, kind_of = np.unique(key, return_inverse=True)
    rest, flag = np.divmod(present, len(levels[2]))
    crime_type, code = np.divmod(rest, len(levels[1]))
    kinds = [
        (
            normalise_type(levels[0][t]),
            normalise_code(levels[1][c]),
            frozenset(levels[2][f].split(";")) - {""},
        )
        for t, c, f in zip(crime_type, code, flag, strict=True)
    ]
    return kinds, kind_of


def _evidence(theme: Theme, incidents: pd.DataFrame) -> tuple[float, float, list[Rule]]:
    """
    Find what the incidents carry that the theme's rules ask for.

    Returns
    -------
    direct, proxy : share of the incidents in which a direct rule, or a proxy rule, could have held
    found : the rules that could hold anywhere
    """
    reach = {DIRECT: np.zeros(len(incidents), dtype=bool), PROXY: np.zeros(len(incidents), dtype=bool)}
    found = []
    for rule in theme.rules:
        could = _could_hold(rule, incidents)
        if could.any():
            found.append(rule)
            reach[rule.evidence] |= could
    size = max(len(incidents), 1)
    return float(reach[DIRECT].sum() / size), float(reach[PROXY].sum() / size), found


def _could_hold(rule: Rule, incidents: pd.DataFrame) -> np.ndarray:
    """Tell for each incident whether its source records what the rule asks for."""
    could = np.ones(len(incidents), dtype=bool)
    if rule.types:
        named = incidents["crime_type"].map(lambda name: normalise_type(name) in rule.types).to_numpy(bool)
        could &= named.any() & (incidents["crime_type"] != "").to_numpy()
    coded = (incidents["offence_code"] != "").to_numpy()
    if rule.codes:
        could &= coded
    if rule.without_code:
        could &= ~coded
    if rule.flags:
        sets = incidents["flags"].map(lambda text: not rule.flags.isdisjoint(text.split(";"))).to_numpy(bool)
        could &= incidents["source"].isin(incidents["source"][sets].unique()).to_numpy()
    return could


def _join(words: list[str], last: str = "and") -> str:
    """Join phrases as a sentence does: "a, b and c"."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _shown_as(theme: Theme) -> str:
    """Say in words how far a theme may be mapped."""
    shown = ["counts and rates by area"]
    shown += ["density"] * theme.density + ["clusters"] * theme.clusters
    limit = {
        "open": "",
        "restricted": "; wards only outside internal use",
        "secret": "; internal only, never as points",
    }[theme.sensitivity]
    return ", ".join(shown) + limit


def _theme(entry: dict[str, Any]) -> Theme:
    rules = tuple(_rule(rule) for rule in entry["rule"])
    return Theme(rules=rules, **{key: entry[key] for key in (*_THEME_TEXTS, *_THEME_SWITCHES)})


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(
        types=frozenset(map(normalise_type, entry.get("types", ()))),
        codes=frozenset(map(normalise_code, entry.get("codes", ()))),
        flags=frozenset(entry.get("flags", ())),
        without_code=entry.get("without_code", False),
        evidence=entry["evidence"],
        words=entry["words"],
    )


def _faults(table: dict[str, Any]) -> list[str]:
    """List everything wrong with a table of themes, in the order of the file."""
    partner = table.get("partner_types", [])
    if not _is_texts(partner):
        return ["partner_types is not a list of texts"]
    entries = table.get("theme")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        return ["there is no [[theme]]"]
    faults = [f"{key} is not a setting" for key in table if key not in ("partner_types", "theme")]
    types = set(map(normalise_type, (*POLICE_TYPES, *partner)))
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
        for key in _THEME_TEXTS
        if not (isinstance(entry.get(key), str) and entry[key])
    ]
    faults += [
        f"{where}: {key} is not true or false"
        for key in _THEME_SWITCHES
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
        if key not in (*_THEME_TEXTS, *_THEME_SWITCHES, "rule")
    ]
    if entry.get("slug") == ALL_INCIDENTS:
        faults.append(f"{where}: the slug all is kept for all incidents")
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
