"""Circles over spots for the scan statistic, and what each holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hotspots.errors import ParameterError


@dataclass(frozen=True, eq=False)
class Circles:
    """
    Circles over spots, each around one of them and reaching to another.

    Attributes
    ----------
    centre, spot : ndarray of int, shape (n_pairs,)
        Row `spot` lies in the circles around row `centre`: by centre, nearest first.
    distance : ndarray of shape (n_pairs,)
    ends : ndarray of bool, shape (n_pairs,)
        Whether a circle may end with this spot: all spots as near are in it, it
        holds enough of them, and not too much of what is expected.
    """

    centre: np.ndarray
    spot: np.ndarray
    distance: np.ndarray
    ends: np.ndarray


def scan_circles(
    xy: np.ndarray,
    expected: np.ndarray,
    *,
    most: float = 0.1,
    fewest_spots: int = 1,
    longest: float | None = None,
) -> Circles:
    """
    List the circles to be tried.

    Parameters
    ----------
    xy : ndarray of shape (n, 2)
        Centres of areas, or places, in metres.
    expected : ndarray of shape (n,)
        What a circle's size is measured by: residents, or incidents expected.
    most : float, default 0.1
        The greatest share of all that a circle may hold.
    fewest_spots : int, default 1
        Distinct places that a circle must hold: one busy address is no neighbourhood.
    longest : float, optional
        The greatest radius, in metres.

    Raises
    ------
    ParameterError
        If an option is out of range or the arrays do not fit.
    """
    if not 0 < most <= 0.5:
        raise ParameterError(f"A circle may hold {most} of all: give a share above 0 and up to 0.5.")
    if fewest_spots < 1:
        raise ParameterError(f"A circle must hold {fewest_spots} places: give at least 1.")
    if len(xy) != len(expected) or not (expected >= 0).all() or not expected.sum() > 0:
        raise ParameterError("What is expected does not fit the places: give 0 or more for each, not all 0.")
    centre, spot, distance = _neighbours(np.asarray(xy, dtype=float), longest)
    held = running_sums(expected[spot], centre)
    last = np.append(centre[1:] != centre[:-1], True)
    farther = np.append(distance[1:] > distance[:-1], True)
    position = running_sums(np.ones(len(spot)), centre)
    inside = held <= most * expected.sum() * (1 + 1e-12)
    keep = inside & (last | farther) & (position >= fewest_spots)
    # What lies beyond the largest circle of a centre is never asked for again.
    return Circles(centre[inside], spot[inside], distance[inside], keep[inside])


def _neighbours(xy: np.ndarray, longest: float | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give every pair of spots, or those within `longest`, by centre and distance, ties in row order."""
    if longest is None:
        apart = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
        spot = np.argsort(apart, axis=1, kind="stable")
        centre = np.repeat(np.arange(len(xy)), len(xy))
        return centre, spot.ravel(), np.take_along_axis(apart, spot, axis=1).ravel()
    from scipy.spatial import KDTree

    tree = KDTree(xy)
    near = tree.sparse_distance_matrix(tree, longest, output_type="coo_matrix")
    order = np.lexsort((near.col, near.data, near.row))
    return near.row[order], near.col[order], near.data[order]


def running_sums(values: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Add values up within each centre, along the last axis."""
    total = np.cumsum(values, axis=-1)
    first = np.flatnonzero(np.append(True, centre[1:] != centre[:-1]))
    before = np.where(first > 0, total[..., first - 1], 0.0)
    return np.asarray(total - np.repeat(before, np.diff(np.append(first, len(centre))), axis=-1))


def log_likelihood_ratio(held: np.ndarray, expected: np.ndarray, total: float) -> np.ndarray:
    """
    Compare "more inside" with "alike everywhere" for Poisson counts; 0 where there are not more.

    Parameters
    ----------
    held, expected : ndarray
        Incidents in a circle, and expected there; expected ones add up to `total` over all.
    total : float

    References
    ----------
    Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics:
    Theory and Methods 26(6), 1481-1496.
    """
    from scipy.special import xlogy

    safe = np.maximum(expected, 1e-300)
    rest = np.maximum(total - expected, 1e-300)
    ratio = xlogy(held, held / safe) + xlogy(total - held, (total - held) / rest)
    return np.asarray(np.where(held > expected, ratio, 0.0))


def best_of_maps(drawn: np.ndarray, circles: Circles, inside: np.ndarray, total: int) -> np.ndarray:
    """
    Return the score of the best circle of each map.

    Counts are whole, so their part of the ratio is looked up; only the map
    itself is scored to the last digit.
    """
    from scipy.special import xlogy

    whole = np.arange(total + 1, dtype=float)
    table = xlogy(whole, whole)
    table = table + table[::-1]
    found = np.zeros(drawn.shape[1])
    bounds = np.flatnonzero(np.append(True, circles.centre[1:] != circles.centre[:-1]))
    for start, stop in zip(bounds, np.append(bounds[1:], len(circles.centre)), strict=True):
        ends = circles.ends[start:stop]
        if not ends.any():
            continue
        held = np.cumsum(drawn[circles.spot[start:stop]], axis=0)[ends]
        usual = inside[start:stop][ends][:, None]
        high, low = np.log(np.maximum(usual, 1e-300)), np.log(np.maximum(total - usual, 1e-300))
        score = table[held]
        score -= held * (high - low)
        score -= total * low
        score[held <= usual] = 0.0
        np.maximum(found, score.max(axis=0), out=found)
    return found
