"""A folder of several runs side by side, one for each authority, and the page that leads to them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hotspots.errors import OutputError
from hotspots.outputs.folder import MANIFEST, check_target, printable_name
from hotspots.pages.side_by_side_page import render_side_by_side
from hotspots.release.release import Release

INDEX = "index.html"
#: By this the index is known again: a page of anybody else's is not replaced.
_OURS = "Table of authorities"


def check_folders(out: Path, folders: list[str]) -> None:
    """
    Refuse a folder that holds something else, before any work is done.

    Raises
    ------
    OutputError
        If it holds the run of one area or an index page of another kind, or a folder in it
        cannot be replaced.
    """
    if (out / MANIFEST).is_file():
        raise OutputError(
            f"The output folder {printable_name(out)} holds the run of one area: choose another with --out."
        )
    index = out / INDEX
    if index.exists() and (not index.is_file() or _OURS not in index.read_text("utf-8", errors="replace")):
        raise OutputError(f"{printable_name(out)}/{INDEX} is another page: choose another folder with --out.")
    for folder in folders:
        check_target(out / folder)


def write_index(out: Path, releases: Mapping[str, Release], *, failed: Mapping[str, str]) -> Path:
    """Write the page that leads to each authority, whole or not at all."""
    text = render_side_by_side(releases, failed=failed)
    path, part = out / INDEX, out / f".{INDEX}.part"
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{printable_name(path)} could not be written: {error.strerror}.") from error
    return path
