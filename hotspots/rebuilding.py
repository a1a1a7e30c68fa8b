"""
A published folder made again from its own released tables, and compared byte by byte.

Outside internal use everything is a function of the released counts, of the shapes, and of what
was public before. So whoever holds a folder can put its counts through the open program: what then
differs, in any file and by whatever means it is hidden, was made from something else. It is the
strongest of the audits, and the only one that needs no list of what a leak looks like.

Taken as stated, and attacked by `auditing` instead: the counts of tables/areas.csv, the outlines
of the GeoPackage, the report card, and what the record says of area, period and sources.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from hotspots._version import __version__
from hotspots.auditing.cells import Leak
from hotspots.auditing.published import Published
from hotspots.errors import HotspotsError
from hotspots.outputs.folder import KEPT_NAMES
from hotspots.outputs.publish import write_folder
from hotspots.pages.map_context import read_context
from hotspots.release.release import Release
from hotspots.remaking import release_again
from hotspots.settings import Settings
from hotspots.text import join_words

#: What the audit calls it.
UNLIKE: Final = "not made from its tables"
_STAMP: Final = "SOURCE_DATE_EPOCH"


@dataclass(frozen=True)
class Rebuilt:
    """
    What came of making a folder again.

    Attributes
    ----------
    leaks : tuple of Leak
        One for each file that comes out otherwise.
    notes : tuple of str
        How many came out alike, or why nothing was made; what was taken as it is.
    """

    leaks: tuple[Leak, ...] = ()
    notes: tuple[str, ...] = ()


def rebuild(published: Published, *, theme_rules: Path | None = None) -> Rebuilt:
    """
    Make a folder again from what it releases, and compare every file.

    Parameters
    ----------
    published : Published
        Of a partner or public audience.
    theme_rules : Path, optional
        The themes' own rules, where the run had any.
    """
    why = _why_not(published, theme_rules)
    if why:
        return Rebuilt(notes=(f"{published.name} was not made again from its tables: {why}.",))
    with tempfile.TemporaryDirectory(prefix="hotspots-rebuilt-") as scratch:
        again = Path(scratch)
        try:
            notes = write_again(published, again, theme_rules=theme_rules)
        except (HotspotsError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            words = f"Nothing can be made again from what it states ({type(error).__name__})."
            return Rebuilt((Leak(UNLIKE, published.name, "run.json", words),))
        return compared(published, again, notes)


def compared(published: Published, again: Path, notes: tuple[str, ...] = ()) -> Rebuilt:
    """Compare a folder with what was made again of it."""
    leaks, kept = [], []
    names = sorted({*_files(published.folder), *_files(again)})
    for name in names:
        told = _difference(published.folder / name, again / name)
        if told and name in KEPT_NAMES:
            kept.append(name)
        elif told:
            leaks.append(Leak(UNLIKE, published.name, name, told))
    alike = len(names) - len(leaks) - len(kept)
    own = (f"No run wrote {join_words(kept)} in {published.name}: look at it before it leaves.",)
    said = f"{published.name}: {alike} files come out alike when made again from the released tables."
    return Rebuilt(tuple(leaks), (said, *notes, *(own if kept else ())))


def _why_not(published: Published, theme_rules: Path | None) -> str:
    """Say why a folder cannot be made again here; "" where it can."""
    record = published.record
    if record.get("version") != __version__:
        return f"version {record.get('version')} of this program wrote it"
    if record.get("parameters", {}).get("theme_rules") != "shipped" and theme_rules is None:
        return "its themes have rules of their own, so name the file with --theme-rules"
    return ""


def _files(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()]


def _difference(one: Path, other: Path) -> str:
    """Say how a file differs from the same one made again; "" where it does not."""
    if not other.is_file():
        return "No run writes such a file."
    if not one.is_file():
        return "The file is missing."
    given, made = one.read_bytes(), other.read_bytes()
    if given == made:
        return ""
    pairs = enumerate(zip(given, made, strict=False))
    at = next((k for k, (mine, theirs) in pairs if mine != theirs), min(len(given), len(made)))
    return (
        f"From byte {at:,} of {len(given):,} on it is not what its released tables give ({len(made):,}); "
        "another build of this version may have written it."
    )


def write_again(published: Published, folder: Path, *, theme_rules: Path | None = None) -> tuple[str, ...]:
    """Write into an empty folder what the tables of another one give; say what was taken as it is."""
    settings = replace(_settings(published.record), theme_rules=theme_rules)
    release = release_again(published, settings)
    below = _below(published, release)
    with _stamped(published):
        write_folder(
            release,
            folder,
            page_options={"tiles": settings.tiles or None, "below": below},
            word=settings.word,
            also=settings.also,
        )
    return (f"{published.name}: what lies under its map is taken as it is.",) if below else ()


def _below(published: Published, release: Release) -> dict[str, Any]:
    """Give what the user has laid under the map, which no table holds; nothing where there is none."""
    usual = read_context(None, release.outline, area=release.area_code, synthetic=release.synthetic)
    drawn = published.data["basemap"]
    given = {"backdrop": drawn["backdrop"], "context": drawn["context"]}
    plain = {"backdrop": None, "context": json.loads(json.dumps(usual))}
    return {} if given == plain else given


@contextmanager
def _stamped(published: Published) -> Iterator[None]:
    """Take the date inside the files for given, as SOURCE_DATE_EPOCH gave it."""
    before = os.environ.get(_STAMP)
    path = published.folder / "hotspots.gpkg"
    with closing(sqlite3.connect(f"file:{path.resolve().as_posix()}?mode=ro", uri=True)) as database:
        (stamp,) = database.execute("SELECT last_change FROM gpkg_contents").fetchone()
    os.environ[_STAMP] = str(int(pd.Timestamp(stamp).timestamp()))
    try:
        yield
    finally:
        os.environ.pop(_STAMP, None)
        if before is not None:
            os.environ[_STAMP] = before


def _settings(record: Mapping[str, Any]) -> Settings:
    """Give the settings that a record tells, and the defaults of all others."""
    known = {one.name for one in fields(Settings)} - {"theme_rules"}
    told: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in record.get("parameters", {}).items()
        if name in known
    }
    return replace(Settings(), **told)
