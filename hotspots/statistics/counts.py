"""
Counts by group, area and period, as one array with what is known of each cell.

Before a release every count is exact; after it some are rounded and some are
withheld. `Counts` says both in the same way, so that rates, ranks and changes
are computed by the same code on either side of the door.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.geography.load import Areas
from hotspots.places import check_classified, count_cube
from hotspots.schema import LEVELS, WHOLE_PERIOD
from hotspots.schema import columns as columns_of
from hotspots.themes.harm import HarmIndex, harm_scores

#: What incidents are set against, and the number of it that a rate is given for.
DENOMINATORS: Final = {"residents": 1000.0, "households": 1000.0, "area_km2": 1.0}
#: Every rate is one for a year, whatever the period.
MONTHS_A_YEAR: Final = 12
_LABELS: Final = ("level", "vintage", "code", "name")


@dataclass(frozen=True, eq=False)
class Counts:
    """
    Counts by group, area and period.

    Attributes
    ----------
    groups : tuple of str
        What was counted: "all", the slugs of themes, "type-" and the slug of a type.
    areas : DataFrame
        One row per area, of one level or several: level, code and, where known,
        vintage, name, residents, households, area_km2.
    months : tuple of str
        The months counted. Along the last axis the whole period comes first.
    count : ndarray of shape (groups, areas, 1 + months)
        The figure to show; NaN where it is withheld or not given.
    low, high : ndarray, shape as `count`
        Least and greatest value that the count may have; both equal to it where
        it is exact, NaN where `count` is.
    given : bool ndarray, shape as `count`
        False where no figure is published at all at that grain, not even as withheld.
    """

    groups: tuple[str, ...]
    areas: pd.DataFrame
    months: tuple[str, ...]
    count: np.ndarray
    low: np.ndarray
    high: np.ndarray
    given: np.ndarray

    @property
    def is_exact(self) -> bool:
        """Whether every count is known, and none of them rounded."""
        return bool(np.array_equal(self.low, self.high))

    @classmethod
    def exact(
        cls, groups: Sequence[str], areas: pd.DataFrame, months: Sequence[str], count: np.ndarray
    ) -> Counts:
        """Hold counts that are exact and all given."""
        given = np.ones(count.shape, dtype=bool)
        return cls(tuple(groups), areas, tuple(months), count, count, count, given)

    @classmethod
    def from_long(
        cls, table: pd.DataFrame, *, months: Sequence[str], areas: pd.DataFrame | None = None
    ) -> Counts:
        """
        Read a long table of counts back.

        Parameters
        ----------
        table : DataFrame
            level, code, theme, month ("" for the whole period), count. A cell without
            a row is not given; a count that is NaN is withheld.
        months : sequence of str
            Months to keep, in order; rows of others are passed over.
        areas : DataFrame, optional
            As `Counts.areas`; by default those of the table, in its order.
        """
        if areas is None:
            known = [name for name in _LABELS if name in table]
            areas = table[known].drop_duplicates(["level", "code"]).astype(object).reset_index(drop=True)
        groups = pd.unique(np.asarray(table["theme"], dtype=object))
        keys = {"theme": pd.Index(groups), "month": pd.Index([WHOLE_PERIOD, *months], dtype=object)}
        group, period = (keys[name].get_indexer(_objects(table[name])) for name in keys)
        area = _area_index(areas).get_indexer(
            pd.MultiIndex.from_arrays([_objects(table["level"]), _objects(table["code"])])
        )
        known_cell = (group >= 0) & (period >= 0) & (area >= 0)
        at = group[known_cell], area[known_cell], period[known_cell]
        shape = len(groups), len(areas), 1 + len(months)
        count, given = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
        count[at], given[at] = table["count"].to_numpy(float)[known_cell], True
        return cls(tuple(str(slug) for slug in groups), areas, tuple(months), count, count, count, given)

    def level(self, level: str, *, codes: Iterable[str] | None = None) -> Counts:
        """Keep the areas of one level, in their order or in that of `codes`."""
        here = np.flatnonzero(self.areas["level"].eq(level))
        if codes is not None:
            found = pd.Index(self.areas["code"].iloc[here]).get_indexer(pd.Index(codes))
            here = here[found]
        areas = self.areas.iloc[here].reset_index(drop=True)
        return self._cut((slice(None), here), areas=areas)

    def select(self, groups: Sequence[str]) -> Counts:
        """
        Keep some groups, in the order given.

        Raises
        ------
        ParameterError
            If one was not counted.
        """
        return self._cut(([self.position(group) for group in groups],), groups=tuple(groups))

    def with_sum(self, group: str, parts: Mapping[str, Sequence[str]]) -> Counts:
        """
        Add a group that is the sum of others, withheld where one of them is.

        Parameters
        ----------
        group : str
            Its name.
        parts : mapping of str to sequence of str
            By level, the groups to add up. An incident of two of them counts twice.
        """
        names = ("count", "low", "high", "given")
        new = {name: np.zeros_like(getattr(self, name)[:1]) for name in names}
        for level, groups in parts.items():
            here = np.flatnonzero(self.areas["level"].eq(level))
            at = np.ix_(np.array([self.position(one) for one in groups]), here)
            for name in names:
                part = getattr(self, name)[at]
                new[name][0, here] = part.all(axis=0) if name == "given" else part.sum(axis=0)
        stacked: dict[str, Any] = {
            name: np.concatenate([getattr(self, name), table]) for name, table in new.items()
        }
        return replace(self, groups=(*self.groups, group), **stacked)

    def joined(self, other: Counts) -> Counts:
        """Put the groups of other counts, of the same areas and months, behind these."""
        names = ("count", "low", "high", "given")
        both: dict[str, Any] = {n: np.concatenate([getattr(self, n), getattr(other, n)]) for n in names}
        return replace(self, groups=(*self.groups, *other.groups), **both)

    def position(self, group: str) -> int:
        """
        Find a group along the first axis.

        Raises
        ------
        ParameterError
            If it was not counted.
        """
        if group not in self.groups:
            raise ParameterError(f"{group!r} was not counted; counted: {', '.join(self.groups)}.")
        return self.groups.index(group)

    def whole(self) -> pd.DataFrame:
        """Give counts of the whole period by code (rows) and group (columns) that is given at all."""
        given = np.asarray(self.given[:, :, 0].any(axis=1))
        groups = [group for group, there in zip(self.groups, given, strict=True) if there]
        return pd.DataFrame(self.count[given, :, 0].T, index=self._codes, columns=groups)

    def monthly(self, group: str) -> pd.DataFrame:
        """Give counts of a group by code (rows) and month (columns)."""
        table = self.count[self.position(group), :, 1:]
        return pd.DataFrame(table, index=self._codes, columns=pd.Index(self.months, dtype=object))

    def at(self, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """
        Look up the whole period's counts of other tables' rows.

        Parameters
        ----------
        rows : DataFrame
            theme, level, code.

        Returns
        -------
        count, given : ndarray of shape (len(rows),)
        """
        group = pd.Index(self.groups).get_indexer(_objects(rows["theme"]))
        area = _area_index(self.areas).get_indexer(pd.MultiIndex.from_frame(rows[["level", "code"]]))
        given = (group >= 0) & (area >= 0)
        given[given] = self.given[group[given], area[given], 0]
        count = np.where(given, self.count[group, area, 0].astype(float), np.nan)
        return count, given

    def rate(self, denominator: str) -> np.ndarray:
        """
        Set every count against a column of `areas`, shape as `count`: a rate for a year.

        That of a month is twelve times what the month holds, so that rates of
        periods of any length compare; the season stays in it.
        """
        per = DENOMINATORS.get(denominator, 1.0)
        years = np.array([len(self.months), *[1] * len(self.months)]) / MONTHS_A_YEAR
        return rate(self.count / years, self.areas[denominator].to_numpy(float)[:, None], per=per)

    def long(self) -> pd.DataFrame:
        """Lay the given cells out as the rows of tables/areas.csv: by level, area, group and period."""
        shape = len(self.areas), len(self.groups), 1 + len(self.months)
        given = self.given.transpose(1, 0, 2).ravel()
        area, group, period = (axis.ravel()[given] for axis in np.indices(shape))
        columns = {name: self.areas[name].to_numpy(object)[area] for name in _LABELS if name in self.areas}
        columns |= {
            "theme": np.array(self.groups, dtype=object)[group],
            "month": np.array([WHOLE_PERIOD, *self.months], dtype=object)[period],
        }
        measures = {"count": self.count}
        for name, denominator in (("rate_per_1000", "residents"), ("rate_per_km2", "area_km2")):
            if denominator in self.areas:
                measures[name] = self.rate(denominator)
        columns |= {name: table.transpose(1, 0, 2).ravel()[given] for name, table in measures.items()}
        return pd.DataFrame({name: columns[name] for name in columns_of("counts") if name in columns})

    @cached_property
    def _codes(self) -> pd.Index:
        return pd.Index(self.areas["code"], name="code")

    def _cut(self, at: Any, **changed: Any) -> Counts:
        return replace(
            self,
            **changed,
            count=self.count[at],
            low=self.low[at],
            high=self.high[at],
            given=self.given[at],
        )


def rate(count: Any, exposure: Any, *, per: float = 1.0) -> np.ndarray:
    """Divide counts by what they are set against; NaN where that is unknown or not above zero."""
    size = np.asarray(exposure, dtype=float)
    # One order of multiplying and dividing, so that a rate has the same last digit everywhere.
    return np.asarray(per * np.asarray(count, dtype=float) / np.where(size > 0, size, np.nan))


def level_frame(areas: Areas) -> pd.DataFrame:
    """Put the areas of all levels below each other, as `Counts.areas` has them."""
    frames = [pd.DataFrame(areas.level(level).drop(columns="geometry", errors="ignore")) for level in LEVELS]
    return pd.concat([frame.rename_axis("code").reset_index() for frame in frames], ignore_index=True)


def count_areas(
    incidents: pd.DataFrame,
    membership: pd.DataFrame,
    areas: Areas,
    *,
    months: Sequence[str],
) -> Counts:
    """
    Count the incidents of every area, group and month, and of the whole period.

    An incident that is located only by its ward or LSOA counts there too; one
    without a code at a level counts at the other level only.

    Where many people are who do not live there, as in a city centre, a rate by
    residents overstates the risk.

    Parameters
    ----------
    incidents : DataFrame
        Geocoded incidents: `month`, `ward_code`, `lsoa_code`.
    membership : DataFrame of bool
        One column per group, rows as in `incidents`, from `themes.classify`.
    areas : Areas
        Its `level("ward")` and `level("lsoa")` have `name`, `vintage`,
        `residents` and `area_km2`, indexed by GSS code.
    months : sequence of str
        The months to count, "YYYY-MM". Incidents of other months are left out.

    Returns
    -------
    Counts
        Whole numbers, all exact.

    Raises
    ------
    ParameterError
        If the two frames do not have the same rows, or a month is given twice.
    """
    check_classified(incidents, membership, use="counted")
    if len(set(months)) != len(months):
        raise ParameterError("A month is given twice; name each month once.")
    month_of = _position(incidents["month"], pd.Index(months, dtype=object))
    member = membership.to_numpy(dtype=bool)
    monthly = []
    for level in LEVELS:
        frame = areas.level(level)
        area_of = _position(incidents[f"{level}_code"], frame.index)
        monthly.append(count_cube(member, area_of, month_of, shape=(len(frame), len(months))))
    by_month = np.concatenate(monthly, axis=1)
    count = np.concatenate([by_month.sum(axis=2, keepdims=True), by_month], axis=2)
    return Counts.exact([str(slug) for slug in membership], level_frame(areas), months, count)


def _position(values: pd.Series, index: pd.Index) -> np.ndarray:
    """Return the position of each value in `index`, -1 where it is not there."""
    codes, uniques = pd.factorize(values.astype(object))
    positions = np.append(index.get_indexer(pd.Index(uniques, dtype=object)), -1)
    return positions[codes]


def _objects(values: pd.Series) -> pd.Index:
    """Give texts as plain objects, whether or not they are held as categories."""
    return pd.Index(np.asarray(values, dtype=object))


def _area_index(areas: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([_objects(areas["level"]), _objects(areas["code"])])


def harm_by_area(
    incidents: pd.DataFrame,
    membership: pd.DataFrame,
    areas: Areas,
    index: str | HarmIndex = "cambridge",
) -> pd.DataFrame:
    """
    Sum the harm of every area and theme over the whole period, beside the count.

    Parameters
    ----------
    incidents : DataFrame
        Geocoded incidents.
    membership : DataFrame of bool
        One column per theme, rows as in `incidents`.
    areas : Areas
        Wards and LSOAs.
    index : {"cambridge", "ons"} or HarmIndex
        Which weights.

    Returns
    -------
    DataFrame
        level, code, name, theme, count, weighted (incidents that carry a
        weight), harm (their sum; NaN if there are incidents and none carries one).
    """
    scores = harm_scores(incidents, index).to_numpy()
    known = np.isfinite(scores)
    member = membership.to_numpy(dtype=bool)
    tables = []
    for level in LEVELS:
        frame = areas.level(level)
        area_of = frame.index.get_indexer(incidents[f"{level}_code"].astype(object))
        for theme, inside in zip(membership.columns, (member & (area_of >= 0)[:, None]).T, strict=True):
            rows = inside & known
            count, weighted = (np.bincount(area_of[which], minlength=len(frame)) for which in (inside, rows))
            # without a row to add up, bincount gives whole numbers, which know no NaN
            harm = np.bincount(area_of[rows], weights=scores[rows], minlength=len(frame)).astype(float)
            table = {"level": level, "code": frame.index, "name": frame["name"].to_numpy(), "theme": theme}
            harm[(count > 0) & (weighted == 0)] = np.nan
            tables.append(pd.DataFrame({**table, "count": count, "weighted": weighted, "harm": harm}))
    return pd.concat(tables, ignore_index=True)
