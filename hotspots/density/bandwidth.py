"""
Choose the bandwidth of a density from the data, and say why.

The bandwidth matters, the cell size hardly does, so what is chosen is
reported with its unit and reason wherever a density is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
from scipy.spatial import cKDTree

from hotspots.density.kernels import KERNELS, find_kernel
from hotspots.errors import ParameterError
from hotspots.places import check_weights, coordinates
from hotspots.text import counted

METHODS: Final = ("rule", "likelihood", "fixed")
#: Fewer incidents than this give no bandwidth worth the name.
FEWEST_INCIDENTS: Final = 10
#: Fewer places than this have no spread in both directions.
FEWEST_PLACES: Final = 3
#: The least floor in metres, also where places are nearer to each other: a peak narrower than this
#: would point at an address, and it is about what the map points of a city ask for.
LEAST_FLOOR: Final = 200.0
#: A kernel has to span the gap between neighbouring map points for nearly all of them.
SPACING_PERCENTILE: Final = 95.0

# bandwidths that cross-validation tries, as multiples of the rule's
_TRIED: Final = np.geomspace(0.5, 4.0, 13)
# squared distances held at a time while cross-validating: 16 MB
_PAIRS: Final = 2_000_000


@dataclass(frozen=True)
class Bandwidth:
    """
    A bandwidth and why it is this one.

    Attributes
    ----------
    metres : float or None
        Radius for "quartic" and "epanechnikov", standard deviation for
        "gaussian"; None where the incidents are too few to choose one.
    kernel, method : str
        What it was chosen for, and how.
    incidents : int
        The incidents it was chosen from.
    reason : str
        One sentence for people, with the unit.
    """

    metres: float | None
    kernel: str
    method: str
    incidents: int
    reason: str

    def __str__(self) -> str:
        return self.reason

    @property
    def reach(self) -> float | None:
        """
        How far an incident is taken to matter, in metres, or None.

        The radius of the quartic kernel that smooths equally; for the quartic
        itself, its bandwidth.
        """
        return None if self.metres is None else self.metres * KERNELS[self.kernel].reach


def choose_bandwidth(
    places: gpd.GeoDataFrame,
    *,
    weights: np.ndarray | None = None,
    method: str = "rule",
    kernel: str = "quartic",
    metres: float | None = None,
    floor: float | None = None,
) -> Bandwidth:
    """
    Choose the bandwidth of a kernel density, with the reason.

    "rule" is the rule of thumb for the quartic kernel that crime analysts know
    from desktop GIS: 0.9 min(SD, Dm / sqrt(ln 2)) n^(-1/5), with SD the
    standard distance and Dm the median distance of the incidents from their
    mean centre, so that both x and y count and outliers hardly do. It was made
    for one hump; a city has many. On Derby it gives about half of what
    cross-validation gives, hence a sharper and noisier map.

    "likelihood" takes, among 13 bandwidths around the rule's, the one under
    which the incidents of each place are the least surprising given those of
    all others. It leaves out a whole place at a time: leaving out one incident
    would find the others of the same map point at distance 0 and always
    choose the smallest. It compares Gaussians, because one isolated place
    would rule out every compact kernel, and converts. Its cost is the square
    of the number of places.

    "fixed" takes `metres` as they are, floor or not.

    Parameters
    ----------
    places : GeoDataFrame
        Distinct locations (points) in EPSG:27700 with `n`, the incidents at
        each. All of them serve to measure the spacing, also those without weight.
    weights : array of shape (len(places),), optional
        Incidents at each place, instead of `n`.
    method : {"rule", "likelihood", "fixed"}, default "rule"
        How to choose.
    kernel : {"quartic", "epanechnikov", "gaussian"}, default "quartic"
        What the bandwidth is for. It is converted so that each kernel smooths equally.
    metres : float, optional
        The bandwidth itself, with "fixed" only.
    floor : float, optional
        Smallest radius of a quartic kernel, in metres. When left out: for
        snapped data (two or more incidents to a place) the 95th percentile of
        the distance from a place to its nearest neighbour, and never below 200 m.

    Returns
    -------
    Bandwidth
        `metres` is None, and `reason` says so, where there are fewer than 10
        incidents or 3 places, or all places lie on one line.

    Raises
    ------
    ParameterError
        If the method or the kernel is unknown, or `metres` does not fit the method.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation, pp. 47-48, 52-53. Chapman and Hall.
    Esri. How Kernel Density works. ArcGIS Pro documentation.
    Scott, D. W. (1992). Multivariate Density Estimation, section 6.2.3.3. Wiley.
    """
    _check_method(method, metres, floor)
    reach = find_kernel(kernel).reach
    held = check_weights(places, weights)
    n = round(float(held.sum()))
    if metres is not None:
        words = f"Bandwidth {metres:,.0f} m (as set, {counted(n, 'incident')})."
        return Bandwidth(float(metres), kernel, method, n, words)
    xy = coordinates(places)
    used = held > 0
    lack = _too_few(xy[used], n)
    if lack:
        return Bandwidth(None, kernel, method, n, f"Too few for a density: {lack}.")
    radius = _rule_of_thumb(xy[used], held[used])
    how = "rule of thumb"
    if method == "likelihood":
        radius = _likelihood(xy[used], held[used], radius)
        how = "likelihood cross-validation"
    lowest, why = _floor(xy, places["n"].to_numpy(dtype=float), floor)
    how += f", {counted(n, 'incident')}"
    if radius < lowest:
        radius, how = lowest, f"raised from {radius:,.0f} m to the floor, {why}; {how}"
    chosen = radius / reach
    equal = "" if kernel == "quartic" else f" ({find_kernel(kernel).meaning}), a quartic of {radius:,.0f} m"
    return Bandwidth(
        chosen, kernel, method, n, f"Bandwidth {chosen:,.0f} m{equal} ({how}).".replace(", (", " (")
    )


def _check_method(method: str, metres: float | None, floor: float | None) -> None:
    """Refuse an unknown method, and a length where none fits."""
    if method not in METHODS:
        raise ParameterError(f"There is no method {method!r}; choose among {', '.join(METHODS)}.")
    if (method == "fixed") != (metres is not None):
        raise ParameterError('Give `metres` with method "fixed", and with no other method.')
    if metres is not None and not (math.isfinite(metres) and metres > 0):
        raise ParameterError(f"A bandwidth of {metres} m is none: give metres above zero.")
    if floor is not None and not (math.isfinite(floor) and floor >= 0):
        raise ParameterError(f"A floor of {floor} m is none: give 0 or more metres.")


def _too_few(xy: np.ndarray, n: int) -> str:
    """Say in words what lacks for a bandwidth, "" if nothing does."""
    if n < FEWEST_INCIDENTS:
        return f"{counted(n, 'incident')}, and {FEWEST_INCIDENTS} are needed"
    if len(xy) < FEWEST_PLACES:
        found = "all at one place" if len(xy) == 1 else f"at {len(xy)} places only"
        return f"{counted(n, 'incident')} {found}, and {FEWEST_PLACES} places are needed"
    across = np.linalg.svd(xy - xy.mean(axis=0), compute_uv=False)
    # coordinates are known to about a metre: a narrower spread is none
    if across[1] < 1e-3 * across[0] or across[1] < 1.0:
        return f"{counted(n, 'incident')} whose places lie on one line"
    return ""


def _rule_of_thumb(xy: np.ndarray, weights: np.ndarray) -> float:
    """Return the quartic radius by the rule of thumb, in metres."""
    n = weights.sum()
    centre = np.average(xy, axis=0, weights=weights)
    away = np.hypot(*(xy - centre).T)
    standard_distance = math.sqrt(np.average(away**2, weights=weights) * n / (n - 1))
    spread = min(standard_distance, _median(away, weights) / math.sqrt(math.log(2)))
    return 0.9 * spread * float(n) ** -0.2


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the median with each value repeated `weights` times, the larger of the middle two."""
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(cumulated, cumulated[-1] / 2, side="right")])


def _likelihood(xy: np.ndarray, weights: np.ndarray, radius: float) -> float:
    """Return the quartic radius with the highest leave-one-place-out likelihood."""
    gaussian = KERNELS["gaussian"]
    tried = _TRIED * radius / gaussian.reach
    score = np.zeros(len(tried))
    step = max(1, _PAIRS // len(xy))
    for start in range(0, len(xy), step):
        rows = slice(start, min(start + step, len(xy)))
        d2 = ((xy[rows, None, :] - xy[None, :, :]) ** 2).sum(axis=-1)
        d2[np.arange(d2.shape[0]), np.arange(rows.start, rows.stop)] = np.inf
        score += [_log_likelihood(d2, weights, weights[rows], h) for h in tried]
    return float(tried[score.argmax()] * gaussian.reach)


def _log_likelihood(d2: np.ndarray, weights: np.ndarray, own: np.ndarray, h: float) -> float:
    """Sum the log density of some places' incidents, estimated from all others."""
    # the nearest neighbour is factored out, for exp() of an isolated place is 0
    nearest = d2.min(axis=1)
    others = np.exp((nearest[:, None] - d2) / (2 * h * h)) @ weights / (weights.sum() - own)
    log_density = np.log(others) - nearest / (2 * h * h) - math.log(2 * math.pi * h * h)
    return float(own @ log_density)


def _floor(xy: np.ndarray, n: np.ndarray, floor: float | None) -> tuple[float, str]:
    """Return the smallest quartic radius allowed, and where it comes from."""
    if floor is not None:
        return floor, f"{floor:,.0f} m as set"
    if n.sum() < 2 * np.count_nonzero(n):
        return LEAST_FLOOR, f"{LEAST_FLOOR:,.0f} m for locations that are not snapped"
    apart = cKDTree(xy).query(xy, k=2)[0][:, 1]
    measured = float(np.percentile(apart, SPACING_PERCENTILE))
    near = f"95 % of the places have a neighbour within {measured:,.0f} m"
    if measured < LEAST_FLOOR:
        return LEAST_FLOOR, f"{LEAST_FLOOR:,.0f} m, the least for snapped locations; {near}"
    return measured, f"{measured:,.0f} m: {near}"
