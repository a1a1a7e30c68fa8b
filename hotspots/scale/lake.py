"""
The lake: every source as a part, and the record that says which parts there are.

The record is written last and names each part by its digest, so that what is read is what
was written. A lake mirrors the inputs of the command that made it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from hotspots._version import __version__
from hotspots.errors import LakeError
from hotspots.scale.layout import LAYOUT
from hotspots.scale.parts import Near, Part
from hotspots.text import safe_text

RECORD: Final = "lake.json"
FORMAT: Final = 1


@dataclass(frozen=True)
class Entry:
    """
    One source of a lake.

    Attributes
    ----------
    name : str
        As people see it.
    inside : str
        What tells the month and force: the file's name, or the member's.
    stamp : tuple
        By what a change is noticed without reading: size and time of a file, check sum of a member.
    sha256 : str
        Of the content.
    singly : bool
        Whether it was named itself: its name does not keep it from being read.
    parts : tuple of Part
        One a table; none where it was passed over.
    warnings : tuple of str
        What of it was passed over.
    judged : str
        The day by which dates in the future were known; "" where there are none.
    """

    name: str
    inside: str
    stamp: tuple[Any, ...]
    sha256: str
    singly: bool
    parts: tuple[Part, ...]
    warnings: tuple[str, ...] = ()
    judged: str = ""


@dataclass(frozen=True)
class ReadAs:
    """The settings by which sources were read; a lake has one of each."""

    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Lake:
    """
    A lake, its record read.

    Attributes
    ----------
    folder : Path
    entries : tuple of Entry
        Sorted by name.
    read_as : ReadAs
    notes, warnings : tuple of str
        What was said while its sources were sought.
    """

    folder: Path
    entries: tuple[Entry, ...]
    read_as: ReadAs
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def outdated(self) -> bool:
        """Whether some of it was read by other code than this."""
        return any(entry.stamp[:1] != (code_version(),) for entry in self.entries)

    @property
    def rows(self) -> int:
        """Rows of all parts, broken ones included."""
        return sum(part.rows for entry in self.entries for part in entry.parts)

    def near(self, near: Near) -> Lake:
        """Give the lake of those sources that hold a row in a box."""
        kept = [
            entry
            for entry in self.entries
            if any(near.holds(part, self.folder, entry.name) for part in entry.parts)
        ]
        return Lake(self.folder, tuple(kept), self.read_as, self.notes, self.warnings)


def is_lake(path: Path) -> bool:
    """Say whether a folder is a lake."""
    return (path / RECORD).is_file()


def open_lake(folder: Path) -> Lake:
    """
    Read the record of a lake.

    Raises
    ------
    LakeError
        If there is none, or it is damaged or of another version.
    """
    shown = safe_text(folder)
    try:
        record = json.loads((folder / RECORD).read_bytes())
        if record["format"] != FORMAT:
            raise LakeError(f"The lake {shown} is of another version: give `hotspots archive` again.")
        return Lake(
            folder,
            tuple(entry_of(entry) for entry in record["entries"]),
            ReadAs(**record["read_as"]),
            tuple(record["notes"]),
            tuple(record["warnings"]),
        )
    except FileNotFoundError as error:
        raise LakeError(f"{shown} is no lake: make one with `hotspots archive`.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LakeError(
            f"The record of the lake {shown} is damaged: give `hotspots archive` again."
        ) from error


def lake_record(lake: Lake) -> bytes:
    """Write the record of a lake: the same lake gives the same bytes."""
    record = {
        "format": FORMAT,
        "read_as": asdict(lake.read_as),
        "notes": list(lake.notes),
        "warnings": list(lake.warnings),
    }
    start = json.dumps(record, ensure_ascii=False, allow_nan=False).removesuffix("}")
    # A line each: the encoder that indents is slow, and an archive has thousands of files.
    encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
    entries = ",\n".join(encode(plain_entry(entry)) for entry in lake.entries)
    return f'{start}, "entries": [\n{entries}\n]}}\n'.encode()


def plain_entry(entry: Entry) -> dict[str, Any]:
    """Give an entry as JSON can hold it."""
    return {**vars(entry), "parts": [vars(part) for part in entry.parts]}


def entry_of(plain: Mapping[str, Any]) -> Entry:
    """Give an entry as it was before it was written as JSON."""
    parts = tuple(Part(**_tupled(one)) for one in plain["parts"])
    return Entry(**{**_tupled(plain), "parts": parts})


def _tupled(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}


@cache
def code_version() -> str:
    """Return a digest of the code and the shipped tables that decide what is read of a source."""
    digest = hashlib.sha256(f"{__version__} {LAYOUT}".encode())
    package = resources.files("hotspots")
    files = [one for one in (package / "reading").iterdir() if one.name.endswith(".py")]
    for one in [*sorted(files, key=lambda file: file.name), package / "schema.py", package / "policeuk.py"]:
        digest.update(one.read_bytes())
    return digest.hexdigest()[:16]
