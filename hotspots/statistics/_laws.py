"""The law of a count whose rate is uncertain: negative binomial, with its limits and tails."""

from __future__ import annotations

import numpy as np


def caution(freedom: np.ndarray, *, tail: float) -> np.ndarray:
    """
    Say by how much to widen a variance that was learnt from few differences.

    Parameters
    ----------
    freedom : ndarray of shape (n,)
    tail : float
        Chance beyond each limit.

    Returns
    -------
    ndarray of shape (n,)
        The squared ratio of Student's quantile to the normal one; 1 with many.
    """
    from scipy.special import ndtri, stdtrit

    return np.asarray((stdtrit(np.maximum(freedom, 2.0), 1 - tail) / ndtri(1 - tail)) ** 2)


def count_limits(mean: np.ndarray, variance: np.ndarray, *, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """
    Give the least and the greatest ordinary count: each tail beyond holds at most `tail`.

    Counts are whole, so limits are too: below the least lies less than `tail`,
    which a limit between two whole numbers does not keep where counts are small.

    Parameters
    ----------
    mean, variance : ndarray of shape (n,)
        Of a negative binomial; Poisson where the variance is no greater.
    tail : float

    Returns
    -------
    tuple of two float ndarrays of shape (n,)
    """
    from scipy.stats import nbinom

    form, scale = gamma_behind(mean, variance)
    share = 1 / (1 + scale)
    both = np.reshape([tail, 1 - tail], (2, *[1] * np.ndim(form)))
    low, high = nbinom.ppf(both, form, share)
    nothing = mean <= 0
    return np.where(nothing, 0.0, low), np.where(nothing, 0.0, high)


def count_tail(count: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Give the chance of `count` or more, where the mean and the variance are these."""
    from scipy.special import betainc

    form, scale = gamma_behind(mean, variance)
    share = scale / (1 + scale)
    return np.where(count > 0, betainc(np.maximum(count, 1.0), form, share), 1.0)


def gamma_behind(mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give shape and scale of the gamma distribution of rates behind counts of this mean and variance."""
    over = np.maximum(variance - mean, 1e-9 * np.maximum(mean, 1e-9))
    mean = np.maximum(mean, 1e-300)
    return mean**2 / over, over / mean
