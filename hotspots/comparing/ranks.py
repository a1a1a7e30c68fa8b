"""Ranks of areas in both folders, side by side."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from hotspots.comparing.published import Published

#: Columns of the comparison of ranks.
RANK_COLUMNS: Final = (
    *("theme", "level", "code", "name", "rank_before", "rank_after", "class_before", "class_after", "status"),
)
_KEYS: Final = ["theme", "level", "code"]


def compare_ranks(before: Published, after: Published) -> pd.DataFrame:
    """
    Set ranks side by side; a move is real when the two intervals of the rank have nothing in common.

    Two 95 % intervals that just miss each other are more than 95 % sure to
    differ, so this errs on the side of "may be chance".

    Parameters
    ----------
    before, after : Published

    Returns
    -------
    DataFrame
        RANK_COLUMNS, sorted; `status` is "changed", "may be chance", "equal", "withheld",
        "only before" or "only after".
    """
    columns = ["name", "rank", "rank_low", "rank_high", "class"]
    one, other = (side.tables["priority"][[*_KEYS, *columns]] for side in (before, after))
    merged = one.merge(other, on=_KEYS, how="outer", suffixes=("_before", "_after"), indicator=True)
    merged["name"] = merged["name_after"].fillna(merged["name_before"])
    disjoint = (merged["rank_low_after"] > merged["rank_high_before"]) | (
        merged["rank_high_after"] < merged["rank_low_before"]
    )
    equal = (merged["rank_before"] == merged["rank_after"]) & (
        merged["class_before"] == merged["class_after"]
    )
    merged["status"] = np.select(
        [
            merged["_merge"] == "left_only",
            merged["_merge"] == "right_only",
            merged["rank_before"].isna() | merged["rank_after"].isna(),
            equal,
            disjoint,
        ],
        ["only before", "only after", "withheld", "equal", "changed"],
        "may be chance",
    )
    return merged.sort_values(_KEYS)[list(RANK_COLUMNS)].reset_index(drop=True)
