"""
One row per theme and area: how many, how often, how sure, and since when.

Brings together what `counts`, `localstats`, `change` and `ranking` say of the
same areas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.geography.denominator import Denominator
from hotspots.geography.load import Areas
from hotspots.months import Periods, comparable_periods
from hotspots.settings import Settings
from hotspots.statistics import ranking
from hotspots.statistics.change import change_between
from hotspots.statistics.combining import theme_weights
from hotspots.statistics.counts import DENOMINATORS, MONTHS_A_YEAR, Counts, rate
from hotspots.statistics.emerging import FEWEST_MONTHS, emerging_hotspots
from hotspots.statistics.localstats import local_gistar
from hotspots.statistics.neighbours import Neighbours, queen_neighbours
from hotspots.statistics.totals import FEWEST_BESIDE
from hotspots.statistics.verdicts import verdict

_KEYS: Final = ["theme", "level", "code"]
#: What is said of an area whose count is withheld.
TOO_FEW: Final = "too few to show"
#: What is said of the others where most areas' counts are withheld.
MOSTLY_WITHHELD: Final = "Not ranked: most areas have too few to show."
#: Share of the areas whose counts must be known for these to be ranked among each other.
LEAST_RANKED: Final = 0.5
#: A theme of which less is known takes no part where areas are ranked over themes together.
LEAST_KNOWN: Final = 0.75


def rank_all(
    counts: Counts,
    areas: Areas,
    *,
    themes: Sequence[str],
    combined: Sequence[str],
    settings: Settings,
    incomplete: Sequence[str] = (),
    own: Denominator | None = None,
) -> pd.DataFrame:
    """
    Rank the areas of both levels for all incidents, for each theme, and over themes together.

    Parameters
    ----------
    counts : Counts
        From `counts.count_areas`, with "combined" if `combined` names any theme.
    areas : Areas
        With residents, households and area.
    themes : sequence of str
        Themes to rank one by one.
    combined : sequence of str
        Themes that enter the combination, which is called "combined"; with none there is none.
    settings : Settings
        Gives `top`, `seed` and `weights`.
    incomplete : sequence of str
        Months that are counted, but do not tell how counts vary.
    own : Denominator, optional
        Figures of the user's, a further denominator where they know an area of the level.

    Returns
    -------
    DataFrame
        The columns of "priority"; rates are for a year. shrunk_rate
        (per 1,000 residents) is missing where themes are combined: see
        `ranking.combine_themes`. An area with a withheld count is not ranked: its
        ranks are missing and its verdict is "too few to show".
    """
    parts = []
    for level in schema.LEVELS:
        frame = areas.level(level)
        here = counts.level(level, codes=frame.index)
        whole = here.whole()
        denominators = _denominators(frame)
        if own is not None and own.values.reindex(frame.index).gt(0).any():
            denominators["own"] = own.values.reindex(frame.index)
        jobs: dict[str, pd.Series | Mapping[str, pd.Series]]
        jobs = {slug: whole[slug] for slug in (schema.ALL_INCIDENTS, *themes) if slug in whole}
        wanted = _known_enough(whole, combined, settings.weights)
        together = {slug: whole[slug] for slug in combinable(whole, combined, settings.weights) or wanted}
        if together:
            jobs[schema.COMBINED] = together
        for slug, tally in jobs.items():
            beside = {} if counts.is_exact else _beside(counts.level(schema.WARD), tally, slug, incomplete)
            job = _Job(tally, _by_month(here, tally, slug, incomplete), beside, denominators)
            ranked = _ranked(job, frame, settings, exact=counts.is_exact, own=own.name if own else "own")
            parts.append(_labelled(ranked, frame, level, slug, years=len(counts.months) / MONTHS_A_YEAR))
    stacked = pd.concat(parts, ignore_index=True)
    usual = [f"{what}_by_{name}" for name in ("residents", "households") for what in ("rank", "chance")]
    stacked = stacked.assign(**{column: np.nan for column in usual if column not in stacked})
    columns = [name for name in schema.COLUMNS["priority"] if name in stacked]
    order = ["theme", "level", "rank", "code"]
    return stacked.sort_values(order, kind="stable", ignore_index=True)[columns]


def _denominators(frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Give what incidents are set against; the first ranks. Without residents that is the plain count."""
    area = frame["area_km2"]
    if not frame["residents"].gt(0).any():
        return {"count": pd.Series(1.0, frame.index), "area": area}
    return {"residents": frame["residents"], "households": frame["households"], "area": area}


def _by_month(
    here: Counts, tally: pd.Series | Mapping[str, pd.Series], slug: str, incomplete: Sequence[str]
) -> pd.DataFrame | dict[str, pd.DataFrame]:
    """Give the monthly counts of a theme, or of each theme of a combination."""
    if isinstance(tally, pd.Series):
        return _complete(here.monthly(slug), incomplete)
    return {one: _complete(here.monthly(one), incomplete) for one in tally}


def _complete(monthly: pd.DataFrame, incomplete: Sequence[str]) -> pd.DataFrame:
    return monthly.drop(columns=list(incomplete), errors="ignore") if incomplete else monthly


def _beside(
    wards: Counts, tally: pd.Series | Mapping[str, pd.Series], slug: str, incomplete: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Give, for each theme, the wards of which every month is known: of the theme, else of all incidents."""
    found: dict[str, pd.DataFrame] = {}
    for name, own in {"": slug}.items() if isinstance(tally, pd.Series) else zip(tally, tally, strict=True):
        for theme in (schema.ALL_INCIDENTS, own):
            known = wards.monthly(theme).drop(columns=list(incomplete), errors="ignore").dropna()
            found |= {name: known} if len(known) >= FEWEST_BESIDE else {}
    return found


def area_results(
    counts: Counts,
    ranking: pd.DataFrame,
    areas: Areas,
    *,
    themes: Sequence[str],
    months: Sequence[str],
    settings: Settings,
    incomplete: Sequence[str] = (),
    totals: Mapping[str, float | None] | None = None,
) -> pd.DataFrame:
    """
    Describe each area for each theme.

    Areas whose count is withheld take no part; changes and categories come only
    from areas of which every month is known.

    Parameters
    ----------
    counts : Counts
        From `counts.count_areas`.
    ranking : DataFrame
        From `rank_all`.
    areas : Areas
    themes : sequence of str
        Slugs, "all" among them.
    months : sequence of str
        The period.
    settings : Settings
        Gives `permutations` and `seed`.
    incomplete : sequence of str
        Months that are counted, but take no part in changes and categories.
    totals : mapping of str to float or None, optional
        Incidents of each theme in the city, None where withheld; by default the sum over the areas.

    Returns
    -------
    DataFrame
        theme, level, code, name, count, share of the theme in the city, rates,
        change with its interval and q, gi_star and gi_q (hot side, residents
        as offset), category (emerging hot spot) and the ranking's columns.
    """
    periods = comparable_periods(set(months) - set(incomplete))
    parts = []
    for level in schema.LEVELS:
        frame = areas.level(level)
        neighbours = queen_neighbours(frame)
        residents = frame["residents"] if frame["residents"].gt(0).any() else None
        here = counts.level(level, codes=frame.index)
        given = here.whole()
        for slug in themes:
            if slug not in given:
                continue
            city = float(given[slug].sum()) if totals is None else totals[slug]
            found = _describe(
                given[slug],
                here.monthly(slug),
                _Level(frame, neighbours, residents, city),
                periods=periods,
                settings=settings,
                incomplete=incomplete,
            )
            parts.append(pd.DataFrame({"theme": slug, "level": level, **found}))
    described = pd.concat(parts, ignore_index=True)
    ranked = ranking[[*_KEYS, "rank", "rank_low", "rank_high", "p_top", "class", "denominator_sensitive"]]
    return described.merge(ranked, on=_KEYS, how="left")


def weights_here(weights: Mapping[str, float], combined: Sequence[str]) -> dict[str, float] | None:
    """Keep the weights of themes that take part: one file of weights serves data without a theme too."""
    return {slug: weight for slug, weight in weights.items() if slug in combined} or None


def combinable(
    whole: pd.DataFrame, combined: Sequence[str], weights: Mapping[str, float]
) -> dict[str, float]:
    """
    Say which themes the areas of a level can be ranked over together, with weights that sum to 1.

    Parameters
    ----------
    whole : DataFrame
        Counts by code (rows) and theme (columns), NaN where withheld. A theme of
        which more than a quarter is withheld stays out: it would leave too few areas
        to rank.
    combined : sequence of str
        The themes that are wanted.
    weights : mapping of str to float
        Of the settings; equal if empty.
    """
    used = _known_enough(whole, combined, weights)
    while used:
        known = whole[used].notna().all(axis=1)
        chosen = theme_weights(
            {slug: whole.loc[known, slug] for slug in used}, weights=weights_here(weights, used)
        )
        if len(chosen) in (0, len(used)):
            return {str(slug): round(float(weight), 6) for slug, weight in chosen.items()}
        used = list(chosen.index)
    return {}


def _known_enough(whole: pd.DataFrame, combined: Sequence[str], weights: Mapping[str, float]) -> list[str]:
    """List the themes with a weight of which enough areas' counts are known."""
    given = weights_here(weights, combined)
    return [
        slug
        for slug in combined
        if slug in whole
        and whole[slug].notna().mean() >= LEAST_KNOWN
        and (not given or given.get(slug, 0) > 0)
    ]


@dataclass(frozen=True, eq=False)
class _Job:
    """What is ranked: the counts of a theme or of several, their months, and what they are set against."""

    tally: pd.Series | Mapping[str, pd.Series]
    monthly: pd.DataFrame | Mapping[str, pd.DataFrame]
    beside: Mapping[str, pd.DataFrame]
    denominators: Mapping[str, pd.Series]

    @property
    def table(self) -> pd.DataFrame:
        """Counts by area and theme."""
        return (
            pd.DataFrame({"": self.tally}) if isinstance(self.tally, pd.Series) else pd.DataFrame(self.tally)
        )

    def among(self, known: pd.Series) -> _Job:
        """Keep some of the areas."""
        if isinstance(self.tally, pd.Series) or isinstance(self.monthly, pd.DataFrame):
            return replace(self, tally=self.tally[known], monthly=self.monthly[known])
        months = {slug: table[known] for slug, table in self.monthly.items()}
        return replace(self, tally={slug: one[known] for slug, one in self.tally.items()}, monthly=months)


def _ranked(job: _Job, frame: gpd.GeoDataFrame, settings: Settings, *, exact: bool, own: str) -> pd.DataFrame:
    """Rank the areas of which every count is known; the others have no rank, and no reason but that."""
    known = job.table.notna().all(axis=1)
    hidden = known & False
    if known.mean() < LEAST_RANKED:
        # Among a few areas the first three would be "priority" whatever they are like.
        known, hidden = hidden, known
    here = job.among(known)
    together = not isinstance(here.tally, pd.Series)
    weights = weights_here(settings.weights, list(here.tally)) if together else None
    ranked = ranking.rank_over_denominators(
        here.tally,
        denominators=job.denominators,
        default=next(iter(job.denominators)),
        monthly=here.monthly,
        beside=here.beside,
        weights=weights,
        k=settings.top,
        seed=settings.seed,
    )
    if weights and not isinstance(here.tally, pd.Series):
        equal = ranking.combine_themes(
            here.tally, exposure=next(iter(job.denominators.values())), k=settings.top, seed=settings.seed
        )
        ranked = ranked.assign(rank_equal=equal["rank"])
    if not exact:
        # "too few incidents (15; 25 needed)": a sum that no table shows.
        ranked = ranked.assign(reason=[text.partition(" (")[0] for text in ranked["reason"]])
    found = ranked.assign(verdict=verdict(ranked, names=frame["name"], k=settings.top, own=own))
    if known.all():
        return found
    found = found.reindex(frame.index)
    return found.assign(
        **{"class": found["class"].fillna("")},
        top_by=found["top_by"].fillna(""),
        denominator_sensitive=found["denominator_sensitive"].eq(True),
        count=job.table.sum(axis=1, skipna=False),
        verdict=found["verdict"].where(known, TOO_FEW).mask(hidden, MOSTLY_WITHHELD),
    )


def _labelled(
    ranked: pd.DataFrame, frame: pd.DataFrame, level: str, slug: str, *, years: float
) -> pd.DataFrame:
    shrunk = 1000 * ranked["shrunk_rate"] / years if frame["residents"].gt(0).any() else np.nan
    labels = {"code": frame.index, "theme": slug, "level": level, "name": frame["name"].array}
    rates = {**_rates(ranked["count"], frame, years), "shrunk_rate": shrunk}
    # Made at once: a frame takes longer over each column that is put in later.
    columns = {**labels, **{name: ranked[name] for name in ranked}, **rates}
    return pd.DataFrame({name: getattr(column, "array", column) for name, column in columns.items()})


def _rates(count: pd.Series, frame: pd.DataFrame, years: float) -> dict[str, np.ndarray]:
    return {
        "rate_per_1000": rate(count / years, frame["residents"], per=DENOMINATORS["residents"]),
        "rate_per_km2": rate(count / years, frame["area_km2"]),
    }


@dataclass(frozen=True, eq=False)
class _Level:
    """
    The areas of one level, and the incidents of a theme in the city (None where withheld).

    `residents` are by area code, None where none are known.
    """

    frame: gpd.GeoDataFrame
    neighbours: Neighbours
    residents: pd.Series | None
    city: float | None

    def among(self, known: pd.Series) -> Neighbours:
        """Give the neighbours left among areas whose figure is known."""
        if known.all():
            return self.neighbours
        return self.neighbours.among(known.reindex(self.neighbours.codes).to_numpy(bool))


def _describe(
    count: pd.Series,
    monthly: pd.DataFrame,
    level: _Level,
    *,
    periods: Periods,
    settings: Settings,
    incomplete: Sequence[str],
) -> dict[str, Any]:
    """Describe one theme in the areas of one level, from its counts of the period and by month."""
    frame = level.frame
    known = count.notna()
    gi = local_gistar(
        count if known.all() else count[known],
        level.among(known),
        offset=level.residents,
        permutations=settings.permutations,
        seed=settings.seed,
    ).reindex(frame.index)
    # Of an area with a withheld month nothing is said that goes by months.
    complete = ~np.isnan(monthly.to_numpy(float)).any(axis=1)
    by_month = monthly if complete.all() else monthly[complete]
    change = change_between(by_month, periods).reindex(frame.index)
    whole = by_month.drop(columns=list(incomplete)) if incomplete else by_month
    if whole.shape[1] < FEWEST_MONTHS:
        category = pd.Series("", frame.index)
    else:
        near = level.among(known & complete)
        series = emerging_hotspots(whole, near, offset=level.residents).reindex(frame.index)
        category = series["category"].fillna("")
    return {
        "code": frame.index,
        "name": frame["name"].array,
        "count": count.to_numpy(),
        "share": np.minimum(count.to_numpy() / level.city, 1.0) if level.city else np.nan,
        **_rates(count, frame, monthly.shape[1] / MONTHS_A_YEAR),
        "change": change["change"].to_numpy(),
        **{f"change_{name}": change[name].to_numpy() for name in ("low", "high", "q")},
        **{f"gi_{name}": gi[column].to_numpy() for name, column in (("star", "z"), ("q", "q"))},
        "category": category.array,
    }
