"""
Fold incidents into places: distinct locations with counts by theme and month.

police.uk snaps incidents to map points, so a city-year of 36,000 incidents
lies on about 2,700 places. Density, clusters and resampling work on these,
weighted, and give exactly what they would give on every single row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.errors import ParameterError
from hotspots.schema import ALL_INCIDENTS, NATIONAL_GRID
from hotspots.text import counted


@dataclass(frozen=True, eq=False)
class Places:
    """
    Distinct locations and what happened at each.

    Attributes
    ----------
    frame : GeoDataFrame
        One row per place in EPSG:27700, sorted by easting, then northing:
        `geometry` (Point), `n` (all incidents), `street` (the commonest name,
        ties alphabetical), `ward_code`, `lsoa_code`.
    counts : DataFrame
        `place` (row of `frame`), `theme`, `month`, `n`; only where `n` > 0.
    months : tuple of str
        Every month of the incidents, also of those without a point.
    themes : tuple of str
        Theme slugs, "all" first.
    ids : ndarray of int
        The number that geocoding gave to the place in each row of `frame`.
    cube : ndarray of shape (len(themes), len(frame), len(months))
        The same counts, dense.
    """

    frame: gpd.GeoDataFrame
    counts: pd.DataFrame
    months: tuple[str, ...]
    themes: tuple[str, ...]
    ids: np.ndarray
    cube: np.ndarray

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        """Say what was folded, not every place of it."""
        incidents = counted(int(self.frame["n"].sum()), "incident")
        return f"<Places: {incidents} at {counted(len(self), 'place')}, {counted(len(self.months), 'month')}>"

    def monthly(self, theme: str = ALL_INCIDENTS) -> np.ndarray:
        """
        Count the incidents of a theme by place and month: shape (places, months).

        Raises
        ------
        ParameterError
            If the places do not know the theme.
        """
        if theme not in self.themes:
            known = ", ".join(self.themes)
            raise ParameterError(f"There is no theme {theme!r} among these places; known: {known}.")
        return self.cube[self.themes.index(theme)].copy()

    def weights(self, theme: str = ALL_INCIDENTS, months: Iterable[str] | None = None) -> np.ndarray:
        """
        Count the incidents of a theme at each place.

        Parameters
        ----------
        theme : str, default "all"
            Slug of the theme.
        months : iterable of str, optional
            The months to count, "YYYY-MM"; all of them when left out.

        Returns
        -------
        ndarray of int, shape (places,)

        Raises
        ------
        ParameterError
            If the theme or a month is not among the incidents'.
        """
        table = self.monthly(theme)
        if months is None:
            return table.sum(axis=1)
        wanted = sorted(set(months))
        absent = [month for month in wanted if month not in self.months]
        if absent:
            raise ParameterError(
                f"No incident was read for {', '.join(absent)}; choose among the months read."
            )
        return table[:, [self.months.index(month) for month in wanted]].sum(axis=1)


def check_classified(incidents: pd.DataFrame, membership: pd.DataFrame, *, use: str, whose: str = "") -> None:
    """
    Hold incidents against what was said of their themes.

    Raises
    ------
    ParameterError
        If the two frames do not have the same rows.
    """
    if len(incidents) != len(membership):
        of = f"{whose}: " if whose else ""
        raise ParameterError(
            f"{of}{len(incidents)} incidents and {len(membership)} rows of themes do not match: "
            f"classify the same frame that is {use}."
        )


def fold_places(incidents: pd.DataFrame, membership: pd.DataFrame) -> Places:
    """
    Fold geocoded incidents into distinct places.

    Incidents located only by an area (`place` -1) have no point and are left
    out; they still count in the area tables.

    Parameters
    ----------
    incidents : DataFrame
        Geocoded incidents: `place`, `easting`, `northing`, `month`, `street`,
        `ward_code`, `lsoa_code`.
    membership : DataFrame of bool
        One column per theme, rows as in `incidents`, from `themes.classify`.

    Returns
    -------
    Places
        The order of the incidents makes no difference to it.

    Raises
    ------
    ParameterError
        If the two frames do not have the same rows.
    """
    check_classified(incidents, membership, use="folded")
    months, month_of = _months(incidents["month"])
    located = np.flatnonzero(incidents["place"].to_numpy() >= 0)
    rows = incidents.iloc[located]
    ids, row_of, place_of = _order_places(rows)
    member = membership.to_numpy(dtype=bool)[located]
    cube = count_cube(member, place_of, month_of[located], shape=(len(ids), len(months)))
    frame = _place_frame(rows, row_of, place_of)
    themes = tuple(str(slug) for slug in membership.columns)
    return Places(frame, _long_counts(cube, themes, months), months, themes, ids, cube)


def _months(month: pd.Series) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the sorted months and the position of each row's month among them."""
    codes, names = pd.factorize(month.astype(object), sort=True)
    return tuple(str(name) for name in names), codes


def _order_places(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    Sort the places of `rows` by easting, then northing.

    Returns
    -------
    ids : place numbers as geocoding gave them, in the new order
    row_of : for each place a row of `rows` that lies there
    place_of : for each row the position of its place in the new order
    """
    ids, first, inverse = np.unique(rows["place"].to_numpy(), return_index=True, return_inverse=True)
    easting, northing = rows["easting"].to_numpy()[first], rows["northing"].to_numpy()[first]
    order = np.lexsort((northing, easting))
    position = np.empty(len(ids), dtype=np.intp)
    position[order] = np.arange(len(ids))
    return ids[order], first[order], position[inverse]


def count_cube(
    member: np.ndarray, where: np.ndarray, month_of: np.ndarray, *, shape: tuple[int, int]
) -> np.ndarray:
    """
    Count incidents by group, position and month.

    Parameters
    ----------
    member : ndarray of bool, shape (incidents, groups)
    where, month_of : ndarray of int, shape (incidents,)
        Position of each incident's place or area, and of its month; -1 leaves it out.
    shape : (int, int)
        Number of positions and of months.

    Returns
    -------
    ndarray of int, shape (groups, positions, months)
    """
    kept = (where >= 0) & (month_of >= 0)
    cell = where[kept] * shape[1] + month_of[kept]
    counts = [np.bincount(cell[column], minlength=shape[0] * shape[1]) for column in member[kept].T]
    return np.array(counts, dtype=np.int64).reshape(len(counts), *shape)


def _long_counts(cube: np.ndarray, themes: tuple[str, ...], months: tuple[str, ...]) -> pd.DataFrame:
    """List the cells of the cube that are not empty, by place, theme, month."""
    place, theme, month = np.nonzero(cube.transpose(1, 0, 2))
    return pd.DataFrame(
        {
            "place": place.astype(np.int32),
            "theme": pd.Categorical.from_codes(theme, categories=pd.Index(themes)),
            "month": pd.Categorical.from_codes(month, categories=pd.Index(months)),
            "n": cube[theme, place, month],
        }
    )


def _place_frame(rows: pd.DataFrame, row_of: np.ndarray, place_of: np.ndarray) -> gpd.GeoDataFrame:
    """Describe each place: its point, its incidents, its commonest street and its areas."""
    points = shapely.points(rows["easting"].to_numpy()[row_of], rows["northing"].to_numpy()[row_of])
    described = {
        "n": np.bincount(place_of, minlength=len(row_of)),
        **{
            name: _commonest(rows[name], place_of, len(row_of))
            for name in ("street", "ward_code", "lsoa_code")
        },
    }
    return gpd.GeoDataFrame(described, geometry=points, crs=NATIONAL_GRID)


def _commonest(text: pd.Series, place_of: np.ndarray, n_places: int) -> np.ndarray:
    """Return each place's commonest text, the alphabetically first on a tie, "" where there is none."""
    codes, names = pd.factorize(text.astype(object), sort=True)
    named = (codes >= 0) & (text != "").to_numpy()
    pair, count = np.unique(place_of[named] * len(names) + codes[named], return_counts=True)
    chosen = np.full(n_places, "", dtype=object)
    if len(pair):
        place, name = np.divmod(pair, len(names))
        # ascending by count, then by descending name: the last write for a place wins
        order = np.lexsort((-name, count))
        chosen[place[order]] = np.asarray(names, dtype=object)[name[order]]
    return chosen


def coordinates(places: gpd.GeoDataFrame) -> np.ndarray:
    """
    Return easting and northing of the places, shape (len(places), 2).

    Raises
    ------
    ParameterError
        If a place is not a point.
    """
    points = places.geometry.to_numpy()
    xy = shapely.get_coordinates(points)
    # an empty point has no coordinates
    if len(xy) != len(points) or (shapely.get_type_id(points) != shapely.GeometryType.POINT).any():
        raise ParameterError("A place is not a point: give distinct locations as points in EPSG:27700.")
    return xy


def check_weights(places: gpd.GeoDataFrame, weights: np.ndarray | None) -> np.ndarray:
    """
    Return the incidents at each place as floats, `n` where no weights are given.

    Raises
    ------
    ParameterError
        If there is not one for each place, or one is negative or not a number.
    """
    values = np.asarray(places["n"] if weights is None else weights, dtype=float)
    if values.shape != (len(places),):
        raise ParameterError(f"{values.size} weights for {len(places)} places: give one for each.")
    if not np.isfinite(values).all() or (values < 0).any():
        raise ParameterError("A weight is negative or not a number: give the incidents at each place.")
    return values
