"""Compare two densities: a theme against a baseline, a period against the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from scipy.special import ndtr

from hotspots.density.grid import Grid
from hotspots.density.surface import check_bandwidth, check_years, kernel_density, spread
from hotspots.errors import ParameterError
from hotspots.places import check_weights, coordinates
from hotspots.statistics.discoveries import benjamini_hochberg

#: A cell whose estimate rests on fewer incidents than this, both periods together, is not tested.
FEWEST_EFFECTIVE: Final = 10.0


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


@dataclass(frozen=True, eq=False)
class DensityChange:
    """
    How density changed between two periods; every array has the shape of the grid.

    Attributes
    ----------
    change : ndarray
        After minus before, incidents per km2 (and year, where years were given).
    z : ndarray
        Change in standard errors, 0 where not tested.
    p_value, q_value : ndarray
        Two-sided; `q_value` controls the false discovery rate over the tested
        cells. Both 1 where not tested.
    tested : ndarray of bool
        Cells that rest on enough incidents.
    expected_share : float
        Share of the incidents expected in the second period.
    """

    change: np.ndarray
    z: np.ndarray
    p_value: np.ndarray
    q_value: np.ndarray
    tested: np.ndarray
    expected_share: float


def density_change(
    places: gpd.GeoDataFrame,
    *,
    grid: Grid,
    bandwidth: float,
    before: np.ndarray,
    after: np.ndarray,
    years: tuple[float, float] = (1.0, 1.0),
    expected_share: float | None = None,
    kernel: str = "quartic",
    edge: shapely.Geometry | None = None,
) -> DensityChange:
    """
    Map the change of density between two periods, and where it exceeds chance.

    Given how many incidents each place had in both periods together, each fell
    into the second one with probability `expected_share` if nothing changed.
    The smoothed difference then has a known mean and variance, and z is
    compared with the normal distribution.

    It takes incidents as independent. Repeat victims, a busy weekend or one
    recording exercise come in groups, which makes too many cells significant;
    read q below 0.01 rather than 0.05 there. Neighbouring cells share their
    incidents: a significant patch is one finding, not many. On data whose map
    points were replaced between the periods the change is that of the points.

    Parameters
    ----------
    places : GeoDataFrame
        Distinct locations (points) in EPSG:27700.
    grid, bandwidth, kernel, edge
        As `kernel_density`.
    before, after : array of shape (len(places),)
        Incidents at each place in either period, in whole numbers.
    years : tuple of float, default (1.0, 1.0)
        Lengths of the periods; the densities are divided by them.
    expected_share : float, optional
        Share of all incidents expected in the second period. When left out,
        its share of the time: a change of level. Give
        `after.sum() / (before.sum() + after.sum())` to find where the pattern
        changed beyond the city's own rise or fall.

    Returns
    -------
    DensityChange
        Cells resting on fewer than 10 effective incidents, or outside `edge`, are not tested.

    Raises
    ------
    ParameterError
        If a parameter is out of range.

    References
    ----------
    Hazelton, M. L. and Davies, T. M. (2009). Inference based on kernel estimates
    of the relative risk function. Biometrical Journal 51, 98-109.
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    Journal of the Royal Statistical Society B 57, 289-300.
    """
    first, second = check_weights(places, before), check_weights(places, after)
    lengths = [check_years(length) for length in years]
    share = lengths[1] / sum(lengths) if expected_share is None else expected_share
    if not 0 < share < 1:
        raise ParameterError(f"expected_share is {share}: give a share between 0 and 1.")
    held = first + second > 0
    xy = coordinates(places)[held]
    bandwidths = np.full(len(xy), check_bandwidth(bandwidth, grid))

    def smooth(weights: np.ndarray, power: int = 1) -> np.ndarray:
        return spread(xy, weights[held], bandwidths, grid=grid, kernel=kernel, edge=edge, power=power)

    total, squares = smooth(first + second), smooth(first + second, power=2)
    late = smooth(second)
    tested = _enough(total, squares) & (True if edge is None else grid.inside(edge))
    z = np.zeros(grid.shape)
    z[tested] = (late - share * total)[tested] / np.sqrt(share * (1 - share) * squares[tested])
    p_value = 2 * ndtr(-np.abs(z))
    q_value = np.ones(grid.shape)
    q_value[tested] = benjamini_hochberg(p_value[tested])
    change = late / lengths[1] - (total - late) / lengths[0]
    return DensityChange(change, z, p_value, q_value, tested, share)


def _enough(total: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Tell where the kernel-weighted incidents are worth enough equal ones (Kish's effective number)."""
    positive = squares > 0
    effective = np.zeros(total.shape)
    effective[positive] = total[positive] ** 2 / squares[positive]
    return effective >= FEWEST_EFFECTIVE
