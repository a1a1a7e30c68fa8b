"""What a run takes where nothing is named: fetched layers, street crime and postcodes, or what ships."""

from __future__ import annotations

from pathlib import Path

from hotspots.authorities import SHIPPED, fetched_layers, known_authority, quoted_word
from hotspots.errors import DataMissingError
from hotspots.geography.postcodes import check_there
from hotspots.resources import data_folder, shipped
from hotspots.settings import Settings


def layers_folder(settings: Settings) -> Path | None:
    """Return the folder that was named, else that of the authority's fetched layers, else None."""
    return settings.boundaries or fetched_layers(settings.area)


def usual_inputs(area: str) -> tuple[Path, ...]:
    """
    Return what is read where no input is named: fetched street crime, else for Derby the synthetic sample.

    Raises
    ------
    DataMissingError
        If nothing was fetched for another authority.
    """
    force = known_authority(area).force
    files = sorted((data_folder("police") / force).glob("*-street.csv")) if force else []
    # Derby's sample shows what the program does; only a place of one's own replaces it.
    if files and (area != SHIPPED.code or fetched_layers(area)):
        return tuple(files)
    if area == SHIPPED.code:
        return (shipped("data", "sample"),)
    name = quoted_word(known_authority(area).name)
    raise DataMissingError(
        f"No input is named, and no street crime is at hand for {name}: name files, "
        f"or run hotspots fetch place --area {name} --from YYYY-MM --to YYYY-MM."
    )


def postcode_file(settings: Settings) -> Path | None:
    """Return the postcode file that was named, which must exist even if no row needs it, or fetched."""
    if settings.postcodes:
        check_there(settings.postcodes)
    return settings.postcodes or _fetched("postcodes", "*.zip")


def _fetched(kind: str, pattern: str) -> Path | None:
    """Return the file that `hotspots fetch` brought, if any."""
    return next(iter(sorted(data_folder(kind).glob(pattern))), None)
