"""
Sort incidents into the themes of the strategic assessment.

The rules are data: data/themes.toml, or a file of the user's with the same
shape. This module applies them, and says what of each theme the data at hand
can show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.resources import shipped
from hotspots.schema import ALL_INCIDENTS, DIRECT, NOT_VISIBLE, PROXY, UNRECOGNISED
from hotspots.text import join_words, nearest
from hotspots.themes.offences import (
    code_within,
    distinct_rows,
    is_home_office_code,
    normalise_code,
    normalise_type,
)
from hotspots.themes.themefile import THEME_SWITCHES, THEME_TEXTS, read_theme_table
from hotspots.vocabulary import is_known, wordings

#: A share of incidents by unknown words from which on a theme without any may be among them.
LARGE_UNKNOWN_SHARE = 0.1


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
        "restricted": never density or clusters, and ward or coarser outside
        internal use; "secret": besides, nothing in public.
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
    return tuple(_theme(entry) for entry in read_theme_table(source)["theme"])


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
    found, kind_of = distinct_rows(incidents, ("crime_type", "offence_code", "flags"))
    kinds = [
        (normalise_type(crime_type), _known_code(code), frozenset(flags.split(";")) - {""})
        for crime_type, code, flags in found
    ]
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
    direct, beyond, _ = _evidence(theme, incidents)
    return _level(direct, beyond)


def observability_words(theme: Theme, incidents: pd.DataFrame) -> str:
    """Say in a sentence for the page what of a theme the incidents at hand can show, and by what evidence."""
    return _evidence_words(theme, *_evidence(theme, incidents))


def _level(direct: float, beyond: float) -> str:
    if direct >= 0.5:
        return DIRECT
    return PROXY if direct > 0 or beyond > 0 else NOT_VISIBLE


def _evidence_words(theme: Theme, direct: float, beyond: float, found: Sequence[Rule]) -> str:
    by = {
        kind: join_words([rule.words for rule in found if rule.evidence == kind]) for kind in (DIRECT, PROXY)
    }
    beside = f", and through {by[PROXY]}, a proxy" if by[PROXY] else ""
    share = (
        f"Could be seen directly in {max(1, round(100 * direct))} % of the incidents, through {by[DIRECT]}"
    )
    if direct > 0.995:
        return f"Seen directly through {by[DIRECT]}{beside}."
    if direct > 0 and beyond > 0:
        return f"{share}; elsewhere only through {by[PROXY]}, a proxy."
    if direct > 0:
        return f"{share}{beside}; elsewhere not at all."
    if beyond > 0:
        return f"Seen only through {by[PROXY]}, a proxy."
    needed = join_words([rule.words for rule in theme.rules], "or")
    return f"Not visible in these data; it would take {needed}."


def seen_as(theme: Theme, incidents: pd.DataFrame, *, unknown: float) -> tuple[str, str]:
    """
    Say how far the incidents show a theme, and in a sentence by what.

    Parameters
    ----------
    theme : Theme
        From `load_themes`.
    incidents : DataFrame
        As for `classify`.
    unknown : float
        From `unknown_share`: where it is large, a theme without evidence is
        "not recognised", for its incidents may be among the unknown words.
    """
    direct, beyond, found = _evidence(theme, incidents)
    level = _level(direct, beyond)
    if level != NOT_VISIBLE or unknown < LARGE_UNKNOWN_SHARE:
        return level, _evidence_words(theme, direct, beyond, found)
    return UNRECOGNISED, (
        "Not recognised in these data: a large part of the incidents go by words that are not known, "
        "and some of them "
        "may belong to this theme. hotspots check lists the words; --theme-rules puts them to themes."
    )


def unknown_kinds(incidents: pd.DataFrame, themes: Sequence[Theme]) -> dict[str, int]:
    """Count incidents in no theme whose words are not known and that carry no code, the commonest first."""
    if incidents.empty:
        return {}
    alone = ~classify(incidents, themes).drop(columns=ALL_INCIDENTS).any(axis=1)
    bare = ~incidents["offence_code"].map(lambda code: bool(_known_code(code))).to_numpy(bool)
    strange = (
        ~incidents["crime_type"].map(is_known).to_numpy(bool) & (incidents["crime_type"] != "").to_numpy()
    )
    counts = incidents.loc[alone.to_numpy() & bare & strange, "crime_type"].astype(str).value_counts()
    ordered = counts.sort_index().sort_values(ascending=False, kind="stable")
    return {str(kind): int(n) for kind, n in ordered.items()}


def unknown_share(incidents: pd.DataFrame, themes: Sequence[Theme]) -> float:
    """Return the share of the incidents that `unknown_kinds` counts."""
    return sum(unknown_kinds(incidents, themes).values()) / max(len(incidents), 1)


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
        meant = nearest(unknown[0], known)
        raise ParameterError(
            f"There is no theme {', '.join(unknown)}; choose among {', '.join(known)}.{meant}"
        )
    return tuple(theme for theme in themes if not slugs or theme.slug in slugs)


def _evidence(theme: Theme, incidents: pd.DataFrame) -> tuple[float, float, list[Rule]]:
    """
    Find what the incidents carry that the theme's rules ask for.

    Returns
    -------
    direct : share of the incidents in which a direct rule could have held
    beyond : share of the incidents in which no direct rule but a proxy could have held
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
    beyond = reach[PROXY] & ~reach[DIRECT]
    return float(reach[DIRECT].sum() / size), float(beyond.sum() / size), found


def _could_hold(rule: Rule, incidents: pd.DataFrame) -> np.ndarray:
    """Tell for each incident whether its source records what the rule asks for."""
    could = np.ones(len(incidents), dtype=bool)
    if rule.types:
        named = incidents["crime_type"].map(lambda name: normalise_type(name) in rule.types).to_numpy(bool)
        could &= named.any() & (incidents["crime_type"] != "").to_numpy()
    coded = incidents["offence_code"].map(lambda code: bool(_known_code(code))).to_numpy(bool)
    if rule.codes:
        could &= coded
    if rule.without_code:
        could &= ~coded
    if rule.flags:
        sets = incidents["flags"].map(lambda text: not rule.flags.isdisjoint(text.split(";"))).to_numpy(bool)
        could &= incidents["source"].isin(incidents["source"][sets].unique()).to_numpy()
    return could


def _shown_as(theme: Theme) -> str:
    """Say in words how far a theme may be mapped."""
    shown = ["counts and rates by area"]
    shown += ["density"] * theme.density + ["clusters"] * theme.clusters
    limit = {
        "open": "",
        "restricted": "; wards only outside internal use",
        "secret": "; never as points, nothing in public",
    }[theme.sensitivity]
    return ", ".join(shown) + limit


def _theme(entry: dict[str, Any]) -> Theme:
    rules = tuple(_rule(rule) for rule in entry["rule"])
    return Theme(rules=rules, **{key: entry[key] for key in (*THEME_TEXTS, *THEME_SWITCHES)})


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(
        types=frozenset(_with_other_words(entry.get("types", ()))),
        codes=frozenset(map(normalise_code, entry.get("codes", ()))),
        flags=frozenset(entry.get("flags", ())),
        without_code=entry.get("without_code", False),
        evidence=entry["evidence"],
        words=entry["words"],
    )


def _with_other_words(types: Sequence[str]) -> set[str]:
    """Add to the types of a rule what other publishers call them."""
    return {word for name in types for word in (normalise_type(name), *wordings(normalise_type(name)))}


def _known_code(code: str) -> str:
    """Return a code in one way of writing, "" for one that is not the Home Office's: the words count then."""
    normal = normalise_code(code)
    return normal if is_home_office_code(normal) else ""
