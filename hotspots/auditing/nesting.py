"""Which areas lie within which, by the polygons that the releases publish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Final

import numpy as np

from hotspots.auditing._policy import ZONE
from hotspots.auditing.published import Published

if TYPE_CHECKING:
    import geopandas as gpd

#: Overlap below this share is a sliver between two drawings of one border.
_SLIVER: Final = 0.001


@dataclass(frozen=True)
class Nesting:
    """
    How the areas of one level lie to those of another.

    Attributes
    ----------
    outer, inner : str
        Levels, with their vintage.
    inside : mapping of str to tuple of str
        Areas of the inner level that lie wholly in each area of the outer one.
    covering : mapping of str to tuple of str
        Areas of the inner level that reach into each area of the outer one, where they cover it.
    """

    outer: str
    inner: str
    inside: Mapping[str, tuple[str, ...]]
    covering: Mapping[str, tuple[str, ...]]


def nestings(releases: Sequence[Published]) -> Iterator[Nesting]:
    """Compare every two levels of areas, across releases and vintages."""
    layers: dict[str, gpd.GeoDataFrame] = {}
    for one in releases:
        for level, frame in one.areas.items():
            layers.setdefault(one.vintage(level), frame)
    for outer, inner in permutations(sorted(layers), 2):
        yield _compare(outer, layers[outer], inner, layers[inner])


def _compare(outer: str, around: gpd.GeoDataFrame, inner: str, within: gpd.GeoDataFrame) -> Nesting:
    import shapely

    big, small = around.geometry.to_numpy(), within.geometry.to_numpy()
    a, b = shapely.STRtree(small).query(big, predicate="intersects")
    shared = shapely.area(shapely.intersection(big[a], small[b]))
    share = shared / shapely.area(small[b])
    covered = np.bincount(a, shared, minlength=len(big)) / shapely.area(big)
    codes = within.index.astype(str).to_numpy()
    inside, covering = {}, {}
    for at, code in enumerate(around.index.astype(str)):
        mine = a == at
        inside[code] = tuple(sorted(codes[b[mine & (share > 1 - _SLIVER)]]))
        # Zones may overlap each other, so their areas can add up to more than they cover.
        if covered[at] > 1 - _SLIVER and inner != ZONE:
            covering[code] = tuple(sorted(codes[b[mine & (share > _SLIVER)]]))
    return Nesting(outer, inner, inside, covering)
