"""
Load the wards and LSOAs of the study area: the shipped ones, or any local ones.

Local layers win over the shipped ones; they are recognised by their GSS codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import shapely

from hotspots.errors import ParameterError
from hotspots.geography._local import local_levels, read_attribution
from hotspots.geography.projection import Projection, choose_projection
from hotspots.geography.shipped import DERBY, Level, outline_of, shipped_level
from hotspots.schema import LEVELS, LSOA, WARD

FIGURES_SOURCE: Final = (
    "Residents and households: Census 2021; ward figures are estimates. "
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0."
)


@dataclass(frozen=True, repr=False)
class Areas:
    """
    The wards and LSOAs of a study area.

    Attributes
    ----------
    wards, lsoas : GeoDataFrame
        EPSG:27700, indexed by GSS code in ascending order, with the columns
        name, level, vintage ("ward_2023"), area_km2, residents, households
        (NaN where unknown) and geometry.
    outline : shapely Polygon or MultiPolygon
        The union of the wards.
    area_code, area_name : str
        GSS code and name of the authority.
    derived : bool
        Whether a layer is derived and not official.
    sources : tuple of str
        Attribution lines to be shown wherever the areas are.
    notes, warnings : tuple of str
        Which layers were taken or passed over; what was wrong with them.
    """

    wards: gpd.GeoDataFrame
    lsoas: gpd.GeoDataFrame
    outline: shapely.Polygon | shapely.MultiPolygon
    area_code: str
    area_name: str
    derived: bool
    sources: tuple[str, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say what is there, not every vertex of it."""
        wards, lsoas = (f"{len(frame)} of {frame['vintage'].iloc[0]}" for frame in (self.wards, self.lsoas))
        kind = "derived boundaries" if self.derived else "local boundaries"
        return f"<Areas of {self.area_name} ({self.area_code}): {wards}, {lsoas}, {kind}>"

    def level(self, name: str) -> gpd.GeoDataFrame:
        """
        Return the areas of one level, "ward" or "lsoa".

        Raises
        ------
        ParameterError
            If `name` is another word.
        """
        if name not in LEVELS:
            raise ParameterError(f"The level {name!r} is not known: use {' or '.join(LEVELS)}.")
        return self.wards if name == WARD else self.lsoas


def load_areas(
    *,
    wards: str = "2023",
    lsoas: str = "2021",
    folder: Path | str | None = None,
    area: str = DERBY,
    projection: Projection | None = None,
) -> Areas:
    """
    Load the wards and LSOAs of an authority.

    Parameters
    ----------
    wards : {"2023", "2003"}
        Vintage of the wards; with local layers of other authorities, a year.
    lsoas : {"2021", "2011"}
        Vintage of the LSOAs.
    folder : path, optional
        A folder of local layers (GeoJSON, GeoPackage, Shapefile; any
        coordinate system), or one such file. Each is recognised by its
        GSS codes. Of several that fit, the most detailed is taken. For Derby, a
        level that the folder lacks comes from the shipped layers. The folder may
        also hold residents_households.csv (code, residents, households) and
        ATTRIBUTION.txt, whose lines join the sources.
    area : str
        GSS code of the authority.
    projection : Projection, optional
        How local layers in longitude and latitude become metres; by default
        the best method at hand, as for incidents.

    Returns
    -------
    Areas

    Raises
    ------
    ParameterError
        If a vintage is not one that ships and no folder is given.
    BoundaryError
        If the layers do not serve: no codes, no coordinate system, no
        shape, areas missing, or another authority without a folder.
    """
    chosen = {WARD: str(wards), LSOA: str(lsoas)}
    if folder is None:
        levels = {level: shipped_level(level, vintage, area) for level, vintage in chosen.items()}
        return _assemble(levels, area)
    levels, passed = local_levels(
        Path(folder), chosen, area=area, projection=projection or choose_projection()
    )
    return _assemble(levels, area, passed=passed, attribution=read_attribution(Path(folder)))


def _assemble(
    levels: dict[str, Level], area: str, *, passed: Iterable[str] = (), attribution: Iterable[str] = ()
) -> Areas:
    """Put the two levels together."""
    parts = tuple(levels.values())
    names = [part.area_name for part in parts if part.area_name]
    return Areas(
        wards=levels[WARD].frame,
        lsoas=levels[LSOA].frame,
        outline=outline_of(levels[WARD].frame),
        area_code=area,
        area_name=names[0] if names else area,
        derived=any(part.derived for part in parts),
        sources=(*dict.fromkeys(part.source for part in parts), *attribution, FIGURES_SOURCE),
        notes=(*(note for part in parts for note in part.notes), *passed),
        warnings=tuple(warning for part in parts for warning in part.warnings),
    )
