"""`hotspots fetch`: open data from its publishers, over the network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from hotspots.authorities import SHIPPED, Authority, areas_meant, quoted_word
from hotspots.commands import _options as options
from hotspots.commands._telling import errors_told, say_paths
from hotspots.errors import DataMissingError, UsageError

if TYPE_CHECKING:
    from hotspots.fetching.services import Services
    from hotspots.fetching.web import Web

#: Each of the commands below by name, with how it is called.
EXAMPLES = {
    "place": (
        "hotspots fetch place --area Leicester --from 2024-01 --to 2024-12",
        "hotspots fetch place --area Derbyshire --from 2025-01 --to 2025-12",
    ),
    "boundaries": (
        "hotspots fetch boundaries",
        "hotspots fetch boundaries --area E06000016",
        "hotspots fetch boundaries --area Nottingham --year 2022",
    ),
    "police": (
        "hotspots fetch police --from 2025-01 --to 2025-12",
        "hotspots fetch police --from 2025-01 --area Leicester",
        "hotspots fetch police --from 2025-01 --area Leicester --api",
    ),
    "population": ("hotspots fetch population --area Leicester",),
    "deprivation": ("hotspots fetch deprivation --area Leicester",),
    "postcodes": ("hotspots fetch postcodes",),
    "ostn15": ("hotspots fetch ostn15",),
    "context": ("hotspots fetch context", "hotspots fetch context --area Leicester"),
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
    str | None,
    options.option(
        "--force",
        text="The force, as data.police.uk/api/forces calls it (default: the area's).",
        group=options.READ,
        env=False,
    ),
]
Year = Annotated[
    str | None,
    options.option("--year", text="Year of the wards (default: the newest).", group=options.PLACE, env=False),
]
Api = Annotated[
    bool,
    options.flag(
        "--api",
        text="Ask for what lies inside the area, instead of the force's files of the archive.",
        group=options.READ,
    ),
]
ServicesFile = Annotated[
    Path | None,
    options.option(
        "--services",
        text="Addresses of the publishers, where they have moved: columns as in data/services.csv.",
        group=options.READ,
    ),
]


def place(
    from_month: FirstMonth,
    to_month: LastMonth = None,
    area: options.Area = None,
    year: Year = None,
    services: ServicesFile = None,
    debug: options.Debug = False,
) -> None:
    """Bring all that a run of an area needs: layers, residents, deprivation, street crime."""
    with errors_told(debug=debug):
        from hotspots.fetching import boundaries, figures, police

        months = _months(from_month, to_month)
        table, web = _asking(services)
        found = _from_portal(area, table, web)
        paths: list[Path] = []
        for one in found:
            paths += boundaries.fetch_boundaries(one, services=table, web=web, year=year or "")
            paths += figures.fetch_population(one, services=table, web=web)
        english = [one for one in found if one.code.startswith("E")]
        indices = figures.read_indices(services=table, web=web) if english else ()
        for one in english:
            paths += figures.keep_deprivation(one, indices)
        for force in dict.fromkeys(one.force for one in found):
            paths += police.fetch_archive(months, force=force, services=table, web=web)
        say_paths(paths)


def boundaries(
    area: options.Area = None,
    year: Year = None,
    folder: options.Folder = None,
    services: ServicesFile = None,
    debug: options.Debug = False,
) -> None:
    """Bring the official wards and LSOAs of an authority (Office for National Statistics)."""
    with errors_told(debug=debug):
        from hotspots.fetching.boundaries import fetch_boundaries

        table, web = _asking(services)
        found = _one_for_folder(_from_portal(area, table, web), folder)
        say_paths(
            path
            for one in found
            for path in fetch_boundaries(one, services=table, web=web, year=year or "", folder=folder)
        )


def police(
    from_month: FirstMonth,
    to_month: LastMonth = None,
    area: options.Area = None,
    boundaries: options.Boundaries = None,
    force: ForceOfArea = None,
    api: Api = False,
    folder: options.Folder = None,
    services: ServicesFile = None,
    debug: options.Debug = False,
) -> None:
    """Bring the street crime of the area's force, or with --api of the area alone (data.police.uk)."""
    with errors_told(debug=debug):
        from hotspots.fetching.police import fetch_archive, fetch_police

        months = _months(from_month, to_month)
        table, web = _asking(services)
        found = _at_hand_or_asked(area, table, web) if api or not force else ()
        forces = [force] if force else list(dict.fromkeys(one.force for one in found))
        if not all(forces):
            raise UsageError("The force of this area is not known: name it with --force.")
        if not api:
            say_paths(
                path
                for one in forces
                for path in fetch_archive(months, force=one, services=table, web=web, folder=folder)
            )
            return
        from hotspots.at_hand import layers_folder
        from hotspots.geography.load import load_areas
        from hotspots.settings import Settings

        (authority,) = _single(found)
        settings = Settings(area=authority.code, boundaries=boundaries)
        outline = load_areas(folder=layers_folder(settings), area=authority.code).outline
        say_paths(
            fetch_police(months, outline=outline, force=forces[0], services=table, web=web, folder=folder)
        )


def population(
    area: options.Area = None,
    folder: options.Folder = None,
    services: ServicesFile = None,
    debug: options.Debug = False,
) -> None:
    """Bring residents and households of the fetched layers (Nomis, census 2021 and estimates)."""
    with errors_told(debug=debug):
        from hotspots.fetching.figures import fetch_population

        table, web = _asking(services)
        found = _one_for_folder(areas_meant(area or SHIPPED.code), folder)
        say_paths(
            path for one in found for path in fetch_population(one, services=table, web=web, folder=folder)
        )


def deprivation(
    area: options.Area = None,
    folder: options.Folder = None,
    services: ServicesFile = None,
    debug: options.Debug = False,
) -> None:
    """Bring the Indices of Deprivation 2025 of the fetched layers (England)."""
    with errors_told(debug=debug):
        from hotspots.fetching.figures import keep_deprivation, layer_codes, read_indices

        table, web = _asking(services)
        found = _one_for_folder(areas_meant(area or SHIPPED.code), folder)
        for one in found:
            if not one.code.startswith("E"):
                raise DataMissingError(f"The English Indices do not cover {one.name}: Wales has its own.")
            layer_codes(folder or _folder_of(one), one)
        indices = read_indices(services=table, web=web)
        say_paths(path for one in found for path in keep_deprivation(one, indices, folder=folder))


def postcodes(
    folder: options.Folder = None, services: ServicesFile = None, debug: options.Debug = False
) -> None:
    """Bring Code-Point Open, every live postcode (Ordnance Survey)."""
    with errors_told(debug=debug):
        from hotspots.fetching.files import fetch_postcodes

        table, web = _asking(services)
        say_paths(fetch_postcodes(services=table, web=web, folder=folder))


def ostn15(
    folder: options.Folder = None, services: ServicesFile = None, debug: options.Debug = False
) -> None:
    """Bring the OSTN15 grid for conversions better than a metre (Ordnance Survey)."""
    with errors_told(debug=debug):
        from hotspots.fetching.files import fetch_ostn15

        table, web = _asking(services)
        say_paths(fetch_ostn15(services=table, web=web, folder=folder))


def _asking(own: Path | None) -> tuple[Services, Web]:
    """Give the table of services, and what asks them."""
    from hotspots.fetching.services import load_services
    from hotspots.fetching.web import Web

    return load_services(own), Web()


def _months(first: str, last: str | None) -> tuple[str, ...]:
    from hotspots.months import months_between
    from hotspots.settings import Settings

    settings = Settings(from_month=first, to_month=last or first)
    return months_between(settings.from_month, settings.to_month)


def _from_portal(area: str | None, services: Services, web: Web) -> tuple[Authority, ...]:
    """Ask the portal which authorities are meant: only it knows all."""
    from hotspots.fetching.authorities import find_authorities

    words = [word for word in (area or SHIPPED.code).split(";") if word.strip()] or [""]
    found = [one for word in words for one in find_authorities(word, services=services, web=web)]
    return tuple({one.code: one for one in found}.values())


def _at_hand_or_asked(area: str | None, services: Services, web: Web) -> tuple[Authority, ...]:
    try:
        found = areas_meant(area or SHIPPED.code)
    except DataMissingError:
        found = ()
    return found if found and all(one.force for one in found) else _from_portal(area, services, web)


def _folder_of(one: Authority) -> Path:
    from hotspots.authorities import place_folder

    return place_folder(one.code)


def _one_for_folder(found: Sequence[Authority], folder: Path | None) -> Sequence[Authority]:
    """Refuse to put several authorities into one folder: their layers have the same names."""
    return found if folder is None else _single(found)


def _single(found: Sequence[Authority]) -> Sequence[Authority]:
    if len(found) != 1:
        names = ", ".join(quoted_word(one.name) for one in found)
        raise UsageError(f"This takes one authority at a time: choose one of {names}.")
    return found


def context(
    area: options.Area = None,
    boundaries: options.Boundaries = None,
    folder: options.Folder = None,
    services: ServicesFile = None,
    debug: options.Debug = False,
) -> None:
    """Bring roads, rail, water, green and names around the area (Ordnance Survey)."""
    with errors_told(debug=debug):
        from hotspots.at_hand import layers_folder
        from hotspots.fetching.context import fetch_context
        from hotspots.geography.load import load_areas
        from hotspots.settings import Settings

        table, web = _asking(services)
        (authority,) = _single(areas_meant(area or SHIPPED.code))
        settings = Settings(area=authority.code, boundaries=boundaries)
        outline = load_areas(folder=layers_folder(settings), area=authority.code).outline
        say_paths(fetch_context(outline, services=table, web=web, folder=folder))


#: In the order in which --help lists them.
COMMANDS = (place, boundaries, police, population, deprivation, postcodes, ostn15, context)
