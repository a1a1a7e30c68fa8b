"""The options that commands share: their names, groups in --help, environment variables and completions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from hotspots.audiences import AUDIENCES, PUBLISHERS
from hotspots.authorities import SHIPPED
from hotspots.settings import GEOFILES, HARM_INDICES

#: Groups of options in --help, in the order in which a person meets them.
READ, PLACE, SEEK, WRITE, WORK, SAY = (
    "What is read",
    "Which area and period",
    "What is sought",
    "What is written, and for whom",
    "Who does the work",
    "What is said",
)
#: What the environment variables of options begin with, and the rest of those that some command heeds.
PREFIX: Final = "HOTSPOTS_"
VARIABLES: set[str] = {"DATA", "DATABASE_PASSWORD", "DATABASE_PASSWORD_FILE"}


def option(*names: str, text: str, group: str, env: bool = True, **more: Any) -> Any:
    """
    Describe an option.

    Parameters
    ----------
    *names : str
        "--out", "-o".
    text : str
        What it does, for --help; no square brackets, which would be taken for markup.
    group : str
        Its group in --help.
    env : bool
        Whether HOTSPOTS_OUT stands for it as well.
    **more
        As `typer.Option`.
    """
    variable = None
    if env:
        word = names[0].lstrip("-").replace("-", "_").upper()
        VARIABLES.add(word)
        variable = f"{PREFIX}{word}"
    return typer.Option(*names, help=text, envvar=variable, show_envvar=False, rich_help_panel=group, **more)


def flag(*names: str, text: str, group: str = SAY) -> Any:
    """Describe a switch of a single call, which no environment variable sets."""
    return option(*names, text=text, group=group, env=False)


Inputs = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="INPUT",
        help="Files, folders, zips, or a database with --query; none for what was fetched, "
        "or the synthetic sample.",
    ),
]
Config = Annotated[
    Path | None,
    option(
        "--config",
        text="Settings and column mapping (default: hotspots.toml in the working folder, if there is one).",
        group=READ,
    ),
]
Force = Annotated[
    str | None, option("--force", text="Read only this force's files of an archive.", group=READ)
]
DateFormat = Annotated[
    str | None, option("--date-format", text="How dates are written, such as %d/%m/%Y.", group=READ)
]
Sheet = Annotated[str | None, option("--sheet", text="Sheet of a workbook to read.", group=READ)]
Dedupe = Annotated[
    bool | None,
    option(
        "--dedupe-source",
        text="Count one of each row where a month holds every row of a type twice, or two files overlap.",
        group=READ,
    ),
]
Query = Annotated[
    Path | None,
    option("--query", text="File with the SELECT that a database among the inputs is asked.", group=READ),
]
Postcodes = Annotated[
    Path | None,
    option(
        "--postcodes",
        text="ONSPD, NSPL or Code-Point Open file, for rows located by postcode.",
        group=READ,
    ),
]
Ostn15 = Annotated[
    Path | None, option("--ostn15", text="OSTN15 grid, for coordinates within a centimetre.", group=READ)
]

Area = Annotated[
    str | None,
    option(
        "--area",
        text=f"GSS code or name of the authority, or a force (default: {SHIPPED.name}; several: 'A; B').",
        group=PLACE,
    ),
]
Boundaries = Annotated[
    Path | None,
    option("--boundaries", text="Folder of area layers to use instead of the shipped ones.", group=PLACE),
]
Wards = Annotated[
    str | None,
    option(
        "--wards",
        text="Year of the wards, such as 2023 (default: the newest at hand).",
        group=PLACE,
    ),
]
Lsoas = Annotated[
    str | None,
    option(
        "--lsoas",
        text="Year of the LSOAs: 2011 or 2021 (default: the newest at hand).",
        group=PLACE,
    ),
]
From = Annotated[str | None, option("--from", text="First month, YYYY-MM.", metavar="MONTH", group=PLACE)]
To = Annotated[str | None, option("--to", text="Last month, YYYY-MM.", metavar="MONTH", group=PLACE)]
Compare = Annotated[
    tuple[str, str] | None,
    option(
        "--compare",
        text="Two periods to compare, the earlier first: 2024-01..2024-12 2025-01..2025-12 "
        "(default: year on year and the last quarter with that of a year before, where they were read).",
        metavar="PERIOD PERIOD",
        group=PLACE,
    ),
]

Themes = Annotated[
    list[str] | None,
    option(
        "--theme",
        text="Only this theme, by its name in `hotspots themes` (repeat for more).",
        group=SEEK,
    ),
]
ThemeRules = Annotated[
    Path | None,
    option("--theme-rules", text="Themes of your own: a file shaped like data/themes.toml.", group=SEEK),
]
OwnDenominator = Annotated[
    Path | None,
    option(
        "--denominator",
        text="CSV of GSS code and a figure, such as workday population: areas are ranked by it as well.",
        group=SEEK,
    ),
]
Seed = Annotated[int | None, option("--seed", text="Seed of every random draw.", group=SEEK)]
Top = Annotated[
    int | None,
    option("--top", text="How many areas the ranking calls its top (default: 3).", group=SEEK),
]
Harm = Annotated[
    str | None,
    option(
        "--harm",
        text="Harm index beside the counts: cambridge or ons.",
        group=SEEK,
        autocompletion=lambda: [name for name in HARM_INDICES if name],
    ),
]

Scan = Annotated[
    bool | None,
    option(
        "--scan",
        text="Seek circles that are high beyond chance, all looks allowed for; takes seconds a theme.",
        group=SEEK,
    ),
]
FoundByPatrol = Annotated[
    bool | None,
    option(
        "--found-by-patrol",
        text="Count possession of drugs and weapons in the choice of beats: patrols find these themselves.",
        group=SEEK,
    ),
]
Points = Annotated[
    list[Path] | None,
    option(
        "--points",
        text="Schools, premises, stops as CSV or map layer: what lies within 250 m of beats and hot spots "
        "(repeat for more).",
        group=SEEK,
    ),
]
Zones = Annotated[
    Path | None,
    option(
        "--zones",
        text="Named polygons (an order's area, a park, school surroundings) to count in as in wards; for "
        "internal use.",
        group=SEEK,
    ),
]

EngineName = Annotated[
    str,
    option(
        "--engine",
        text="Who shares the work out: local, processes on this machine, or dask, a cluster.",
        group=WORK,
        env=False,
    ),
]
Workers = Annotated[int, option("--workers", text="Processes (default: one a core).", group=WORK, env=False)]
Memory = Annotated[
    float,
    option(
        "--memory",
        text="GB that a process may hold (default: any number; Dask: its share).",
        group=WORK,
        env=False,
        metavar="GB",
    ),
]
Scheduler = Annotated[
    str,
    option(
        "--scheduler",
        text="Address of a Dask scheduler, such as tcp://host:8786; none for a cluster on this machine.",
        group=WORK,
        env=False,
    ),
]

Out = Annotated[Path | None, option("--out", "-o", text="Folder to write (default: maps).", group=WRITE)]
Audience = Annotated[
    str | None,
    option(
        "--audience",
        text="Who will see it: internal, partner or public (default: internal).",
        group=WRITE,
        autocompletion=lambda: list(AUDIENCES),
    ),
]
AlreadyPublic = Annotated[
    str | None,
    option(
        "--already-public",
        text="Attest that data.police.uk publishes every row already: counts are exact, few are marked.",
        metavar="PUBLISHER",
        group=WRITE,
        env=False,
        autocompletion=lambda: list(PUBLISHERS),
    ),
]
Marking = Annotated[str | None, option("--marking", text="Security marking for every page.", group=WRITE)]
Backdrop = Annotated[
    Path | None, option("--backdrop", text="Georeferenced raster to lay under the map.", group=WRITE)
]
Context = Annotated[
    Path | None,
    option(
        "--context",
        text="Roads, premises, schools and the like: a GeoPackage or GeoJSON, or a folder of them.",
        group=WRITE,
    ),
]
Tiles = Annotated[str | None, option("--tiles", text="URL template of your own tile server.", group=WRITE)]
Word = Annotated[
    bool | None,
    option(
        "--word",
        text="Write a Word document beside each page that is to be handed on (needs the extra word).",
        group=WRITE,
    ),
]
Also = Annotated[
    list[str] | None,
    option(
        "--also",
        text="Write the layers in this format too: geoparquet or flatgeobuf (repeat for both).",
        group=WRITE,
        autocompletion=lambda: list(GEOFILES),
    ),
]
Previous = Annotated[
    list[Path] | None,
    option(
        "--previous",
        text="Folder of an earlier release of the same incidents (other months, audience, boundaries): more "
        "is withheld until all together hold (repeat for more).",
        group=WRITE,
    ),
]
DryRun = Annotated[bool, flag("--dry-run", text="Analyse and report, write nothing.", group=WRITE)]

Json = Annotated[bool, flag("--json", text="Print one JSON object on standard output.")]
Quiet = Annotated[bool, flag("--quiet", "-q", text="No commentary; warnings are still told.")]
Strict = Annotated[
    bool, flag("--strict", text="Exit 6 if a row of the area was rejected or a warning given.")
]
Debug = Annotated[bool, flag("--debug", text="Show where in the code an error arose.")]

Folder = Annotated[
    Path | None,
    option("--folder", text="Where to put it, instead of the usual place.", group=WRITE, env=False),
]
