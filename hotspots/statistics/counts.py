"""Count incidents by ward and LSOA, theme and month, with rates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.errors import ParameterError
from hotspots.geography.load import Areas
from hotspots.schema import COUNT_COLUMNS, LEVELS, WHOLE_PERIOD
from hotspots.themes.harm import HarmIndex, harm_scores


def count_areas(
    incidents: pd.DataFrame,
    membership: pd.DataFrame,
    areas: Areas,
    *,
    months: Sequence[str],
) -> pd.DataFrame:
    """
    Count the incidents of every area, theme and month, and of the whole period.

    Every combination has its row, also with a count of zero. An incident that
    is located only by its ward or LSOA counts there too; one without a code at
    a level counts at the other level only.

    A rate is the count of that row's own period over the area's residents, or
    its square kilometres: nothing is brought to a year, so rates of one month
    and of a whole period are not comparable. Where many people are who do not
    live there, as in a city centre, a rate by residents overstates the risk.

    Parameters
    ----------
    incidents : DataFrame
        Geocoded incidents: `month`, `ward_code`, `lsoa_code`.
    membership : DataFrame of bool
        One column per theme, rows as in `incidents`, from `themes.classify`.
    areas : Areas
        Its `level("ward")` and `level("lsoa")` have `name`, `vintage`,
        `residents` and `area_km2`, indexed by GSS code.
    months : sequence of str
        The months to count, "YYYY-MM". Incidents of other months are left out.

    Returns
    -------
    DataFrame
        level, vintage, code, name, theme, month ("" for the whole period, which
        comes first), count, rate_per_1000 (residents), rate_per_km2; a rate is
        NaN where its denominator is unknown or zero.

    Raises
    ------
    ParameterError
        If the two frames do not have the same rows, or a month is given twice.
    """
    if len(incidents) != len(membership):
        raise ParameterError(
            f"{len(incidents)} incidents and {len(membership)} rows of themes do not match: "
            "classify the same frame that is counted."
        )
    if len(set(months)) != len(months):
        raise ParameterError("A month is given twice; name each month once.")
    month_of = _position(incidents["month"], pd.Index(months, dtype=object))
    tables = []
    for level in LEVELS:
        frame = areas.level(level)
        area_of = _position(incidents[f"{level}_code"], frame.index)
        cube = count_cube(membership, area_of, month_of, shape=(len(frame), len(months)))
        tables.append(_long_table(cube, frame, level, [str(slug) for slug in membership], months))
    return pd.concat(tables, ignore_index=True)


def count_cube(
    membership: pd.DataFrame,
    area_of: np.ndarray,
    month_of: np.ndarray,
    *,
    shape: tuple[int, int],
) -> np.ndarray:
    """
    Count incidents by area, theme and period.

    Parameters
    ----------
    membership : DataFrame of bool
        One column per theme.
    area_of, month_of : ndarray of int
        Position of each incident's area and month; -1 leaves it out.
    shape : (int, int)
        Number of areas and of months.

    Returns
    -------
    ndarray of int, shape (areas, themes, 1 + months)
        The first period is the whole one.
    """
    n_areas, n_months = shape
    kept = (area_of >= 0) & (month_of >= 0)
    cell = area_of[kept] * n_months + month_of[kept]
    member = membership.to_numpy(dtype=bool)[kept]
    cube = np.zeros((n_areas, member.shape[1], 1 + n_months), dtype=np.int64)
    for theme, column in enumerate(member.T):
        counts = np.bincount(cell[column], minlength=n_areas * n_months)
        cube[:, theme, 1:] = counts.reshape(n_areas, n_months)
    cube[:, :, 0] = cube[:, :, 1:].sum(axis=2)
    return cube


def _position(values: pd.Series, index: pd.Index) -> np.ndarray:
    """Return the position of each value in `index`, -1 where it is not there."""
    codes, uniques = pd.factorize(values.astype(object))
    positions = np.append(index.get_indexer(pd.Index(uniques, dtype=object)), -1)
    return positions[codes]


def _long_table(
    cube: np.ndarray, frame: gpd.GeoDataFrame, level: str, themes: list[str], months: Sequence[str]
) -> pd.DataFrame:
    """Lay the cube of one level out as rows by area, theme and period."""
    n_areas, n_themes, n_periods = cube.shape
    count = cube.ravel()

    def by_area(values: pd.Series | pd.Index) -> np.ndarray:
        return np.repeat(values.to_numpy(), n_themes * n_periods)

    return pd.DataFrame(
        {
            "level": level,
            "vintage": by_area(frame["vintage"]),
            "code": by_area(frame.index),
            "name": by_area(frame["name"]),
            "theme": np.tile(np.repeat(np.array(themes, dtype=object), n_periods), n_areas),
            "month": np.tile(np.array([WHOLE_PERIOD, *months], dtype=object), n_areas * n_themes),
            "count": count,
            "rate_per_1000": _rate(1000 * count, by_area(frame["residents"])),
            "rate_per_km2": _rate(count, by_area(frame["area_km2"])),
        },
        columns=list(COUNT_COLUMNS),
    )


def _rate(count: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Divide, with NaN where the denominator is unknown or not above zero."""
    denominator = denominator.astype(float)
    rate = np.full(len(count), np.nan)
    np.divide(count, denominator, out=rate, where=denominator > 0)
    return rate


def monthly_tables(counts: pd.DataFrame, *, months: Iterable[str]) -> dict[tuple[str, str], pd.DataFrame]:
    """
    Cut the monthly series of every level and theme out of the long table of counts.

    Parameters
    ----------
    counts : DataFrame
        Columns level, code, theme, month, count (see `areas.count_areas`); rows for
        the whole period are passed over.
    months : iterable of str
        The months read, so that one without any incident still counts as 0.

    Returns
    -------
    dict
        By (level, theme): counts by code (rows, sorted) and month (columns, in order).
    """
    columns = pd.Index(sorted(months))
    tables = {}
    for (level, theme), part in counts.groupby(["level", "theme"], observed=True, sort=True):
        # Rows of the whole period name the codes too, so an area without months stays.
        row, codes = pd.factorize(np.asarray(part["code"], dtype=object), sort=True)
        column = columns.get_indexer(pd.Index(part["month"], dtype=object))
        monthly = column >= 0
        cells = row[monthly] * len(columns) + column[monthly]
        size = len(codes) * len(columns)
        total = np.bincount(cells, weights=part["count"].to_numpy(float)[monthly], minlength=size)
        table = total.reshape(len(codes), len(columns))
        tables[str(level), str(theme)] = pd.DataFrame(
            table, index=pd.Index(codes, name="code"), columns=columns
        )
    return tables


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
