"""A comparison in lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from hotspots.schema import LEVEL_PLURALS
from hotspots.text import counted

#: Rows named under each heading; the rest is counted.
NAMED: Final = 8
#: From `benchmarks.simulate_folders`: two years of the same rates.
COME_AND_GO: Final = " (where nothing changes, four in ten hot spots are in one of two years alone)"


def lines(title: str, caveats: Sequence[str], frames: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """
    Write what really changed, and how much may be chance.

    Parameters
    ----------
    title : str
        The two periods.
    caveats : sequence of str
    frames : mapping of str to DataFrame
        totals, counts, ranks, hotspots and parameters of a `Comparison`.

    Yields
    ------
    str
        One line at a time.
    """
    yield title
    yield from (f"  {caveat}" for caveat in caveats)
    yield from _totals(frames["totals"])
    yield from _counts(frames["counts"])
    yield from _ranks(frames["ranks"])
    yield from _hotspots(frames["hotspots"])
    yield from _parameters(frames["parameters"])


def _totals(totals: pd.DataFrame) -> Iterator[str]:
    yield "Themes"
    known = totals[totals["before"].notna() | totals["after"].notna()]
    for row in known.itertuples():
        yield f"  {row.name}: {_count(row.before)} -> {_count(row.after)}{_change(row.change)}"


def _counts(counts: pd.DataFrame) -> Iterator[str]:
    yield "Areas"
    for (theme, level), part in counts.groupby(["theme", "level"], sort=True):
        if part["status"].eq("withheld in both").all():
            continue
        changed = part[part["status"].isin(["changed", "revised"])]
        words = [f"{len(changed)} of {len(part)} {LEVEL_PLURALS.get(level, level)} changed"]
        for status in ("may be chance", "not judged", "only before", "only after"):
            number = int((part["status"] == status).sum())
            if number:
                words.append(f"{number} {status}")
        withheld = int(part["status"].str.startswith("withheld").sum())
        if withheld:
            words.append(f"{withheld} withheld in either")
        yield f"  {theme}, {', '.join(words)}"
        largest = changed.assign(size=np.abs(np.log(changed["change"]))).sort_values(
            ["size", "code"], ascending=[False, True]
        )
        for row in largest.head(NAMED).itertuples():
            yield f"    {row.name}: {_count(row.before)} -> {_count(row.after)}{_change(row.change)}"
        yield from _more(len(changed))


def _ranks(ranks: pd.DataFrame) -> Iterator[str]:
    changed = ranks[ranks["status"] == "changed"]
    chance = int((ranks["status"] == "may be chance").sum())
    yield f"Ranks: {len(changed)} moved beyond their intervals, {chance} moved as chance may move them"
    for row in changed.head(NAMED).itertuples():
        words = f" ({row.class_before} -> {row.class_after})" if row.class_before != row.class_after else ""
        yield f"    {row.theme}, {row.name}: {row.rank_before:.0f} -> {row.rank_after:.0f}{words}"
    yield from _more(len(changed))


def _hotspots(hotspots: pd.DataFrame) -> Iterator[str]:
    single = hotspots[hotspots["found"].isin(["new", "gone"])]
    sure = int(single["status"].eq("changed").sum())
    yield f"Hot spots: {sure} of {len(single)} new or gone beyond chance{COME_AND_GO if len(single) else ''}"
    for theme, part in hotspots.groupby("theme", sort=True):
        numbers = part["found"].value_counts()
        yield "  " + ", ".join(
            [str(theme), *(f"{numbers[found]} {found}" for found in sorted(numbers.index))]
        )
        shown = part[part["found"].isin(["new", "gone"]) | (part["status"] == "changed")]
        for row in shown.head(NAMED).itertuples():
            doubt = ", may be chance" if row.status == "may be chance" else ""
            yield f"    {row.found}: {row.name}, {_count(row.n_before)} -> {_count(row.n_after)}{doubt}"
        yield from _more(len(shown))


def _parameters(parameters: pd.DataFrame) -> Iterator[str]:
    if parameters.empty:
        yield "Parameters: the same"
        return
    yield f"Parameters: {counted(len(parameters), 'difference')}"
    for row in parameters.head(NAMED).itertuples():
        bears = f" (bears on {row.matters_for})" if row.matters_for else ""
        yield f"    {row.parameter}: {row.before or 'none'} -> {row.after or 'none'}{bears}"
    yield from _more(len(parameters))


def _more(number: int) -> Iterator[str]:
    if number > NAMED:
        yield f"    and {number - NAMED} more"


def _count(number: float) -> str:
    return "withheld or none" if np.isnan(number) else f"{number:,.0f}"


def _change(ratio: float) -> str:
    if np.isnan(ratio):
        return ""
    per_cent = round(100 * (ratio - 1))
    return f" ({per_cent:+d} % a day)" if per_cent else " (no change a day)"
