"""Ranking areas, with the uncertainty of the ranking and what it hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.months import months_between, shift_month
from hotspots.schema import RANKING_COLUMNS
from hotspots.statistics.combining import Candidates, DrawnOnce, gather
from hotspots.statistics.counts import rate
from hotspots.statistics.forecasts import forecast_counts
from hotspots.statistics.predictive import CountModel, fit_counts
from hotspots.statistics.rates import FEWEST_INCIDENTS, rank_chances, rank_interval
from hotspots.statistics.totals import model_totals

#: The denominator used unless another is asked for: official crime rates are per resident, and wards
#: and LSOAs are drawn to hold similar numbers of residents. It overstates the city centre, whose
#: visitors it does not count, so areas whose place depends on it are flagged.
DEFAULT_DENOMINATOR: Final = "residents"
#: Chance of being in the top k from which an area is called "priority"; below
#: the second, it is as sure to be outside ("no"). Between them: "possible".
PRIORITY_CHANCE: Final = 0.8
POSSIBLE_CHANCE: Final = 0.2


def rank_areas(
    counts: pd.Series, *, exposure: pd.Series, k: int = 3, draws: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """
    Rank areas by their rate, and say how sure each place in the ranking is.

    Rates of areas with few incidents swing by chance, so each is drawn towards
    the city's rate by as much as the data warrant (a Gamma-Poisson model whose
    spread between areas is learnt from the areas, and whose own uncertainty is
    carried on). The rank is that of the shrunk rate. The chance and the
    interval come from draws of all rates together. They cover the play of
    chance only: not under-recording, nor where incidents are snapped to.

    Parameters
    ----------
    counts : Series
        Incidents by area code.
    exposure : Series
        Residents, households or km2 by area code, above zero where known.
    k : int, default 3
        The size of the top group.
    draws : int, default 1000
        Draws from the posterior; a chance of 0.8 is then good to about 0.013.
    seed : int, default 0
        The same seed gives the same answer.

    Returns
    -------
    DataFrame
        Indexed and ordered as `counts`: count, exposure, rate (count per unit of
        exposure), shrunk_rate, score (shrunk rate over the city's rate), rank (1 is
        highest; ties go to the higher count, then the first code), rank_low and
        rank_high (95 % interval), p_top (chance of being in the top k), class
        ("priority", "possible", "no"; "" if not ranked) and reason (why not ranked).

    Raises
    ------
    ParameterError
        If `k` or `draws` is below 1, or a count is missing or negative.

    References
    ----------
    Clayton, D. and Kaldor, J. (1987). Empirical Bayes estimates of age-standardized
    relative risks. Biometrics 43(3), 671-681.
    Laird, N. M. and Louis, T. A. (1989). Empirical Bayes ranking methods. Journal
    of Educational Statistics 14(1), 29-46.
    """
    return _rank(gather(counts, exposure, None, k=k, draws=draws), k=k, draws=draws, seed=seed)


def combine_themes(
    counts: Mapping[str, pd.Series],
    *,
    exposure: pd.Series,
    weights: Mapping[str, float] | None = None,
    k: int = 3,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """
    Rank areas over several themes together.

    In each draw every theme's rates are divided by the city's rate for that
    theme, and the logarithms averaged by weight: a theme with many incidents
    does not drown one with few, and one extreme rate does not make up for
    ordinary ones elsewhere. Before the logarithm is taken, a twentieth of the
    city's rate is added to every rate: else areas without any incident of a rare
    theme, where the rate may be next to nothing, would all fall behind the few
    that have one. The rank combines the themes' shrunk rates in the same way, so
    it does not hang on the seed. Places are scored, never persons.

    Parameters
    ----------
    counts : mapping of str to Series
        Incidents by area code, for each theme. Themes with too few incidents
        take no part; see `theme_weights`.
    exposure, k, draws, seed
        As for `rank_areas`.
    weights : mapping of str to float, optional
        Weight of each theme; equal by default.

    Returns
    -------
    DataFrame
        The columns of `rank_areas`. score is the weighted geometric mean of the
        themes' ratios to the city as said above (1: as the city), count adds the
        themes up (an incident with two themes counts twice). shrunk_rate is missing:
        a mean of ratios is no rate.

    Raises
    ------
    ParameterError
        If there is no theme, the themes cover different areas, or the weights do
        not fit.
    """
    return _rank(gather(counts, exposure, weights, k=k, draws=draws), k=k, draws=draws, seed=seed)


def rank_over_denominators(
    counts: pd.Series | Mapping[str, pd.Series],
    *,
    denominators: Mapping[str, pd.Series],
    default: str = DEFAULT_DENOMINATOR,
    monthly: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    beside: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    weights: Mapping[str, float] | None = None,
    k: int = 3,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """
    Rank by one denominator, and flag the areas for which the choice matters.

    Every denominator is tried on the same random numbers, so that what differs
    between them is never the luck of the draw: proportional ones flag nothing.

    Parameters
    ----------
    counts : Series, or mapping of str to Series
        One theme, or several to be combined.
    denominators : mapping of str to Series
        For example residents, households, area (km2), by area code.
    default : str
        The denominator whose ranking is returned.
    monthly : DataFrame, or mapping of str to DataFrame, optional
        Incidents by area code (rows) and month (columns), as `counts`: then chances and
        ranges are those of a later period as long as this one, drawn from the model of
        counts (`predictive`). Without it they are those of the rates behind the counts, and
        too sure of a period to come.
    beside : DataFrame, or mapping of str to DataFrame, optional
        Months, each known, of larger areas or of all incidents: where one of `monthly` is not
        known, or there is one alone, how much counts vary is taken from these (`totals`).
    weights, k, draws, seed
        As for `combine_themes`.

    Returns
    -------
    DataFrame
        The columns of `rank_areas`, and: denominator_sensitive (bool: being in the
        top k, or the class, differs between denominators that rank the area),
        top_by (the denominators that put it in the top k, ";" between), and for
        each denominator ``rank_by_`` and ``chance_by_`` with its name.

    Raises
    ------
    ParameterError
        If `default` is not among the denominators.
    """
    return prepare_ranking(
        counts,
        denominators=denominators,
        default=default,
        monthly=monthly,
        beside=beside,
        weights=weights,
        k=k,
        draws=draws,
        seed=seed,
    ).rank()


@dataclass(frozen=True, eq=False)
class Prepared:
    """
    A ranking over denominators of which only the draws are missing.

    Attributes
    ----------
    by : mapping of str to Candidates
        By denominator.
    default : str
        The denominator whose ranking is given.
    k, draws, seed : int
        As for `rank_over_denominators`.
    """

    by: Mapping[str, Candidates]
    default: str
    k: int
    draws: int
    seed: int

    def begin(self, aside: Executor) -> Prepared:
        """Let another thread make the draws while this one does other work; the figures are the same."""
        # The denominators share their draws.
        self.by[self.default].begin(self.draws, self.seed, aside=aside)
        return self

    def rank(self) -> pd.DataFrame:
        """Give what `rank_over_denominators` gives."""
        found = {
            name: _standings(prepared, k=self.k, draws=self.draws, seed=self.seed)
            for name, prepared in self.by.items()
        }
        ranked = _columns(self.by[self.default], found[self.default])
        each = {f"rank_by_{name}": one["rank"] for name, one in found.items()}
        each |= {f"chance_by_{name}": one["p_top"] for name, one in found.items()}
        every = {**ranked, **_sensitivity(found, self.k), **each}
        return pd.DataFrame(every, index=self.by[self.default].codes)


def prepare_ranking(
    counts: pd.Series | Mapping[str, pd.Series],
    *,
    denominators: Mapping[str, pd.Series],
    default: str = DEFAULT_DENOMINATOR,
    monthly: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    beside: pd.DataFrame | Mapping[str, pd.DataFrame] | None = None,
    weights: Mapping[str, float] | None = None,
    k: int = 3,
    draws: int = 1000,
    seed: int = 0,
) -> Prepared:
    """
    Fit all models of a ranking: what `rank_over_denominators` does before the draws.

    Parameters
    ----------
    counts, denominators, default, monthly, beside, weights, k, draws, seed
        As for `rank_over_denominators`, as is what is raised.
    """
    if default not in denominators:
        raise ParameterError(
            f'The denominator "{default}" is not at hand: choose one of {", ".join(denominators)}.'
        )
    later = _later(counts, monthly, beside, denominators[default])
    # The same draws for every denominator: else chance alone would move some area over a limit.
    by = {
        name: gather(counts, exposure, weights, k=k, draws=draws, later=later)
        for name, exposure in denominators.items()
    }
    return Prepared(by, default, k, draws, seed)


def _later(
    counts: pd.Series | Mapping[str, pd.Series],
    monthly: pd.DataFrame | Mapping[str, pd.DataFrame] | None,
    beside: pd.DataFrame | Mapping[str, pd.DataFrame] | None,
    exposure: pd.Series,
) -> dict[str, DrawnOnce]:
    """Forecast as many months as were read, theme by theme; nothing where there is no month."""
    known, larger = _by_theme(monthly), _by_theme(beside)
    found = {}
    for slug, total in _by_theme(counts).items():
        table = known.get(slug)
        if table is None or not table.shape[1] or total.sum() < FEWEST_INCIDENTS:
            continue
        alike = _sizes(exposure, total.index)
        if table.shape[1] > 1 and not np.isnan(table.to_numpy(float)).any():
            model = fit_counts(table, alike=alike)
        else:
            model = model_totals(total, alike=alike, months=list(table), beside=larger.get(slug))
        found[slug] = _next_period(model)
    return found


def _by_theme(given: Any) -> dict[str, Any]:
    """Name what is given of one theme alone ""."""
    if given is None:
        return {}
    return {"": given} if isinstance(given, pd.Series | pd.DataFrame) else dict(given)


def _sizes(exposure: pd.Series, index: pd.Index) -> pd.Series:
    """Give every area a size: the mean of the others where its own is unknown or zero."""
    size = exposure.reindex(index).to_numpy(float)
    known = size > 0
    if not known.all():
        size = np.where(known, size, size[known].mean() if known.any() else 1.0)
    return pd.Series(size, index=index)


def _next_period(model: CountModel) -> DrawnOnce:
    last, number = max(model.months), len(model.months)
    months = months_between(shift_month(last, 1), shift_month(last, number))
    # What the whole city has in common leaves every rank as it is.
    return DrawnOnce(forecast_counts(model, months=months, shared=False))


def _rank(prepared: Candidates, *, k: int, draws: int, seed: int) -> pd.DataFrame:
    """Rank the areas by one denominator."""
    found = _standings(prepared, k=k, draws=draws, seed=seed)
    return pd.DataFrame(_columns(prepared, found), index=prepared.codes)


def _standings(prepared: Candidates, *, k: int, draws: int, seed: int) -> dict[str, np.ndarray]:
    """Give everything that follows from the models, by column; blanks where there are none."""
    known = prepared.known
    found = {name: np.full(len(known), np.nan) for name in RANKING_COLUMNS[3:-2]}
    if prepared.models:
        count, size = prepared.count[known], prepared.exposure[known]
        places = rank_chances(prepared.draw(draws, seed))
        found["score"][known] = prepared.score()
        if not prepared.combined:
            found["shrunk_rate"] = found["score"] * (count.sum() / size.sum())
        found["rank"][known] = _rank_of(found["score"][known], count, prepared.codes.to_numpy()[known])
        found["rank_low"][known], found["rank_high"][known] = rank_interval(places)
        found["p_top"][known] = places[:, :k].sum(axis=1)
    return found


def _columns(prepared: Candidates, found: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Set the standings beside the counts, with the class, and why an area is not ranked."""
    chance = found["p_top"]
    groups = [chance >= PRIORITY_CHANCE, chance >= POSSIBLE_CHANCE, ~np.isnan(chance)]
    group = np.select(groups, ["priority", "possible", "no"], "").astype(object)
    reason = np.where(prepared.known, prepared.reason, "the denominator is unknown or zero").astype(object)
    counted = {
        "count": prepared.count,
        "exposure": prepared.exposure,
        "rate": rate(prepared.count, prepared.exposure),
    }
    every = {**counted, **found, "class": group, "reason": reason}
    return {name: every[name] for name in RANKING_COLUMNS}


def _rank_of(score: np.ndarray, count: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Number the areas by score, count, then code."""
    # Rounded, so that the last bit of a sum never decides between equals.
    rounded = np.round(score, 12)
    code = np.argsort(np.argsort(codes, kind="stable"), kind="stable")
    order = np.lexsort((code, -count, -rounded))
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1)
    return rank


def _sensitivity(standings: Mapping[str, Mapping[str, np.ndarray]], k: int) -> dict[str, np.ndarray]:
    """Compare top-k membership and class over the denominators that rank an area."""
    ranks = np.column_stack([one["rank"] for one in standings.values()])
    chances = np.column_stack([one["p_top"] for one in standings.values()])
    groups = np.digitize(chances, [POSSIBLE_CHANCE, PRIORITY_CHANCE])
    ranked, inside = ~np.isnan(ranks), ranks <= k
    mixed = (inside & ranked).any(axis=1) & (~inside & ranked).any(axis=1)
    lowest = np.where(ranked, groups, 2).min(axis=1)
    highest = np.where(ranked, groups, 0).max(axis=1)
    names = np.array(list(standings), dtype=object)
    top_by = np.array([";".join(names[row]) for row in inside], dtype=object)
    return {"denominator_sensitive": mixed | (lowest < highest), "top_by": top_by}
