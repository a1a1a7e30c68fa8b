"""
Read area layers that someone else made: find the codes, mend the rings, bring them to the National Grid.

A layer is recognised by what is in its columns, not by what its file is
called: GSS codes start with E05 for a ward and with E01 for an LSOA.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj.exceptions import CRSError, ProjError

from hotspots.authorities import PLACE_FILE
from hotspots.errors import BoundaryError
from hotspots.geography.projection import Projection, to_national_grid
from hotspots.geography.shape_faults import shape_faults
from hotspots.schema import LEVELS, LSOA, NATIONAL_GRID, WARD
from hotspots.text import counted

#: What the first three characters of a GSS code say; levels not used here are known to be named.
ENTITIES: Final = {
    "E05": WARD,
    "W05": WARD,
    "E01": LSOA,
    "W01": LSOA,
    "E00": "output area",
    "W00": "output area",
    "E02": "MSOA",
    "W02": "MSOA",
    "E06": "authority",
    "E07": "authority",
    "E08": "authority",
    "E09": "authority",
    "W06": "authority",
    # Layers of the whole kingdom hold these too.
    "N08": WARD,
    "S13": WARD,
    "S01": LSOA,
    "N09": "authority",
    "S12": "authority",
}
GSS_CODE: Final = re.compile(r"^[ENSW]\d{8}$")
#: WGS84 and ETRS89 in degrees, which are one at this accuracy.
DEGREES: Final = (("EPSG", "4326"), ("EPSG", "4258"), ("OGC", "CRS84"))
#: Shapes that cover ground: shapely's numbers of polygon and multipolygon.
POLYGONS: Final = (3, 6)
#: How many codes one sentence names.
NAMED: Final = 8
SUFFIXES: Final = (".geojson", ".json", ".gpkg", ".shp")
#: Great Britain in the National Grid, metres: west, south, east, north.
GREAT_BRITAIN: Final = (-100_000, -100_000, 800_000, 1_350_000)


@dataclass(frozen=True)
class LocalLayer:
    """
    A layer found in a file, in National Grid metres.

    Attributes
    ----------
    source : str
        File name, with the layer's name if the file holds several.
    level : str
        "ward", "lsoa", or the name of a level that is not used.
    year : str
        The year in the code column's name ("2023" of WD23CD), else in a column "vintage" or "year",
        else in the name of the layer or file, or "".
    column : str
        The code column.
    frame : GeoDataFrame
        Columns code, name, authority, authority_name ("" where the file does not say) and geometry.
    derived : bool
        Whether the layer itself says that it is derived.
    notes, warnings : tuple of str
        What was done to it.
    """

    source: str
    level: str
    year: str
    column: str
    frame: gpd.GeoDataFrame
    derived: bool = False
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def vertices(self) -> int:
        """Number of vertices, the measure of detail."""
        return int(shapely.get_num_coordinates(self.frame.geometry.to_numpy()).sum())


def find_layers(folder: Path, *, projection: Projection) -> tuple[list[LocalLayer], list[str]]:
    """
    Read every layer with GSS codes in a folder, or in one file.

    Parameters
    ----------
    folder : Path
        A folder (not searched below) or a GeoJSON, GeoPackage or Shapefile.
    projection : Projection
        How longitude and latitude become National Grid metres; the same as
        for the incidents, or points near a border change sides.

    Returns
    -------
    list of LocalLayer
        In the order of the file names.
    list of str
        One sentence on every file that was passed over.

    Raises
    ------
    BoundaryError
        If nothing is there, or a layer cannot be read or has no usable coordinate system.
    """
    if not folder.exists():
        raise BoundaryError(f"The boundaries {folder} do not exist: give a folder or a file of area layers.")
    paths = (
        [folder]
        if folder.is_file()
        else sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.name != PLACE_FILE)
    )
    if not paths:
        raise BoundaryError(
            f"The folder {folder} holds no GeoJSON, GeoPackage or Shapefile: give one that does."
        )
    found: list[LocalLayer] = []
    passed: list[str] = []
    for path in paths:
        for name in _layer_names(path, passed):
            layer = _read_layer(path, name, projection)
            if layer is None:
                passed.append(f"{path.name} has no areas with a column of GSS codes and was passed over.")
            else:
                found.append(layer)
    return found, passed


def _layer_names(path: Path, passed: list[str]) -> list[str]:
    """List the layers with geometry in a file; a .json file that is no layer is passed over."""
    try:
        return [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    except pyogrio.errors.DataSourceError:
        if path.suffix.lower() == ".json":
            passed.append(f"{path.name} is not an area layer and was passed over.")
            return []
        raise BoundaryError(
            f"{path.name} cannot be read as an area layer: export it again or remove it."
        ) from None


def _read_layer(path: Path, name: str, projection: Projection) -> LocalLayer | None:
    """Read one layer, or return None if it holds no areas or no column of GSS codes."""
    try:
        with shape_faults(path, error=BoundaryError):
            raw = gpd.read_file(path, layer=name, engine="pyogrio")
    except pyogrio.errors.DataLayerError:
        raise BoundaryError(f"{path.name} has a layer that cannot be read: export it again.") from None
    column = key_column(raw)
    if column is None or not isinstance(raw, gpd.GeoDataFrame):
        return None
    if not np.isin(shapely.get_type_id(raw.geometry.to_numpy()), POLYGONS).any():
        return None
    source = path.name if path.stem == name or path.suffix.lower() != ".gpkg" else f"{path.name} ({name})"
    frame = gpd.GeoDataFrame(_labels(raw, column), geometry=raw.geometry.to_numpy(), crs=raw.crs)
    layer = LocalLayer(
        source=source,
        level=_entity(frame["code"]),
        year=_year(column) or _year_of_column(raw) or _year_of_name(name) or _year_of_name(path.stem),
        column=column,
        frame=frame,
        derived=_says_derived(raw),
    )
    return _to_national_grid(layer, projection) if layer.level in (WARD, LSOA) else layer


def code_columns(raw: pd.DataFrame) -> dict[str, int]:
    """Return the columns that hold nothing but GSS codes, with the number of different codes in each."""
    found = {}
    for column in raw.columns:
        if column == "geometry" or not pd.api.types.is_string_dtype(raw[column].dtype):
            continue
        values = raw[column].dropna().astype(str).str.strip()
        if len(values) == len(raw) and len(values) and values.str.match(GSS_CODE).all():
            found[str(column)] = values.nunique()
    return found


def key_column(raw: pd.DataFrame) -> str | None:
    """
    Choose the code column that tells the features apart.

    A layer of LSOAs may also name the ward and the authority of each; the
    column with most different codes is the layer's own.
    """
    columns = code_columns(raw)

    def rank(column: str) -> tuple[int, bool]:
        # One ward with its authority beside it has one code in each column: the ward is meant.
        return columns[column], _entity(raw[column]) in LEVELS

    return max(columns, key=rank, default=None)


def _entity(codes: pd.Series) -> str:
    """Return the level that most codes of a column are of."""
    start = codes.astype(str).str.strip().str[:3].mode().iloc[0]
    return ENTITIES.get(start, f"{start} codes")


def _labels(raw: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return code, name and authority of each feature."""
    code = raw[column].astype(str).str.strip()
    name_column = _name_column(raw, column)
    name = raw[name_column].fillna("").astype(str).str.strip() if name_column else pd.Series("", raw.index)
    authority, authority_name = pd.Series("", raw.index), pd.Series("", raw.index)
    for other in code_columns(raw):
        if _entity(raw[other]) == "authority":
            authority = raw[other].astype(str).str.strip()
            named = _name_column(raw, other)
            authority_name = raw[named].fillna("").astype(str) if named else authority_name
    return pd.DataFrame(
        {
            "code": code,
            "name": name.where(name != "", code),
            "authority": authority,
            "authority_name": authority_name,
        }
    )


def _name_column(raw: pd.DataFrame, column: str) -> str | None:
    """Find the names that go with a column of codes: WD23NM with WD23CD, ward_name with ward_code."""
    wanted = [re.sub(r"cd$", "nm", column.lower()), re.sub(r"code$", "name", column.lower())]
    by_lower = {str(other).lower(): str(other) for other in raw.columns}
    candidates = [by_lower[name] for name in wanted if name in by_lower and by_lower[name] != column]
    if not candidates and "name" in by_lower:
        candidates = [by_lower["name"]]
    return candidates[0] if candidates else None


def _year(column: str) -> str:
    """Return the year in a column name: "2023" of WD23CD or ward_2023_code, "" of ward_code."""
    digits = re.search(r"(?<!\d)(?:20)?(\d\d)(?!\d)", column)
    return f"20{digits.group(1)}" if digits else ""


def _year_of_column(raw: pd.DataFrame) -> str:
    """Return the one year that a column "vintage" or "year" states, as "2015" or "ward_2015"."""
    for column in raw.columns:
        if str(column).lower() in ("vintage", "year"):
            years = {_year_of_name(str(value)) for value in raw[column].dropna().unique()}
            if len(years) == 1:
                return years.pop()
    return ""


def _year_of_name(name: str) -> str:
    """Return the one year that stands in a name: "2015" of wards_2015, "" of none or of several."""
    years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", name))
    return years.pop() if len(years) == 1 else ""


def _says_derived(raw: pd.DataFrame) -> bool:
    """Tell whether a column "derived" says anything but no."""
    if "derived" not in raw.columns:
        return False
    values = raw["derived"].dropna().astype(str).str.strip().str.lower()
    return bool((~values.isin(["", "0", "false", "no"])).any())


def _to_national_grid(layer: LocalLayer, projection: Projection) -> LocalLayer:
    """Transform a layer, and make sure that it then lies in Great Britain."""
    crs = layer.frame.crs
    if crs is None:
        raise BoundaryError(
            f"{layer.source} has no coordinate system: add its .prj file or export it as GeoPackage."
        )
    if crs.to_authority() in DEGREES:
        frame = layer.frame.set_geometry(_from_degrees(layer, projection), crs=NATIONAL_GRID)
    else:
        try:
            frame = layer.frame.to_crs(NATIONAL_GRID)
        except (CRSError, ProjError):
            raise BoundaryError(
                f"{layer.source} has a coordinate system that cannot be transformed: export it in EPSG:27700."
            ) from None
    _check_in_great_britain(layer, frame)
    return replace(layer, frame=frame)


def _from_degrees(layer: LocalLayer, projection: Projection) -> np.ndarray:
    """Convert the shapes of a layer in longitude and latitude the way the incidents are converted."""

    def convert(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(to_national_grid(xy[:, 0], xy[:, 1], grid=projection.grid))

    return shapely.transform(layer.frame.geometry.to_numpy(), convert)


def _check_in_great_britain(layer: LocalLayer, frame: gpd.GeoDataFrame) -> None:
    """Refuse a layer whose coordinate system is not the one it says."""
    west, south, east, north = frame.total_bounds
    limits = GREAT_BRITAIN
    if not (limits[0] < west and limits[1] < south and east < limits[2] and north < limits[3]):
        raise BoundaryError(
            f"{layer.source} lies outside Great Britain by its coordinate system "
            f"({layer.frame.crs.name}): correct the coordinate system or export it in EPSG:27700."
        )


def mend(layer: LocalLayer) -> LocalLayer:
    """
    Repair invalid rings and join features that carry the same code.

    Returns
    -------
    LocalLayer
        With one valid polygon or multipolygon per code, sorted by code, and
        a warning for every area whose ring was repaired.

    Raises
    ------
    BoundaryError
        If an area has no shape, or none is left after the repair.
    """
    shapes = shapely.force_2d(layer.frame.geometry.to_numpy())
    codes = layer.frame["code"].to_numpy()
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if empty.any():
        raise BoundaryError(f"{layer.source} has no shape for {codes[empty][0]}: add it or remove the row.")
    broken = ~shapely.is_valid(shapes)
    mended = shapes.copy()
    mended[broken] = [_repaired(shape) for shape in shapes[broken]]
    lost = shapely.area(mended) == 0
    if lost.any():
        raise BoundaryError(f"{layer.source} has a shape without area for {codes[lost][0]}: export it again.")
    warnings = (_repairs(layer.source, sorted(set(codes[broken]))),) if broken.any() else ()
    return _joined(
        replace(layer, frame=layer.frame.set_geometry(mended, crs=NATIONAL_GRID), warnings=warnings)
    )


def _repairs(source: str, codes: list[str]) -> str:
    """Name the areas whose rings were repaired."""
    shown = ", ".join(codes[:NAMED]) + (f" and {len(codes) - NAMED} more" if len(codes) > NAMED else "")
    return f"{source}: invalid rings of {shown} have been repaired."


def _repaired(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of the valid form of a shape."""
    valid = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    parts = shapely.get_parts(valid)
    return shapely.union_all(parts[np.isin(shapely.get_type_id(parts), POLYGONS)])


def _joined(layer: LocalLayer) -> LocalLayer:
    """Dissolve the features of one code, and say so."""
    repeated = int(layer.frame["code"].duplicated().sum())
    frame = layer.frame.sort_values("code", kind="stable")
    if repeated:
        frame = frame.dissolve("code", as_index=False)
    said = f"{layer.source}: joined {counted(repeated, 'feature')} with a repeated code."
    return replace(layer, frame=frame.reset_index(drop=True), notes=(said,) if repeated else ())
