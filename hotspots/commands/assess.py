"""`hotspots assess`: the evidence of the strategic assessment from folders that were published."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hotspots.commands import _options as options
from hotspots.commands._telling import errors_told, say, say_json, steps_told

EXAMPLES = (
    "hotspots assess maps/",
    "hotspots assess maps/2024 maps/2025 patrol/ evaluation/ --answers assessment.toml --word",
    "hotspots assess maps/2025 --edition quarterly --since maps/2024 --out assessment/2025-q4",
)
#: Where the folder goes if nothing else is said.
FOLDER = Path("assessment")
WHAT = "The assessment"

Folders = Annotated[
    list[Path],
    typer.Argument(
        metavar="OUT",
        help="Folders that run, patrol and evaluate wrote; one of run at least.",
        show_default=False,
    ),
]
AnswersFile = Annotated[
    Path | None,
    options.option(
        "--answers",
        text="What no incident file holds: a copy of data/assessment.toml, filled in.",
        group=WHAT,
        env=False,
    ),
]
Edition = Annotated[
    str,
    options.option(
        "--edition", text="Compare a year (yearly) or a quarter (quarterly).", group=WHAT, env=False
    ),
]
Since = Annotated[
    Path | None,
    options.option(
        "--since", text="Folder of the run on which the last assessment rests.", group=WHAT, env=False
    ),
]
Nation = Annotated[
    Path | None,
    options.option(
        "--nation",
        text="Folder that national wrote: names the authorities most like this one.",
        group=WHAT,
        env=False,
    ),
]
Out = Annotated[
    Path | None,
    options.option(
        "--out", "-o", text="Folder to write (default: assessment).", group=options.WRITE, env=False
    ),
]
Word = Annotated[
    bool, options.flag("--word", text="Write the page as a Word document too.", group=options.WRITE)
]


def command(
    folders: Folders,
    answers: AnswersFile = None,
    edition: Edition = "yearly",
    since: Since = None,
    nation: Nation = None,
    out: Out = None,
    word: Word = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Write the assessment's evidence from released figures; audience and marking are the folders'."""
    with errors_told(debug=debug):
        from hotspots.assessing import assess_folders
        from hotspots.outputs.assessment import publish_assessment
        from hotspots.outputs.folder import check_target
        from hotspots.outputs.tables import last_moment
        from hotspots.pages.word import check_word

        if word:
            check_word()
        target = out or FOLDER
        check_target(target)
        with steps_told(quiet=quiet) as steps:
            steps("Reading folders")
            done = assess_folders(folders, answers=answers, edition=edition, since=since, nation=nation)
            record = publish_assessment(
                done.evidence,
                done.answers,
                done.since,
                target,
                word=word,
                created=last_moment(done.folders.months, os.environ.get("SOURCE_DATE_EPOCH")).to_pydatetime(),
                progress=steps,
                **done.labels,
            )
        if json:
            say_json(record)
        else:
            empty = len(done.answers.missing)
            boxes = f"{empty} of {len(done.answers.boxes)} boxes are not supplied: see data/assessment.toml."
            say(f"{boxes}\nOpen {target / 'assessment.html'}")
