"""Did incidents move next door? The weighted displacement difference, and the ring that it needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from hotspots.errors import ParameterError

#: Incidents before and after.
Pair = tuple[float, float]


@dataclass(frozen=True)
class Displacement:
    """
    Incidents prevented or added, at the place and in the ring around it together.

    Attributes
    ----------
    place, ring, total : float
        Change against the control, in incidents; below zero is a fall. A ring below
        zero is diffusion of the benefit, above zero is displacement.
    error : float
        Standard error of `total`, the dispersion included.
    low, high : float
        Interval of `total`.
    """

    place: float
    ring: float
    total: float
    error: float
    low: float
    high: float


def weighted_displacement_difference(
    treated: Pair,
    control: Pair,
    *,
    treated_ring: Pair = (0, 0),
    control_ring: Pair = (0, 0),
    dispersion: float = 1.0,
    confidence: float = 0.95,
    freedom: int | None = None,
) -> Displacement:
    """
    Take the change of the controls from that of the treated place and its ring.

    As published: the control and its ring count as they are, so they must be
    about as large as the treated place and its ring. Use
    `scaled_displacement_difference` where they are not.

    Parameters
    ----------
    treated, control, treated_ring, control_ring : (float, float)
        Incidents before and after, in periods of equal length.
    dispersion : float, default 1.0
        Variance of counts over their mean; 1 is Poisson, as published.
    confidence : float, default 0.95
        Of the interval.
    freedom : int, optional
        Degrees of freedom behind the dispersion; the normal distribution without.

    Returns
    -------
    Displacement

    Raises
    ------
    ParameterError
        If a count or the dispersion is negative, or the confidence not between 0 and 1.

    References
    ----------
    Wheeler, A. P. and Ratcliffe, J. H. (2018). A simple weighted displacement
    difference test to evaluate place based crime interventions. Crime Science 7, 11.

    Examples
    --------
    >>> found = weighted_displacement_difference(
    ...     (207, 110), (308, 318), treated_ring=(178, 157), control_ring=(150, 140)
    ... )
    >>> found.total, round(found.low), round(found.high)
    (-118.0, -196, -40)
    """
    pairs = [_checked(pair) for pair in (treated, control, treated_ring, control_ring)]
    changes = [after - before for before, after in pairs]
    place, ring = changes[0] - changes[1], changes[2] - changes[3]
    variance = _checked_dispersion(dispersion) * sum(before + after for before, after in pairs)
    return _displacement(place, ring, variance, confidence=confidence, freedom=freedom)


def scaled_displacement_difference(
    treated: Pair,
    control: Pair,
    *,
    treated_ring: Pair = (0, 0),
    dispersion: float = 1.0,
    confidence: float = 0.95,
    freedom: int | None = None,
) -> Displacement:
    """
    Take the change that a control of any size would have had from that of the place and its ring.

    The weighted displacement difference with the control weighted by the
    treated place's incidents before over its own; the variance is that of the
    weighted counts, the weight itself being uncertain (delta method). A count
    of m varies by m + alpha m^2, so a ring that holds more than the place
    varies by more times its count: with the place's dispersion for both, the
    interval held the truth in 86 % of towns whose ring was five times the place.

    Parameters
    ----------
    treated, control, treated_ring : (float, float)
        Incidents before and after, in periods of equal length.
    dispersion : float, default 1.0
        Variance of the place's counts over their mean; the control's is taken to be the same.
    confidence, freedom
        As in `weighted_displacement_difference`.

    Returns
    -------
    Displacement
        All NaN if the control had no incident before.

    Raises
    ------
    ParameterError
        As for `weighted_displacement_difference`.
    """
    (t0, t1), (c0, c1), (r0, r1) = (_checked(pair) for pair in (treated, control, treated_ring))
    if not c0:
        return Displacement(*[float("nan")] * 6)
    own, growth = _checked_dispersion(dispersion), c1 / c0
    # A ring that holds less is given the place's, which errs on the safe side.
    size = max((r0 + r1) / (t0 + t1), 1.0) if t0 + t1 else 1.0
    around = 1 + (own - 1) * size if own > 1 else own
    variance = own * (t1 + growth**2 * t0) + around * (r1 + growth**2 * r0)
    variance += own * ((t0 + r0) / c0) ** 2 * (c1 + growth**2 * c0)
    place, ring = t1 - t0 * growth, r1 - r0 * growth
    return _displacement(place, ring, variance, confidence=confidence, freedom=freedom)


def ring_around(shape: shapely.Geometry, *, width: float) -> shapely.Geometry:
    """
    Draw the ring in which displacement and diffusion are looked for.

    Parameters
    ----------
    shape : Geometry
        The treated place, in metres of the National Grid.
    width : float
        Metres.

    Raises
    ------
    ParameterError
        If the width is not above zero.
    """
    if not width > 0:
        raise ParameterError(f"The ring is {width} m wide: give a width above zero.")
    return shapely.difference(shapely.buffer(shape, width), shape)


def _displacement(
    place: float,
    ring: float,
    variance: float,
    *,
    confidence: float,
    freedom: int | None,
) -> Displacement:
    from scipy.stats import norm, t

    if not 0 < confidence < 1:
        raise ParameterError(f"The confidence is {confidence}: give a figure between 0 and 1, such as 0.95.")
    tail = (1 - confidence) / 2
    limit = float(norm.isf(tail) if freedom is None else t.isf(tail, freedom))
    total, error = place + ring, float(np.sqrt(variance))
    return Displacement(
        float(place), float(ring), float(total), error, total - limit * error, total + limit * error
    )


def _checked_dispersion(dispersion: float) -> float:
    if dispersion < 0:
        raise ParameterError(f"The dispersion is {dispersion}: give 0 or more, 1 for Poisson counts.")
    return dispersion


def _checked(pair: Pair) -> Pair:
    before, after = pair
    if not (before >= 0 and after >= 0):
        raise ParameterError("A count of incidents before or after is negative or missing: give 0 or more.")
    return float(before), float(after)
