"""Hot spots of both folders, matched by their id, else by the streets they share."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from hotspots.comparing.chance import Spread, chance
from hotspots.comparing.counts import APART, CHANCE, CHANGED, DISCOVERY_RATE, discoveries
from hotspots.comparing.published import Published

#: Columns of the comparison of hot spots.
HOTSPOT_COLUMNS: Final = (
    *("theme", "cluster", "name", "cluster_before", "n_before", "n_after"),
    *("confidence_before", "confidence_after", "found", "status", "reason"),
)
#: The confidence is the chance that as long a period shows a hot spot again: what is left is the chance
#: that it is not there though nothing changed, at most 5 % as for counts.
SURE: Final = 0.95
#: Share of a period's days that the other must have for its confidence to be about the other.
_AS_LONG: Final = 0.95

KEPT, RENAMED, NEW, GONE = "kept", "kept under another name", "new", "gone"


def compare_hotspots(
    before: Published, after: Published, *, spread: dict[str, Spread], kind: str
) -> pd.DataFrame:
    """
    Say which hot spots stayed, which are new and which are gone.

    One with the id of an earlier one of its theme is that one. Of the others, one
    is an earlier one under another name if either's main street is among the
    streets of both; those that share most are paired first.

    Parameters
    ----------
    before, after : Published
    spread : dict of str to Spread
        By theme, from `counts.theme_spread`.
    kind : str
        How the months lie to each other, from `counts.months_apart`.

    Returns
    -------
    DataFrame
        HOTSPOT_COLUMNS, sorted; `found` is "kept", "kept under another name", "new" or
        "gone", `status` "changed", "may be chance" or "" for one kept whose incidents
        were not judged. One is new or gone beyond chance only where its confidence is at
        least 95 % and the other period is as long. Parts of larger hot spots are left out.
    """
    rows = []
    themes = sorted({*before.tables["clusters"]["theme"], *after.tables["clusters"]["theme"]})
    for theme in themes:
        one, other = _of_theme(before, theme), _of_theme(after, theme)
        paired = _pair(one, other)
        rows += [_row(theme, one.loc[a], other.loc[b]) for a, b in paired]
        rows += [_row(theme, one.loc[a], None) for a in one.index.difference([a for a, _ in paired])]
        rows += [_row(theme, None, other.loc[b]) for b in other.index.difference([b for _, b in paired])]
    table = pd.DataFrame(rows, columns=[*HOTSPOT_COLUMNS])
    table[["n_before", "n_after"]] = table[["n_before", "n_after"]].astype(float)
    table = _judge(table, before, after, spread if kind == APART else {})
    return table.sort_values(["theme", "cluster", "cluster_before"], kind="stable").reset_index(drop=True)


def _of_theme(side: Published, theme: str) -> pd.DataFrame:
    table = side.tables["clusters"]
    whole = table[(table["theme"] == theme) & (table["part_of"] == "")]
    return whole.drop_duplicates("cluster").set_index("cluster", drop=False).sort_index()


def _streets(hotspot: pd.Series) -> list[str]:
    return [street.strip() for street in hotspot["streets"].split(";") if street.strip()]


def _pair(one: pd.DataFrame, other: pd.DataFrame) -> list[tuple[str, str]]:
    same = [(cluster, cluster) for cluster in one.index.intersection(other.index)]
    free = one.index.difference(other.index), other.index.difference(one.index)
    shared = []
    for a in free[0]:
        for b in free[1]:
            left, right = _streets(one.loc[a]), _streets(other.loc[b])
            common = set(left) & set(right)
            if common and (left[0] in common or right[0] in common):
                shared.append((-len(common), a, b))
    used: set[str] = set()
    for _, a, b in sorted(shared):
        if a not in used and b not in used:
            same.append((a, b))
            used |= {a, b}
    return same


def _row(theme: str, one: pd.Series | None, other: pd.Series | None) -> dict[str, object]:
    shown = other if other is not None else one
    assert shown is not None  # noqa: S101 - a row is of one side at least
    found = NEW if one is None else GONE if other is None else KEPT
    if one is not None and other is not None and one["cluster"] != other["cluster"]:
        found = RENAMED
    return {
        "theme": theme,
        "cluster": "" if other is None else other["cluster"],
        "name": shown["name"],
        "cluster_before": "" if one is None else one["cluster"],
        "n_before": np.nan if one is None else one["n"],
        "n_after": np.nan if other is None else other["n"],
        "confidence_before": np.nan if one is None else one["confidence"],
        "confidence_after": np.nan if other is None else other["confidence"],
        "found": found,
        "status": "",
        "reason": "",
    }


def _judge(
    table: pd.DataFrame, before: Published, after: Published, spread: dict[str, Spread]
) -> pd.DataFrame:
    share = after.days / (before.days + after.days)
    base = max(before.policy.base, after.policy.base)
    p = np.full(len(table), np.nan)
    for theme, learnt in spread.items():
        rows = ((table["theme"] == theme) & table["found"].isin([KEPT, RENAMED])).to_numpy()
        pair = table.loc[rows, ["n_before", "n_after"]].to_numpy(float).T
        over, freedom = learnt.of(pair.sum(axis=0)), learnt.freedom_of(pair.sum(axis=0))
        p[rows] = chance(*pair, share=share, spread=over, base=base, freedom=freedom)
    q = discoveries(p)
    table = table.copy()
    table["status"] = np.select([q < DISCOVERY_RATE, ~np.isnan(q)], [CHANGED, CHANCE], "")
    known = table["confidence_before"].fillna(table["confidence_after"])
    single = table["found"].isin([NEW, GONE])
    unsure = single & ~(known >= SURE)
    table.loc[single, "status"] = CHANGED
    for rows, reason in (
        (single & table["found"].map(_shorter(before, after)), "the other period is shorter"),
        (unsure, f"its confidence is below {100 * SURE:.0f} %, or not known"),
    ):
        table.loc[rows, "status"] = CHANCE
        table.loc[rows, "reason"] = reason
    hidden = _hidden(before, after)
    table.loc[single & table["reason"].eq(""), "reason"] = hidden
    return table


def _shorter(before: Published, after: Published) -> dict[str, bool]:
    """Say of what is new, and of what is gone, whether the period that does not show it is shorter."""
    return {
        **dict.fromkeys((KEPT, RENAMED), False),
        NEW: before.days < _AS_LONG * after.days,
        GONE: after.days < _AS_LONG * before.days,
    }


def _hidden(before: Published, after: Published) -> str:
    smallest = max(before.policy.shape_minimum, after.policy.shape_minimum)
    if before.policy.exact and after.policy.exact:
        return ""
    return f"or fewer than {smallest} incidents or too few places to be shown on the other side"
