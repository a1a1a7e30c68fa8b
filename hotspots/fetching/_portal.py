"""
Ask the Open Geography Portal: pages of features, with or without shapes, from the first service that knows.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from hotspots.errors import NetworkError
from hotspots.fetching.services import Services
from hotspots.fetching.web import Web, read_json
from hotspots.schema import NATIONAL_GRID

if TYPE_CHECKING:
    import geopandas as gpd

PAGE: Final = 1000
#: Codes in one condition; conditions are sent as forms, which no address limit cuts short.
BATCH: Final = 200


def quoted(text: str) -> str:
    """Write a text as the services' SQL wants it."""
    return "'" + text.replace("'", "''") + "'"


def among(column: str, codes: Sequence[str]) -> list[str]:
    """Write conditions that a column is one of the codes, some codes in each."""
    batches = (codes[i : i + BATCH] for i in range(0, len(codes), BATCH))
    return [f"{column} IN ({','.join(map(quoted, batch))})" for batch in batches]


def ask(
    addresses: Sequence[str], conditions: Iterable[str], *, shapes: bool, web: Web
) -> list[dict[str, Any]]:
    """
    Collect the features of the first service that answers.

    Parameters
    ----------
    addresses : sequence of str
        Services that hold the same; a later one is asked if an earlier one is gone.
    conditions : iterable of str
        In the services' SQL; the features of all of them are collected.
    shapes : bool
        Whether the shapes come, in National Grid metres.
    web : Web

    Returns
    -------
    list of dict
        `attributes` and, with `shapes`, `geometry` of each, in Esri's JSON.

    Raises
    ------
    NetworkError
        What the last service said, if none delivers.
    """
    wanted = list(conditions)
    *earlier, last = addresses
    for address in earlier:
        with suppress(NetworkError):
            return _all_features(address, wanted, shapes, web)
    return _all_features(last, wanted, shapes, web)


def newest(
    what: str,
    years: Sequence[str],
    condition: Callable[[str], str],
    *,
    shapes: bool,
    services: Services,
    web: Web,
) -> tuple[str, list[dict[str, Any]]]:
    """
    Collect the features of the first year of which a service knows any.

    Parameters
    ----------
    what : str
        Kind of service, as in the table of services.
    years : sequence of str
        To be asked in turn.
    condition : callable
        Gives the condition for the last two digits of a year, which its columns bear.
    shapes, services, web
        As for `ask`.

    Returns
    -------
    year : str
        "" where all answer and none knows any.
    features : list of dict

    Raises
    ------
    NetworkError
        What the last one said that did not answer, where no other knows any.
    """
    failed: NetworkError | None = None
    for year in years:
        try:
            found = ask(services.addresses(what, year), [condition(year[-2:])], shapes=shapes, web=web)
        except NetworkError as error:
            failed = error
            continue
        if found:
            return year, found
    if failed is not None:
        raise failed
    return "", []


def _all_features(address: str, wanted: Sequence[str], shapes: bool, web: Web) -> list[dict[str, Any]]:
    return [feature for where in wanted for feature in _features(address, where, shapes, web)]


def _features(service: str, where: str, shapes: bool, web: Web) -> list[dict[str, Any]]:
    """Collect the features that satisfy a condition, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        form = {
            "where": where,
            "outFields": "*",
            "returnGeometry": "true" if shapes else "false",
            "outSR": "27700",
            "f": "json",
            "resultOffset": str(len(found)),
            "resultRecordCount": str(PAGE),
        }
        page = read_json(web.post(f"{service}/FeatureServer/0/query", form))
        found += page["features"]
        if not page["features"] or not page.get("exceededTransferLimit"):
            return found


def layer(features: Sequence[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Lay features out as a frame in National Grid metres."""
    import geopandas as gpd

    names = list(features[0]["attributes"])
    numbers = {n for n in names if all(isinstance(f["attributes"].get(n), (int, float)) for f in features)}
    document = {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 27700},
        "fields": [
            {"name": n, "type": "esriFieldTypeDouble" if n in numbers else "esriFieldTypeString"}
            for n in names
        ],
        "features": list(features),
    }
    read = gpd.read_file(io.BytesIO(json.dumps(document).encode("utf-8")), engine="pyogrio")
    return read.set_crs(NATIONAL_GRID, allow_override=True)
