"""`hotspots patrol`: a shift over the beats that were chosen for it, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from hotspots.commands import _options as options
from hotspots.commands._asking import settings_of
from hotspots.commands._telling import be_strict, errors_told, say, say_json, steps_told, warn

EXAMPLES = (
    "hotspots patrol downloads/ --officers 4 --hours 6",
    "hotspots patrol downloads/ --theme anti-social-behaviour --officers 6 --hours 8 --month 2026-01",
    "hotspots patrol downloads/ --start 435300,336200 --travel 15km/h --begins 18:00",
    "hotspots patrol downloads/ --returned brought-back/ --out next-week",
    "hotspots patrol downloads/ --even-wards --audience partner --out friday",
)
#: Where the folder goes if nothing else is said.
FOLDER = Path("patrol")
SHIFT = "The shift"

Theme = Annotated[
    str,
    options.option(
        "--theme",
        text="Theme for which the beats are chosen, by its name in `hotspots themes`.",
        group=options.SEEK,
        env=False,
    ),
]
Officers = Annotated[int, options.option("--officers", text="Officers on the shift.", group=SHIFT, env=False)]
Hours = Annotated[float, options.option("--hours", text="Length of the shift.", group=SHIFT, env=False)]
Visit = Annotated[
    float,
    options.option(
        "--visit", text="Minutes of an ordinary visit; guidance is 10 to 16.", group=SHIFT, env=False
    ),
]
Travel = Annotated[
    str, options.option("--travel", text="Speed between beats: 4km/h, 2.5mph.", group=SHIFT, env=False)
]
Start = Annotated[
    str,
    options.option(
        "--start",
        text="Easting and northing where the shift begins and ends; without it the way there is not counted.",
        metavar="E,N",
        group=SHIFT,
        env=False,
    ),
]
Begins = Annotated[
    str,
    options.option(
        "--begins",
        text="Time of day, 18:00: the order sheet then has clock times, and beats are those of these hours "
        "where the data tell them.",
        group=SHIFT,
        env=False,
    ),
]
Month = Annotated[
    str,
    options.option(
        "--month",
        text="Month planned for, YYYY-MM (default: the one after the last whole month known).",
        group=SHIFT,
        env=False,
    ),
]
Crew = Annotated[int, options.option("--crew", text="Officers who walk together.", group=SHIFT, env=False)]
Every = Annotated[
    float,
    options.option("--every", text="Hours within which each beat is visited again.", group=SHIFT, env=False),
]
Share = Annotated[
    float,
    options.option("--share", text="Per cent of the area that beats may make up.", group=SHIFT, env=False),
]
Delivered = Annotated[
    float | None,
    options.option(
        "--delivered",
        text="Per cent of the planned time at beats that is delivered in the end (default: what --returned "
        "says, else the 55 of a trial).",
        group=SHIFT,
        env=False,
    ),
]
EvenWards = Annotated[
    bool, options.flag("--even-wards", text="Let the wards take turns; its price is said.", group=SHIFT)
]
Context = Annotated[
    Path | None,
    options.option(
        "--context",
        text="Street lines as GeoPackage or GeoJSON: then a beat can be a piece of a street, where that held "
        "more.",
        group=options.SEEK,
    ),
]
Returns = Annotated[
    list[str] | None,
    options.option(
        "--returns",
        text="Column of the form for what was delivered, tables/returns.csv (repeat for more).",
        group=SHIFT,
        env=False,
    ),
]
Returned = Annotated[
    list[Path] | None,
    options.option(
        "--returned",
        text="Forms of past shifts, filled in, or a folder of them (repeat for more): delivered beside "
        "planned. Only beat, date and figures are read.",
        group=SHIFT,
        env=False,
    ),
]
Out = Annotated[
    Path | None,
    options.option("--out", "-o", text="Folder to write (default: patrol).", group=options.WRITE, env=False),
]


def command(
    inputs: options.Inputs = None,
    theme: Theme = "all",
    officers: Officers = 4,
    hours: Hours = 6.0,
    visit: Visit = 15.0,
    travel: Travel = "4km/h",
    start: Start = "",
    begins: Begins = "",
    month: Month = "",
    crew: Crew = 2,
    every: Every = 2.0,
    share: Share = 2.0,
    delivered: Delivered = None,
    even_wards: EvenWards = False,
    found_by_patrol: options.FoundByPatrol = None,
    points: options.Points = None,
    context: Context = None,
    returns: Returns = None,
    returned: Returned = None,
    config: options.Config = None,
    force: options.Force = None,
    date_format: options.DateFormat = None,
    sheet: options.Sheet = None,
    dedupe_source: options.Dedupe = None,
    query: options.Query = None,
    postcodes: options.Postcodes = None,
    ostn15: options.Ostn15 = None,
    area: options.Area = None,
    boundaries: options.Boundaries = None,
    wards: options.Wards = None,
    lsoas: options.Lsoas = None,
    from_month: options.From = None,
    to_month: options.To = None,
    theme_rules: options.ThemeRules = None,
    seed: options.Seed = None,
    out: Out = None,
    audience: options.Audience = None,
    marking: options.Marking = None,
    dry_run: options.DryRun = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    strict: options.Strict = False,
    debug: options.Debug = False,
) -> None:
    """Plan a shift: which beats, in which rounds, what the next officer buys, what stays uncovered."""
    words = locals()
    with errors_told(debug=debug):
        settings = settings_of({**words, "out": None})
        from hotspots import patrolling
        from hotspots.outputs.folder import check_target
        from hotspots.outputs.patrol import publish_patrol, shift_record

        asked = patrolling.Asked(
            theme=theme,
            officers=officers,
            hours=hours,
            visit=visit,
            speed=patrolling.read_speed(travel),
            start=patrolling.read_start(start),
            begins=patrolling.read_clock(begins),
            month=month,
            crew=crew,
            every=every,
            share=share / 100,
            delivered=None if delivered is None else delivered / 100,
            even_wards=even_wards,
            returned=tuple(returned or ()),
        )
        folder = out or FOLDER
        patrolling.check_asked(settings, asked)
        if not dry_run:
            check_target(folder)
        with steps_told(quiet=quiet) as steps:
            analysis, release, shift = patrolling.plan_shift(
                settings, asked, progress=steps, watch=steps.watch
            )
            if dry_run:
                record = shift_record(release, shift)
            else:
                record = publish_patrol(release, shift, folder, progress=steps)
        warn(analysis.warnings)
        if json:
            say_json(record)
        else:
            say(_text(record["patrol"], None if dry_run else folder))
        be_strict(strict, analysis.warnings, analysis.rejected)


def _text(patrol: Mapping[str, Any], folder: Path | None) -> str:
    """Say what the shift covers, and where the cards are."""
    lines = [*patrol["notes"], "", patrol["grade"]]
    if patrol["curve"]:
        lines += ["", "What the next officer buys: officers, beats, share of what is expected"]
        lines += [
            f"{one['officers']:>5}  {one['beats']:>4}  {100 * one['share']:5.1f} %" for one in patrol["curve"]
        ]
    if folder is not None:
        lines += ["", f"Cards and order sheet: {folder / 'patrol.html'}"]
    return "\n".join(lines)
