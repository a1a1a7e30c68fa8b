"""The report card in words: how well such statements have held here."""

from __future__ import annotations

from typing import Any, Final

from hotspots.pages import words
from hotspots.release.release import Release
from hotspots.schema import LEVEL_PLURALS, LSOA

KINDS: Final = {
    "hot spots": "Hot spots found again",
    "ranges": "Counts inside their 95% range",
    "months": "Months outside their usual range",
    "forecasts": "Months inside the range forecast for them",
    "changes": "Changes that still stood",
    "ranks": "Areas named among the top that were",
}
_NOTHING: Final = (
    "Nothing is graded: that takes twelve whole months without a gap, and a hundred incidents in the half "
    "that judges."
)
_SAID: Final = (
    "Graded on these data: what the earlier half of the months said, sought in the later half. The grades "
    "hold for half the period; what is said from the whole of it rests on twice the months. False alarms "
    "cannot be told from real data."
)


def report_card(release: Release, *, theme: str = "") -> dict[str, Any]:
    """
    Arrange the report card for a page.

    Parameters
    ----------
    release : Release
    theme : str
        The slug of the theme that alone is told; "" for all of them.

    Returns
    -------
    dict
        note; rows with kind, theme, said, found, n as words. LSOAs stand in the table only.
    """
    card = release.report_card
    kept = card["level"].ne(LSOA) & (card["theme"].eq(theme) | (theme == ""))
    names = {view.slug: view.name for view in release.themes}
    rows = [
        {
            "kind": _kind(row["kind"], row["level"]),
            "theme": names.get(row["theme"], row["theme"]),
            "said": _share(row["said"]),
            "found": _share(row["found"]),
            "n": "–" if row["n"] != row["n"] else words.whole(row["n"]),
        }
        for row in card[kept].to_dict("records")
    ]
    return {"note": _SAID if rows else _NOTHING, "rows": rows}


def _kind(kind: str, level: str) -> str:
    said = KINDS[kind]
    return f"{said} ({LEVEL_PLURALS[level]})" if level else said


def _share(value: float) -> str:
    if value != value:  # noqa: PLR0124 - nothing was said in numbers
        return "–"
    return f"{100 * value:.1f}%" if 0 < value < 0.01 else f"{100 * value:.0f}%"
