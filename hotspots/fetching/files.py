"""
Files that are taken as they are: every postcode, and the grid behind exact coordinates.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hotspots.fetching.services import Services
from hotspots.fetching.web import Web, download
from hotspots.resources import data_folder

#: What PROJ looks for.
GRID: Final = "uk_os_OSTN15_NTv2_OSGBtoETRS.tif"


def fetch_postcodes(*, services: Services, web: Web, folder: Path | None = None) -> tuple[Path, ...]:
    """
    Fetch Ordnance Survey's Code-Point Open, every live postcode of Great Britain, as it is published.

    Raises
    ------
    NetworkError
        If it is not delivered, or is no ZIP.
    """
    path = (folder or data_folder("postcodes")) / "codepo_gb.zip"
    return (download(services.address("postcodes"), path, starts=(b"PK\x03\x04",), web=web),)


def fetch_ostn15(*, services: Services, web: Web, folder: Path | None = None) -> tuple[Path, ...]:
    """
    Fetch the OSTN15 grid in the form that PROJ distributes.

    By default into PROJ's own folder, where later runs find it by themselves.

    Raises
    ------
    NetworkError
        If it is not delivered, or is no TIFF.
    """
    from pyproj import datadir

    path = (folder or Path(datadir.get_user_data_dir())) / GRID
    return (download(services.address("ostn15"), path, starts=(b"II*\x00", b"MM\x00*"), web=web),)
