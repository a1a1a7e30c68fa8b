"""Ranking areas, with the uncertainty of the ranking and what it hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.rates import RateModel, fit_rates, rank_chances, rank_interval

#: The denominator used unless another is asked for, and why.
DEFAULT_DENOMINATOR: Final = "residents"
DENOMINATOR_REASON: Final = (
    "Rates are per resident because official crime rates are, and because wards and LSOAs are drawn to hold "
    "similar numbers of residents. Visitors are not counted, so the city centre is overstated: areas "
    "whose place in the ranking depends on this choice are flagged."
)
#: Chance of being in the top k from which an area is called "priority"; below
#: the second, it is as sure to be outside ("no"). Between them: "possible".
PRIORITY_CHANCE: Final = 0.8
POSSIBLE_CHANCE: Final = 0.2
#: Fewer incidents than this in all areas together are not ranked.
FEWEST_INCIDENTS: Final = 10

RANKING_COLUMNS: Final = (
    "count",
    "exposure",
    "rate",
    "shrunk_rate",
    "score",
    "rank",
    "rank_low",
    "rank_high",
    "p_top",
    "class",
    "reason",
)


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
    frame = _frame(counts, exposure, k=k, draws=draws)
    known = _rankable(frame)
    reason = _too_few(frame.loc[known, "count"], k)
    if reason:
        return _unranked(frame, known, reason)
    model = fit_rates(frame["count"].to_numpy()[known], frame["exposure"].to_numpy()[known])
    return _rank(frame, known, [model], model.draw(draws, seed=seed), k)


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
    ordinary ones elsewhere. Places are scored, never persons.

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
        themes' ratios to the city (1: as the city), shrunk_rate is the score times
        the city's rate, count adds the themes up (an incident with two themes
        counts twice).

    Raises
    ------
    ParameterError
        If there is no theme, the themes cover different areas, or the weights do
        not fit.
    """
    if not counts:
        raise ParameterError("There is no theme to combine: give at least one.")
    first = next(iter(counts.values()))
    if any(not series.index.equals(first.index) for series in counts.values()):
        raise ParameterError("The themes cover different areas: give each the same areas in the same order.")
    used = theme_weights(counts, weights=weights)
    shown = [counts[theme] for theme in used.index] if len(used) else list(counts.values())
    frame = _frame(pd.concat(shown, axis=1).sum(axis=1), exposure, k=k, draws=draws)
    known = _rankable(frame)
    reason = _too_few(frame.loc[known, "count"], k) if len(used) else _few_incidents(frame["count"])
    if reason:
        return _unranked(frame, known, reason)
    size = frame["exposure"].to_numpy()[known]
    models = [fit_rates(counts[theme].to_numpy(float)[known], size) for theme in used.index]
    scores = np.zeros((draws, len(size)))
    for number, (weight, model) in enumerate(zip(used, models, strict=True)):
        scores += weight * _log_ratio(model.draw(draws, seed=seed + number), size)
    return _rank(frame, known, models, scores, k)


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
        takes no part, nor does one with fewer than 10 incidents in all.

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
    enough = [slug for slug in counts if given.get(slug, 0) > 0 and not _few_incidents(counts[slug])]
    chosen = pd.Series({slug: float(given[slug]) for slug in enough}, dtype=float)
    return chosen / chosen.sum() if len(chosen) else chosen


def rank_over_denominators(
    counts: pd.Series | Mapping[str, pd.Series],
    *,
    denominators: Mapping[str, pd.Series],
    default: str = DEFAULT_DENOMINATOR,
    weights: Mapping[str, float] | None = None,
    k: int = 3,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """
    Rank by one denominator, and flag the areas for which the choice matters.

    Parameters
    ----------
    counts : Series, or mapping of str to Series
        One theme, or several to be combined.
    denominators : mapping of str to Series
        For example residents, households, area (km2), by area code.
    default : str
        The denominator whose ranking is returned.
    weights, k, draws, seed
        As for `combine_themes`.

    Returns
    -------
    DataFrame
        The columns of `rank_areas`, and: denominator_sensitive (bool: being in the
        top k, or the class, differs between denominators that rank the area),
        top_by (the denominators that put it in the top k, ";" between).

    Raises
    ------
    ParameterError
        If `default` is not among the denominators.
    """
    if default not in denominators:
        raise ParameterError(
            f'The denominator "{default}" is not at hand: choose one of {", ".join(denominators)}.'
        )
    rankings = {}
    for name, exposure in denominators.items():
        if isinstance(counts, pd.Series):
            rankings[name] = rank_areas(counts, exposure=exposure, k=k, draws=draws, seed=seed)
        else:
            rankings[name] = combine_themes(
                counts, exposure=exposure, weights=weights, k=k, draws=draws, seed=seed
            )
    return rankings[default].assign(**_sensitivity(rankings, k))


def verdict(frame: pd.DataFrame, *, names: pd.Series, k: int = 3) -> pd.Series:
    """
    Put each area's place in the ranking into words.

    Parameters
    ----------
    frame : DataFrame
        From `rank_areas`, `combine_themes` or `rank_over_denominators`.
    names : Series
        Names by area code.
    k : int, default 3
        The size of the top group that `frame` was made with.

    Returns
    -------
    Series of str
        One sentence an area, without its own name.
    """
    top = "at the top" if k == 1 else f"among the top {_WORDS.get(k, str(k))}"
    sentences = []
    for position, (_, row) in enumerate(frame.iterrows()):
        if row["class"] == "priority":
            words = f"Clearly {top} (chance {row['p_top']:.0%})."
        elif row["class"] == "no":
            words = f"Not {top} (chance {_percent(row['p_top'])})."
        elif row["class"] == "possible":
            rivals = _rivals(frame, position, names)
            words = f"Possibly {top} (chance {row['p_top']:.0%}); cannot be told apart from {rivals}."
        else:
            words = f"Not ranked: {row['reason']}."
        sentences.append(words)
    return pd.Series(sentences, index=frame.index, name="verdict", dtype=object)


_WORDS: Final = {
    2: "two",
    3: "three",
    4: "four",
    5: "five",
    6: "six",
    7: "seven",
    8: "eight",
    9: "nine",
    10: "ten",
}


def _percent(chance: float) -> str:
    return "under 1%" if chance < 0.01 else f"{chance:.0%}"


def _rivals(frame: pd.DataFrame, position: int, names: pd.Series) -> str:
    """Name the areas that compete for a place: not ruled out, and intervals of the rank that overlap."""
    own = frame.iloc[position]
    other = np.arange(len(frame)) != position
    overlap = (frame["rank_low"] <= own["rank_high"]) & (frame["rank_high"] >= own["rank_low"])
    open_to = frame[overlap & frame["class"].isin(["priority", "possible"]) & other]
    if open_to.empty:
        open_to = frame[overlap & other]
    found = [str(names.get(rival, rival)) for rival in open_to.sort_values("rank").index]
    if len(found) > 3:
        found = [*found[:3], f"{len(found) - 3} more"]
    return found[0] if len(found) == 1 else " and ".join([", ".join(found[:-1]), found[-1]])


def _frame(counts: pd.Series, exposure: pd.Series, *, k: int, draws: int) -> pd.DataFrame:
    if k < 1 or draws < 1:
        raise ParameterError(f"k is {k} and draws is {draws}: both must be at least 1.")
    number = counts.to_numpy(float)
    if np.isnan(number).any() or (number < 0).any():
        code = counts.index[np.isnan(number) | (number < 0)][0]
        raise ParameterError(f"The area {code} has no count of 0 or more: give 0 where nothing was counted.")
    size = exposure.reindex(counts.index).to_numpy(float)
    rate = np.divide(number, size, out=np.full(len(size), np.nan), where=size > 0)
    return pd.DataFrame({"count": number, "exposure": size, "rate": rate}, index=counts.index)


def _rankable(frame: pd.DataFrame) -> np.ndarray:
    size = frame["exposure"].to_numpy()
    return np.isfinite(size) & (size > 0)


def _few_incidents(counts: pd.Series) -> str:
    total = int(counts.sum())
    return f"too few incidents ({total}; {FEWEST_INCIDENTS} needed)" if total < FEWEST_INCIDENTS else ""


def _too_few(counts: pd.Series, k: int) -> str:
    if len(counts) <= k:
        return f"too few areas ({len(counts)}; more than {k} needed)"
    return _few_incidents(counts)


def _rank(
    frame: pd.DataFrame, known: np.ndarray, models: list[RateModel], draws: np.ndarray, k: int
) -> pd.DataFrame:
    """Fill in everything that follows from the models and from draws of what is ranked."""
    size = frame["exposure"].to_numpy()[known]
    if len(models) == 1:
        city = models[0].count.sum() / size.sum()
        score = models[0].shrunk_rates() / city
    else:
        city = frame["count"].to_numpy()[known].sum() / size.sum()
        score = np.exp(draws.mean(axis=0))
    places = rank_chances(draws)
    low, high = rank_interval(places)
    chance = places[:, :k].sum(axis=1)
    ranked = frame[known].assign(
        shrunk_rate=score * city, score=score, rank_low=low, rank_high=high, p_top=chance, reason=""
    )
    ranked["rank"] = _rank_of(ranked)
    ranked["class"] = np.select(
        [chance >= PRIORITY_CHANCE, chance >= POSSIBLE_CHANCE], ["priority", "possible"], "no"
    ).astype(object)
    return _with_unknown(frame, ranked)


def _log_ratio(rates: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Divide each draw's rates by its rate for the whole city; logarithms, (draws, areas)."""
    city = rates @ size / size.sum()
    # A rate drawn as exactly zero (tiny shape) still has to have a logarithm.
    return np.asarray(np.log(np.maximum(rates, 1e-300) / city[:, None]))


def _rank_of(ranked: pd.DataFrame) -> np.ndarray:
    """Number the areas by score, count, then code."""
    # Rounded, so that the last bit of a sum never decides between equals.
    score = np.array([float(f"{value:.12g}") for value in ranked["score"]])
    code = np.argsort(np.argsort(ranked.index.to_numpy(), kind="stable"), kind="stable")
    order = np.lexsort((code, -ranked["count"].to_numpy(), -score))
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1)
    return rank


def _with_unknown(frame: pd.DataFrame, ranked: pd.DataFrame) -> pd.DataFrame:
    whole = frame.join(ranked.drop(columns=list(frame.columns)))
    unknown = ~frame.index.isin(ranked.index)
    whole.loc[unknown, "class"] = ""
    whole.loc[unknown, "reason"] = "the denominator is unknown or zero"
    return whole[list(RANKING_COLUMNS)]


def _unranked(frame: pd.DataFrame, known: np.ndarray, reason: str) -> pd.DataFrame:
    blank = dict.fromkeys(("shrunk_rate", "score", "rank", "rank_low", "rank_high", "p_top"), np.nan)
    return _with_unknown(frame, frame[known].assign(**blank, **{"class": "", "reason": reason}))


def _sensitivity(rankings: Mapping[str, pd.DataFrame], k: int) -> dict[str, pd.Series]:
    """Compare top-k membership and class over the denominators that rank an area."""
    index = next(iter(rankings.values())).index
    ranks = np.column_stack([one["rank"].to_numpy() for one in rankings.values()])
    chances = np.column_stack([one["p_top"].to_numpy() for one in rankings.values()])
    groups = np.digitize(chances, [POSSIBLE_CHANCE, PRIORITY_CHANCE])
    ranked, inside = ~np.isnan(ranks), ranks <= k
    mixed = (inside & ranked).any(axis=1) & (~inside & ranked).any(axis=1)
    lowest = np.where(ranked, groups, len(rankings) + 3).min(axis=1)
    highest = np.where(ranked, groups, -1).max(axis=1)
    names = np.array(list(rankings), dtype=object)
    top_by = pd.Series([";".join(names[row]) for row in inside], index=index, dtype=object)
    sensitive = ranked.any(axis=1) & (mixed | (lowest != highest))
    return {"denominator_sensitive": pd.Series(sensitive, index=index), "top_by": top_by}
