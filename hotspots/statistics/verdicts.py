"""Places in a ranking in words, by every denominator and no surer than the chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots.statistics.ranking import POSSIBLE_CHANCE, PRIORITY_CHANCE
from hotspots.text import join_words

#: Nearer than this to certain, the words no longer say "probably".
_SURE: Final = 0.05
_WORDS: Final = {
    2: "two",
    3: "three",
    4: "four",
    5: "five",
    6: "six",
    7: "seven",
    8: "eight",
    9: "nine",
    10: "ten",
}
_ORDINALS: Final = {
    1: "first",
    2: "second",
    3: "third",
    4: "fourth",
    5: "fifth",
    6: "sixth",
    7: "seventh",
    8: "eighth",
    9: "ninth",
    10: "tenth",
}


#: Rivals that are named.
_NAMED: Final = 3


def verdict(frame: pd.DataFrame, *, names: pd.Series, k: int = 3, own: str = "own") -> pd.Series:
    """
    Put each area's place in the ranking into words.

    Parameters
    ----------
    frame : DataFrame
        From `rank_areas`, `combine_themes` or `rank_over_denominators`; with the last
        every denominator is named, with the rank and the chance by it.
    names : Series
        Names by area code.
    k : int, default 3
        The size of the top group that `frame` was made with.
    own : str, default "own"
        What people call the denominator "own".

    Returns
    -------
    Series of str
        One sentence an area, without its own name.
    """
    top = "at the top" if k == 1 else f"among the top {_WORDS.get(k, str(k))}"
    by = [name.removeprefix("rank_by_") for name in frame if name.startswith("rank_by_")]
    competing = _Rivals(frame, names)
    sentences = []
    said = ["class", "reason", "p_top", *(f"{what}_by_{name}" for what in ("rank", "chance") for name in by)]
    columns = [frame[name].tolist() for name in said]
    for position, values in enumerate(zip(*columns, strict=True)):
        row = dict(zip(said, values, strict=True))
        group, reason = row["class"], row["reason"]
        rivals = f"cannot be told apart from {competing.of(position)}" if group == "possible" else ""
        if not group:
            words = f"Not ranked: {reason}."
        elif by:
            words = _by_each(row, by, top=top, own=own) + (f" By {by[0]} it {rivals}." if rivals else "")
        else:
            words = f"{_standing(row['p_top'])} {top} (chance {_percent(row['p_top'])})"
            words = f"{words}; {rivals}." if rivals else f"{words}."
        sentences.append(words)
    return pd.Series(sentences, index=frame.index, name="verdict", dtype=object)


def _by_each(row: Mapping[Any, Any], by: Sequence[str], *, top: str, own: str) -> str:
    """Say how an area stands by each denominator: whoever names one only chooses the answer."""
    known = [name for name in by if not math.isnan(row[f"rank_by_{name}"])]
    standing = {name: _standing(row[f"chance_by_{name}"]) for name in known}
    called = {name: own if name == "own" else name for name in known}
    if len(set(standing.values())) == 1:
        ranks = [
            f"{_ordinal(row[f'rank_by_{name}'])} by {called[name]} ({_chance(row, name)})" for name in known
        ]
        word = standing[known[0]]
        each = "any denominator" if word in ("Not", "Probably not") else "every denominator"
        return f"{word} {top} by {each}: {join_words(ranks)}."
    said = [
        f"by {called[name]}, {_ordinal(row[f'rank_by_{name}'])}, {standing[name].lower()}"
        + (f" {top}" if number == 0 else "")
        + f" ({_chance(row, name)})"
        for number, name in enumerate(known)
    ]
    joined = "; ".join(said)
    return f"{joined[0].upper()}{joined[1:]}."


def _chance(row: Mapping[Any, Any], name: str) -> str:
    return f"chance {_percent(row[f'chance_by_{name}'])}"


def _standing(chance: float) -> str:
    if chance >= PRIORITY_CHANCE:
        return "Clearly" if chance >= 1 - _SURE else "Very probably"
    if chance >= POSSIBLE_CHANCE:
        return "Possibly"
    return "Not" if chance <= _SURE else "Probably not"


def _ordinal(rank: float) -> str:
    number = int(rank)
    if number in _ORDINALS:
        return _ORDINALS[number]
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _percent(chance: float) -> str:
    return "under 1%" if chance < 0.01 else f"{chance:.0%}"


class _Rivals:
    """Names the areas that compete with one for its place: not ruled out, with ranks that overlap."""

    def __init__(self, frame: pd.DataFrame, names: pd.Series) -> None:
        self._low, self._high = (frame[name].to_numpy(float) for name in ("rank_low", "rank_high"))
        self._rank = frame["rank"].to_numpy(float)
        self._open = frame["class"].isin(["priority", "possible"]).to_numpy(bool)
        known = names.to_dict()
        self._names = [str(known.get(code, code)) for code in frame.index]

    def of(self, position: int) -> str:
        """Name the three best placed, and how many more there are."""
        overlap = (self._low <= self._high[position]) & (self._high >= self._low[position])
        overlap[position] = False
        among = np.flatnonzero(overlap & self._open)
        if not len(among):
            among = np.flatnonzero(overlap)
        found = [self._names[at] for at in among[np.argsort(self._rank[among], kind="stable")]]
        if len(found) > _NAMED:
            found = [*found[:_NAMED], f"{len(found) - _NAMED} more"]
        return found[0] if len(found) == 1 else " and ".join([", ".join(found[:-1]), found[-1]])
