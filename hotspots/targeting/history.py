"""What is known before a month: counts by place and month, and which places are near each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from hotspots.density.kernels import find_kernel
from hotspots.errors import ParameterError
from hotspots.places import Places, coordinates
from hotspots.schema import ALL_INCIDENTS


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """
    The places, and how much each counts for those around it.

    Attributes
    ----------
    xy : ndarray of shape (places, 2)
        Easting and northing in metres.
    """

    xy: np.ndarray
    _kernels: dict[float, csr_array] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.xy)

    def kernel(self, radius: float) -> csr_array:
        """
        Give the quartic kernel between every two places within `radius` metres: 1 at a place itself.

        Computed once for each radius; every theme and month shares it.
        """
        if radius not in self._kernels:
            self._kernels[radius] = _quartic_between(self.xy, radius)
        return self._kernels[radius]


def _quartic_between(xy: np.ndarray, radius: float) -> csr_array:
    tree = cKDTree(xy)
    pairs = tree.query_pairs(radius, output_type="ndarray")
    squared = ((xy[pairs[:, 0]] - xy[pairs[:, 1]]) ** 2).sum(axis=1) / radius**2
    value = find_kernel("quartic").profile(squared)
    everyone = np.arange(len(xy))
    rows = np.concatenate([pairs[:, 0], pairs[:, 1], everyone])
    columns = np.concatenate([pairs[:, 1], pairs[:, 0], everyone])
    values = np.concatenate([value, value, np.ones(len(xy))])
    return csr_array((values, (rows, columns)), shape=(len(xy), len(xy)))


@dataclass(frozen=True, eq=False)
class History:
    """
    Counts by place and month of one theme, beside those of all incidents.

    Attributes
    ----------
    counts, everything : ndarray of shape (places, months)
        Incidents of the theme, and of whatever kind.
    near : Neighbourhood
        The places.
    months : tuple of str
        "YYYY-MM", consecutive.
    """

    counts: np.ndarray
    everything: np.ndarray
    near: Neighbourhood
    months: tuple[str, ...]
    _kept: dict[tuple[Hashable, int], Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        shape = (len(self.near), len(self.months))
        if self.counts.shape != shape or self.everything.shape != shape:
            raise ParameterError(
                f"Counts of shape {self.counts.shape} and {self.everything.shape} do not fit "
                f"{shape[0]} places and {shape[1]} months: give one row a place and one column a month."
            )
        if not self.months:
            raise ParameterError("There is no month to learn from: give at least one.")

    def before(self, month: int) -> History:
        """Give what was known before the month at position `month`: those that come first."""
        earlier = replace(
            self,
            counts=self.counts[:, :month],
            everything=self.everything[:, :month],
            months=self.months[:month],
        )
        # All that came before one month is the same, whichever later month is looked back from.
        object.__setattr__(earlier, "_kept", self._kept)
        return earlier

    def once(self, what: Hashable, work: Callable[[], np.ndarray]) -> np.ndarray:
        """Work something out of these months, or give what was worked out of the same ones before."""
        key = what, len(self.months)
        if key not in self._kept:
            self._kept[key] = work()
        return self._kept[key]

    @property
    def rate(self) -> np.ndarray:
        """Incidents of the theme a month at each place."""
        return self.counts.mean(axis=1)

    @property
    def rate_of_all(self) -> np.ndarray:
        """Incidents of all kinds a month at each place."""
        return self.everything.mean(axis=1)


def history_of(
    places: Places,
    theme: str,
    *,
    months: Sequence[str] | None = None,
    near: Neighbourhood | None = None,
    counts: np.ndarray | None = None,
) -> History:
    """
    Take the counts of a theme out of folded places.

    Parameters
    ----------
    places : Places
        From `fold_places`.
    theme : str
        Slug.
    months : sequence of str, optional
        The months to learn from, in order and without a gap; those of the
        places when left out. One without an incident counts as nought.
    near : Neighbourhood, optional
        Of the same places, where several themes share it.
    counts : ndarray of shape (places, months), optional
        Taken instead of the theme's own, such as those of some hours only.

    Returns
    -------
    History

    Raises
    ------
    ParameterError
        If the theme is not known or `counts` do not fit.
    """
    wanted = tuple(places.months if months is None else months)
    own = _columns(places.monthly(theme), places.months, wanted) if counts is None else counts
    everything = _columns(places.monthly(ALL_INCIDENTS), places.months, wanted)
    return History(np.asarray(own, dtype=float), everything, near or neighbourhood(places.frame), wanted)


def neighbourhood(frame: gpd.GeoDataFrame) -> Neighbourhood:
    """Give the places of a frame of points, for all themes to share."""
    return Neighbourhood(coordinates(frame))


def _columns(table: np.ndarray, months: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """Pick the months wanted; those that the places do not know had no incident."""
    position = {month: place for place, month in enumerate(months)}
    padded = np.column_stack([table, np.zeros(len(table))])
    return padded[:, [position.get(month, len(months)) for month in wanted]].astype(float)
