"""`hotspots evaluate`: whether something that was done at a place changed what is recorded there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from hotspots.commands import _options as options
from hotspots.commands._asking import settings_of
from hotspots.commands._telling import be_strict, errors_told, say, say_json, steps_told, warn

EXAMPLES = (
    "hotspots evaluate downloads/ --interventions pspo.csv",
    "hotspots evaluate downloads/ --interventions pspo.gpkg --method synthetic --out pspo",
)
#: Where the folder goes if nothing else is said.
FOLDER = Path("evaluation")
WHAT = "The evaluation"

Interventions = Annotated[
    Path,
    options.option(
        "--interventions",
        text="CSV or GeoPackage: name, theme, on, off, area (codes or a shape), control; a row a prohibition "
        "and place.",
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
Out = Annotated[
    Path | None,
    options.option(
        "--out", "-o", text="Folder to write (default: evaluation).", group=options.WRITE, env=False
    ),
]


def command(
    interventions: Interventions,
    inputs: options.Inputs = None,
    method: Method = "similar",
    length: Length = None,
    ring: Ring = 250.0,
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
        settings = settings_of({**words, "out": None})
        from hotspots import evaluating
        from hotspots.outputs.evaluation import publish_evaluation
        from hotspots.outputs.folder import check_target

        folder = out or FOLDER
        check_target(folder)
        asked = evaluating.Asked(interventions, method=method, length=length, ring=ring)
        with steps_told(quiet=quiet) as steps:
            done = evaluating.evaluate_files(settings, asked, progress=steps, watch=steps.watch)
            record = publish_evaluation(done.pages, done.table, folder, **done.labels, progress=steps)
        warn(done.warnings)
        if json:
            say_json(record)
        else:
            lines = [f"{one['name']}, {one['day']}: {one['verdict']}" for one in record["interventions"]]
            say("\n".join([*lines, "", f"Open {folder / 'evaluation.html'}"]))
        be_strict(strict, done.warnings, done.rejected)
