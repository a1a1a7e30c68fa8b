"""Shapes that no library can read, told in one sentence whichever layer holds them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotspots.errors import InputError
from hotspots.text import safe_text


@contextmanager
def shape_faults(path: Path, *, error: type[InputError] = InputError) -> Iterator[None]:
    """
    Turn what is raised of a broken shape while a layer is read into one error.

    Parameters
    ----------
    path : Path
        The file, whose name is told.
    error : type
        What is raised.

    Raises
    ------
    InputError
        If a shape cannot be read, such as an unclosed ring.
    """
    import pyogrio
    import shapely

    broken = (pyogrio.errors.FeatureError, pyogrio.errors.GeometryError, shapely.errors.GEOSException)
    try:
        with warnings.catch_warnings():
            # GDAL warns of a ring that is not closed, and shapely then refuses it, which is told below.
            warnings.filterwarnings("ignore", "Non closed ring", RuntimeWarning)
            yield
    except broken:
        name = safe_text(path.name)
        raise error(
            f"{name} has a shape that cannot be read, such as an unclosed ring: export it again."
        ) from None
