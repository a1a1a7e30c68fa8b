"""The corpus of bad inputs: its expectations, and what a run on each file left behind."""

from __future__ import annotations

import csv
import hashlib
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from paths import SHARED

FOLDER = SHARED / "badinput"
#: Everything below a space but newline and tab, and delete; CR is half of a CSV's line end.
CONTROL = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]|\r(?!\n)")


@dataclass(frozen=True)
class Case:
    """One file of the corpus and what its .expected.txt says."""

    id: str
    file: str
    exit: str
    rows_in: int | None
    kept: frozenset[int]
    rejected: frozenset[int]
    reasons: frozenset[str]
    must: tuple[str, ...]
    must_not: tuple[str, ...]

    @property
    def path(self) -> Path:
        return FOLDER / self.file

    @property
    def may_succeed(self) -> bool:
        return self.exit.startswith("0")

    @property
    def may_fail(self) -> bool:
        return "nonzero" in self.exit


def load_cases() -> list[Case]:
    """Parse every expectation; none where the corpus is not beside the clone."""
    return [_parse(path) for path in sorted(FOLDER.glob("*.expected.txt"))]


def _parse(path: Path) -> Case:
    lines = [line.partition(":") for line in path.read_text(encoding="utf-8").splitlines() if line]
    values = [(key.strip(), value.strip()) for key, _, value in lines]
    one = dict(values)
    rows_in = int(one["rows_in"]) if one["rows_in"] else None
    rejected = _numbers(one["rows_rejected"])
    kept = set(_numbers(one["rows_kept"]))
    if rows_in is not None and one["rows_rejected"]:
        # "12 (or 0)" and the ranges belong together: what is not kept is rejected.
        kept |= {rows_in - n for n in rejected}
        rejected = frozenset({*rejected, *(rows_in - n for n in kept)})
    if "all read" in one["rows_kept"] and rows_in is not None:
        kept.add(rows_in)
    return Case(
        id=one["id"],
        file=one["file"],
        exit=one["exit"],
        rows_in=rows_in,
        kept=frozenset(kept),
        rejected=rejected,
        reasons=frozenset(re.findall(r"[a-z]+_?[a-z_]+", one["reject_reasons"])),
        must=tuple(value for key, value in values if key == "must"),
        must_not=tuple(value for key, value in values if key == "must_not"),
    )


def _numbers(text: str) -> frozenset[int]:
    """Read "12", "10-11", "12 (or 0)" and their likes; words after a number are for people."""
    found = re.match(r"(\d+)(?:-(\d+))?", text)
    if not found:
        return frozenset()
    low, high = int(found[1]), int(found[2] or found[1])
    also = {int(n) for n in re.findall(r"\bor (\d+)\b", text)}
    return frozenset({*range(low, high + 1), *also})


@dataclass(frozen=True)
class Outcome:
    """What one run said and left behind."""

    code: int
    stdout: str
    stderr: str
    processor_seconds: float
    out: Path
    #: The manifest where a new one was written, or shown by a dry run.
    record: dict = field(default_factory=dict)
    peak_mb: float = 0.0
    #: The list of rejected rows, where nothing was published.
    rejected_text: str | None = None

    @property
    def said(self) -> str:
        return self.stdout + self.stderr

    def lines(self, reason: str) -> list[int]:
        """Give the line numbers that rejected.csv lists for a reason."""
        return [row for _, row, why in self.rejected() if why == reason]

    def rejected(self) -> list[tuple[str, int, str]]:
        """Give the rejected rows: source, line (0 where rows are only counted) and reason."""
        rows = csv.DictReader(self.rejects().splitlines())
        return [(r["source"], int(r["row"] or 0), r["reason"]) for r in rows for _ in range(int(r["rows"]))]

    def rejects(self) -> str:
        """Give the list of rejected rows as it was written; "" after a dry run without any."""
        if self.rejected_text is not None:
            return self.rejected_text
        if "outputs" not in self.record:
            return ""
        return (self.out / "tables" / "rejected.csv").read_text(encoding="utf-8-sig")

    def texts(self) -> dict[str, str]:
        """Give the text of every output, workbooks unpacked and GeoPackages by their text columns."""
        found = {}
        for path in sorted(p for p in self.out.rglob("*") if p.is_file()):
            name = path.relative_to(self.out).as_posix()
            if path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as book:
                    found |= {f"{name}/{m}": book.read(m).decode("utf-8") for m in book.namelist()}
            elif path.suffix == ".gpkg":
                found[name] = "\n".join(_texts_of(path))
            else:
                found[name] = path.read_bytes().decode("utf-8")
        return found

    def everything(self) -> str:
        return "\n".join([self.said, *self.texts().values()])


def _texts_of(path: Path) -> list[str]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        cells = [cell for t in tables for row in base.execute(f'SELECT * FROM "{t}"') for cell in row]
    return [cell for cell in cells if isinstance(cell, str)]


def digests(folder: Path) -> dict[str, str]:
    """Give the digest of every file of a folder."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
