"""
Every incident by its type: police.uk's crime types, or the offence classes of coded data.

Themes answer the questions of an assessment and leave most incidents out; types leave out none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.policeuk import POLICE_TYPES, RAREST_FIRST
from hotspots.schema import TYPE_PREFIX
from hotspots.themes.offences import distinct_rows, normalise_code, normalise_type
from hotspots.themes.themes import Theme

#: Types beyond this many, the rarest, are counted together.
MOST_TYPES: Final = 24
OTHER: Final = f"{TYPE_PREFIX}other-types"
OTHER_NAME: Final = "Other types"
_SECRECY: Final = ("open", "restricted", "secret")


@dataclass(frozen=True, eq=False)
class Types:
    """
    The types of incidents, which part them.

    Attributes
    ----------
    themes : tuple of Theme
        Each type as a theme without rules: by name, slugs "type-" and the type's own.
    membership : DataFrame of bool
        Rows as the incidents, a column a type; each row has exactly one.
    """

    themes: tuple[Theme, ...]
    membership: pd.DataFrame


def find_types(incidents: pd.DataFrame, themes: Sequence[Theme], membership: pd.DataFrame) -> Types:
    """
    Part the incidents by type.

    Spellings that differ by case or punctuation are one type. Where a row has an
    offence code and no type, the class of its code stands for it. A type of which
    at least half is in a restricted theme is restricted too; one in a secret theme
    is counted with another, so that no type tells of it.

    Parameters
    ----------
    incidents : DataFrame
        With `crime_type` and `offence_code`.
    themes : sequence of Theme
        From `load_themes`.
    membership : DataFrame of bool
        From `classify`.

    Returns
    -------
    Types
    """
    kinds, kind_of = distinct_rows(incidents, ("crime_type", "offence_code"))
    names = [_name(*kind) for kind in kinds]
    slugs = [TYPE_PREFIX + "-".join(normalise_type(name).split()) for name in names]
    size = np.bincount(kind_of, minlength=len(kinds))
    table = pd.DataFrame({"slug": slugs, "name": names, "n": size})
    # The commonest spelling names the type, the first one on a tie.
    spelt = table.groupby(["slug", "name"])["n"].sum().reset_index()
    spelt = spelt.sort_values(["slug", "n", "name"], ascending=[True, False, True], kind="stable")
    name_of = spelt.drop_duplicates("slug").set_index("slug")["name"]
    of = np.array(slugs, dtype=object)[kind_of]
    secrecy = _secrecy(of, name_of.index, themes, membership)
    folded = _folded(table.groupby("slug")["n"].sum(), secrecy, name_of)
    of = np.where(np.isin(of, folded), OTHER, of)
    label = {slug: name for slug, name in name_of.items() if slug not in folded} | {OTHER: OTHER_NAME}
    present = sorted(set(of), key=lambda slug: (slug == OTHER, label[slug].lower(), slug))
    return Types(
        tuple(type_theme(slug, label[slug], secrecy.get(slug, "open")) for slug in present),
        pd.DataFrame({slug: of == slug for slug in present}, index=incidents.index),
    )


def _name(crime_type: str, code: str) -> str:
    known = {normalise_type(name): name for name in POLICE_TYPES}
    if normalise_type(crime_type):
        return known.get(normalise_type(crime_type), crime_type)
    number = re.match(r"\d+", normalise_code(code))
    return f"Offence class {number[0] if number else code}"


def _secrecy(
    of: np.ndarray, slugs: pd.Index, themes: Sequence[Theme], membership: pd.DataFrame
) -> dict[str, str]:
    """Give the strictest sensitivity of the themes that hold at least half of a type."""
    codes = slugs.get_indexer(pd.Index(of))
    size = np.bincount(codes, minlength=len(slugs))
    level = np.zeros(len(slugs), dtype=int)
    for theme in themes:
        inside = np.bincount(codes[membership[theme.slug].to_numpy()], minlength=len(slugs))
        most = 2 * inside >= np.maximum(size, 1)
        level = np.where(most, np.maximum(level, _SECRECY.index(theme.sensitivity)), level)
    return {str(slug): _SECRECY[at] for slug, at in zip(slugs, level, strict=True)}


def first_folded(names: Mapping[str, str]) -> str:
    """
    Name the type that is counted with another first: one that police.uk lacks, else the rarest of England.

    It does not go by the incidents, so that what is folded tells nothing of them.

    Parameters
    ----------
    names : mapping of str to str
        By slug.
    """
    known = {name: at for at, name in enumerate(RAREST_FIRST)}
    return min(names, key=lambda slug: (known.get(names[slug], -1), slug))


def other_types(sensitivity: str = "open") -> Theme:
    """Describe the types that are counted together."""
    return type_theme(OTHER, OTHER_NAME, sensitivity)


def _folded(size: pd.Series, secrecy: dict[str, str], name_of: pd.Series) -> list[str]:
    """Name the types that are counted together: the secret ones with one that is not, and the rarest."""
    order = size.sort_index().sort_values(ascending=False, kind="stable").index
    kept = [slug for slug in order if secrecy[slug] != "secret"]
    folded = [slug for slug in order if secrecy[slug] == "secret"]
    if folded:
        # alone it would be the secret theme under another name
        partner = [first_folded({slug: str(name_of[slug]) for slug in kept})] if kept else []
        folded, kept = [*folded, *partner], [slug for slug in kept if slug not in partner]
    return [*folded, *(kept[MOST_TYPES - 1 :] if len(kept) + bool(folded) > MOST_TYPES else [])]


def type_theme(slug: str, name: str, sensitivity: str = "open") -> Theme:
    """Describe a type of incident as a theme without rules."""
    return Theme(
        slug=slug,
        name=name,
        description=f"Incidents recorded as: {name}.",
        rules=(),
        observability="direct",
        sensitivity=sensitivity,
        geography="place-based",
        density=False,
        clusters=False,
        note="",
    )
