"""`hotspots themes`: the themes, their rules and what data can show of them."""

from __future__ import annotations

from hotspots.commands import _options as options
from hotspots.commands._telling import errors_told, say, say_json

EXAMPLES = ("hotspots themes", "hotspots themes --theme-rules own.toml")


def command(
    theme_rules: options.ThemeRules = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """List the themes, their rules and what data can show of them."""
    with errors_told(debug=debug):
        from hotspots import terminal
        from hotspots.themes.themes import describe, load_themes

        rows = describe(load_themes(theme_rules))
        if json:
            say_json(rows)
        else:
            say(terminal.themes_text(rows))
