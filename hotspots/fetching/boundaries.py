"""
Fetch the official layers of an authority into a folder of its own, all of them or none.

Wards come by the authority's code, LSOAs by the official look-up of LSOAs, wards and districts:
names change, and "North Yorkshire" begins no LSOA's name.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hotspots.authorities import PLACE_FILE, Authority, place_folder, place_text
from hotspots.errors import NetworkError
from hotspots.fetching import _portal
from hotspots.fetching.services import Services
from hotspots.fetching.web import Web, write

ATTRIBUTION: Final = (
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0\n"
    "Contains OS data © Crown copyright and database right\n"
)
#: Which LSOA lies in which ward by best fit, and which LSOA of 2011 became which of 2021.
LOOKUP_FILE: Final = "lsoa_ward.csv"
CHANGES_FILE: Final = "lsoa_2011_2021.csv"


def fetch_boundaries(
    authority: Authority,
    *,
    services: Services,
    web: Web,
    year: str = "",
    folder: Path | None = None,
) -> tuple[Path, ...]:
    """
    Fetch the official wards and LSOAs of an authority, generalised to 20 m.

    From the ONS Open Geography Portal. Layers of other years that were
    fetched before stay; the LSOAs of 2011 come where their service still stands.

    Parameters
    ----------
    authority : Authority
        From `find_authorities`.
    services : Services
    web : Web
    year : str
        Year of the wards; "" for the newest that the portal delivers.
    folder : Path, optional
        Where the layers go; `place_folder(code)` by default.

    Returns
    -------
    tuple of Path
        The files, layers in EPSG:27700.

    Raises
    ------
    ParameterError
        If no service is known for `year`.
    NetworkError
        If the portal does not deliver, or has nothing for the authority; nothing is changed then.
    """
    taken, wards = _wards(authority.code, year, services, web)
    lookup = _lookup(authority.code, services, web)
    codes = sorted({row["lsoa"] for row in lookup})
    lsoas = _portal.ask(
        services.addresses("lsoas", "2021"), _portal.among("LSOA21CD", codes), shapes=True, web=web
    )
    if len({row["attributes"]["LSOA21CD"] for row in lsoas}) < len(codes):
        raise NetworkError(f"The Open Geography Portal gave not all LSOAs of {authority.name}: try again.")
    changes, old = _lsoas_of_2011(codes, services, web)
    target = folder or place_folder(authority.code)
    with _staged(target) as stage:
        made = [_write_layer(stage / f"wards_{taken}.geojson", wards)]
        made.append(_write_layer(stage / "lsoas_2021.geojson", lsoas))
        if old:
            made.append(_write_layer(stage / "lsoas_2011.geojson", old))
        made.append(_write_table(stage / LOOKUP_FILE, lookup))
        if changes:
            made.append(_write_table(stage / CHANGES_FILE, changes))
        write(stage / "ATTRIBUTION.txt", ATTRIBUTION)
        write(stage / PLACE_FILE, place_text(authority))
    return tuple(target / path.name for path in made)


def _wards(code: str, year: str, services: Services, web: Web) -> tuple[str, list[dict[str, Any]]]:
    """Return the year and the wards: of the year that is asked for, else of the newest that answers."""
    years = [year] if year else services.years("wards")
    known = partial(_of_authority, code)
    taken, found = _portal.newest("wards", years, known, shapes=True, services=services, web=web)
    if found:
        return taken, found
    of_year = f" of {year}" if year else ""
    raise NetworkError(f"The Open Geography Portal has no wards{of_year} of {code}: check --area and --year.")


def _lookup(code: str, services: Services, web: Web) -> list[dict[str, str]]:
    """List the LSOAs of 2021 of an authority, each with the ward that holds most of it."""
    years, known = services.years("lookup"), partial(_of_authority, code)
    year, found = _portal.newest("lookup", years, known, shapes=False, services=services, web=web)
    if not found:
        raise NetworkError(f"The Open Geography Portal's look-up has no LSOAs of {code}.")
    rows = [feature["attributes"] for feature in found]
    pairs = {(row["LSOA21CD"], row.get(f"WD{year[-2:]}CD") or "") for row in rows}
    return [{"lsoa": lsoa, "ward": ward} for lsoa, ward in sorted(pairs)]


def _of_authority(code: str, yy: str) -> str:
    return f"LAD{yy}CD={_portal.quoted(code)}"


def _lsoas_of_2011(
    codes: Sequence[str], services: Services, web: Web
) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """Return the changes since 2011 and the old layer; nothing where a service is gone: few need them."""
    try:
        found = _portal.ask(
            services.addresses("changes", "2021"), _portal.among("LSOA21CD", codes), shapes=False, web=web
        )
        pairs = {(row["attributes"]["LSOA11CD"], row["attributes"]["LSOA21CD"]) for row in found}
        changes = [{"lsoa11_code": old, "lsoa21_code": new} for old, new in sorted(pairs)]
        before = sorted({old for old, _ in pairs})
        conditions = _portal.among("LSOA11CD", before)
        old = _portal.ask(services.addresses("lsoas", "2011"), conditions, shapes=True, web=web)
    except NetworkError:
        return [], []
    complete = len({row["attributes"]["LSOA11CD"] for row in old}) == len(before)
    return changes, old if complete else []


@contextmanager
def _staged(target: Path) -> Iterator[Path]:
    """Lend a copy of a folder that takes its place when all is well, so that nothing is half-written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=".fetching-", dir=target.parent))
    stage.chmod(0o755)
    try:
        if target.is_dir():
            shutil.copytree(target, stage, dirs_exist_ok=True)
        yield stage
        if target.is_dir():
            # A folder cannot be exchanged for another in one step: its files can, one by one, each whole.
            for path in sorted(stage.iterdir()):
                path.replace(target / path.name)
        else:
            stage.replace(target)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _write_layer(path: Path, features: list[dict[str, Any]]) -> Path:
    """Write GeoJSON in National Grid metres."""
    layer = _portal.layer(features)
    return write(path, layer.to_json(show_bbox=False, drop_id=True, to_wgs84=False))


def _write_table(path: Path, rows: list[dict[str, str]]) -> Path:
    return write(path, pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))
