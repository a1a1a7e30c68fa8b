"""
What a release gives away where no reader looks: the order of rows, and the inside of a GeoPackage.

Rows whose counts are withheld have nothing to be ordered by but what anyone knows: their code
or name. A database keeps what was deleted from it until it is packed, and the extent of each
layer, to the last digit, beside the layer itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from hotspots.auditing.beside import withheld_rows
from hotspots.auditing.cells import Leak
from hotspots.auditing.published import Published

_PACKAGE: Final = "hotspots.gpkg"
#: Metres by which an extent may miss the shapes.
_NEAR: Final = 1e-3


def order_leaks(published: Published) -> Iterator[Leak]:
    """Find tables in which withheld counts stand neither by code nor by name."""
    for table in published.tables:
        if not {"theme", "level", "code"} <= set(table.frame.columns):
            continue
        part = table.frame[withheld_rows(published, table)]
        keys = [name for name in ("theme", "level", "month") if name in part]
        for key, rows in part.groupby(keys, sort=True, dropna=False):
            known = [rows[name].astype(str) for name in ("code", "name") if name in rows]
            if not any(one.is_monotonic_increasing for one in known):
                what = f"{len(rows)} withheld counts of {key[0]} by {key[1]} are not in order of code."
                yield Leak("order of rows", published.name, table.where, what)
                break


def package_leaks(published: Published) -> Iterator[Leak]:
    """Find what a GeoPackage holds beside its layers."""
    path = published.folder / _PACKAGE
    if not path.is_file():
        return
    with closing(sqlite3.connect(f"file:{path.resolve().as_posix()}?mode=ro", uri=True)) as database:
        (free,) = database.execute("PRAGMA freelist_count").fetchone()
        query = "SELECT table_name, min_x, min_y, max_x, max_y FROM gpkg_contents"
        extents = {str(name): bounds for name, *bounds in database.execute(query)}
    if free:
        what = f"{free} pages hold rows that were deleted: write the file anew."
        yield Leak("deleted rows", published.name, _PACKAGE, what)
    for name, frame in published.shapes.items():
        told = extents.get(name)
        if told is None or not len(frame) or None in told:
            continue
        if any(abs(a - b) > _NEAR for a, b in zip(told, frame.total_bounds, strict=True)):
            what = f"The extent that it states of {name} is not that of its shapes."
            yield Leak("outline", published.name, _PACKAGE, what)
