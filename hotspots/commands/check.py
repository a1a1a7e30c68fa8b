"""`hotspots check`: what is in the files, before anything is made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from hotspots.commands import _options as options
from hotspots.commands._asking import settings_of
from hotspots.commands._telling import be_strict, errors_told, say, say_json, steps_told

EXAMPLES = (
    "hotspots check downloads/",
    "hotspots check council.xlsx --rejects rejected.csv",
    "hotspots check downloads/ --json",
)

Rejects = Annotated[
    Path | None,
    options.option(
        "--rejects",
        text="Write file, row and reason of each rejected row to this CSV.",
        group=options.WRITE,
        env=False,
    ),
]


def command(
    inputs: options.Inputs = None,
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
    rejects: Rejects = None,
    json: options.Json = False,
    strict: options.Strict = False,
    debug: options.Debug = False,
) -> None:
    """Read, validate and geocode; print the report and write nothing."""
    words = locals()
    with errors_told(debug=debug):
        settings = settings_of(words)
        from hotspots import terminal
        from hotspots.checking import check_files
        from hotspots.outputs.folder import check_rejects_target

        if rejects:
            check_rejects_target(rejects)
        with steps_told(quiet=False, plain=False) as steps:
            checked = check_files(settings, progress=steps, watch=steps.watch)
        if rejects:
            checked.write_rejects(rejects)
        if json:
            say_json(checked.as_dict())
        else:
            say(terminal.check_text(checked.as_dict()))
        be_strict(strict, checked.warnings, checked.rejected)
