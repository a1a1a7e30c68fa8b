"""`hotspots audit`: attack published folders from outside, with nothing but what they publish."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hotspots.commands import _options as options
from hotspots.commands._telling import errors_told, say, say_json
from hotspots.errors import AuditError

EXAMPLES = (
    "hotspots audit public-maps/",
    "hotspots audit january-june/ january-july/ partner-maps/",
    "hotspots audit public-maps/ --deep --places points.csv",
)

Folders = Annotated[
    list[Path],
    typer.Argument(
        metavar="FOLDER", help="What `hotspots run` wrote; several are attacked together as well."
    ),
]
Deep = Annotated[
    bool,
    options.flag("--deep", text="Measure every interval to its ends and replay the ranking: takes minutes."),
]


Places = Annotated[
    Path | None,
    options.option(
        "--places",
        text="CSV of easting and northing where incidents may be: with --deep, all but one of 60 random "
        "extracts are known, and the places left for the last are counted.",
        group=options.SAY,
        env=False,
    ),
]


def command(
    folders: Folders,
    deep: Deep = False,
    places: Places = None,
    theme_rules: options.ThemeRules = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Try to work withheld counts out again from published folders; exit 7 if any can be."""
    with errors_told(debug=debug):
        from hotspots.attacking import replay_program
        from hotspots.attacking_shapes import attack_releases
        from hotspots.auditing.audit import audit_folders
        from hotspots.rebuilding import rebuild

        again = partial(rebuild, theme_rules=theme_rules)
        report = audit_folders(folders, deep=deep, program=replay_program, rebuild=again)
        if deep and places is not None:
            report = replace(report, hidden=attack_releases(folders, places))
        if json:
            say_json(report.as_dict())
        else:
            say(report.text())
        if not report.ok:
            raise AuditError(
                "The audit found withheld counts, or other things, that can be worked out: see above."
            )
