"""The areas that rows state by code, and what such codes mean in the layers of the run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.geography.shipped import known_figures
from hotspots.locating._evidence import plain_text
from hotspots.schema import LSOA, WARD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from hotspots.geography.load import Areas
    from hotspots.geography.vintages import ChangeTable


#: An LSOA lies wholly in a ward if this share of its ground does: borders were generalised apart.
WHOLLY = 0.99
#: How the names of LSOAs end: "Derby 013A".
_NUMBER_OF_LSOA = re.compile(r" \d{3}[A-Z]$")
_LSOA_CODE, _WARD_CODE = r"^[EW]01\d{6}$", r"^[EW]05\d{6}$"


@dataclass(frozen=True)
class StatedAreas:
    """
    What the stated area codes say for rows that have no point.

    `inside` and `outside` say whether the code names an area of the study area
    or one elsewhere; neither, if it is no code that is known. `ward` and
    `lsoa` are "" where the code does not determine them.
    """

    inside: NDArray[np.bool_]
    outside: NDArray[np.bool_]
    ward: NDArray[np.object_]
    lsoa: NDArray[np.object_]


def read_stated_areas(stated: pd.DataFrame, areas: Areas, *, changes: ChangeTable) -> StatedAreas:
    """
    Read the stated LSOA and ward codes of rows without a point.

    An LSOA code of the other vintage is carried over by the official table of
    changes; one that was split says no single LSOA. A ward follows from an
    LSOA only if the LSOA lies wholly in it (99 % of its ground): a best fit
    would put one incident in eleven into the wrong ward. A ward of another
    vintage counts for the area as a whole only.

    Parameters
    ----------
    stated : DataFrame
        The columns stated_lsoa and stated_ward.
    areas : Areas
        The study area.
    changes : ChangeTable
        LSOAs of 2011 and 2021.
    """
    lsoa_text, ward_text = (plain_text(stated[name]) for name in ("stated_lsoa", "stated_ward"))
    lsoa_text = lsoa_text.map(codes_of_names(lsoa_text.unique(), areas.lsoas)).astype(object)
    ward_text = ward_text.map(codes_of_names(ward_text.unique(), areas.wards)).astype(object)
    meanings = lsoa_meanings(lsoa_text.unique(), areas, changes=changes)
    whole = wards_of_lsoas(areas) if any(meanings.values()) else {}
    lsoa = lsoa_text.map({code: _only(found) for code, found in meanings.items()})
    ward = lsoa_text.map({code: _only({whole[c] for c in found}) for code, found in meanings.items()})
    ours = ward_text.isin(areas.wards.index)
    ward = ward.where(~ours, ward_text)
    named = lsoa_text.isin([code for code, found in meanings.items() if found])
    inside = (named | ours | ward_text.isin(_known_wards(areas))).to_numpy(dtype=bool)
    foreign = (
        lsoa_text.str.match(_LSOA_CODE) | ward_text.str.match(_WARD_CODE) | _foreign_names(lsoa_text, areas)
    )
    return StatedAreas(
        inside,
        foreign.to_numpy(dtype=bool) & ~inside,
        ward.to_numpy(dtype=object),
        lsoa.to_numpy(dtype=object),
    )


def codes_of_names(texts: Iterable[str], layer: pd.DataFrame) -> dict[str, str]:
    """
    Return for each stated text the code of the area of that name; a text that is no name stays as it is.

    Case, "&" for "and", marks and a last word "ward" are of no account. A name
    that two areas of the layer share names neither.
    """
    names: dict[str, set[str]] = {}
    for code, name in layer["name"].items():
        names.setdefault(_plain_name(str(name)), set()).add(str(code))
    found = {text: names.get(_plain_name(text), set()) for text in texts}
    return {text: next(iter(codes)) if text and len(codes) == 1 else text for text, codes in found.items()}


def _plain_name(name: str) -> str:
    words = re.sub(r"['\u2019.]", "", name.casefold()).replace("&", " and ")
    return re.sub(r"\s+ward$", "", " ".join(re.findall(r"[^\W_]+", words)))


def _foreign_names(lsoa_text: pd.Series, areas: Areas) -> pd.Series:
    """Find names of LSOAs of other districts: "Amber Valley 003B" cannot be one of Derby's."""
    names = [str(name).upper() for name in areas.lsoas["name"]]
    ours = {_NUMBER_OF_LSOA.sub("", name) for name in names if _NUMBER_OF_LSOA.search(name)}
    if not ours:  # a layer without the official names says nothing of others
        return pd.Series(False, index=lsoa_text.index)
    place = lsoa_text.str.upper().str.replace(_NUMBER_OF_LSOA, "", regex=True)
    return lsoa_text.str.upper().str.contains(_NUMBER_OF_LSOA, regex=True) & ~place.isin(ours)


def _only(codes: set[str] | tuple[str, ...]) -> str:
    """Return the only one, or "" where there are none or several."""
    return next(iter(codes)) if len(codes) == 1 else ""


def _known_wards(areas: Areas) -> frozenset[str]:
    """Return the ward codes of every known vintage, if the study area is one whose vintages ship."""
    figures = known_figures()
    codes = figures.loc[figures["vintage"].str.startswith(f"{WARD}_"), "code"]
    return frozenset(codes) if set(codes) & set(areas.wards.index) else frozenset()


def lsoa_meanings(codes: Iterable[str], areas: Areas, *, changes: ChangeTable) -> dict[str, tuple[str, ...]]:
    """
    Return, for each stated LSOA code, the LSOAs of the study area that it can mean.

    One for a code that is used or has one equivalent, several for one that was
    split, none for a code from elsewhere.
    """
    layer = areas.level(LSOA)
    vintage = str(layer["vintage"].iloc[0]) if len(layer) else ""
    equivalents = changes.equivalents(vintage) if vintage in changes.codes else {}
    ours = frozenset(layer.index)
    meanings = {}
    for code in codes:
        means = (code,) if code in ours else equivalents.get(code, ())
        meanings[code] = tuple(c for c in means if c in ours)
    return meanings


def wards_of_lsoas(areas: Areas) -> dict[str, str]:
    """Return the ward in which each LSOA wholly lies, "" for an LSOA that a ward border cuts."""
    lsoas, wards = areas.lsoas.geometry.to_numpy(), areas.wards.geometry.to_numpy()
    i, j = shapely.STRtree(wards).query(lsoas, predicate="intersects")
    share = shapely.area(shapely.intersection(lsoas[i], wards[j])) / shapely.area(lsoas[i])
    whole = share >= WHOLLY
    answers = dict.fromkeys(map(str, areas.lsoas.index), "")
    return answers | dict(zip(areas.lsoas.index[i[whole]], areas.wards.index[j[whole]], strict=True))
