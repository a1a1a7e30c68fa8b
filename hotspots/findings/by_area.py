"""
One row per theme and area: how many, how often, how sure, and since when.

Brings together what `counts`, `localstats`, `change` and `ranking` say of the
same areas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.findings._rankings import Job, begin, combinable, known_enough, ranked, some_ahead
from hotspots.geography.denominator import Denominator
from hotspots.geography.load import Areas
from hotspots.months import Periods, comparable_periods
from hotspots.settings import Settings
from hotspots.statistics.change import change_between
from hotspots.statistics.counts import DENOMINATORS, MONTHS_A_YEAR, Counts, rate
from hotspots.statistics.emerging import FEWEST_MONTHS, emerging_hotspots
from hotspots.statistics.localstats import local_gistar
from hotspots.statistics.neighbours import Neighbours, queen_neighbours
from hotspots.statistics.totals import FEWEST_BESIDE

_KEYS: Final = ["theme", "level", "code"]


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
        sizes = _denominators(frame)
        if own is not None and own.values.reindex(frame.index).gt(0).any():
            sizes["own"] = own.values.reindex(frame.index)
        jobs: dict[str, pd.Series | Mapping[str, pd.Series]]
        jobs = {slug: whole[slug] for slug in (schema.ALL_INCIDENTS, *themes) if slug in whole}
        wanted = known_enough(whole, combined, settings.weights)
        together = {slug: whole[slug] for slug in combinable(whole, combined, settings.weights) or wanted}
        if together:
            jobs[schema.COMBINED] = together
        planned = {
            slug: Job(
                tally,
                _by_month(here, tally, slug, incomplete),
                {} if counts.is_exact else _beside(counts.level(schema.WARD), tally, slug, incomplete),
                sizes,
            )
            for slug, tally in jobs.items()
        }
        with ThreadPoolExecutor(max_workers=1) as aside:
            begun = ((slug, begin(job, settings, aside)) for slug, job in planned.items())
            for slug, one in some_ahead(begun):
                found = ranked(one, frame, settings, exact=counts.is_exact, own=own.name if own else "own")
                parts.append(_labelled(found, frame, level, slug, years=len(counts.months) / MONTHS_A_YEAR))
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
