"""`hotspots fetch`: open data from its publishers; the only commands that use the network."""

from __future__ import annotations

from typing import Annotated

from hotspots.commands import _options as options
from hotspots.commands._telling import errors_told, say_paths

#: Each of the commands below by name, with how it is called.
EXAMPLES = {
    "boundaries": ("hotspots fetch boundaries", "hotspots fetch boundaries --area E06000016"),
    "police": (
        "hotspots fetch police --from 2025-01 --to 2025-12",
        "hotspots fetch police --from 2025-01 --force leicestershire --area E06000016 --boundaries layers/",
    ),
    "population": ("hotspots fetch population",),
    "postcodes": ("hotspots fetch postcodes",),
    "ostn15": ("hotspots fetch ostn15",),
}

FirstMonth = Annotated[
    str,
    options.option("--from", text="First month, YYYY-MM.", metavar="MONTH", group=options.PLACE, env=False),
]
LastMonth = Annotated[
    str | None,
    options.option(
        "--to",
        text="Last month, YYYY-MM (default: the first).",
        metavar="MONTH",
        group=options.PLACE,
        env=False,
    ),
]
ForceOfArea = Annotated[
    str,
    options.option(
        "--force",
        text="The area's force, as data.police.uk/api/forces calls it.",
        group=options.READ,
        env=False,
    ),
]


def boundaries(
    area: options.Area = None, folder: options.Folder = None, debug: options.Debug = False
) -> None:
    """Bring the official wards and LSOAs of an authority (Office for National Statistics)."""
    with errors_told(debug=debug):
        from hotspots.fetching import publishers
        from hotspots.settings import Settings

        say_paths(publishers.fetch_boundaries(area or Settings().area, folder=folder))


def police(
    from_month: FirstMonth,
    to_month: LastMonth = None,
    area: options.Area = None,
    boundaries: options.Boundaries = None,
    force: ForceOfArea = "derbyshire",
    folder: options.Folder = None,
    debug: options.Debug = False,
) -> None:
    """Bring street crime inside the area, month by month (data.police.uk)."""
    with errors_told(debug=debug):
        from hotspots.settings import Settings

        settings = Settings(
            from_month=from_month, to_month=to_month or from_month, area=area or Settings().area
        )
        from hotspots.fetching import publishers
        from hotspots.geography.load import load_areas
        from hotspots.months import months_between

        outline = load_areas(folder=boundaries, area=settings.area).outline
        months = months_between(settings.from_month, settings.to_month)
        say_paths(publishers.fetch_police(months, outline=outline, force=force, folder=folder))


def population(folder: options.Folder = None, debug: options.Debug = False) -> None:
    """Bring residents and households of the fetched LSOAs (Nomis, census 2021)."""
    with errors_told(debug=debug):
        from hotspots.fetching import publishers

        say_paths(publishers.fetch_population(folder=folder))


def postcodes(folder: options.Folder = None, debug: options.Debug = False) -> None:
    """Bring Code-Point Open, every live postcode (Ordnance Survey)."""
    with errors_told(debug=debug):
        from hotspots.fetching import publishers

        say_paths(publishers.fetch_postcodes(folder=folder))


def ostn15(folder: options.Folder = None, debug: options.Debug = False) -> None:
    """Bring the OSTN15 grid for conversions better than a metre (Ordnance Survey)."""
    with errors_told(debug=debug):
        from hotspots.fetching import publishers

        say_paths(publishers.fetch_ostn15(folder=folder))


#: In the order in which --help lists them.
COMMANDS = (boundaries, police, population, postcodes, ostn15)
