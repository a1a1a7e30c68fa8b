"""Points with attributes, whatever format they come in, as a table of text with coordinates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hotspots.errors import InputError
from hotspots.reading.content import Source
from hotspots.reading.numbers import DEGREES, METRES
from hotspots.reading.survey import Survey
from hotspots.reading.table import PREVIEWED, Table, Wanted, record_table
from hotspots.schema import NATIONAL_GRID, WGS84
from hotspots.text import safe_text


@dataclass(frozen=True)
class Features:
    """
    Points with attributes, opened.

    Attributes
    ----------
    header : tuple of str
        Names of the attributes.
    points : ndarray of shape (features, 2), or None
        In the unit `crs`; NaN where a feature has no point. None for a layer without geometry.
    crs : str
        `numbers.DEGREES` or `numbers.METRES`.
    """

    source: Source
    header: tuple[str, ...]
    points: np.ndarray | None
    crs: str
    size: int
    attributes: Callable[[Sequence[int]], list[list[str]]]
    survey: Survey
    notes: tuple[str, ...] = ()
    delimiter: str = ""

    @property
    def has_points(self) -> bool:
        """Whether the rows carry geometry."""
        return self.points is not None

    @property
    def preview(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """The header and the first features: names of attributes stand nowhere else."""
        columns = self.attributes(range(len(self.header)))
        rows = [tuple(column[at] for column in columns) for at in range(min(self.size, PREVIEWED - 1))]
        return ((0, self.header), *enumerate(rows, start=1))

    def read(self, wanted: Wanted) -> Table:
        """Read the wanted attributes of every feature."""
        places = sorted(wanted)
        numbers = range(1, self.size + 1)
        # A feature with a point is a row even if every attribute is blank, hence the first cell.
        cells = zip(*self.attributes(places), strict=True) if places else ((),) * self.size
        records = [(number, ("point", *texts)) for number, texts in zip(numbers, cells, strict=True)]
        shifted = {place: wanted[at] for place, at in enumerate(places, start=1)}
        table = record_table(records, len(places) + 1, shifted)
        return replace(
            table,
            columns={at: table.columns[place] for place, at in enumerate(places, start=1)},
            points=None if self.points is None else self.points[table.rows - 1],
            crs=self.crs,
        )


def from_geometry(source: Source, wkb: Any) -> np.ndarray:
    """
    Return the points of an array of WKB.

    Raises
    ------
    InputError
        If a geometry is damaged, or no point.
    """
    import shapely

    points = np.full((len(wkb), 2), np.nan)
    try:
        shapes = shapely.from_wkb(np.asarray(wkb, dtype=object))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise InputError(f"{source.name} has a damaged geometry: save it again.") from error
    filled = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    single = shapes[filled]
    # A multipoint of one point is that point.
    single = np.where(shapely.get_num_geometries(single) == 1, shapely.get_geometry(single, 0), single)
    if len(single) and (shapely.get_type_id(single) != 0).any():
        raise no_points(source)
    if len(single):
        points[filled] = shapely.get_coordinates(single)
    return points


def no_points(source: Source) -> InputError:
    """Say that a layer holds lines or areas."""
    return InputError(f"{source.name} holds other shapes than points: incidents have to be points.")


def in_known_system(
    source: Source, points: np.ndarray, system: str
) -> tuple[np.ndarray, str, tuple[str, ...]]:
    """Return points in degrees or National Grid metres; anything else is converted to degrees."""
    import pyproj

    if not system:
        return points, DEGREES, ("no coordinate system is stated; the numbers decide what they are.",)
    try:
        crs = pyproj.CRS.from_user_input(system)
        if _is_national_grid(crs):
            return points, METRES, ()
        if (crs.is_geographic and crs.to_epsg() == 4326) or "CRS84" in system:
            return points, DEGREES, ()
        if crs.is_projected and _are_degrees(points):
            said = (
                f"the coordinate system stated is {safe_text(crs.name)}, but the numbers are degrees: "
                "read as such."
            )
            return points, DEGREES, (said,)
        change = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
        # Some releases of pyproj read a single point in a way that NumPy will refuse: send one more.
        x, y = change.transform(*np.vstack([points, points[:1]]).T)
    except pyproj.exceptions.ProjError as error:
        raise InputError(
            f"{source.name} has a coordinate system that is not known: save it in EPSG:27700."
        ) from error
    return (
        np.column_stack([x, y])[: len(points)],
        DEGREES,
        (f"points were converted from {safe_text(crs.name)}.",),
    )


def _is_national_grid(crs: Any) -> bool:
    import pyproj

    if crs == pyproj.CRS(NATIONAL_GRID):
        return True
    # MapInfo and ESRI write the same projection without its code.
    same = {"400000.0", "-100000.0", "0.9996012717", "49.0", "-2.0"}
    operation = crs.coordinate_operation if crs.is_projected else None
    values = (
        {str(round(float(one.value), 10)) for one in operation.params} if operation is not None else set()
    )
    ellipsoid = crs.ellipsoid.name if crs.ellipsoid is not None else ""
    return "Airy" in ellipsoid and same <= values


def _are_degrees(points: np.ndarray) -> bool:
    known = points[np.isfinite(points).all(axis=1)]
    return bool(len(known) and (np.abs(known) <= [180, 90]).all() and (np.abs(known) > 0.01).any())
