"""
Bring official data from their publishers; the only part of the project that uses the network.

What a publisher does not deliver ends in a `NetworkError`. The addresses below
were compared with published uses of these services; the tests run against a
server of their own and never reach the publishers.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hotspots.errors import DataMissingError, NetworkError, ParameterError
from hotspots.fetching._web import Web, download, read_json, remedy, write
from hotspots.months import MONTH_PATTERN
from hotspots.policeuk import POLICE_COLUMNS
from hotspots.resources import data_folder
from hotspots.schema import NATIONAL_GRID
from hotspots.text import counted

if TYPE_CHECKING:
    import shapely

ONS: Final = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services"
NOMIS: Final = "https://www.nomisweb.co.uk/api/v01/dataset"
POLICE: Final = "https://data.police.uk/api"
CODE_POINT: Final = (
    "https://api.os.uk/downloads/v1/products/CodePointOpen/downloads?area=GB&format=CSV&redirect"
)
OSTN15: Final = "https://cdn.proj.org/uk_os_OSTN15_NTv2_OSGBtoETRS.tif"

#: ONS services generalised to 20 m, and the year in their columns; the wards of 2003 were in force in 2022.
WARD_SERVICES: Final = {
    "2003": ("Wards_December_2022_Boundaries_UK_BGC", "22"),
    "2023": ("Wards_December_2023_Boundaries_UK_BGC", "23"),
}
LSOA_SERVICES: Final = {
    "2011": ("Lower_Layer_Super_Output_Areas_DEC_2011_EW_BGC_V3", "11"),
    "2021": ("Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5", "21"),
}
#: Census 2021 tables at Nomis: TS001 usual residents (0 is the total), TS041 households.
CENSUS_TABLES: Final = {"residents": ("NM_2021_1", {"c2021_restype_3": "0"}), "households": ("NM_2059_1", {})}
ATTRIBUTION: Final = (
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0\n"
    "Contains OS data © Crown copyright and database right\n"
)
PAGE: Final = 1000
#: Codes in one request to Nomis: an address of some 1,100 characters.
BATCH: Final = 100


def _features(service: str, where: str, web: Web) -> dict[str, Any]:
    """Collect the features that satisfy a condition, page by page, in National Grid metres."""
    collected: dict[str, Any] = {}
    while True:
        offset = len(collected.get("features", ()))
        page = read_json(
            web.get(
                f"{service}/FeatureServer/0/query",
                {
                    "where": where,
                    "outFields": "*",
                    "outSR": "27700",
                    "f": "json",
                    "resultOffset": str(offset),
                    "resultRecordCount": str(PAGE),
                },
            )
        )
        collected = {**page, "features": [*collected.get("features", ()), *page["features"]]}
        if not page["features"] or not page.get("exceededTransferLimit"):
            return collected


def fetch_boundaries(
    area: str,
    *,
    wards: Sequence[str] = tuple(WARD_SERVICES),
    lsoas: Sequence[str] = tuple(LSOA_SERVICES),
    folder: Path | None = None,
    service: str = ONS,
    web: Web | None = None,
) -> tuple[Path, ...]:
    """
    Fetch the official wards and LSOAs of an authority, generalised to 20 m.

    From the ONS Open Geography Portal (not reached by the tests). LSOAs are
    found by the authority's name, which theirs begin with.

    Parameters
    ----------
    area : str
        GSS code of the authority.
    wards, lsoas : sequence of str
        Vintages.
    folder : Path, optional
        Where the layers go; `data_folder("boundaries")` by default. Give it to `load_areas`.
    service : str
        Address of the portal.
    web : Web, optional
        What asks it; one with the usual waiting times when left out.

    Returns
    -------
    tuple of Path
        The GeoJSON files, in EPSG:27700.

    Raises
    ------
    ParameterError
        If `area` is not a GSS code.
    NetworkError
        If the portal does not deliver, or has nothing for the area.
    """
    if not re.fullmatch(r"[EW]\d{8}", area):
        raise ParameterError(f"The area {area!r} is not a GSS code: give one such as E06000015.")
    web, folder = web or Web(), folder or data_folder("boundaries")
    paths, name = [], ""
    for vintage in wards or ("2023",):
        source, year = WARD_SERVICES[vintage]
        found = _features(f"{service}/{source}", f"LAD{year}CD='{area}'", web)
        name = _some(found, f"wards of {area}")["attributes"].get(f"LAD{year}NM", name)
        if vintage in wards:
            paths.append(_write_layer(folder / f"wards_{vintage}_official.geojson", found))
    for vintage in lsoas:
        source, year = LSOA_SERVICES[vintage]
        quoted = name.replace("'", "''")
        found = _features(f"{service}/{source}", f"LSOA{year}NM LIKE '{quoted} %'", web)
        _some(found, f"LSOAs of {name}")
        paths.append(_write_layer(folder / f"lsoas_{vintage}_official.geojson", found))
    write(folder / "ATTRIBUTION.txt", ATTRIBUTION)
    return tuple(paths)


def _some(found: dict[str, Any], what: str) -> dict[str, Any]:
    """Return the first feature, or say that there is none."""
    if not found["features"]:
        raise NetworkError(f"The Open Geography Portal has no {what}: check the GSS code of the area.")
    return found["features"][0]


def _write_layer(path: Path, found: dict[str, Any]) -> Path:
    """Turn Esri's JSON into GeoJSON in National Grid metres; whole or not at all."""
    import geopandas as gpd

    layer = gpd.read_file(io.BytesIO(json.dumps(found).encode("utf-8")), engine="pyogrio")
    layer = layer.set_crs(NATIONAL_GRID, allow_override=True)
    return write(path, layer.to_json(show_bbox=False, drop_id=True, to_wgs84=False))


def fetch_population(
    *, folder: Path | None = None, service: str = NOMIS, web: Web | None = None
) -> tuple[Path, ...]:
    """
    Fetch residents and households of the fetched LSOAs of 2021 from Nomis (not reached by the tests).

    Census 2021, tables TS001 and TS041. `load_areas` reads the file from the
    folder of the layers. Nomis knows no wards of other years than the
    census's, so wards get no figures this way; Derby's ship.

    Returns
    -------
    tuple of Path
        residents_households.csv: code, residents, households.

    Raises
    ------
    DataMissingError
        If the LSOAs of 2021 have not been fetched.
    NetworkError
        If Nomis does not deliver, or not for every LSOA.
    """
    import geopandas as gpd
    import pandas as pd

    folder, web = folder or data_folder("boundaries"), web or Web()
    path = folder / "lsoas_2021_official.geojson"
    if not path.is_file():
        raise DataMissingError(f"{folder} has no lsoas_2021_official.geojson: run hotspots fetch boundaries.")
    codes = sorted(gpd.read_file(path, engine="pyogrio")["LSOA21CD"])
    columns = {
        figure: pd.concat(
            [_census(service, figure, codes[i : i + BATCH], web) for i in range(0, len(codes), BATCH)]
        )
        for figure in CENSUS_TABLES
    }
    table = pd.DataFrame(columns, index=pd.Index(codes, name="code"))
    if table.isna().any(axis=None):
        lacking = counted(int(table.isna().any(axis=1).sum()), "LSOA")
        raise NetworkError(f"Nomis has no figures for {lacking}: try again later.")
    return (write(folder / "residents_households.csv", table.astype(int).to_csv(lineterminator="\n")),)


def _census(service: str, figure: str, codes: Sequence[str], web: Web) -> Any:
    """Return one figure of some LSOAs as a Series by code."""
    import pandas as pd

    table, selection = CENSUS_TABLES[figure]
    parameters = {
        "date": "latest",
        "geography": ",".join(codes),
        "measures": "20100",
        "select": "GEOGRAPHY_CODE,OBS_VALUE",
        **selection,
    }
    answer = web.get(f"{service}/{table}.data.csv", parameters)
    frame = pd.read_csv(io.StringIO(answer.text))
    if list(frame.columns) != ["GEOGRAPHY_CODE", "OBS_VALUE"]:
        raise NetworkError(f"Nomis answered with another table for {figure}: {remedy('status 400')}.")
    return frame.set_index("GEOGRAPHY_CODE")["OBS_VALUE"]


def fetch_police(
    months: Iterable[str],
    *,
    outline: shapely.Geometry,
    force: str = "derbyshire",
    folder: Path | None = None,
    service: str = POLICE,
    web: Web | None = None,
) -> tuple[Path, ...]:
    """
    Fetch the street crime of some months inside an outline.

    From data.police.uk's API (not reached by the tests).

    The files have the columns of the published ones; LSOA code and name and
    who reported an incident are empty, because the API does not give them.
    Incidents up to 150 m outside come too, and are left out when they are
    geocoded.

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
        Where the files go; `data_folder("police")` by default.
    service : str
        Address of the API.
    web : Web, optional
        What asks it; one with the usual waiting times when left out.

    Raises
    ------
    ParameterError
        If a month is not written as YYYY-MM.
    NetworkError
        If the service does not deliver; months before are kept.
    """
    months = sorted(set(months))
    wrong = [month for month in months if not re.fullmatch(MONTH_PATTERN, month)]
    if wrong:
        raise ParameterError(f"The month {wrong[0]!r} is not written as YYYY-MM, such as 2025-01.")
    web, folder = web or Web(), folder or data_folder("police")
    poly, paths = _poly(outline), []
    within = read_json(web.get(f"{service}/forces/{force}"))["name"]
    for month in months:
        categories = read_json(web.get(f"{service}/crime-categories", {"date": month}))
        crimes = read_json(web.post(f"{service}/crimes-street/all-crime", {"poly": poly, "date": month}))
        names = {category["url"]: category["name"] for category in categories}
        rows = sorted(_row(crime, names, within) for crime in crimes)
        path = folder / f"{month}-{force}-street.csv"
        paths.append(write(path, _as_csv([POLICE_COLUMNS, *rows])))
    return tuple(paths)


def _poly(outline: shapely.Geometry) -> str:
    """Write an outline as the API wants it, with some room round it and few corners."""
    import shapely
    from pyproj import Transformer

    simple = outline.buffer(100).simplify(50)
    ring = (simple if simple.geom_type == "Polygon" else simple.convex_hull).exterior
    degrees = Transformer.from_crs(NATIONAL_GRID, "EPSG:4326", always_xy=True)
    longitude, latitude = degrees.transform(*shapely.get_coordinates(ring).T)
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


def fetch_postcodes(
    *, folder: Path | None = None, service: str = CODE_POINT, web: Web | None = None
) -> tuple[Path, ...]:
    """
    Fetch Ordnance Survey's Code-Point Open, every live postcode of Great Britain.

    The ZIP as it is published (not reached by the tests).

    Raises
    ------
    NetworkError
        If it is not delivered, or is no ZIP.
    """
    path = (folder or data_folder("postcodes")) / "codepo_gb.zip"
    return (download(service, path, starts=(b"PK\x03\x04",), web=web or Web()),)


def fetch_ostn15(
    *, folder: Path | None = None, service: str = OSTN15, web: Web | None = None
) -> tuple[Path, ...]:
    """
    Fetch the OSTN15 grid in the form that PROJ distributes (not reached by the tests).

    By default into PROJ's own folder, where later runs find it by themselves.

    Raises
    ------
    NetworkError
        If it is not delivered, or is no TIFF.
    """
    from pyproj import datadir

    path = (folder or Path(datadir.get_user_data_dir())) / OSTN15.rsplit("/", 1)[1]
    return (download(service, path, starts=(b"II*\x00", b"MM\x00*"), web=web or Web()),)
