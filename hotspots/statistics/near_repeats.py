"""Near repeats: incidents close in space and time more often than chance brings them together."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from hotspots.errors import ParameterError
from hotspots.statistics.hours import require_resolution

# Pairs of incidents kept in memory by the Knox test: about 500 MB.
_MOST_PAIRS: Final = 20_000_000
#: Metres and days of the near-repeat test: the same point, the street, the blocks around; one to four weeks.
DISTANCES: Final = (0.0, 200.0, 400.0)
DAYS: Final = (7.0, 14.0, 28.0)
SHUFFLES: Final = 199
#: Fewer dated incidents hold too few pairs to tell a series from chance.
FEWEST_FOR_REPEATS: Final = 30
#: Pairs of incidents within the last distance; more would take longer than all the rest of a run.
MOST_PAIRS: Final = 200_000
#: A ratio below it is of no use to anyone, however sure.
LEAST_RATIO: Final = 1.2


def near_repeats(
    incidents: pd.DataFrame,
    *,
    distances: tuple[float, ...] = (0.0, 100.0, 200.0, 300.0, 400.0),
    days: tuple[float, ...] = (7.0, 14.0, 21.0, 28.0),
    permutations: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """
    Test whether incidents close in space are also close in time (Knox).

    The places stay, the dates are shuffled among them. Snapped coordinates
    make different homes the same place, so "at the same place" means the same
    map point there.

    Parameters
    ----------
    incidents : DataFrame
        With easting, northing (metres) and occurred_from, to the day or finer.
    distances : tuple of float
        Upper bounds of the distance bands in metres, rising; 0 for the same place.
    days : tuple of float
        Upper bounds of the time bands in days, rising; the first starts at 0.
    permutations : int, default 999
    seed : int, default 0

    Returns
    -------
    DataFrame
        One row per distance and time band: distance_from, distance_to (metres),
        days_from, days_to, observed (pairs), expected (mean of the permutations),
        ratio (NaN without any expected), p (that many pairs or more by chance). A
        band runs from above its lower bound to its upper one; only 0 itself
        belongs to the first.

    Raises
    ------
    ResolutionError
        If only months are known.
    ParameterError
        If bands do not rise, there are no permutations, or there are more than
        20 million pairs within reach.

    References
    ----------
    Knox, E. G. (1964). The detection of space-time interactions. Applied
    Statistics 13(1), 25-30.
    Ratcliffe, J. H. and Rengert, G. F. (2008). Near-repeat patterns in
    Philadelphia shootings. Security Journal 21, 58-76.
    """
    require_resolution(incidents, "day", "Near repeats")
    if not (_rises(distances) and _rises(days)):
        raise ParameterError("The distance and time bands must rise from 0 or more: give e.g. 100, 200, 300.")
    if permutations < 1:
        raise ParameterError(f"The number of permutations is {permutations}: the test needs at least 1.")
    known = incidents.dropna(subset=["easting", "northing", "occurred_from"])
    known = known.sort_values(["easting", "northing", "occurred_from"], kind="stable")
    when = known["occurred_from"].dt.normalize().to_numpy().astype("datetime64[D]").astype(float)
    pairs, band = _pairs(known[["easting", "northing"]].to_numpy(), distances)
    cells = len(distances) * len(days)
    observed = _cross_table(pairs, band, when, days, cells)
    rng = np.random.default_rng(seed)
    total, as_many = np.zeros(cells), np.ones(cells)
    for _ in range(permutations):
        shuffled = _cross_table(pairs, band, rng.permutation(when), days, cells)
        total += shuffled
        as_many += shuffled >= observed
    return _knox_frame(distances, days, observed, total / permutations, as_many / (permutations + 1))


def _rises(bounds: tuple[float, ...]) -> bool:
    return len(bounds) > 0 and bounds[0] >= 0 and bool(np.all(np.diff(bounds) > 0))


def _pairs(xy: np.ndarray, distances: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs within the last distance, shape (n_pairs, 2), and the band of each."""
    if len(xy) < 2:
        return np.empty((0, 2), dtype=np.intp), np.empty(0, dtype=np.intp)
    tree = cKDTree(xy)
    reach = distances[-1]
    many = (int(tree.count_neighbors(tree, reach)) - len(xy)) // 2
    if many > _MOST_PAIRS:
        raise ParameterError(
            f"{many} pairs of incidents lie within {reach:g} m: take one theme or a shorter period."
        )
    pairs = tree.query_pairs(reach, output_type="ndarray")
    apart = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    return pairs, np.searchsorted(distances, apart, side="left")


def _cross_table(
    pairs: np.ndarray, band: np.ndarray, when: np.ndarray, days: tuple[float, ...], cells: int
) -> np.ndarray:
    gap = np.abs(when[pairs[:, 0]] - when[pairs[:, 1]])
    near = gap <= days[-1]
    slot = np.searchsorted(days, gap[near], side="left")
    return np.bincount(band[near] * len(days) + slot, minlength=cells).astype(float)


def _knox_frame(
    distances: tuple[float, ...],
    days: tuple[float, ...],
    observed: np.ndarray,
    expected: np.ndarray,
    p: np.ndarray,
) -> pd.DataFrame:
    far, late = np.repeat(np.arange(len(distances)), len(days)), np.tile(np.arange(len(days)), len(distances))
    lower, sooner = np.array([0.0, *distances[:-1]]), np.array([0.0, *days[:-1]])
    ratio = np.divide(observed, expected, out=np.full(len(observed), np.nan), where=expected > 0)
    return pd.DataFrame(
        {
            "distance_from": lower[far],
            "distance_to": np.array(distances)[far],
            "days_from": sooner[late],
            "days_to": np.array(days)[late],
            "observed": observed.astype(int),
            "expected": expected,
            "ratio": ratio,
            "p": p,
        }
    )
