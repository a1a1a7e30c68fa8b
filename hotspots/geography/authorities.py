"""The authorities that area layers hold, each with layers of its own, so that a task reads only these."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from hotspots.errors import BoundaryError
from hotspots.geography._layers import LocalLayer, find_layers
from hotspots.geography._local import ATTRIBUTION_FILE, FIGURES_FILE
from hotspots.geography.projection import Projection
from hotspots.schema import LSOA, WARD

#: Metres to which the outline of an authority on the national map is exact.
DETAIL = 500.0


@dataclass(frozen=True, eq=False)
class Authority:
    """
    One authority of the layers.

    Attributes
    ----------
    code, name : str
        GSS code, and name where a layer has it.
    outline : shapely geometry
        The union of its wards, in EPSG:27700.
    folder : Path
        Its own layers, for `load_areas`.
    """

    code: str
    name: str
    outline: shapely.Geometry
    folder: Path


def split_layers(folder: Path, into: Path, *, projection: Projection) -> list[Authority]:
    """
    Cut layers of many authorities up, one folder an authority.

    Parameters
    ----------
    folder : Path
        Layers of wards and LSOAs. Those of wards name the authority of each in a
        column of codes; LSOAs without it are cut by the ground.
    into : Path
        Gets a folder a code.
    projection : Projection
        How degrees become metres.

    Returns
    -------
    list of Authority
        By code.

    Raises
    ------
    BoundaryError
        If no layer of wards names authorities.
    """
    layers, _ = find_layers(folder, projection=projection)
    wards = [one for one in layers if one.level == WARD and (one.frame["authority"] != "").all()]
    if not wards:
        raise BoundaryError(
            f"{folder} holds no layer of wards with the authority of each: add a column of their GSS codes "
            "(such as LAD23CD)."
        )
    lsoas = [one for one in layers if one.level == LSOA]
    latest = max(wards, key=lambda layer: (layer.year, layer.vertices))
    codes = sorted(set().union(*(layer.frame["authority"] for layer in wards)))
    return [
        _cut_out(code, latest=latest, wards=wards, lsoas=lsoas, folder=folder, into=into / code)
        for code in codes
    ]


def _cut_out(
    code: str,
    *,
    latest: LocalLayer,
    wards: list[LocalLayer],
    lsoas: list[LocalLayer],
    folder: Path,
    into: Path,
) -> Authority:
    into.mkdir(parents=True, exist_ok=True)
    ours = [(layer, (layer.frame["authority"] == code).to_numpy()) for layer in wards]
    there = next((pair for pair in ours if pair[0] is latest and pair[1].any()), None)
    layer, rows = there or next(pair for pair in ours if pair[1].any())
    frame = layer.frame[rows]
    outline = shapely.union_all(shapely.make_valid(frame.geometry.to_numpy()))
    for one, mask in [*ours, *((one, _near(one, code, outline)) for one in lsoas)]:
        if mask.any():
            _write(one, mask, into)
    for name in (FIGURES_FILE, ATTRIBUTION_FILE):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, into / name)
    names = [name for name in frame["authority_name"] if name]
    return Authority(code, names[0] if names else code, outline.simplify(DETAIL), into)


def _near(layer: LocalLayer, code: str, outline: shapely.Geometry) -> np.ndarray:
    named = layer.frame["authority"].to_numpy()
    if (named != "").all():
        return named == code
    west, south, east, north = shapely.bounds(layer.frame.geometry.to_numpy()).T
    box = outline.bounds
    return (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])


def _write(layer: LocalLayer, rows: np.ndarray, into: Path) -> None:
    """Write some areas of a layer under its name, in metres, to the last digit."""
    names = {
        "code": layer.column,
        "name": f"{layer.column[:-2]}NM" if layer.column.upper().endswith("CD") else "name",
        "authority": "LAD23CD",
        "authority_name": "LAD23NM",
    }
    frame = layer.frame[rows].rename(columns=names)
    if not (frame["LAD23CD"] != "").all():
        frame = frame.drop(columns=["LAD23CD", "LAD23NM"])
    path = into / f"{Path(layer.source.partition(' (')[0]).stem}.gpkg"
    frame.assign(derived="yes" if layer.derived else "no").to_file(path, engine="pyogrio", layer=path.stem)
