"""Rankings of one theme or of several together: which can be made, and how each is begun and finished."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import geopandas as gpd
import pandas as pd

from hotspots.settings import Settings
from hotspots.statistics import ranking
from hotspots.statistics.combining import theme_weights
from hotspots.statistics.verdicts import verdict

Step = TypeVar("Step")

#: What is said of an area whose count is withheld.
TOO_FEW: Final = "too few to show"
#: What is said of the others where most areas' counts are withheld.
MOSTLY_WITHHELD: Final = "Not ranked: most areas have too few to show."
#: Share of the areas whose counts must be known for these to be ranked among each other.
LEAST_RANKED: Final = 0.5
#: A theme of which less is known takes no part where areas are ranked over themes together.
LEAST_KNOWN: Final = 0.75
#: Rankings whose draws another thread makes before they are asked for.
_AHEAD: Final = 2


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
    used = known_enough(whole, combined, weights)
    while used:
        known = whole[used].notna().all(axis=1)
        chosen = theme_weights(
            {slug: whole.loc[known, slug] for slug in used}, weights=weights_here(weights, used)
        )
        if len(chosen) in (0, len(used)):
            return {str(slug): round(float(weight), 6) for slug, weight in chosen.items()}
        used = list(chosen.index)
    return {}


def known_enough(whole: pd.DataFrame, combined: Sequence[str], weights: Mapping[str, float]) -> list[str]:
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
class Job:
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

    def among(self, known: pd.Series) -> Job:
        """Keep some of the areas."""
        if isinstance(self.tally, pd.Series) or isinstance(self.monthly, pd.DataFrame):
            return replace(self, tally=self.tally[known], monthly=self.monthly[known])
        months = {slug: table[known] for slug, table in self.monthly.items()}
        return replace(self, tally={slug: one[known] for slug, one in self.tally.items()}, monthly=months)


@dataclass(frozen=True, eq=False)
class Begun:
    """
    A ranking whose draws are being made.

    Attributes
    ----------
    here : Job
        Among the areas that are ranked.
    table : DataFrame
        Counts of all areas.
    known, hidden : Series of bool
        The areas that are ranked, and those that would be if more were known.
    weights : mapping of str to float or None
    prepared : Prepared
    """

    here: Job
    table: pd.DataFrame
    known: pd.Series
    hidden: pd.Series
    weights: Mapping[str, float] | None
    prepared: ranking.Prepared


def some_ahead(steps: Iterable[Step]) -> Iterator[Step]:
    """Go through steps, each begun a little before the one in front of it is finished."""
    begun: deque[Step] = deque()
    for step in steps:
        begun.append(step)
        if len(begun) > _AHEAD:
            yield begun.popleft()
    yield from begun


def begin(job: Job, settings: Settings, aside: Executor) -> Begun:
    """Prepare to rank the areas of which every count is known, and have the draws made meanwhile."""
    known = job.table.notna().all(axis=1)
    hidden = known & False
    if known.mean() < LEAST_RANKED:
        # Among a few areas the first three would be "priority" whatever they are like.
        known, hidden = hidden, known
    here = job.among(known)
    together = not isinstance(here.tally, pd.Series)
    weights = weights_here(settings.weights, list(here.tally)) if together else None
    prepared = ranking.prepare_ranking(
        here.tally,
        denominators=job.denominators,
        default=next(iter(job.denominators)),
        monthly=here.monthly,
        beside=here.beside,
        weights=weights,
        k=settings.top,
        seed=settings.seed,
    )
    return Begun(here, job.table, known, hidden, weights, prepared.begin(aside))


def ranked(
    begun: Begun, frame: gpd.GeoDataFrame, settings: Settings, *, exact: bool, own: str
) -> pd.DataFrame:
    """Rank the areas of which every count is known; the others have no rank, and no reason but that."""
    here, known = begun.here, begun.known
    found = begun.prepared.rank()
    if begun.weights and not isinstance(here.tally, pd.Series):
        equal = ranking.combine_themes(
            here.tally, exposure=next(iter(here.denominators.values())), k=settings.top, seed=settings.seed
        )
        found = found.assign(rank_equal=equal["rank"])
    if not exact:
        # "too few incidents (15; 25 needed)": a sum that no table shows.
        found = found.assign(reason=[text.partition(" (")[0] for text in found["reason"]])
    found = found.assign(verdict=verdict(found, names=frame["name"], k=settings.top, own=own))
    if known.all():
        return found
    found = found.reindex(frame.index)
    return found.assign(
        **{"class": found["class"].fillna("")},
        top_by=found["top_by"].fillna(""),
        denominator_sensitive=found["denominator_sensitive"].eq(True),
        count=begun.table.sum(axis=1, skipna=False),
        verdict=found["verdict"].where(known, TOO_FEW).mask(begun.hidden, MOSTLY_WITHHELD),
    )
