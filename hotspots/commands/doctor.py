"""`hotspots doctor`: what this installation has."""

from __future__ import annotations

from hotspots.authorities import SHIPPED, areas_meant
from hotspots.commands import _options as options
from hotspots.commands._telling import errors_told, say

EXAMPLES = ("hotspots doctor", "hotspots doctor --area Derby")


def command(area: options.Area = None, debug: options.Debug = False) -> None:
    """Say which versions and data this installation has, and what it lacks for an area."""
    with errors_told(debug=debug):
        from hotspots import installed

        say(installed.installation())
        for one in areas_meant(area or SHIPPED.code):
            say("")
            say(installed.place_text(one))
