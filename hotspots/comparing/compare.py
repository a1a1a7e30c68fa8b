"""Two published folders compared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hotspots.comparing.chance import FEWEST_STEPS
from hotspots.comparing.counts import APART, SAME, SHARED, compare_counts, months_apart, theme_spread
from hotspots.comparing.hotspots import compare_hotspots
from hotspots.comparing.parameters import compare_parameters
from hotspots.comparing.published import FORMAT, Published, read_published
from hotspots.comparing.ranks import compare_ranks
from hotspots.comparing.words import lines
from hotspots.errors import InputError
from hotspots.months import period_words
from hotspots.text import safe_text


@dataclass(frozen=True, eq=False)
class Comparison:
    """
    What changed from one folder to the other.

    Attributes
    ----------
    before, after : str
        The periods as words.
    months : str
        "apart", "same" or "shared": how their months lie to each other.
    caveats : tuple of str
        What makes the two hard to compare.
    parameters, totals, counts, ranks, hotspots : DataFrame
        See `compare_parameters`, `compare_counts`, `compare_ranks`, `compare_hotspots`; `totals`
        has theme, name, before, after, change (ratio of daily counts): one pair of numbers
        for a whole area, of which nothing here can tell whether it is chance.
    """

    before: str
    after: str
    months: str
    caveats: tuple[str, ...]
    parameters: pd.DataFrame
    totals: pd.DataFrame
    counts: pd.DataFrame
    ranks: pd.DataFrame
    hotspots: pd.DataFrame

    def as_dict(self) -> dict[str, Any]:
        """Give the comparison as one strict-JSON object; what is withheld or unknown is null."""
        return {
            "format": FORMAT,
            "before": self.before,
            "after": self.after,
            "months": self.months,
            "caveats": list(self.caveats),
            **{name: _records(frame) for name, frame in self._frames().items()},
        }

    def text(self) -> str:
        """Give the comparison as lines for a terminal: what is more than chance, and how much may be."""
        return "\n".join(lines(f"{self.before} -> {self.after}", self.caveats, self._frames()))

    def _frames(self) -> dict[str, pd.DataFrame]:
        names = ("parameters", "totals", "counts", "ranks", "hotspots")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        """Say the periods and how much changed, not every row."""
        changed = int(self.counts["status"].isin(["changed", "revised"]).sum())
        return f"<Comparison of {self.before} with {self.after}: {changed} counts changed>"


def compare_folders(before: Path | str, after: Path | str) -> Comparison:
    """
    Compare two folders that `hotspots run` wrote.

    Parameters
    ----------
    before, after : Path or str

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If a folder cannot be read, was written in another format, or they are of different areas.
    """
    one, other = read_published(before), read_published(after)
    codes = [side.record["area"].get("code") for side in (one, other)]
    if codes[0] != codes[1]:
        raise InputError(
            f"The folders are of different areas ({safe_text(codes[0])} and {safe_text(codes[1])}): "
            "compare folders of one area."
        )
    kind = months_apart(one, other)
    counts = compare_counts(one, other)
    return Comparison(
        before=period_words(one.months),
        after=period_words(other.months),
        months=kind,
        caveats=_caveats(one, other, kind),
        parameters=compare_parameters(one, other),
        totals=_totals(one, other),
        counts=counts,
        ranks=compare_ranks(one, other),
        hotspots=compare_hotspots(one, other, spread=theme_spread(counts, one, other), kind=kind),
    )


def _totals(before: Published, after: Published) -> pd.DataFrame:
    names = {**before.names, **after.names}
    rows = []
    for slug in sorted(names):
        first, second = before.totals.get(slug, np.nan), after.totals.get(slug, np.nan)
        change = (second / after.days) / (first / before.days) if first > 0 else np.nan
        rows.append((slug, names[slug], first, second, change))
    return pd.DataFrame(rows, columns=["theme", "name", "before", "after", "change"])


def _caveats(before: Published, after: Published, kind: str) -> tuple[str, ...]:
    found = []
    if kind == SAME:
        found.append("Both cover the same months: every difference comes from the data or the rules.")
    if kind == SHARED:
        found.append("The periods share months, so their counts depend on each other: no change is judged.")
    if kind == APART and [month[5:] for month in before.months] != [month[5:] for month in after.months]:
        found.append("The periods hold other calendar months, so seasons play a part.")
    if kind == APART and len(before.months) + len(after.months) - 2 < FEWEST_STEPS:
        found.append("So few months do not tell how whole months differ: no change of a count is judged.")
    if before.record["audience"] != after.record["audience"]:
        audiences = f"{before.record['audience']} and {after.record['audience']}"
        found.append(f"They were released for {audiences} use: rounding and what is withheld differ.")
    if before.policy.base > 1 or after.policy.base > 1:
        base = max(before.policy.base, after.policy.base)
        found.append(f"Counts are rounded to multiples of {base}.")
    for side, words in ((before, "earlier"), (after, "later")):
        incomplete = side.record["period"].get("incomplete") or []
        if incomplete:
            found.append(f"The {words} period has incomplete months: {', '.join(map(str, incomplete))}.")
        if side.record.get("synthetic"):
            found.append(f"The {words} folder shows synthetic data.")
    for level in ("wards", "lsoas"):
        vintages = [side.record.get("boundaries", {}).get(level) for side in (before, after)]
        if vintages[0] != vintages[1]:
            found.append(f"The {level} are of different vintages: areas of one have no match in the other.")
    return tuple(found)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {str(name): value.item() if isinstance(value, np.generic) else value for name, value in row.items()}
        for row in plain.to_dict("records")
    ]
