"""How much monthly counts vary: pooled over areas, by their mean and by how far apart the months are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

#: Rounds of reweighting; the parts settle to three digits in four or five. One that changes nothing ends it.
_ROUNDS: Final = 8
#: An area's own factor stays within this, whatever a single month did.
_FACTORS: Final = (0.5, 4.0)
#: Relative variance that rates drift by in a month: half of all tables are taken to show less than two
#: thirds of this, as those of the districts of Derbyshire did in 2025 (0.0017 in the middle).
_USUAL_DRIFT: Final = 0.0025
#: With fewer areas "the other areas of the city" mean nothing.
_FEWEST_AREAS: Final = 4
#: Independent differences from which on an area's own variance is judged without those of one month.
_FEWEST_LEFT: Final = 4


@dataclass(frozen=True, eq=False)
class Variation:
    """
    The parts of the variance of a month's count with mean mu.

    An area's own part is `factor * ((1 + excess) * mu + own * mu**2)`; what
    the whole city shares adds `shared * mu**2`. Between two months that lie
    h months apart the rates themselves drift: their ratio varies by
    `(own_drift + shared_drift) * h`.

    Attributes
    ----------
    excess, own, own_drift, shared, shared_drift : float
        At least 0; all 0 is Poisson.
    factor : ndarray of shape (n_areas,)
        How far an area departs from the pooled variance, drawn towards 1.
    doubt : ndarray of shape (n_areas,)
        Variance of that factor: areas are never quite alike.
    freedom, shared_freedom : float
        Independent differences between months that the own and the shared parts were learnt from.
    """

    excess: float
    own: float
    own_drift: float
    shared: float
    shared_drift: float
    factor: np.ndarray
    doubt: np.ndarray
    freedom: float
    shared_freedom: float


@dataclass(frozen=True, eq=False)
class Pairs:
    """
    Pairs of months that may be compared.

    Attributes
    ----------
    first, second : ndarray of int, shape (n_pairs,)
        Columns of the table.
    lag : ndarray of shape (n_pairs,)
        Months between them.
    freedom : int
        Independent differences among them.
    """

    first: np.ndarray
    second: np.ndarray
    lag: np.ndarray
    freedom: int


def pair_months(
    time: np.ndarray, *, blocks: Sequence[int] | None = None, longest: int | None = None
) -> Pairs:
    """
    Pair months with one another.

    Parameters
    ----------
    time : ndarray of int, shape (n_months,)
        Number of each month, in order.
    blocks : sequence of int, optional
        Only months of one block are paired, so that what happened between blocks
        is not taken for chance.
    longest : int, optional
        Only months that lie no further apart.
    """
    first, second = np.triu_indices(len(time), 1)
    lag = np.abs(time[second] - time[first]).astype(float)
    keep = np.ones(len(first), dtype=bool) if longest is None else lag <= longest
    block = np.zeros(len(time), dtype=int) if blocks is None else np.asarray(blocks)
    keep &= block[first] == block[second]
    used = np.unique(np.concatenate([first[keep], second[keep]]))
    freedom = len(used) - len(np.unique(block[used]))
    return Pairs(first[keep], second[keep], lag[keep], freedom)


def learn_variation(
    count: np.ndarray, size: np.ndarray, pairs: Pairs, *, drift: bool = True, taken: int = 0
) -> Variation:
    """
    Learn the parts of the variance from squared differences between months.

    An area's own part is judged against the city's months, so that what all
    areas share does not count as theirs; that is learnt from the city's
    months. Both are pooled: the squared differences of every area and lag,
    over what Poisson counts of that mean would show, are fitted by parts
    that grow with the mean and the lag (weighted, none below zero).

    Parameters
    ----------
    count : ndarray of shape (n_areas, n_months)
    size : ndarray of shape (n_months,)
        What a month's count is set against (days, season), 1 on average.
    pairs : Pairs
    drift : bool, default True
        False where the months compared lie so close that drift is part of chance.
    taken : int, default 0
        Figures of season and trend that were fitted to the city's months, which
        therefore vary less around `size` than later ones will.

    References
    ----------
    Cressie, N. (1993). Statistics for Spatial Data, section 2.4 (variograms). Wiley.
    Robinson, M. D. and Smyth, G. K. (2008). Small-sample estimation of negative
    binomial dispersion. Biostatistics 9(2), 321-332 (pooling, and given the total).
    Bühlmann, H. (1967). Experience rating and credibility. ASTIN Bulletin 4(3), 199-207.
    """
    total = count.sum(axis=1)
    none, sure = np.ones(len(count)), np.zeros(len(count))
    if not len(pairs.lag) or not total.any():
        return Variation(0.0, 0.0, 0.0, 0.0, 0.0, none, sure, 0.0, 0.0)
    pooled = np.count_nonzero(total) >= _FEWEST_AREAS
    own, factor, doubt = (0.0, 0.0, 0.0), none, sure
    if pooled:
        city = size * _city_months(count, size)
        own, factor, doubt = _own_parts(count, city, pairs, drift=drift)
    freedom = max(pairs.freedom - taken, 1)
    shared = _shared_parts(
        count,
        size,
        pairs,
        own,
        drift=drift and len(np.unique(pairs.lag)) > 1,
        stretch=pairs.freedom / freedom,
    )
    if not pooled:
        # One series alone: its excess cannot be told apart from what the city shares.
        return Variation(0.0, 0.0, 0.0, *shared, none, sure, float(freedom), float(freedom))
    areas = float(pairs.freedom * (np.count_nonzero(total) - 1))
    return Variation(*own, *shared, factor, doubt, areas, float(freedom))


def _city_months(count: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Say how busy each month of the city was (1: as usual), drawn to 1 as far as chance explains it."""
    city = count.sum(axis=0)
    usual = city.sum() * size / size.sum()
    noise = (1 / np.maximum(usual, 1e-9)).mean()
    busy = city / np.maximum(usual, 1e-9)
    spread = busy.var(ddof=1) if len(busy) > 1 else 0.0
    kept = max(0.0, 1 - noise / spread) if spread > 0 else 0.0
    return np.asarray(1 + kept * (busy - 1))


def _ratios(count: np.ndarray, size: np.ndarray, pairs: Pairs) -> tuple[np.ndarray, ...]:
    """
    Set squared differences against Poisson ones, by area and lag.

    Returns
    -------
    tuple of ndarray
        ratio (areas x lags), mean a month (areas), pairs a lag, lags, and mean size at each lag.
    """
    rate = count / size
    mean = count.sum(axis=1) / size.sum()
    lags, column = np.unique(pairs.lag, return_inverse=True)
    gather = np.zeros((len(pairs.lag), len(lags)))
    gather[np.arange(len(column)), column] = 1.0
    chance = (1 / size[pairs.first] + 1 / size[pairs.second]) @ gather
    squares = (rate[:, pairs.first] - rate[:, pairs.second]) ** 2 @ gather
    number = gather.sum(axis=0)
    return squares / (mean[:, None] * chance), mean, number, lags, 2 * number / chance


def _own_parts(
    count: np.ndarray, size: np.ndarray, pairs: Pairs, *, drift: bool
) -> tuple[tuple[float, float, float], np.ndarray, np.ndarray]:
    """Fit excess, own and own_drift over all areas, and each area's factor with its variance."""
    total = count.sum(axis=1)
    some = total > 1
    factor, doubt = np.ones(len(count)), np.zeros(len(count))
    if np.count_nonzero(some) < _FEWEST_AREAS:
        return (0.0, 0.0, 0.0), factor, doubt
    ratio, mean, number, lags, typical = _ratios(count[some], size, pairs)
    total = total[some]
    # The city's months hold the area's own: what it did alone shows the less, the more of the city it is.
    share = np.minimum(total / total.sum(), 0.9)
    excess = ratio / (1 - share)[:, None] - 1
    mean_at = mean[:, None] * typical
    drifting = [mean_at * lags / 2] if drift and len(lags) > 1 else []
    parts = np.array([np.ones_like(ratio), mean_at, *drifting])
    found, before = np.zeros(len(parts)), np.full(len(parts), -1.0)
    for _ in range(_ROUNDS):
        if np.array_equal(found, before):
            break
        expected = _summed(found, parts)
        # Given its total an area shows less of its excess: one incident differs by one under any law.
        shown = ((total - 1) / (total + expected[:, 0]))[:, None]
        weight = number / (2 * (1 + expected) ** 2 + (1 + expected) / (2 * mean_at))
        found, before = _fit(parts * shown, excess, weight), found
    expected = _summed(found, parts)
    shown = ((total - 1) / (total + expected[:, 0]))[:, None]
    factor[some], doubt[some] = _factors(1 + excess, 1 + shown * expected, number, mean, pairs.freedom)
    own = [*map(float, found), 0.0][:3]
    if drifting:
        root = np.sqrt(weight).ravel()
        # Pairs share their months: so many fewer differences are independent.
        own[2] = _likely_drift(
            found[2],
            (parts * shown).reshape(len(parts), -1) * root,
            excess.ravel() * root,
            pairs_each=number.sum() / pairs.freedom,
        )
    return (own[0], own[1], own[2]), factor, doubt


def _likely_drift(fitted: float, table: np.ndarray, values: np.ndarray, *, pairs_each: float) -> float:
    """
    Give the mean of what the drift may be; never below the fit, nor the bare zero.

    From a year of few areas the fit is zero half the time though rates drift. Before
    the months are seen it is taken to be half normal, so that few incidents, which
    tell nothing of it, do not make it large.
    """
    cover = np.linalg.pinv(table @ table.T, hermitian=True)
    free, variance = float(cover[2] @ (table @ values)), float(cover[2, 2]) * pairs_each
    known = variance / (1 + variance / _USUAL_DRIFT**2)
    return max(fitted, float(_mean_above_zero(free * known / max(variance, 1e-300), np.sqrt(known))))


def _mean_above_zero(found: Any, error: Any) -> Any:
    """Give the mean of what is normal around `found` and cannot be below zero."""
    from scipy.special import log_ndtr

    z = found / np.maximum(error, 1e-300)
    return found + error * np.exp(-(z**2) / 2 - log_ndtr(z)) / np.sqrt(2 * np.pi)


def factors_without(count: np.ndarray, size: np.ndarray, pairs: Pairs, part: Variation) -> np.ndarray:
    """
    Give each area's factor as it would be without a month, for every month.

    A month that is far from the others makes its area's factor large, which would
    make the very limits wide that it is held against. What is learnt over all areas
    together stays: one month of one area moves it little.

    Parameters
    ----------
    count, size, pairs
        As for `learn_variation`.
    part : Variation
        What that gave.

    Returns
    -------
    ndarray of shape (n_areas, n_months)
    """
    found = np.repeat(part.factor[:, None], len(size), axis=1)
    total = count.sum(axis=1)
    some = total > 1
    if np.count_nonzero(some) < _FEWEST_AREAS or pairs.freedom < _FEWEST_LEFT:
        return found
    city = size * _city_months(count, size)
    total = total[some, None]
    share = np.minimum(total / total.sum(), 0.9)
    mean, rate = total / city.sum(), count[some] / city
    each = mean / (1 / city[pairs.first] + 1 / city[pairs.second])
    seen = (rate[:, pairs.first] - rate[:, pairs.second]) ** 2 * each / mean**2 / (1 - share)
    more = part.excess + 2 * each * (part.own + part.own_drift * pairs.lag / 2)
    expected = 1 + more * (total - 1) / (total + part.excess)
    month = np.arange(len(size))
    others = ((pairs.first[:, None] != month) & (pairs.second[:, None] != month)).astype(float)
    own = (seen @ others) / (expected @ others)
    level = (expected @ others) / others.sum(axis=0)
    chance = (2 + 1 / (2 * mean * level)) / (pairs.freedom - 1)
    found[some] = np.clip(1 + _share_kept(own, chance) * (own - 1), *_FACTORS)
    return found


def shared_without(
    count: np.ndarray, size: np.ndarray, time: np.ndarray, part: Variation
) -> tuple[np.ndarray, np.ndarray]:
    """
    Give the shared part and its drift as they would be without a month, for every month.

    Of one series alone everything is shared, so that a month which is far from the others
    would be held against itself. Of several, the city's month is kept: it is not one area's.

    Parameters
    ----------
    count, size, part
        As for `factors_without`.
    time : ndarray of int, shape (n_months,)

    Returns
    -------
    tuple of ndarray of shape (n_months,)
    """
    if np.count_nonzero(count.sum(axis=1)) > 1 or len(time) <= _FEWEST_LEFT:
        return np.full(len(time), part.shared), np.full(len(time), part.shared_drift)
    left = [
        learn_variation(np.delete(count, at, 1), np.delete(size, at), pair_months(np.delete(time, at)))
        for at in range(len(time))
    ]
    return np.array([one.shared for one in left]), np.array([one.shared_drift for one in left])


def _factors(
    ratio: np.ndarray, expected: np.ndarray, number: np.ndarray, mean: np.ndarray, freedom: int
) -> tuple[np.ndarray, np.ndarray]:
    """
    Draw each area's own variance over the pooled one towards 1, by as much as chance explains.

    How much areas truly differ is itself badly known from few of them, and
    cannot be below zero: its mean given that is used, never the bare zero.
    """
    own = (ratio @ number) / (expected @ number)
    level = (expected @ number) / number.sum()
    chance = (2 + 1 / (2 * mean * level)) / freedom
    kept = _share_kept(own, chance)
    return np.clip(1 + kept * (own - 1), *_FACTORS), kept * chance


def _share_kept(own: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Say how much of what areas differ by is more than chance; the variances are those of chance."""
    weight = 1 / chance
    # The weighted squares of normal deviations: their mean, and its error were areas alike.
    found = (weight * ((own - 1) ** 2 - chance)).sum(axis=0) / weight.sum(axis=0)
    error = np.sqrt(2 * len(own)) / weight.sum(axis=0)
    between = _mean_above_zero(found, error)
    return np.asarray(between / (between + chance))


def _shared_parts(
    count: np.ndarray,
    size: np.ndarray,
    pairs: Pairs,
    own: tuple[float, float, float],
    *,
    drift: bool,
    stretch: float,
) -> tuple[float, float]:
    """Fit what the city's months vary by beyond what the areas do on their own."""
    ratio, mean, number, lags, typical = _ratios(count.sum(axis=0, keepdims=True), size, pairs)
    rate = count.sum(axis=1) / size.sum()
    each = typical * (rate**2).sum() / rate.sum()
    alone = own[0] + each * (own[1] + own[2] * lags / 2)
    excess = stretch * ratio[0] - 1 - alone
    mean_at = mean[0] * typical
    parts = np.array([mean_at, mean_at * lags / 2] if drift else [mean_at])
    found, before = np.zeros(len(parts)), np.full(len(parts), -1.0)
    for _ in range(_ROUNDS):
        if np.array_equal(found, before):
            break
        expected = np.maximum(alone + _summed(found, parts), 0.0)
        found, before = _fit(parts, excess, number / (1 + expected) ** 2), found
    shared = (*map(float, found), 0.0)
    return shared[0], shared[1]


def _summed(found: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Add up the parts, each as often as was found."""
    return np.asarray(np.dot(found[None, :], parts.reshape(len(parts), -1)).reshape(parts.shape[1:]))


def _fit(parts: np.ndarray, excess: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the weighted least-squares parts that are not below zero, from their normal equations."""
    from scipy.optimize import nnls

    root = np.sqrt(weight).ravel()
    table = np.ascontiguousarray((parts.reshape(len(parts), -1) * root).T)
    scale = np.maximum(np.sqrt((table**2).sum(axis=0)), 1e-300)
    # A QR step leaves a system of two or three rows with the same answer.
    q, r = np.linalg.qr(table / scale)
    return np.asarray(nnls(r, q.T @ (excess.ravel() * root))[0] / scale)
