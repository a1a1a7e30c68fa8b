"""When incidents happen, in the city and in each ward, where dates allow; else the reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from hotspots import schema
from hotspots.schema import WEEKDAYS
from hotspots.statistics.discoveries import benjamini_hochberg
from hotspots.statistics.hours import date_resolution, hour_by_weekday
from hotspots.statistics.near_repeats import (
    DAYS,
    DISTANCES,
    FEWEST_FOR_REPEATS,
    LEAST_RATIO,
    MOST_PAIRS,
    SHUFFLES,
    near_repeats,
)

MONTHS_ONLY: Final = (
    "These data carry months only, so hours, weekdays and near repeats cannot be found: "
    "use an extract with dates and times, such as the force's own."
)
INTERNAL_ONLY: Final = "Hours and near repeats are given for internal use only: most would be small counts."
NOT_LOOKED_FOR: Final = "Hours and near repeats were not looked for."
NOT_AT_A_PLACE: Final = "not tested: not one kind of incident at a place"


@dataclass(frozen=True, eq=False)
class Times:
    """
    When incidents happened, as far as the data know.

    Attributes
    ----------
    hours : DataFrame
        theme, weekday, hour (0 to 23), incidents (fractions where the hour is not
        known exactly), share of the theme's: the whole city.
    wards : DataFrame
        code, weekday, hour, incidents: every incident of each ward with a time.
    themes : DataFrame
        theme, incidents, with_time, dated, near_repeats (words).
    repeats : DataFrame
        The near-repeat test: theme, bands of distance (m) and days, pairs observed
        and expected, their ratio, p, and q over the theme's bands.
    reason : str
        Why there is nothing; "" if there is something.
    """

    hours: pd.DataFrame
    wards: pd.DataFrame
    themes: pd.DataFrame
    repeats: pd.DataFrame
    reason: str

    def frames(self) -> dict[str, pd.DataFrame]:
        """Give the frames by their names in `schema.COLUMNS`."""
        return {
            "hours": self.hours,
            "ward_hours": self.wards,
            "time_themes": self.themes,
            "near_repeats": self.repeats,
        }

    def as_dict(self) -> dict[str, Any]:
        """Give the record for the manifest: what was found, or only why nothing was."""
        if self.reason:
            return {"reason": self.reason}
        rows = self.themes.to_dict("records")
        return {
            "reason": "",
            "near_repeats": {"distances_m": list(DISTANCES), "days": list(DAYS), "shuffles": SHUFFLES},
            "themes": [{str(k): v for k, v in row.items()} for row in rows],
        }


def no_times(reason: str = NOT_LOOKED_FOR) -> Times:
    """Give times without any row, and why."""
    return Times(
        _empty("hours"),
        _empty("ward_hours"),
        _empty("time_themes"),
        _empty("near_repeats"),
        reason,
    )


def find_times(
    located: pd.DataFrame,
    membership: pd.DataFrame,
    *,
    slugs: Sequence[str],
    repeating: Sequence[str],
    seed: int,
) -> Times:
    """
    Find hours and near repeats among the incidents that carry dates.

    Rows with a month only, which police.uk publishes, are passed over; the
    tables describe the other rows, and `themes` says how many these are.

    Parameters
    ----------
    located : DataFrame
        Incidents in the area: occurred_from, occurred_to, easting, northing, ward_code.
    membership : DataFrame of bool
        By slug, index as `located`.
    slugs : sequence of str
        Themes to describe by hour.
    repeating : sequence of str
        Those among them to test for near repeats: one kind of incident at a place.
    seed : int
        Of the shuffles.

    Returns
    -------
    Times
    """
    if date_resolution(located) == schema.RESOLUTIONS[0]:
        return no_times(MONTHS_ONLY)
    dated = located[located["occurred_from"].notna()]
    hours, themes, repeats = [], [], []
    for slug in slugs:
        rows = dated[membership.loc[dated.index, slug].to_numpy()]
        week, with_time = _week(rows)
        tested, words = _repeats(rows, seed) if slug in repeating else (None, NOT_AT_A_PLACE)
        hours.append(_long(week).assign(theme=slug, share=week.ravel() / max(with_time, 1)))
        repeats += [] if tested is None else [tested.assign(theme=slug)]
        n = int(membership[slug].sum())
        themes.append((slug, n, with_time, len(rows), words))
        if not with_time:
            hours.pop()
    return Times(
        hours=_stacked(hours, "hours"),
        wards=_stacked(_by_ward(dated), "ward_hours"),
        themes=pd.DataFrame(themes, columns=list(schema.columns("time_themes"))),
        repeats=_stacked(repeats, "near_repeats"),
        reason="",
    )


def _by_ward(dated: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for code, rows in dated.groupby(dated["ward_code"].astype(object), sort=True):
        week, with_time = _week(rows)
        if code and with_time:
            yield _long(week).assign(code=code)


def _week(rows: pd.DataFrame) -> tuple[np.ndarray, int]:
    """Count by weekday and hour, shape (7, 24), and how many have a usable time."""
    if date_resolution(rows) != schema.RESOLUTIONS[-1]:
        return np.zeros((7, 24)), 0
    found = hour_by_weekday(rows)
    return found.table.to_numpy(), found.used


def _long(week: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {"weekday": np.repeat(WEEKDAYS, 24), "hour": np.tile(np.arange(24), 7), "incidents": week.ravel()}
    )


def _repeats(rows: pd.DataFrame, seed: int) -> tuple[pd.DataFrame | None, str]:
    """Test one theme for near repeats, and say in words what came out or why it was not tested."""
    if len(rows) < FEWEST_FOR_REPEATS:
        return None, f"not tested: fewer than {FEWEST_FOR_REPEATS} dated incidents"
    xy = rows[["easting", "northing"]].dropna().to_numpy()
    tree = cKDTree(xy)
    pairs = (int(tree.count_neighbors(tree, DISTANCES[-1])) - len(xy)) // 2
    if pairs > MOST_PAIRS:
        return None, f"not tested: {pairs:,} pairs within {DISTANCES[-1]:.0f} m; take a shorter period"
    found = near_repeats(rows, distances=DISTANCES, days=DAYS, permutations=SHUFFLES, seed=seed)
    found = found.assign(q=benjamini_hochberg(found["p"].to_numpy()))
    return found, _repeat_words(found)


def _repeat_words(found: pd.DataFrame) -> str:
    sure = found[(found["q"] < 0.05) & (found["ratio"] >= LEAST_RATIO)]
    if sure.empty:
        return "none beyond chance"
    return "; ".join(
        f"{_where(row.distance_from, row.distance_to)} {_when(row.days_from, row.days_to)}: "
        f"{row.ratio:.1f} times as many pairs as by chance"
        for row in sure.itertuples()
    )


def _where(start: float, end: float) -> str:
    if end == 0:
        return "at the same point"
    return f"within {end:.0f} m" if start == 0 else f"{start:.0f} to {end:.0f} m away"


def _when(start: float, end: float) -> str:
    return f"within {end:.0f} days" if start == 0 else f"{start:.0f} to {end:.0f} days later"


def _stacked(frames: Sequence[pd.DataFrame] | Iterator[pd.DataFrame], name: str) -> pd.DataFrame:
    filled = [frame[list(schema.columns(name))] for frame in frames]
    return pd.concat(filled, ignore_index=True) if filled else _empty(name)


def _empty(name: str) -> pd.DataFrame:
    """Give a frame without rows, whose texts are still texts and all else numbers."""
    kinds = {c: schema.COLUMNS[name][c].kind for c in schema.columns(name)}
    return pd.DataFrame({c: pd.Series(dtype=object if k == "text" else float) for c, k in kinds.items()})
