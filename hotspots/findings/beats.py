"""Beats of every theme that may have them: where to patrol in the month after the last one known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from hotspots.clusters.heaps import find_heaps
from hotspots.findings.findings import ThemeFindings
from hotspots.geography.load import Areas
from hotspots.months import unbroken
from hotspots.places import Places
from hotspots.targeting.beats import known_heaps
from hotspots.targeting.ground import Ground, lay_ground
from hotspots.targeting.plan import Beats, plan_beats
from hotspots.targeting.tally import found_by_patrol, hours_by_place, in_block, tally
from hotspots.targeting.trials import QUICK, all_candidates

#: Fewer incidents of a theme say nothing of where to go for it.
FEWEST: Final = 20
#: What is said of a theme of which possession is left out.
LEFT_OUT: Final = ", possession of drugs and weapons left out,"
#: How a point is marked at which a theme piles up, and police.uk does not say why.
HEAP: Final = "heap"


@dataclass(frozen=True)
class BeatPlan:
    """
    How beats are chosen.

    Attributes
    ----------
    share : float
        Part of the area that they make up.
    graded : int
        Past months on which the choice is graded: few in a plain run.
    thorough : bool
        Whether every score and kind of shape is tried, not only the usual ones.
    even_wards : bool
        Whether the wards take turns.
    found : bool
        Whether possession of drugs and weapons counts, which patrols find themselves.
    hours : (int, int), optional
        Only incidents of these hours of the day count, such as (18, 24).
    """

    share: float = 0.01
    graded: int = 4
    thorough: bool = False
    even_wards: bool = False
    found: bool = False
    hours: tuple[int, int] | None = None


def find_beats(
    themes: Mapping[str, ThemeFindings],
    located: pd.DataFrame,
    membership: pd.DataFrame,
    *,
    places: Places,
    months: Sequence[str],
    areas: Areas,
    seed: int,
    plan: BeatPlan,
    only: Sequence[str] | None = None,
    lines: np.ndarray | None = None,
) -> dict[str, Beats]:
    """
    Choose the beats of all incidents and of each open, place-based theme that the data show.

    Parameters
    ----------
    themes : mapping of str to ThemeFindings
        From `find_themes`.
    located : DataFrame
        Incidents in the area.
    membership : DataFrame of bool
        From `classify`.
    places : Places
        From `fold_places`.
    months : sequence of str
        Complete ones; the last of them that follow each other without a gap are learnt from.
    areas : Areas
    seed : int
    plan : BeatPlan
    only : sequence of str, optional
        Of these themes alone.
    lines : ndarray of LineString, optional
        Streets: then a beat can be a piece of one, if the choice is thorough.

    Returns
    -------
    dict of str to Beats
        By theme; none of a theme with fewer than 20 incidents in these months.
    """
    run = unbroken(months)[-1:]
    if not run or not len(places):
        return {}
    ground = lay_ground(places.frame, areas.outline, lines=lines)
    choosing = _Choosing(places, ground, run[0], seed, plan)
    left_out, inside = _left_out(located["offence_code"], plan), _in_hours(located, plan)
    found: dict[str, Beats] = {}
    for slug, one in themes.items():
        # Open, place-based, and shown by the data.
        if (only is None or slug in only) and not one.withheld:
            member = membership[slug].to_numpy()
            kept = member & ~left_out
            beats = choosing.of(one, located[kept & inside])
            if beats:
                found[slug] = replace(beats, only=_only(plan, bool((member != kept).any())))
    return found


def leaves_out(codes: pd.Series, plan: BeatPlan) -> bool:
    """Tell whether any of these incidents is left out because patrols find it themselves."""
    return bool(_left_out(codes, plan).any())


def _left_out(codes: pd.Series, plan: BeatPlan) -> np.ndarray:
    return np.zeros(len(codes), dtype=bool) if plan.found else found_by_patrol(codes)


def _in_hours(located: pd.DataFrame, plan: BeatPlan) -> np.ndarray:
    if plan.hours is None:
        return np.ones(len(located), dtype=bool)
    start = located["occurred_from"]
    return np.asarray(start.notna().to_numpy() & in_block(start.dt.hour.fillna(0), *plan.hours))


def _only(plan: BeatPlan, left_out: bool) -> str:
    """Say which incidents of a theme steer patrols, where some are left out or only some hours count."""
    hours = "" if plan.hours is None else f" from {plan.hours[0]:02d}:00 to {plan.hours[1]:02d}:00"
    return hours + (LEFT_OUT if left_out else "")


@dataclass(frozen=True, eq=False)
class _Choosing:
    """What all themes share when their beats are chosen."""

    places: Places
    ground: Ground
    months: tuple[str, ...]
    seed: int
    plan: BeatPlan

    def of(self, found: ThemeFindings, incidents: pd.DataFrame) -> Beats | None:
        """Choose the beats of a theme by these incidents of it; None where they are too few."""
        places = self.places
        counts = tally(places, incidents["place"], incidents["month"])
        counts = counts.reindex(columns=list(self.months), fill_value=0).to_numpy(dtype=float)
        if counts.sum() < FEWEST:
            return None
        clusters = found.clusters
        return plan_beats(
            places,
            theme=found.theme.slug,
            ground=self.ground,
            months=self.months,
            share=self.plan.share,
            even_wards=self.plan.even_wards,
            counts=counts,
            types=tally(places, incidents["place"], incidents["crime_type"]),
            hours=hours_by_place(places, incidents),
            clusters=clusters[clusters["part_of"].eq("")] if len(clusters) else None,
            heaps=_heaps(places, counts),
            graded=self.plan.graded,
            candidates=all_candidates(self.ground) if self.plan.thorough else QUICK,
            seed=self.seed,
        )


def _heaps(places: Places, counts: np.ndarray) -> list[str]:
    """Say for each place what makes incidents pile up there, "" for nothing."""
    marks = known_heaps(places.frame["street"]).to_numpy(dtype=object)
    here = find_heaps(places.frame, weights=counts.sum(axis=1))["place"].to_numpy(dtype=int)
    marks[here] = np.where(marks[here] == "", HEAP, marks[here])
    return [str(mark) for mark in marks]
