"""`hotspots cite`: how to cite this software and its data, and what to tell the public of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotspots.commands import _options as options
from hotspots.commands._telling import errors_told, say
from hotspots.errors import UsageError

EXAMPLES = ("hotspots cite", "hotspots cite maps/ --transparency")

Folder = Annotated[
    Path | None,
    typer.Argument(
        metavar="FOLDER", help="What `hotspots run` wrote, for --transparency.", show_default=False
    ),
]
Transparency = Annotated[
    bool,
    options.flag(
        "--transparency",
        text="Write an algorithmic transparency record as Markdown: its technical part from the folder's "
        "record, the rest marked for its owner.",
    ),
]


def command(folder: Folder = None, transparency: Transparency = False, debug: options.Debug = False) -> None:
    """Say how to cite this software and the data that it ships, or fill a transparency record."""
    with errors_told(debug=debug):
        if transparency != (folder is not None):
            raise UsageError("A transparency record is of one folder: hotspots cite FOLDER --transparency.")
        if folder is not None:
            from hotspots.outputs.transparency import transparency_of

            say(transparency_of(folder).rstrip("\n"))
            return
        from hotspots import terminal

        say(terminal.citation())
