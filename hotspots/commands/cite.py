"""`hotspots cite`: how to cite this software and its data."""

from __future__ import annotations

from hotspots.commands._telling import errors_told, say

EXAMPLES = ("hotspots cite",)


def command() -> None:
    """Say how to cite this software and the data that it ships."""
    with errors_told():
        from hotspots import terminal

        say(terminal.citation())
