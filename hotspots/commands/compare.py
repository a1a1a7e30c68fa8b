"""`hotspots compare`: what really changed between two folders that were published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hotspots.commands import _options as options
from hotspots.commands._telling import errors_told, say, say_json

EXAMPLES = (
    "hotspots compare reports/2024 reports/2025",
    "hotspots compare reports/2024 reports/2025 --json",
)

Before = Annotated[
    Path, typer.Argument(metavar="OUT1", help="What `hotspots run` wrote of the earlier period.")
]
After = Annotated[Path, typer.Argument(metavar="OUT2", help="The same of the later period.")]


def command(
    before: Before,
    after: After,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Say what changed between two output folders, and how much of it may be chance."""
    with errors_told(debug=debug):
        from hotspots.comparing.compare import compare_folders

        found = compare_folders(before, after)
        if json:
            say_json(found.as_dict())
        else:
            say(found.text())
