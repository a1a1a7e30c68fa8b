"""False discoveries among many tests, kept to a stated share."""

from __future__ import annotations

import numpy as np


def benjamini_hochberg(p: np.ndarray, *, axis: int = 0) -> np.ndarray:
    """
    Turn p-values into q-values: the false discovery rate at which each would be found.

    Parameters
    ----------
    p : ndarray
        p-values; NaN stays NaN and is not counted as a test.
    axis : int, default 0
        The axis along which the tests belong together.

    Returns
    -------
    ndarray of the same shape

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
    Journal of the Royal Statistical Society B 57(1), 289-300.
    """
    values = np.moveaxis(np.asarray(p, float), axis, 0)
    order = np.argsort(values, axis=0, kind="stable")
    ranked = np.take_along_axis(values, order, axis=0)
    tests = np.sum(~np.isnan(values), axis=0)
    ranks = np.arange(1, len(values) + 1).reshape(-1, *[1] * (values.ndim - 1))
    stepped = np.fmin.accumulate((ranked * tests / ranks)[::-1], axis=0)[::-1]
    found = np.empty_like(values)
    np.put_along_axis(found, order, np.where(np.isnan(ranked), np.nan, np.minimum(stepped, 1.0)), axis=0)
    return np.moveaxis(found, 0, axis)
