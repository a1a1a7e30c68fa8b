"""`hotspots doctor`: what this installation has."""

from __future__ import annotations

from hotspots.commands import _options as options
from hotspots.commands._telling import errors_told, say

EXAMPLES = ("hotspots doctor",)


def command(debug: options.Debug = False) -> None:
    """Say which versions, data and optional pieces this installation has."""
    with errors_told(debug=debug):
        from hotspots import terminal

        say(terminal.installation())
