"""
Street crime from data.police.uk: members of its archive by range request, or its API inside an outline.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hotspots.errors import NetworkError, ParameterError
from hotspots.fetching.services import Services
from hotspots.fetching.web import RemoteFile, StatusError, Web, read_json, remedy, write
from hotspots.months import MONTH_PATTERN, months_between
from hotspots.policeuk import POLICE_COLUMNS
from hotspots.resources import data_folder
from hotspots.schema import NATIONAL_GRID

if TYPE_CHECKING:
    import shapely

#: Months in one archive.
ARCHIVED: Final = 36
#: An outline is parted at most this often before an area of it is given up.
PARTINGS: Final = 8
TOO_MANY: Final = 503
#: Metres by which each half of a parted outline reaches over the cut.
OVERLAP: Final = 5.0


def police_folder(force: str) -> Path:
    """Return where the fetched files of a force lie; its districts share them."""
    return data_folder("police") / force


def fetch_archive(
    months: Iterable[str], *, force: str, services: Services, web: Web, folder: Path | None = None
) -> tuple[Path, ...]:
    """
    Fetch a force's street files of some months out of the archive, without the rest of it.

    The archive of a month holds the 36 months up to it, some 1.7 GB; its list and the wanted members
    are asked for by range.

    Parameters
    ----------
    months : iterable of str
        As "2025-01".
    force : str
        As in the names of the files: "leicestershire".
    folder : Path, optional
        Where the files go, byte for byte as published; `police_folder(force)` by default.

    Raises
    ------
    ParameterError
        If a month is not written as YYYY-MM.
    NetworkError
        If the archive is not delivered by parts, or lacks a month of the force; nothing is written then.
    """
    wanted = _checked(months)
    found: dict[str, bytes] = {}
    while left := [month for month in wanted if _member(month, force) not in found]:
        last = left[-1]
        covered = [month for month in left if len(months_between(month, last)) <= ARCHIVED]
        found |= _members(f"{services.address('police_archive')}/{last}.zip", covered, force, web)
    target = folder or police_folder(force)
    return tuple(write(target / name.rpartition("/")[2], found[name]) for name in sorted(found))


def _member(month: str, force: str) -> str:
    return f"{month}/{month}-{force}-street.csv"


def _members(address: str, months: Sequence[str], force: str, web: Web) -> dict[str, bytes]:
    """Read members of an archive that stays where it is."""
    names = [_member(month, force) for month in months]
    try:
        with RemoteFile(address, web) as remote, zipfile.ZipFile(remote) as archive:
            there = set(archive.namelist())
            missing = [name for name in names if name not in there]
            if missing:
                raise NetworkError(
                    f"The archive of {months[-1]} has no {missing[0].rpartition('/')[2]}: "
                    "check the months and the force (data.police.uk/api/forces lists them)."
                )
            return {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, EOFError):
        raise NetworkError(f"The archive of {months[-1]} is no whole ZIP: {remedy('')}.") from None


def fetch_police(
    months: Iterable[str],
    *,
    outline: shapely.Geometry,
    force: str,
    services: Services,
    web: Web,
    folder: Path | None = None,
) -> tuple[Path, ...]:
    """
    Fetch the street crime of some months inside an outline from data.police.uk's API.

    The files have the columns of the published ones; LSOA code and name and
    who reported an incident are empty, because the API does not give them.
    Incidents up to 150 m outside come too, and are left out when they are
    geocoded. Where more than 10,000 incidents lie in an outline the service
    refuses (503), and its halves are asked for.

    Parameters
    ----------
    months : iterable of str
        As "2025-01".
    outline : shapely geometry
        In EPSG:27700, as `Areas.outline`.
    force : str
        The force's name in the service, for the files' names and their column
        "Falls within"; incidents of other forces inside the outline come too.
    folder : Path, optional
        Where the files go; `police_folder(force)` by default.

    Returns
    -------
    tuple of Path
        One CSV a month.

    Raises
    ------
    ParameterError
        If a month is not written as YYYY-MM.
    NetworkError
        If the service does not deliver; nothing is written then.
    """
    wanted, service = _checked(months), services.address("police_api")
    within = read_json(web.get(f"{service}/forces/{force}"))["name"]
    texts = {}
    for month in wanted:
        categories = read_json(web.get(f"{service}/crime-categories", {"date": month}))
        names = {category["url"]: category["name"] for category in categories}
        crimes = _crimes(f"{service}/crimes-street/all-crime", _roomy(outline), month, web, PARTINGS)
        # An incident near a cut comes in both halves: its number tells.
        distinct = {crime.get("id", position): crime for position, crime in enumerate(crimes)}
        texts[month] = _as_csv(
            [POLICE_COLUMNS, *sorted(_row(one, names, within) for one in distinct.values())]
        )
    target = folder or police_folder(force)
    return tuple(write(target / f"{month}-{force}-street.csv", text) for month, text in texts.items())


def _checked(months: Iterable[str]) -> list[str]:
    wanted = sorted(set(months))
    wrong = [month for month in wanted if not re.fullmatch(MONTH_PATTERN, month)]
    if wrong:
        raise ParameterError(f"{wrong[0]!r} is not written as YYYY-MM, such as 2025-01.")
    return wanted


def _crimes(
    service: str, outline: shapely.Polygon, month: str, web: Web, partings: int
) -> list[dict[str, Any]]:
    """Ask for the incidents in an outline; of its halves where they are too many."""
    try:
        answer = web.post(service, {"poly": _poly(outline), "date": month}, final=(TOO_MANY,))
        return list(read_json(answer))
    except StatusError as error:
        if error.status != TOO_MANY or not partings:
            raise
    return [crime for half in _halves(outline) for crime in _crimes(service, half, month, web, partings - 1)]


def _halves(outline: shapely.Polygon) -> list[shapely.Polygon]:
    """Cut an outline across its longer side; the halves overlap by some metres, or rounding opens a gap."""
    import shapely

    west, south, east, north = outline.bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    if east - west >= north - south:
        boxes = (
            shapely.box(west, south, middle_x + OVERLAP, north),
            shapely.box(middle_x - OVERLAP, south, east, north),
        )
    else:
        boxes = (
            shapely.box(west, south, east, middle_y + OVERLAP),
            shapely.box(west, middle_y - OVERLAP, east, north),
        )
    parts = shapely.get_parts([shapely.intersection(outline, box) for box in boxes])
    return [part for part in parts if part.geom_type == "Polygon" and part.area > 0]


def _roomy(outline: shapely.Geometry) -> shapely.Polygon:
    """Give an outline some room round it, and few corners."""
    simple = outline.buffer(100).simplify(50)
    return simple if simple.geom_type == "Polygon" else simple.convex_hull


def _poly(outline: shapely.Polygon) -> str:
    """Write an outline as the API wants it."""
    import shapely
    from pyproj import Transformer

    degrees = Transformer.from_crs(NATIONAL_GRID, "EPSG:4326", always_xy=True)
    longitude, latitude = degrees.transform(*shapely.get_coordinates(outline.exterior).T)
    return ":".join(f"{y:.5f},{x:.5f}" for x, y in zip(longitude, latitude, strict=True))


def _row(crime: dict[str, Any], names: dict[str, str], within: str) -> tuple[str, ...]:
    """Lay one incident out in the columns of the published files."""
    place, outcome = crime.get("location") or {}, crime.get("outcome_status") or {}
    return (
        crime.get("persistent_id") or "",
        crime["month"],
        "",
        within,
        place.get("longitude", ""),
        place.get("latitude", ""),
        (place.get("street") or {}).get("name", "No Location"),
        "",
        "",
        names.get(crime["category"], crime["category"]),
        outcome.get("category", ""),
        crime.get("context") or "",
    )


def _as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Write rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
