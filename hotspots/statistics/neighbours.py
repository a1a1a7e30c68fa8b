"""Which areas or cells count as neighbours: the weights behind the local statistics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from hotspots.errors import ParameterError


@dataclass(frozen=True, eq=False, repr=False)
class Neighbours:
    """
    Symmetric binary neighbours, without an area being its own neighbour.

    Attributes
    ----------
    codes : Index
        The areas, in the order of the matrix's rows and columns.
    matrix : csr_array of shape (n_areas, n_areas)
        1.0 where two areas are neighbours.
    rule : str
        The rule in words, for reports.
    """

    codes: pd.Index
    matrix: csr_array
    rule: str

    @cached_property
    def counts(self) -> np.ndarray:
        """Neighbours of each area, shape (n_areas,)."""
        return np.diff(self.matrix.indptr)

    @property
    def islands(self) -> tuple[str, ...]:
        """Codes of the areas without any neighbour."""
        return tuple(str(code) for code in self.codes[self.counts == 0])

    def among(self, keep: np.ndarray) -> Neighbours:
        """Return the neighbours left when only the areas where `keep` is true remain."""
        if keep.all():
            return self
        chosen = np.flatnonzero(keep)
        return Neighbours(self.codes[chosen], self.matrix[chosen][:, chosen].tocsr(), self.rule)

    def __repr__(self) -> str:
        """Say the rule, the usual number of neighbours and how many areas have none."""
        mean = float(self.counts.mean()) if len(self.counts) else 0.0
        islands = f"; {len(self.islands)} without any" if self.islands else ""
        return f"<Neighbours by {self.rule}, {mean:.1f} on average{islands}>"


def queen_neighbours(areas: gpd.GeoDataFrame, *, tolerance: float = 1.0) -> Neighbours:
    """
    Take areas as neighbours when they share a border or a corner.

    Parameters
    ----------
    areas : GeoDataFrame
        Polygons in metres, indexed by code.
    tolerance : float, default 1.0
        Metres by which two borders may miss each other and still touch. Layers
        drawn by hand leave slivers; with 0 only exact contact counts.

    Raises
    ------
    ParameterError
        If `tolerance` is negative, or a code appears twice.
    """
    if not tolerance >= 0:
        raise ParameterError(f"The tolerance is {tolerance} m: give 0 or more metres.")
    shapes = areas.geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=tolerance)
    return _from_pairs(areas.index, left, right, rule=f"queen contiguity within {tolerance:g} m")


def _from_pairs(codes: pd.Index, left: np.ndarray, right: np.ndarray, *, rule: str) -> Neighbours:
    if codes.has_duplicates:
        twice = codes[codes.duplicated()][0]
        raise ParameterError(f"The area {twice} appears twice in the layer: dissolve it by code first.")
    apart = left != right
    shape = (len(codes), len(codes))
    ones = np.ones(int(apart.sum()))
    matrix = csr_array((ones, (left[apart], right[apart])), shape=shape)
    matrix.sort_indices()
    return Neighbours(codes, matrix, rule)
