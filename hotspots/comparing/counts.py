"""Counts of areas in both folders, side by side."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from hotspots.comparing.chance import Spread, chance, learn_spread, with_city
from hotspots.comparing.published import Published
from hotspots.months import days_in
from hotspots.schema import WARD, WHOLE_PERIOD

#: How the months of two folders lie to each other.
APART, SAME, SHARED = "apart", "same", "shared"
#: Columns of the comparison of counts.
COUNT_COLUMNS: Final = (
    *("theme", "level", "vintage", "code", "name", "before", "after", "change", "p", "q", "status"),
)
#: The false discovery rate at which a change is called one, over the areas of a theme and level.
DISCOVERY_RATE: Final = 0.05

CHANGED, CHANCE, EQUAL, REVISED, UNJUDGED = "changed", "may be chance", "equal", "revised", "not judged"
_KEYS: Final = ["theme", "level", "vintage", "code"]


def months_apart(before: Published, after: Published) -> str:
    """Say whether two folders cover the same months, none in common, or share some."""
    one, other = set(before.months), set(after.months)
    if one == other:
        return SAME
    return SHARED if one & other else APART


def compare_counts(before: Published, after: Published) -> pd.DataFrame:
    """
    Set the counts of the whole periods side by side and judge each change.

    Between months that have nothing in common, a change is real when chance
    does so rarely at a false discovery rate of 5 % over the areas of its theme and
    level. Where fewer than two steps from month to month are shown of any ward, nobody can
    tell how much whole months differ, and nothing is judged. Over the same months any
    difference comes from the data or the rules ("revised"). Where months are shared, nothing
    is judged.

    Parameters
    ----------
    before, after : Published

    Returns
    -------
    DataFrame
        COUNT_COLUMNS, sorted; `change` is the ratio of daily counts. `status` is
        "changed", "may be chance", "equal", "revised", "not judged", "withheld before",
        "withheld after", "withheld in both", "only before" or "only after".
    """
    merged = _whole(before).merge(
        _whole(after), on=_KEYS, how="outer", suffixes=("", "_after"), indicator=True
    )
    merged["name"] = merged["name_after"].fillna(merged["name"])
    merged = merged.rename(columns={"count": "before", "count_after": "after"})
    kind = months_apart(before, after)
    share = after.days / (before.days + after.days)
    base = max(before.policy.base, after.policy.base)
    parts = [
        _judged(part, share=share, base=base, city=_city(theme, before, after))
        if kind == APART
        else part.assign(p=np.nan, q=np.nan)
        for (theme, *_), part in merged.groupby(["theme", "level", "vintage"], sort=True)
    ]
    judged = pd.concat(parts) if parts else merged.assign(p=np.nan, q=np.nan)
    rate = judged["after"] * (1 - share), judged["before"] * share
    judged["change"] = np.divide(*rate, out=np.full(len(judged), np.nan), where=(rate[1] > 0).to_numpy())
    judged["status"] = _status(judged, kind)
    return judged.sort_values(_KEYS)[list(COUNT_COLUMNS)].reset_index(drop=True)


def theme_spread(counts: pd.DataFrame, before: Published, after: Published) -> dict[str, Spread]:
    """
    Learn the dispersion of each theme from the level with the most areas.

    Parameters
    ----------
    counts : DataFrame
        From `compare_counts`.
    before, after : Published

    Returns
    -------
    dict of str to Spread
        By theme.
    """
    found = {}
    for theme, part in counts.groupby("theme", sort=True):
        level = part["level"].value_counts().sort_index().idxmax()
        pair = part[part["level"] == level][["before", "after"]].to_numpy(float).T
        found[str(theme)] = with_city(learn_spread(*pair), *_city(theme, before, after))
    return found


def discoveries(p: np.ndarray) -> np.ndarray:
    """Give q-values (Benjamini and Hochberg); NaN stays NaN."""
    from scipy.stats import false_discovery_control

    q = np.full(len(p), np.nan)
    known = ~np.isnan(p)
    if known.any():
        q[known] = false_discovery_control(p[known])
    return q


def _whole(one: Published) -> pd.DataFrame:
    table = one.tables["areas"]
    return table[table["month"] == WHOLE_PERIOD][[*_KEYS, "name", "count"]]


def _city(theme: str, before: Published, after: Published) -> tuple[np.ndarray, tuple[int, int]]:
    """Give the city's steps from month to month in both folders, and how many months each has."""
    steps = np.concatenate([_steps(one, theme) for one in (before, after)])
    return steps, (len(before.months), len(after.months))


def _steps(one: Published, theme: str) -> np.ndarray:
    """Set each month against the one before, over the wards of which both are known."""
    table = one.tables["areas"]
    wards = table[table["theme"].eq(theme) & table["level"].eq(WARD)]
    months = wards.groupby(["code", "month"])["count"].first().unstack().reindex(columns=list(one.months))
    daily = months.to_numpy(float) / np.array([days_in((month,)) for month in one.months])
    known = ~np.isnan(daily[:, :-1] + daily[:, 1:])
    first, second = (np.where(known, part, 0.0).sum(axis=0) for part in (daily[:, :-1], daily[:, 1:]))
    some = first + second > 0
    return np.asarray(2 * (second - first)[some] / (first + second)[some])


def _judged(
    part: pd.DataFrame, *, share: float, base: int, city: tuple[np.ndarray, tuple[int, int]]
) -> pd.DataFrame:
    before, after = part["before"].to_numpy(float), part["after"].to_numpy(float)
    total = before + after
    # No area is held to its own change: what it did by itself is the question.
    others = [with_city(learn_spread(before, after, without=at), *city) for at in range(len(part))]
    spread, freedom = (
        np.array([getattr(one, name)(total[at : at + 1])[0] for at, one in enumerate(others)])
        for name in ("of", "freedom_of")
    )
    p = chance(before, after, share=share, spread=spread, base=base, freedom=freedom)
    return part.assign(p=p, q=discoveries(p))


def _status(judged: pd.DataFrame, kind: str) -> np.ndarray:
    hidden_before, hidden_after = judged["before"].isna(), judged["after"].isna()
    if kind == APART:
        known = np.select([judged["q"] < DISCOVERY_RATE, judged["q"].notna()], [CHANGED, CHANCE], UNJUDGED)
    else:
        equal = judged["before"] == judged["after"]
        known = np.where(equal, EQUAL, REVISED if kind == SAME else UNJUDGED)
    return np.select(
        [
            judged["_merge"] == "left_only",
            judged["_merge"] == "right_only",
            hidden_before & hidden_after,
            hidden_before,
            hidden_after,
        ],
        ["only before", "only after", "withheld in both", "withheld before", "withheld after"],
        known,
    )
