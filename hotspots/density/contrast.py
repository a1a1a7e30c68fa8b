"""Compare two densities: a theme against its baseline."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from hotspots.density.grid import Grid
from hotspots.density.surface import kernel_density
from hotspots.errors import ParameterError
from hotspots.places import check_weights


def relative_risk(
    places: gpd.GeoDataFrame,
    *,
    grid: Grid,
    bandwidth: float,
    weights: np.ndarray,
    baseline: np.ndarray,
    baseline_places: gpd.GeoDataFrame | None = None,
    kernel: str = "quartic",
    edge: shapely.Geometry | None = None,
    floor: float = 0.01,
) -> np.ndarray:
    """
    Map where a theme is over- or under-represented against a baseline.

    The logarithm of the ratio of two densities, each first divided by its own
    total: 0 where the theme follows the baseline, 0.69 where its share is
    twice the baseline's, -0.69 where half. Both use one bandwidth, so that the
    bias of smoothing cancels where they agree.

    It says nothing about level: a theme can be over-represented where hardly
    anything happens. Ratios of small densities are wild, so `floor` draws them
    towards 0. A baseline of residents makes every city centre stand out, for
    its victims do not live there; a baseline of all incidents contains the
    theme itself, which dampens the ratio.

    Parameters
    ----------
    places : GeoDataFrame
        Distinct locations (points) in EPSG:27700 with `n`.
    grid, bandwidth, kernel, edge
        As `kernel_density`.
    weights : array of shape (len(places),)
        The theme's incidents at each place.
    baseline : array of shape (len(baseline_places),) or (len(places),)
        What to compare with: all incidents at each place, or the residents at
        each point of `baseline_places`.
    baseline_places : GeoDataFrame, optional
        Points of the baseline, such as the centres of LSOAs; `places` when left out.
    floor : float, default 0.01
        Added to both densities, as a share of the baseline's highest; above 0.

    Returns
    -------
    ndarray of shape (grid.n_rows, grid.n_columns)
        Natural logarithm of the ratio.

    Raises
    ------
    ParameterError
        If the theme or the baseline is empty, or a parameter is out of range.

    References
    ----------
    Kelsall, J. E. and Diggle, P. J. (1995). Non-parametric estimation of spatial
    variation in relative risk. Statistics in Medicine 14, 2335-2342.
    Bowman, A. W. and Azzalini, A. (1997). Applied Smoothing Techniques for Data
    Analysis, chapter 2. Oxford.
    """
    if not 0 < floor < 1:
        raise ParameterError(f"floor is {floor}: give a share between 0 and 1.")
    against = places if baseline_places is None else baseline_places
    theme = check_weights(places, weights)
    base = check_weights(against, baseline)
    if not theme.sum() or not base.sum():
        raise ParameterError("The theme or its baseline is empty within these places: nothing to compare.")
    found, expected = (
        kernel_density(
            at, grid=grid, bandwidth=bandwidth, weights=held / held.sum(), kernel=kernel, edge=edge
        )
        for at, held in ((places, theme), (against, base))
    )
    least = floor * expected.max()
    return np.log((found + least) / (expected + least))
