"""What goes into a ranking: the counts of one theme or several, with a model of each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.statistics.forecasts import Forecast
from hotspots.statistics.rates import FEWEST_INCIDENTS, RateModel, few_incidents, fit_rates

#: Share of the city's rate that is added to every rate that is combined: the logarithm of next to
#: nothing would outweigh all other themes, and a rare theme leaves most areas with next to nothing.
_CUSHION: Final = 0.05
#: Areas to an incident at which a theme is too rare to be combined with others.
_AREAS_AN_INCIDENT: Final = 4


class DrawnOnce:
    """
    A forecast whose draws are kept: every denominator is set against the same counts to come.

    Parameters
    ----------
    forecast : Forecast
    """

    def __init__(self, forecast: Forecast) -> None:
        self._forecast = forecast
        self._kept: dict[tuple[int, int], np.ndarray] = {}
        self._begun: dict[tuple[int, int], Future[np.ndarray]] = {}

    def begin(self, draws: int, *, seed: int, aside: Executor) -> None:
        """Let another thread make the draws that `draw` will ask for: the same, whoever makes them."""
        self._begun[draws, seed] = aside.submit(self._forecast.draw, draws, seed=seed)

    def draw(self, draws: int, *, seed: int) -> np.ndarray:
        """Give the counts of a later period, shape (draws, n_areas)."""
        key = draws, seed
        if key not in self._kept:
            begun = self._begun.pop(key, None)
            self._kept[key] = self._forecast.draw(draws, seed=seed) if begun is None else begun.result()
        return self._kept[key]


@dataclass(frozen=True, eq=False)
class LaterRates:
    """
    The rates of one theme: those behind the counts, and those that a later period would show.

    Attributes
    ----------
    behind : RateModel
        Over the known areas.
    later : DrawnOnce or None
        Over all areas; None where months are too few to tell how counts vary.
    known : bool ndarray of shape (n_areas,)
    """

    behind: RateModel
    later: DrawnOnce | None
    known: np.ndarray

    @property
    def city_rate(self) -> float:
        """Incidents of all known areas by their exposure."""
        return float(self.behind.count.sum() / self.behind.exposure.sum())

    def shrunk_rates(self) -> np.ndarray:
        """Return the posterior mean rate of each known area."""
        return self.behind.shrunk_rates()

    def draw(self, draws: int, *, seed: int) -> np.ndarray:
        """Draw rates of a later period, shape (draws, n_known); without a forecast, of the period read."""
        if self.later is None:
            return self.behind.draw(draws, seed=seed)
        drawn = self.later.draw(draws, seed=seed)
        return (drawn if self.known.all() else drawn[:, self.known]) / self.behind.exposure


@dataclass(frozen=True, eq=False)
class Candidates:
    """
    Areas that can be ranked, and what is known of their rates.

    Attributes
    ----------
    codes : Index
    count, exposure : ndarray of shape (n_areas,)
        Incidents of all themes, and what they are set against.
    known : bool ndarray of shape (n_areas,)
        Areas whose exposure is above zero.
    models : tuple of LaterRates
        One a theme, over the known areas; empty if `reason` is given.
    weights : ndarray of shape (n_themes,)
        Adding up to 1.
    reason : str
        Why nothing can be ranked, or "".
    combined : bool
        Whether themes were given to be combined, even if one alone takes part.
    """

    codes: pd.Index
    count: np.ndarray
    exposure: np.ndarray
    known: np.ndarray
    models: tuple[LaterRates, ...]
    weights: np.ndarray
    reason: str
    combined: bool

    def score(self) -> np.ndarray:
        """Compare each known area with the city: 1 is as the city, shape (n_known,)."""
        means = [model.shrunk_rates() for model in self.models]
        if len(means) == 1:
            return np.asarray(means[0] / self.models[0].city_rate)
        return np.asarray(np.exp(self._combine(means)))

    def draw(self, draws: int, seed: int) -> np.ndarray:
        """Draw what is ranked, shape (draws, n_known): the rates, or the log of what they combine to."""
        drawn = [model.draw(draws, seed=seed + number) for number, model in enumerate(self.models)]
        return drawn[0] if len(drawn) == 1 else self._combine(drawn)

    def begin(self, draws: int, seed: int, *, aside: Executor) -> None:
        """Let another thread draw what `draw` needs."""
        for number, model in enumerate(self.models):
            if model.later is not None:
                model.later.begin(draws, seed=seed + number, aside=aside)

    def _combine(self, rates: Sequence[np.ndarray]) -> np.ndarray:
        """Average the logarithms of the themes' rates over the city's, each array of shape (..., n_known)."""
        logs = [
            weight * np.log((one / model.city_rate + _CUSHION) / (1 + _CUSHION))
            for weight, model, one in zip(self.weights, self.models, rates, strict=True)
        ]
        return np.sum(logs, axis=0)


def gather(
    counts: pd.Series | Mapping[str, pd.Series],
    exposure: pd.Series,
    weights: Mapping[str, float] | None,
    *,
    k: int,
    draws: int,
    later: Mapping[str, DrawnOnce] | None = None,
) -> Candidates:
    """
    Check the counts of one theme (a Series) or several (a mapping), and fit their models.

    Parameters
    ----------
    counts, exposure, weights, k, draws
        As for `ranking.combine_themes`.
    later : mapping of str to DrawnOnce, optional
        By theme ("" where one theme is given alone), what a later period would bring to the same
        areas: then that is drawn, and not only the rates behind the counts.

    Raises
    ------
    ParameterError
        If `k` or `draws` is below 1, a count is missing or negative, the themes
        cover different areas, or the weights do not fit.
    """
    if k < 1 or draws < 1:
        raise ParameterError(f"k is {k} and draws is {draws}: both must be at least 1.")
    if isinstance(counts, pd.Series):
        slugs, themes, shares, needed = [""], [counts], np.ones(1), FEWEST_INCIDENTS
    else:
        slugs, shares = _taking_part(counts, weights)
        themes = [counts[slug] for slug in slugs]
        needed = FEWEST_INCIDENTS if len(themes) == 1 else fewest_to_combine(counts)
    index = themes[0].index
    numbers = [_checked(theme) for theme in themes]
    size = exposure.reindex(index).to_numpy(float)
    known = np.isfinite(size) & (size > 0)
    count = np.sum(numbers, axis=0)
    reason = _too_few(count[known], k)
    if not reason:
        reason = few_incidents(max(number.sum() for number in numbers), needed)
    if not reason:
        reason = few_incidents(min(number[known].sum() for number in numbers))
    models: tuple[LaterRates, ...] = ()
    if not reason:
        models = tuple(
            LaterRates(fit_rates(number[known], size[known]), (later or {}).get(slug), known)
            for slug, number in zip(slugs, numbers, strict=True)
        )
    combined = not isinstance(counts, pd.Series)
    return Candidates(index, count, size, known, models, shares, reason, combined)


def _taking_part(
    counts: Mapping[str, pd.Series], weights: Mapping[str, float] | None
) -> tuple[list[str], np.ndarray]:
    """Name the themes of a combination, with their weights; all themes where none has enough incidents."""
    if not counts:
        raise ParameterError("There is no theme to combine: give at least one.")
    index = next(iter(counts.values())).index
    if any(not series.index.equals(index) for series in counts.values()):
        raise ParameterError("The themes cover different areas: give each the same areas in the same order.")
    used = theme_weights(counts, weights=weights)
    if used.empty:
        return list(counts), np.full(len(counts), 1 / len(counts))
    return [str(theme) for theme in used.index], used.to_numpy()


def _checked(counts: pd.Series) -> np.ndarray:
    number = counts.to_numpy(float)
    if np.isnan(number).any() or (number < 0).any():
        code = counts.index[np.isnan(number) | (number < 0)][0]
        raise ParameterError(f"The area {code} has no count of 0 or more: give 0 where nothing was counted.")
    return number


def _too_few(counts: np.ndarray, k: int) -> str:
    if len(counts) <= k:
        return f"too few areas ({len(counts)}; more than {k} needed)"
    return few_incidents(counts.sum())


def fewest_to_combine(counts: Mapping[str, pd.Series]) -> int:
    """
    Say how many incidents a theme needs to be combined with others: one for every four areas.

    With fewer, nearly all areas have none, and one incident alone puts an area far
    above the city's rate; a theme by itself is ranked from 10 on.
    """
    if len(counts) < 2:
        return FEWEST_INCIDENTS
    return max(FEWEST_INCIDENTS, math.ceil(len(next(iter(counts.values()))) / _AREAS_AN_INCIDENT))


def theme_weights(
    counts: Mapping[str, pd.Series], *, weights: Mapping[str, float] | None = None
) -> pd.Series:
    """
    Say which themes take part in a combination, and with which weight.

    Parameters
    ----------
    counts : mapping of str to Series
        Incidents by area code, for each theme.
    weights : mapping of str to float, optional
        0 or more each; 1 for every theme by default. A theme without a weight
        takes no part, nor does one with fewer than 10 incidents in all, or, among
        several themes, with fewer than one for every four areas.

    Returns
    -------
    Series
        Weights by theme, adding up to 1, in the order of `counts`; empty when no
        theme has enough incidents.

    Raises
    ------
    ParameterError
        If a weight is negative or names an unknown theme, or all are zero.
    """
    given = dict.fromkeys(counts, 1.0) if weights is None else dict(weights)
    unknown = sorted(set(given) - set(counts))
    if unknown:
        raise ParameterError(
            f'A weight is given for the theme "{unknown[0]}", which is not here: use {", ".join(counts)}.'
        )
    if any(not weight >= 0 for weight in given.values()) or not sum(given.values()) > 0:
        raise ParameterError("The weights must be 0 or more, and at least one above 0.")
    needed = fewest_to_combine(counts)
    enough = [slug for slug, count in counts.items() if given.get(slug, 0) > 0 and count.sum() >= needed]
    chosen = pd.Series({slug: float(given[slug]) for slug in enough}, dtype=float)
    return chosen / chosen.sum() if len(chosen) else chosen
