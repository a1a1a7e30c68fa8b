"""
What may lie below the areas: nothing, unless the user brings it.

A raster and vector context are written into the page. Tiles come from the
user's own server only, and the page says so: every tile request tells that
server which area is being looked at.
"""

from __future__ import annotations

import base64
import re
import struct
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np
import shapely

from hotspots.errors import InputError, ParameterError
from hotspots.pages import map_context, map_shapes

#: A page has to fit into an e-mail.
LARGEST_RASTER: Final = 6_000_000
#: The National Grid is laid on Web Mercator by one affine transformation; it may be off by so much.
LARGEST_SHIFT_M: Final = 5.0
_WORLD_FILES: Final = {".png": ".pgw", ".jpg": ".jgw", ".jpeg": ".jgw"}


def tile_source(url: str) -> dict[str, str]:
    """
    Check a tile address and name its host.

    Parameters
    ----------
    url : str
        Such as "https://maps.example.police.uk/{z}/{x}/{y}.png".

    Returns
    -------
    dict
        `url`, `origin` (for the content security policy) and `host`.

    Raises
    ------
    ParameterError
        If it is not a plain tile address, or carries a key or password: the
        file would hand it to everyone who opens it.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not re.fullmatch(r"[a-z0-9.-]+(:\d+)?", parts.netloc):
        raise ParameterError("tiles must be an address such as https://host/{z}/{x}/{y}.png on your server.")
    if parts.query or parts.fragment:
        raise ParameterError("tiles must not carry a key: everyone who opens the page could read it.")
    if not all(part in parts.path for part in ("{z}", "{x}", "{y}")):
        raise ParameterError("tiles must have {z}, {x} and {y} in its path.")
    return {"url": url, "origin": f"{parts.scheme}://{parts.netloc}", "host": parts.netloc}


def read_backdrop(path: Path) -> dict[str, Any]:
    """
    Read a picture with a world file in the National Grid for the page.

    The pixels are not touched: the page lays the picture on Web Mercator with
    an affine transformation fitted to 81 points, which over a city is right to
    well below a metre. Its corners alone would be off by up to 166 m at Derby.

    Parameters
    ----------
    path : Path
        PNG or JPEG with its .pgw or .jgw beside it
        (`gdal_translate -of PNG -co WORLDFILE=YES` makes them).

    Returns
    -------
    dict
        `image` (data URI), `size` in pixels, `matrix` from pixels to
        thousandths of a Mercator degree right and down of `corner`, `bounds`.

    Raises
    ------
    InputError
        If the picture or its world file cannot be used.
    """
    path = Path(path)
    if path.suffix.lower() not in _WORLD_FILES:
        raise InputError(
            f"{path.name} is not a PNG or JPEG: convert it with gdal_translate -co WORLDFILE=YES."
        )
    world = path.with_suffix(_WORLD_FILES[path.suffix.lower()])
    if not path.is_file() or not world.is_file():
        raise InputError(f"{path.name} and {world.name} must both be there: the second says where it lies.")
    content = path.read_bytes()
    if len(content) > LARGEST_RASTER:
        raise InputError(f"{path.name} has {len(content):,} bytes: use at most {LARGEST_RASTER:,}.")
    size = _picture_size(content, path.name)
    west, north, matrix, extent = _place(size, _world_numbers(world), path.name)
    kind = "png" if path.suffix.lower() == ".png" else "jpeg"
    return {
        "image": f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}",
        "size": list(size),
        "matrix": matrix,
        "extent": extent,
        "bounds": _latlon_bounds(west, north, extent),
    }


def check_layers(*, backdrop: Path | None, tiles: str | None, context: Path | None) -> None:
    """
    Refuse what a page could not lay under its map, before any work is done.

    Raises
    ------
    ParameterError, InputError
        As `tile_source`, `read_backdrop` and `map_context.read_context`.
    """
    if tiles:
        tile_source(tiles)
    if backdrop:
        read_backdrop(backdrop)
    if context:
        map_context.read_context(context, shapely.Point(0, 0))


def _picture_size(content: bytes, name: str) -> tuple[int, int]:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content.startswith(b"\xff\xd8"):
        return _jpeg_size(content, name)
    raise InputError(f"{name} is neither PNG nor JPEG inside: save it again as one of them.")


def _jpeg_size(content: bytes, name: str) -> tuple[int, int]:
    position = 2
    while position + 9 < len(content):
        marker, length = content[position + 1], struct.unpack(">H", content[position + 2 : position + 4])[0]
        # Start of frame: its segment gives the size. C4, C8 and CC are other tables.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return int(width), int(height)
        position += 2 + length
    raise InputError(f"{name} is a damaged JPEG: save it again.")


def _world_numbers(path: Path) -> list[float]:
    try:
        numbers = [float(word) for word in path.read_text(encoding="ascii").split()]
    except ValueError as error:
        raise InputError(f"{path.name} must hold six numbers, one on a line.") from error
    if len(numbers) != 6 or not np.isfinite(numbers).all():
        raise InputError(f"{path.name} must hold six numbers, one on a line.")
    return numbers


def _place(
    size: tuple[int, int], world: list[float], name: str
) -> tuple[float, float, list[float], list[float]]:
    """Fit pixels to Mercator degrees; return the top left corner, the matrix and the extent."""
    a, d, b, e, c, f = world
    column, row = (
        grid.ravel() for grid in np.meshgrid(np.linspace(0, size[0], 9), np.linspace(0, size[1], 9))
    )
    # A world file gives the centre of the first pixel; the picture begins half a pixel before.
    east = a * (column - 0.5) + b * (row - 0.5) + c
    north = d * (column - 0.5) + e * (row - 0.5) + f
    degrees = shapely.get_coordinates(map_shapes.to_degrees(shapely.points(east, north)))
    mercator = np.column_stack(
        [degrees[:, 0], np.degrees(np.log(np.tan(np.pi / 4 + np.radians(degrees[:, 1]) / 2)))]
    )
    design = np.column_stack([column, row, np.ones(column.size)])
    fitted, *_ = np.linalg.lstsq(design, mercator, rcond=None)
    # A Mercator degree is 111.32 km at the equator and shorter by cos(latitude) up here.
    metres = np.abs(design @ fitted - mercator) * 111_320 * np.cos(np.radians(degrees[:, 1]))[:, None]
    if not np.isfinite(metres).all() or metres.max() > LARGEST_SHIFT_M:
        raise InputError(
            f"{name} cannot be laid on the map to {LARGEST_SHIFT_M:.0f} m: "
            "its world file must be in National Grid metres and the picture no larger than a county."
        )
    west, top = float(mercator[:, 0].min()), float(mercator[:, 1].max())
    (ax, ay), (bx, by), (cx, cy) = 1000 * (fitted - [[0, 0], [0, 0], [west, top]])
    extent = 1000 * np.ptp(mercator, axis=0)
    matrix = [round(float(v), 9) for v in (ax, -ay, bx, -by, cx, -cy)]
    return west, top, matrix, [round(float(v), 6) for v in extent]


def _latlon_bounds(west: float, north: float, extent: list[float]) -> list[list[float]]:
    def latitude(mercator: float) -> float:
        return float(np.degrees(2 * np.arctan(np.exp(np.radians(mercator))) - np.pi / 2))

    south, east = latitude(north - extent[1] / 1000), west + extent[0] / 1000
    return [[round(south, 7), round(west, 7)], [round(latitude(north), 7), round(east, 7)]]
