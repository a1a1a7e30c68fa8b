"""
The two vintages of LSOA codes, and the official table between them.

Most codes are the same in both. police.uk states 2011 codes up to 2022 and
2021 codes from some month of 2023 on, so a period can hold both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.errors import ConfigError
from hotspots.resources import shipped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LSOA_2011 = "lsoa_2011"
LSOA_2021 = "lsoa_2021"
EITHER = "either"
BOTH = "both"

# The names in the shipped table, and in the one that ONS publishes.
_COLUMNS = {LSOA_2011: ("lsoa11_code", "lsoa11cd"), LSOA_2021: ("lsoa21_code", "lsoa21cd")}


@dataclass(frozen=True)
class ChangeTable:
    """
    The pairs of a 2011 LSOA and a 2021 LSOA that share land.

    `pairs` has the columns "lsoa_2011" and "lsoa_2021": one row for an
    unchanged LSOA, several for one that was split or merged.
    """

    pairs: pd.DataFrame = field(repr=False)

    @cached_property
    def codes(self) -> dict[str, frozenset[str]]:
        """The codes of each vintage."""
        return {vintage: frozenset(self.pairs[vintage]) for vintage in (LSOA_2011, LSOA_2021)}

    @cached_property
    def known(self) -> frozenset[str]:
        """The codes of either vintage."""
        return self.codes[LSOA_2011] | self.codes[LSOA_2021]

    def equivalents(self, vintage: str) -> dict[str, tuple[str, ...]]:
        """
        Return, for each code of either vintage, the LSOAs of `vintage` that share its land.

        A code that exists in `vintage` stands for itself. Several answers mean
        that the code does not say which of them is meant.
        """
        other = LSOA_2011 if vintage == LSOA_2021 else LSOA_2021
        answers = {str(code): tuple(sorted(set(group))) for code, group in self.pairs.groupby(other)[vintage]}
        return answers | {code: (code,) for code in self.codes[vintage]}

    def vintage_of(self, codes: Iterable[str]) -> str:
        """
        Tell to which vintage a set of codes belongs.

        Returns
        -------
        {"lsoa_2011", "lsoa_2021", "either", "both"}
            "either" if only codes that did not change occur, "both" if codes
            occur that exist in 2011 alone and others in 2021 alone.
        """
        seen = set(codes)
        old = bool(seen & (self.codes[LSOA_2011] - self.codes[LSOA_2021]))
        new = bool(seen & (self.codes[LSOA_2021] - self.codes[LSOA_2011]))
        return {(True, False): LSOA_2011, (False, True): LSOA_2021, (True, True): BOTH}.get(
            (old, new), EITHER
        )


def load_changes(path: Path | None = None) -> ChangeTable:
    """
    Read the table of changes between the LSOAs of 2011 and 2021.

    Parameters
    ----------
    path : Path, optional
        A CSV in the layout of the ONS lookup; the shipped one without it.

    Raises
    ------
    ConfigError
        If the file lacks a code column.

    References
    ----------
    Office for National Statistics (2023). LSOA (2011) to LSOA (2021) to Local
    Authority District (2022) Best Fit Lookup for England and Wales.
    """
    source = shipped("data", "lsoa_2011_2021.csv") if path is None else path
    table = pd.read_csv(source, dtype=str, encoding="utf-8-sig", comment="#")
    table.columns = table.columns.str.strip().str.lower()
    names = {ours: next((c for c in theirs if c in table), "") for ours, theirs in _COLUMNS.items()}
    if not all(names.values()):
        raise ConfigError(f"{source.name} lacks the columns lsoa11_code and lsoa21_code: use the ONS lookup.")
    pairs = pd.DataFrame({ours: table[name] for ours, name in names.items()})
    return ChangeTable(pairs.dropna().drop_duplicates().reset_index(drop=True))
