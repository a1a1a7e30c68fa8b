"""Local statistics: where high values gather more than chance would have it."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtr

from hotspots.errors import ParameterError
from hotspots.statistics.discoveries import benjamini_hochberg
from hotspots.statistics.neighbours import Neighbours
from hotspots.statistics.permutations import permutation_p
from hotspots.statistics.rates import few_incidents

SIDES: Final = ("hot", "cold", "two-sided")

# Values that differ only in their last bits are equal.
_TIE: Final = 1e-9


def local_gistar(
    values: pd.Series,
    neighbours: Neighbours,
    *,
    offset: pd.Series | None = None,
    permutations: int = 9999,
    seed: int = 0,
    side: str = "hot",
) -> pd.DataFrame:
    """
    Test each area for a hot spot with the Getis-Ord Gi* statistic.

    Gi* adds up an area and its neighbours (binary weights) and compares the sum
    with what the same number of areas would hold anywhere in the city. It says
    that a neighbourhood is high, not that the area in its middle is.

    With an `offset` the statistic works on Pearson residuals
    ``(count - expected) / sqrt(expected)``, expected in proportion to the offset.
    Plain rates would let areas with few residents turn hot by chance, because
    their rates vary more.

    Parameters
    ----------
    values : Series
        Incidents (or another figure) by area code.
    neighbours : Neighbours
        Its codes must all be in `values`.
    offset : Series, optional
        Residents, households or km2 by area code. Areas where it is unknown or
        zero are left out of the test.
    permutations : int, default 9999
        Conditional permutations; 0 for none. The smallest p-value possible is
        1 / (permutations + 1), so 999 cannot find a single hot area among 152
        once the false discovery rate is controlled.
    seed : int, default 0
        The same seed gives the same permutations.
    side : {"hot", "cold", "two-sided"}, default "hot"
        Which tail the p-values are of.

    Returns
    -------
    DataFrame
        In the order of `neighbours.codes`: z (standard score), p_normal,
        p_permutation (NaN with no permutations), q (Benjamini-Hochberg over the
        areas, of the permutation p-values if there are any, else of the normal
        ones), reason ("" or why the area could not be tested; then p and q
        are 1, or NaN where a figure is missing).

    Raises
    ------
    ParameterError
        If an option is out of range, or an area has no value.

    Notes
    -----
    The permutation test keeps an area's own value and draws its neighbours, so it
    asks about the surroundings; the normal p-value asks about both together.

    References
    ----------
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics.
    Geographical Analysis 27(4), 286-306.
    Caldas de Castro, M. and Singer, B. H. (2006). Controlling the false discovery
    rate. Geographical Analysis 38(2), 180-208.
    """
    _check_options(side, permutations)
    tested, inner = _tested(_aligned(values, neighbours, "value"), neighbours, offset)
    z, reason = _gistar_scores(tested, inner)
    if few := _too_few(values):
        reason[:] = few
    p_normal = np.where(reason == "", _normal_p(z, side), 1.0)
    p_permutation = np.full(len(z), np.nan)
    if permutations:
        p = permutation_p(tested, inner, permutations, seed, side)
        p_permutation = np.where(reason == "", p, 1.0)
    q = benjamini_hochberg(p_permutation if permutations else p_normal)
    found = {"z": z, "p_normal": p_normal, "p_permutation": p_permutation, "q": q, "reason": reason}
    return _on_all_areas(pd.DataFrame(found, index=inner.codes), neighbours.codes)


def local_moran(
    values: pd.Series,
    neighbours: Neighbours,
    *,
    offset: pd.Series | None = None,
    permutations: int = 9999,
    seed: int = 0,
) -> pd.DataFrame:
    """
    Test each area for being like, or unlike, its neighbours with local Moran's I.

    Where Gi* finds hot neighbourhoods, local Moran also finds outliers: a high
    area among low ones. Weights are row-standardised; p-values are two-sided.

    Parameters
    ----------
    values, neighbours, offset, permutations, seed
        As for `local_gistar`.

    Returns
    -------
    DataFrame
        In the order of `neighbours.codes`: moran (I), z (against the mean and
        variance under conditional permutation, which are known exactly),
        p_normal, p_permutation, q, quadrant ("high-high", "low-low",
        "high-low", "low-high": the area, then its neighbours), reason.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association - LISA.
    Geographical Analysis 27(2), 93-115.
    Sokal, R. R., Oden, N. L. and Thomson, B. A. (1998). Local spatial
    autocorrelation in a biological model. Geographical Analysis 30(4), 331-354.
    """
    _check_options("two-sided", permutations)
    tested, inner = _tested(_aligned(values, neighbours, "value"), neighbours, offset)
    found = _moran_scores(tested, inner)
    if few := _too_few(values):
        found["reason"] = few
    untested = (found["reason"] != "").to_numpy()
    found["p_normal"] = np.where(untested, 1.0, _normal_p(found["z"].to_numpy(), "two-sided"))
    found["p_permutation"] = np.nan
    if permutations:
        p = permutation_p(tested, inner, permutations, seed, "two-sided")
        found["p_permutation"] = np.where(untested, 1.0, p)
    found["q"] = benjamini_hochberg(found["p_permutation" if permutations else "p_normal"].to_numpy())
    columns = ["moran", "z", "p_normal", "p_permutation", "q", "quadrant", "reason"]
    return _on_all_areas(found[columns], neighbours.codes)


def gistar_by_month(
    monthly: pd.DataFrame, neighbours: Neighbours, *, offset: pd.Series | None = None
) -> pd.DataFrame:
    """
    Compute Gi* standard scores for every month at once.

    Each month is compared with the city in that month, so a rise everywhere
    makes no hot spot.

    Parameters
    ----------
    monthly : DataFrame
        Incidents by area code (rows) and month (columns).
    neighbours : Neighbours
        Its codes must all be rows of `monthly`.
    offset : Series, optional
        See `local_gistar`.

    Returns
    -------
    DataFrame
        z by area and month; 0 where a month cannot be tested, NaN where the
        offset is unknown.
    """
    table = monthly.reindex(neighbours.codes).to_numpy(float)
    tested, inner = _tested(table, neighbours, offset)
    z, _ = _gistar_scores(tested, inner)
    scores = pd.DataFrame(z, index=inner.codes, columns=monthly.columns)
    return scores.reindex(neighbours.codes)


def pearson_residuals(counts: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """
    Compare counts with what the exposure leads to expect, in units of Poisson noise.

    Parameters
    ----------
    counts : ndarray of shape (n_areas,) or (n_areas, n_months)
    exposure : ndarray of shape (n_areas,)
        Above zero.

    Returns
    -------
    ndarray
        ``(count - expected) / sqrt(expected)``; zeros where nothing was counted at all.
    """
    share = exposure / exposure.sum() if len(exposure) else exposure
    expected = np.multiply.outer(share, counts.sum(axis=0)) if counts.ndim > 1 else share * counts.sum()
    noise = np.sqrt(np.where(expected > 0, expected, 1.0))
    return np.asarray((counts - expected) / noise)


def _check_options(side: str, permutations: int) -> None:
    if side not in SIDES:
        raise ParameterError(f'The side is "{side}": choose one of {", ".join(SIDES)}.')
    if permutations < 0:
        raise ParameterError(f"The number of permutations is {permutations}: give 0 or more.")


def _aligned(values: pd.Series, neighbours: Neighbours, noun: str, *, missing_ok: bool = False) -> np.ndarray:
    """Put `values` in the order of the neighbours' codes; unknown becomes NaN."""
    aligned = values.reindex(neighbours.codes).to_numpy(float)
    missing = np.isnan(aligned)
    if missing.any() and not missing_ok:
        code = neighbours.codes[missing][0]
        raise ParameterError(
            f"The area {code} has no {noun}; {missing.sum()} like this. Give every area one, 0 if none."
        )
    return aligned


def _tested(
    figures: np.ndarray, neighbours: Neighbours, offset: pd.Series | None
) -> tuple[np.ndarray, Neighbours]:
    """Return what the statistic works on, and the neighbours among the areas whose offset is known."""
    if offset is None:
        return figures, neighbours
    exposure = _aligned(offset, neighbours, "offset", missing_ok=True)
    keep = exposure > 0
    return pearson_residuals(figures[keep], exposure[keep]), neighbours.among(keep)


def _gistar_scores(values: np.ndarray, neighbours: Neighbours) -> tuple[np.ndarray, np.ndarray]:
    """
    Return z, shaped as `values` (n_areas or n_areas x n_months), and the reason by area.

    Where a column is flat there is nothing to find: z is 0.
    """
    n = len(values)
    size = (neighbours.counts + 1.0).reshape(-1, *[1] * (values.ndim - 1))
    deviation = values - values.mean(axis=0) if n else values
    variance = np.mean(deviation**2, axis=0) if n else np.zeros(values.shape[1:])
    reason = _reasons(values, neighbours)
    spread = np.sqrt(variance * size * (n - size) / max(n - 1, 1))
    total = deviation + neighbours.matrix @ deviation
    flat = np.broadcast_to(_is_flat(values), total.shape) | (size >= n)
    return np.where(flat, 0.0, total / np.where(flat, 1.0, spread)), reason


def _too_few(values: pd.Series) -> str:
    """Say that a handful of incidents is no pattern. Whole numbers are counts; of rates nothing is said."""
    number = values.to_numpy(float)
    whole = bool((number >= 0).all() and (number == np.floor(number)).all())
    return few_incidents(number.sum()) if whole else ""


def _is_flat(values: np.ndarray) -> np.ndarray:
    """Say for each column whether all its values are equal."""
    if not len(values):
        return np.ones(values.shape[1:], bool)
    return np.ptp(values, axis=0) <= _TIE * np.maximum(np.abs(values).max(axis=0), 1.0)


def _reasons(values: np.ndarray, neighbours: Neighbours) -> np.ndarray:
    """Say why an area cannot be tested, or nothing."""
    reason = np.full(len(values), "", dtype=object)
    reason[neighbours.counts + 1 >= len(values)] = "too few areas: the neighbours are the whole city"
    reason[neighbours.counts == 0] = "no neighbours"
    if len(values) < 3:
        reason[:] = "too few areas"
    elif _is_flat(values).all():
        reason[:] = "all areas are alike"
    return reason


def _moran_scores(values: np.ndarray, neighbours: Neighbours) -> pd.DataFrame:
    n, degree = len(values), np.maximum(neighbours.counts, 1)
    reason = _reasons(values, neighbours)
    others = max(n - 1, 1)
    deviation = values - values.mean() if n else values
    squares = float(deviation @ deviation)
    lag = (neighbours.matrix @ deviation) / degree
    mean = -deviation / others
    variance = np.maximum((squares - deviation**2) / others - mean**2, 0.0)
    # The neighbours are drawn without replacement from the other areas.
    spread = np.sqrt(variance / degree * (others - degree) / max(others - 1, 1))
    testable = (reason == "") & (spread > 0)
    z = np.where(testable, np.sign(deviation) * (lag - mean) / np.where(testable, spread, 1.0), 0.0)
    moran = deviation * lag * others / squares if squares > 0 else np.zeros(n)
    words = np.where(deviation >= 0, "high-", "low-") + np.where(lag >= 0, "high", "low").astype(object)
    quadrant = np.where(reason == "", words, "")
    return pd.DataFrame(
        {"moran": moran, "z": z, "quadrant": quadrant, "reason": reason}, index=neighbours.codes
    )


def _normal_p(z: np.ndarray, side: str) -> np.ndarray:
    if side == "hot":
        return np.asarray(ndtr(-z))
    return np.asarray(ndtr(z) if side == "cold" else 2 * ndtr(-np.abs(z)))


def _on_all_areas(found: pd.DataFrame, codes: pd.Index) -> pd.DataFrame:
    """Give the areas that were left out a row with the reason."""
    if len(found) == len(codes):
        return found
    whole = found.reindex(codes)
    left_out = ~codes.isin(found.index)
    whole.loc[left_out, "reason"] = "the offset is unknown or zero"
    if "quadrant" in whole:
        whole.loc[left_out, "quadrant"] = ""
    return whole
