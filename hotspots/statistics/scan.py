"""
Scan statistics: the circles that hold more incidents than chance would put there, of all circles looked at.

Every circle around every centre is tried, and the best ones are judged
against the best of random maps, so that many looks raise no false alarm.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.statistics._circles import (
    Circles,
    best_of_maps,
    log_likelihood_ratio,
    running_sums,
    scan_circles,
)

SCAN_COLUMNS: Final = (
    "cluster",
    "centre",
    "members",
    "easting",
    "northing",
    "radius_m",
    "n",
    "expected",
    "relative_risk",
    "llr",
    "p",
)


def spatial_scan(
    count: pd.Series,
    *,
    expected: pd.Series,
    xy: np.ndarray,
    most: float = 0.1,
    fewest_spots: int = 1,
    longest: float | None = None,
    dispersion: pd.Series | float = 1.0,
    draws: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """
    Find the circles with most incidents beyond what is expected, and how sure each is.

    The p-value is the share of random maps whose best circle is at least as
    good (the real one counts as one of them). Random maps put the same number
    of incidents at random, in proportion to `expected`; with a dispersion above
    1 they pile up as real incidents do, and the p-values allow for it. Later
    circles overlap none before them and are judged as sternly as the first,
    which makes their p-values too large rather than too small.

    A circle is where something is high; its edge is not where it ends.

    Parameters
    ----------
    count : Series
        Incidents by area code or place.
    expected : Series
        Residents, households, or what earlier months expect; scaled to the count.
    xy : ndarray of shape (n, 2)
        Metres, in the order of `count`.
    most, fewest_spots, longest
        As in `scan_circles`.
    dispersion : Series or float, default 1
        Variance over mean of a row's count were there no cluster; 1 is Poisson
        (`CountModel.dispersion(shared=False)`).
    draws : int, default 999
        Random maps.
    seed : int, default 0

    Returns
    -------
    DataFrame
        The columns of `SCAN_COLUMNS`, best first: cluster (1, 2, ...), centre (row
        label), members (labels, nearest first, as a tuple), its point and radius, n,
        expected, relative_risk (inside over outside), llr, p.

    Raises
    ------
    ParameterError
        If an option is out of range, a row has no expectation, or a dispersion is below 1.

    References
    ----------
    Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics:
    Theory and Methods 26(6), 1481-1496.
    Zhang, T., Zhang, Z. and Lin, G. (2012). Spatial scan statistics with
    overdispersion. Statistics in Medicine 31(8), 762-774.
    """
    held, size = _aligned(count, expected, draws)
    over = np.broadcast_to(_over(dispersion, count.index), (len(held),))
    total = held.sum()
    circles = scan_circles(xy, size, most=most, fewest_spots=fewest_spots, longest=longest)
    if not total > 0 or not circles.ends.any():
        return pd.DataFrame(columns=list(SCAN_COLUMNS))
    share = size * (total / size.sum())
    inside = running_sums(share[circles.spot], circles.centre)
    score = log_likelihood_ratio(running_sums(held[circles.spot], circles.centre), inside, total)
    score = np.where(circles.ends, score, 0.0)
    drawn = _maps(share, over, total=int(total), draws=draws, seed=seed)
    best = best_of_maps(drawn, circles, inside, int(total))
    found = _found(
        score[None],
        circles,
        held=held[None],
        usual=share[None],
        index=count.index,
        xy=xy,
        best=best,
        total=total,
    )
    return found[list(SCAN_COLUMNS)]


def expected_at_places(lsoa_codes: pd.Series, residents: pd.Series) -> pd.Series:
    """
    Share the residents of each LSOA out equally among its places: `expected` for a scan over places.

    Parameters
    ----------
    lsoa_codes : Series of str
        LSOA of each place, by place.
    residents : Series
        By LSOA code.

    Returns
    -------
    Series
        By place; 0 where the LSOA is not known.
    """
    places = lsoa_codes.map(lsoa_codes.value_counts())
    return (lsoa_codes.map(residents).astype(float) / places).fillna(0.0)


def _aligned(count: pd.Series, expected: pd.Series, draws: int) -> tuple[np.ndarray, np.ndarray]:
    if draws < 1:
        raise ParameterError(f"draws is {draws}: give at least one.")
    held, size = count.to_numpy(float), expected.reindex(count.index).to_numpy(float)
    if not (held >= 0).all() or (held % 1).any():
        raise ParameterError("A count is missing, negative or not whole: give incidents.")
    unknown = ~(size >= 0)
    if unknown.any():
        raise ParameterError(f"Nothing is known to expect in {count.index[unknown][0]}: give 0 or more.")
    return held, size


def _over(dispersion: pd.Series | float, index: pd.Index) -> np.ndarray:
    given = dispersion.reindex(index) if isinstance(dispersion, pd.Series) else dispersion
    over = np.asarray(given, dtype=float)
    if not (over >= 1).all():
        raise ParameterError("A dispersion is below 1 or missing: 1 is what chance alone makes.")
    return over


def _maps(share: np.ndarray, over: np.ndarray, *, total: int, draws: int, seed: int) -> np.ndarray:
    """Draw maps of `total` incidents, shape (n, draws)."""
    rng = np.random.default_rng(seed)
    if (over <= 1).all():
        return np.ascontiguousarray(rng.multinomial(total, share / share.sum(), size=draws).T)
    # Rates from a gamma distribution of this dispersion, then the city's total at those rates.
    scale = np.maximum(over - 1, 1e-6)
    rate = rng.standard_gamma(share / scale, (draws, len(share))) * scale
    return np.ascontiguousarray(rng.multinomial(total, rate / rate.sum(axis=1, keepdims=True)).T)


def prospective_scan(
    monthly: pd.DataFrame,
    *,
    xy: np.ndarray,
    longest_window: int = 6,
    most: float = 0.5,
    fewest_spots: int = 1,
    longest: float | None = None,
    dispersion: pd.Series | float = 1.0,
    draws: int = 999,
    seed: int = 0,
) -> pd.DataFrame:
    """
    Find circles that hold more incidents in the last months than their own past and the city's months expect.

    Every circle is tried with the last month, the last two, and so on. What is
    expected of a row in a month is its share of all incidents times those of
    the whole city in that month: what is always busy, and what is busy
    everywhere this season, is no finding. The expectation holds the last
    months too, and random maps are not held to each row's total, so p-values
    are too large rather than too small.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code or place (rows) and month (columns), unbroken up to the last.
    xy : ndarray of shape (n, 2)
        Metres, in the order of the rows.
    longest_window : int, default 6
        Months that count as recent; never more than half of those read.
    most, fewest_spots, longest, dispersion, draws, seed
        As in `spatial_scan`; `most` is a share of the incidents.

    Returns
    -------
    DataFrame
        The columns of `SCAN_COLUMNS`, and since: the first month of the rise.

    Raises
    ------
    ParameterError
        If an option is out of range, or there are fewer than two months.

    References
    ----------
    Kulldorff, M. (2001). Prospective time periodic geographical disease surveillance
    using a scan statistic. Journal of the Royal Statistical Society A 164(1), 61-72.
    Kulldorff, M. et al. (2005). A space-time permutation scan statistic for disease
    outbreak detection. PLoS Medicine 2(3), e59.
    """
    columns = [*SCAN_COLUMNS, "since"]
    months = sorted(monthly.columns)
    if len(months) < 2 or longest_window < 1:
        raise ParameterError(
            f"{len(months)} months, the last {longest_window} recent: give at least 2 and 1."
        )
    count = monthly[months].to_numpy(float)
    over = np.broadcast_to(_over(dispersion, monthly.index), (len(count),))
    total, windows = count.sum(), min(longest_window, len(months) // 2)
    # Rows without any incident say nothing of when, and would only be drawn in vain.
    some = count.sum(axis=1) > 0
    if not some.any():
        return pd.DataFrame(columns=columns)
    count, index, xy = count[some], monthly.index[some], np.asarray(xy, dtype=float)[some]
    share = count.sum(axis=1) / total
    circles = scan_circles(xy, share, most=most, fewest_spots=fewest_spots, longest=longest)
    if not circles.ends.any():
        return pd.DataFrame(columns=columns)
    city = count.sum(axis=0)
    over = over[some]
    held = np.array([count[:, -w:].sum(axis=1) for w in range(1, windows + 1)])
    usual = np.array([share * city[-w:].sum() for w in range(1, windows + 1)])
    inside = running_sums(usual[:, circles.spot], circles.centre)
    score = log_likelihood_ratio(running_sums(held[:, circles.spot], circles.centre), inside, total)
    drawn, best = np.zeros((len(share), draws), dtype=np.int64), np.zeros(draws)
    for w in range(1, windows + 1):
        drawn += _maps(share * city[-w], over, total=int(city[-w]), draws=draws, seed=seed + w)
        best = np.maximum(best, best_of_maps(drawn, circles, inside[w - 1], int(total)))
    found = _found(
        np.where(circles.ends, score, 0.0),
        circles,
        held=held,
        usual=usual,
        index=index,
        xy=xy,
        best=best,
        total=total,
    )
    since = {w: months[-w] for w in range(1, windows + 1)}
    return found.assign(since=found.pop("window").map(since))[columns]


def _found(
    score: np.ndarray,
    circles: Circles,
    *,
    held: np.ndarray,
    usual: np.ndarray,
    index: pd.Index,
    xy: np.ndarray,
    best: np.ndarray,
    total: float,
) -> pd.DataFrame:
    """
    Take the best circle, then the next that overlaps none before it, and so on.

    Score is of shape (windows, n_pairs), held and usual (windows, n).
    """
    first = np.searchsorted(circles.centre, np.arange(len(index)))
    taken = np.zeros(len(index), dtype=bool)
    rows: list[dict[str, object]] = []
    # Rounded, so that the last bit never decides between equals.
    for place in np.argsort(-np.round(score.ravel(), 9), kind="stable"):
        window, end = divmod(int(place), score.shape[1])
        if not score[window, end] > 0:
            break
        centre = circles.centre[end]
        members = circles.spot[first[centre] : end + 1]
        if taken[members].any():
            continue
        taken[members] = True
        n, expected = held[window, members].sum(), usual[window, members].sum()
        outside = (total - n) / max(total - expected, 1e-300)
        rows.append(
            {
                "cluster": len(rows) + 1,
                "centre": index[centre],
                "members": tuple(index[members]),
                "easting": xy[centre][0],
                "northing": xy[centre][1],
                "radius_m": circles.distance[end],
                "n": n,
                "expected": expected,
                "relative_risk": n / expected / outside if outside > 0 else np.inf,
                "llr": score[window, end],
                "p": (1 + np.count_nonzero(best >= score[window, end] - 1e-9)) / (1 + len(best)),
                "window": window + 1,
            }
        )
    return pd.DataFrame(rows, columns=[*SCAN_COLUMNS, "window"])
