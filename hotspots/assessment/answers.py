"""What people enter: the boxes that no incident file can fill, their words and their scores."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hotspots.errors import ConfigError
from hotspots.resources import shipped
from hotspots.text import nearest, safe_text

_PARTS: Final = ("edition", "words", "scores", "boxes")
_BOX: Final = ("title", "chapter", "what", "geography", "who", "value", "period", "source")
_NEEDED: Final = ("title", "chapter", "who")
#: Chapters with boxes besides those of the themes.
CHAPTERS: Final = ("communities", "people", "residents", "capacity")
#: What the partnership may score; the first three stand in the matrix.
SCORES: Final = (
    *("likelihood", "impact", "response"),
    *("physical", "psychological", "financial", "vulnerability", "confidence", "capacity", "capability"),
)


@dataclass(frozen=True)
class Answers:
    """
    What was entered.

    Attributes
    ----------
    edition, words : mapping of str to str
    scores : mapping of str to mapping
        By theme.
    boxes : mapping of str to mapping
        By name, each with every key of a box; those alone whose chapter the assessment has.
    """

    edition: Mapping[str, str]
    words: Mapping[str, str]
    scores: Mapping[str, Mapping[str, str]]
    boxes: Mapping[str, Mapping[str, str]]

    def of(self, chapter: str) -> list[Mapping[str, str]]:
        """List the boxes of a chapter, in the order of the file."""
        return [box for box in self.boxes.values() if box["chapter"] == chapter]

    @property
    def missing(self) -> list[Mapping[str, str]]:
        """List the boxes that nobody filled."""
        return [box for box in self.boxes.values() if not box["value"]]


def read_answers(path: Path | None, *, themes: Mapping[str, str]) -> Answers:
    """
    Read a file of answers over the shipped one, which has every box empty.

    Parameters
    ----------
    path : Path or None
        An assessment.toml; None for the shipped one alone.
    themes : mapping of str to str
        Names of themes by slug, which scores may be for.

    Raises
    ------
    ConfigError
        If the file cannot be read, holds a key that is none, a score of an unknown theme,
        or a value without its period and source; every fault is named.
    """
    base = tomllib.loads(shipped("data", "assessment.toml").read_text(encoding="utf-8"))
    given = _document(path) if path else {}
    name = safe_text(path.name) if path else ""
    faults = _faults(given, base, themes)
    if faults:
        raise ConfigError(f"{name}: {' '.join(faults)}")
    own = given.get("boxes", {})
    boxes = {
        key: {**dict.fromkeys(_BOX, ""), **base["boxes"].get(key, {}), **own.get(key, {})}
        for key in (*base["boxes"], *(key for key in own if key not in base["boxes"]))
    }
    unsourced = [key for key, box in boxes.items() if box["value"] and not (box["period"] and box["source"])]
    if unsourced:
        raise ConfigError(
            f"{name}: the box '{unsourced[0]}' has a value without its period and source: a figure that "
            "cannot be traced is not printed."
        )
    return Answers(
        edition={**base["edition"], **given.get("edition", {})},
        words={**base["words"], **given.get("words", {})},
        scores=given.get("scores", {}),
        # A theme that this audience may not know of, or that was not asked for, has no chapter here.
        boxes={key: box for key, box in boxes.items() if box["chapter"] in (*themes, *CHAPTERS)},
    )


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{safe_text(path.name)} cannot be read: {error.strerror}. Check --answers."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{safe_text(path.name)} is not valid TOML: {error}.") from error


def _faults(given: Mapping[str, Any], base: Mapping[str, Any], themes: Mapping[str, str]) -> list[str]:
    found = [_unknown("part", key, _PARTS) for key in given if key not in _PARTS]
    found += [f"[{key}] must be a table." for key in _PARTS if not isinstance(given.get(key, {}), dict)]
    if found:
        return found
    for part in ("edition", "words"):
        found += _texts(f"[{part}]", given.get(part, {}), tuple(base[part]))
    for slug, scores in given.get("scores", {}).items():
        if slug not in themes:
            found.append(_unknown("theme", slug, tuple(themes)))
        found += _texts(f"[scores.{safe_text(slug)}]", scores, SCORES)
    for key, box in given.get("boxes", {}).items():
        found += _texts(f"[boxes.{safe_text(key)}]", box, _BOX)
        if key not in base["boxes"] and isinstance(box, dict):
            found += [f"[boxes.{safe_text(key)}] lacks '{one}'." for one in _NEEDED if not box.get(one)]
        chapter = box.get("chapter") if isinstance(box, dict) else None
        places = {*themes, *CHAPTERS, *(one["chapter"] for one in base["boxes"].values())}
        if isinstance(chapter, str) and chapter and chapter not in places:
            found.append(f"[boxes.{safe_text(key)}]: {_unknown('chapter', chapter, tuple(sorted(places)))}")
    return found


def _texts(where: str, table: Any, allowed: tuple[str, ...]) -> list[str]:
    if not isinstance(table, dict):
        return [f"{where} must be a table."]
    found = [f"{where}: {_unknown('key', key, allowed)}" for key in table if key not in allowed]
    return found + [
        f"{where}: '{safe_text(key)}' must be text in quotes."
        for key, value in table.items()
        if key in allowed and not isinstance(value, str)
    ]


def _unknown(kind: str, key: str, allowed: tuple[str, ...]) -> str:
    return f"unknown {kind} '{safe_text(key)}'.{nearest(key, allowed)}"
