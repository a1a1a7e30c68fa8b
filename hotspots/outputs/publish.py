"""
Writing a whole output folder at once, with its manifest.

Everything is made in a hidden folder beside the target and swapped in when it
is complete: whoever looks sees the old run or the new one, never a mixture.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.audiences import POLICIES
from hotspots.auditing.guard import NO_LEDGER, Ledger, narrowed
from hotspots.errors import AuditError, OutputError
from hotspots.outputs.folder import (
    KEPT_NAMES,
    MANIFEST,
    MANIFEST_FORMAT,
    absolute,
    not_ours,
    printable_name,
    staged,
)
from hotspots.outputs.geofiles import write_geofiles
from hotspots.outputs.record import manifest
from hotspots.outputs.tables import all_tables, created_stamp
from hotspots.release.release import Release
from hotspots.text import counted

if TYPE_CHECKING:
    import pandas as pd


def publish(
    release: Release,
    out: Path,
    *,
    page_options: Mapping[str, Any] | None = None,
    ledger: Ledger = NO_LEDGER,
    word: bool = False,
    also: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """
    Write maps, profiles, tables and the manifest of one run.

    Parameters
    ----------
    release : Release
        What may be shown.
    out : Path
        Folder to make or to replace. It must be absent, empty or a former
        run's; files in it that no run wrote are kept.
    page_options : mapping, optional
        Backdrop, tiles and context for the map page.
    word : bool
        Whether a Word document is written beside each ward profile and the cards of beats.
    also : sequence of {"geoparquet", "flatgeobuf"}
        Formats in which the layers are written besides the GeoPackage.
    ledger : Ledger
        Earlier releases of the same incidents, which a reader may hold as well.
    progress : callable
        Is told each step.

    Returns
    -------
    dict
        The manifest as written.

    Raises
    ------
    OutputError
        If the folder holds something that no run wrote, cannot be written, or
        another run is writing it.
    AuditError
        If a withheld count could be narrowed below policy; nothing is written then.
    """
    with os_errors(out), staged(out) as stage:
        record = write_folder(
            release, stage, page_options=page_options, word=word, also=also, progress=progress
        )
        if not POLICIES[release.audience].exact:
            progress("Attacking the release before it appears")
            _hold(stage, ledger)
            _tell_kept(stage, out, progress)
    return record


def _tell_kept(stage: Path, out: Path, progress: Callable[[str], None]) -> None:
    """Name what stays in the folder and is not of this run: it may have been saved from a finer one."""
    kept = [path.as_posix() for path in not_ours(out) if path.as_posix() not in KEPT_NAMES]
    kept = [name for name in kept if not (stage / name).exists()]
    if kept:
        named = f"{counted(len(kept), 'file')} that no run wrote, such as {printable_name(Path(kept[0]))}"
        progress(f"Keeping {named}: look at it before the folder leaves")


def write_folder(
    release: Release,
    stage: Path,
    *,
    page_options: Mapping[str, Any] | None = None,
    word: bool = False,
    also: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Write all files of a run into an empty folder, the record last; see `publish`."""
    _write_outputs(release, stage, page_options or {}, word, progress)
    write_geofiles(release, stage, also)
    if word:
        progress("Writing Word documents")
        write_word(stage, created=created_stamp(release, os.environ.get("SOURCE_DATE_EPOCH")))
    record = {"format": MANIFEST_FORMAT, **manifest(release), "outputs": listed(stage)}
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    (stage / MANIFEST).write_text(text, encoding="utf-8")
    return record


def _hold(stage: Path, ledger: Ledger) -> None:
    """Refuse a release that gives back what it withholds, alone or beside earlier ones."""
    found = narrowed(stage, ledger)
    if found:
        raise AuditError(
            f"Nothing was written: {counted(len(found), 'withheld count')} could be narrowed below policy, "
            f"such as {found[0].words}.",
            found=found,
        )


def _write_outputs(
    release: Release,
    stage: Path,
    page_options: Mapping[str, Any],
    word: bool,
    progress: Callable[[str], None],
) -> None:
    from hotspots.outputs import csv, geopackage, workbook
    from hotspots.pages import map_page, patrol_page, ward_pages, zone_page

    created = created_stamp(release, os.environ.get("SOURCE_DATE_EPOCH"))
    progress("Drawing the map")
    slugs = ward_pages.ward_slugs(release.wards["name"])
    links = {code: f"wards/{slug}.html" for code, slug in slugs.items()}
    html = map_page.render(release, profiles=links, documents=word, **page_options)
    (stage / "index.html").write_text(html, encoding="utf-8", newline="\n")
    progress("Writing ward profiles")
    wards = stage / "wards"
    wards.mkdir()
    for name, text in ward_pages.render_all(release, documents=word).items():
        (wards / name).write_text(text, encoding="utf-8", newline="\n")
    if release.has_zones:
        (stage / "zones.html").write_text(zone_page.render_zones(release), encoding="utf-8", newline="\n")
    if len(release.beats):
        progress("Writing cards of beats")
        (stage / "patrol.html").write_text(patrol_page.render_beats(release), encoding="utf-8", newline="\n")
    progress("Writing tables")
    tables = all_tables(release)
    csv.write_tables(tables, stage / "tables")
    workbook.write_workbook(release, tables, stage / "hotspots.xlsx", created=created)
    geopackage.write_geopackage(release, stage / "hotspots.gpkg", created=created)


def write_word(stage: Path, *, created: pd.Timestamp) -> None:
    """Write a Word document beside each page of a folder but the map, which is no document."""
    from hotspots.pages.word import word_document

    for page in sorted(stage.rglob("*.html")):
        if page != stage / "index.html":
            text = page.read_text(encoding="utf-8")
            page.with_suffix(".docx").write_bytes(word_document(text, created=created.to_pydatetime()))


def listed(stage: Path) -> list[dict[str, Any]]:
    """List the files of a folder with size and digest."""
    files = sorted(path for path in stage.rglob("*") if path.is_file())
    return [
        {
            "path": path.relative_to(stage).as_posix(),
            "size": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in files
    ]


@contextmanager
def os_errors(out: Path, *, left: str = "the earlier outputs are as they were") -> Iterator[None]:
    """
    Turn the operating system's refusals, and those of the libraries that write, into one sentence.

    Parameters
    ----------
    out : Path
        The folder that is written.
    left : str
        How things stand now.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"The output folder {printable_name(out)} could not be written{_elsewhere(error, out)} "
            f"({error.strerror or type(error).__name__}); {left}."
        ) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in ("pyogrio", "xlsxwriter"):
            raise
        raise OutputError(
            f"The output folder {printable_name(out)} could not be written (the disk may be full); {left}."
        ) from error


def _elsewhere(error: OSError, out: Path) -> str:
    """Name the folder for temporary files if that is where the fault lies."""
    temporary = Path(tempfile.gettempdir())
    named = isinstance(error.filename, str) and Path(error.filename).is_relative_to(temporary)
    inside = absolute(out).is_relative_to(temporary)
    return (
        f": the folder for temporary files, {printable_name(temporary)}, is at fault"
        if named and not inside
        else ""
    )
