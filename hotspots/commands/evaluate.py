"""`hotspots evaluate`: whether something that was done at a place changed what is recorded there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from hotspots.commands import _options as options
from hotspots.commands._asking import settings_of
from hotspots.commands._telling import be_strict, errors_told, say, say_json, steps_told, warn
from hotspots.errors import UsageError

EXAMPLES = (
    "hotspots evaluate downloads/ --interventions pspo.csv",
    "hotspots evaluate downloads/ --interventions pspo.gpkg --method synthetic --out pspo",
    "hotspots evaluate downloads/ --interventions orders.csv --zones parks.gpkg --beats maps/",
    "hotspots evaluate downloads/ --interventions order.csv --elsewhere leicester/ --elsewhere nottingham/",
    "hotspots evaluate downloads/ --plan --theme anti-social-behaviour --zones parks.gpkg",
)
#: Where the folder goes if nothing else is said.
FOLDER = Path("evaluation")
WHAT = "The evaluation"

Interventions = Annotated[
    Path | None,
    options.option(
        "--interventions",
        text="CSV or GeoPackage: name, theme, on, off, area (codes, a shape, a zone, a beat), control; a row "
        "a prohibition and place.",
        group=WHAT,
        env=False,
    ),
]
Plan = Annotated[
    bool,
    options.flag(
        "--plan",
        text="Before it starts: the smallest fall that could be seen, by theme, place and length.",
        group=WHAT,
    ),
]
Beats = Annotated[
    Path | None,
    options.option(
        "--beats",
        text="A run's folder or its hotspots.gpkg: its beats and hot spots may be named as areas.",
        group=WHAT,
        env=False,
    ),
]
Elsewhere = Annotated[
    list[Path] | None,
    options.option(
        "--elsewhere",
        text="Files of another authority for the same months, as control of what covers the whole city "
        "(repeat for each).",
        group=WHAT,
        env=False,
    ),
]
Method = Annotated[
    str,
    options.option(
        "--method",
        text="How a control is found where the file gives none: similar or synthetic.",
        group=WHAT,
        env=False,
    ),
]
Length = Annotated[
    int | None, options.option("--length", text="At most so many months on each side.", group=WHAT, env=False)
]
Ring = Annotated[
    float,
    options.option(
        "--ring", text="Metres around a place in which displacement is sought.", group=WHAT, env=False
    ),
]
Returned = Annotated[
    list[Path] | None,
    options.option(
        "--returned",
        text="Forms of patrols, filled in, or a folder of them (repeat for more): what was delivered while "
        "it was in force, where the area is written as beats.",
        group=WHAT,
        env=False,
    ),
]
Out = Annotated[
    Path | None,
    options.option(
        "--out", "-o", text="Folder to write (default: evaluation).", group=options.WRITE, env=False
    ),
]


def command(
    inputs: options.Inputs = None,
    interventions: Interventions = None,
    plan: Plan = False,
    beats: Beats = None,
    elsewhere: Elsewhere = None,
    method: Method = "similar",
    length: Length = None,
    ring: Ring = 250.0,
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
    themes: options.Themes = None,
    theme_rules: options.ThemeRules = None,
    zones: options.Zones = None,
    out: Out = None,
    marking: options.Marking = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    strict: options.Strict = False,
    debug: options.Debug = False,
) -> None:
    """Compare before and after with a control; for internal use, as small counts are exact."""
    words = locals()
    with errors_told(debug=debug):
        if plan == (interventions is not None):
            raise UsageError("Name a file with --interventions, or ask for a --plan: one of the two.")
        settings = settings_of({**words, "out": None})
        from hotspots import evaluating
        from hotspots.outputs.evaluation import publish_evaluation, publish_plan
        from hotspots.outputs.folder import check_target

        folder = out or FOLDER
        check_target(folder)
        with steps_told(quiet=quiet) as steps:
            done: evaluating.Evaluated | evaluating.Planned
            if interventions is None:
                done = evaluating.plan_files(
                    settings, beats=beats, ring=ring, progress=steps, watch=steps.watch
                )
                record = publish_plan(done.table, folder, **done.labels, progress=steps)
                lines = [f"{record['planned']} smallest falls by theme, place and length."]
            else:
                asked = evaluating.Asked(
                    interventions,
                    beats=beats,
                    elsewhere=tuple(elsewhere or ()),
                    method=method,
                    length=length,
                    ring=ring,
                    returned=tuple(returned or ()),
                )
                done = evaluating.evaluate_files(settings, asked, progress=steps, watch=steps.watch)
                record = publish_evaluation(done.pages, done.table, folder, **done.labels, progress=steps)
                lines = [f"{one['name']}, {one['day']}: {one['verdict']}" for one in record["interventions"]]
        warn(done.warnings)
        if json:
            say_json(record)
        else:
            page = "plan.html" if plan else "evaluation.html"
            say("\n".join([*lines, "", f"Open {folder / page}"]))
        be_strict(strict, done.warnings, done.rejected)
