# ruff: noqa: S311, S603
"""Runs of the command as a process of its own, and what they leave behind."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from faults import bases

#: Few draws: faults are about files and processes, not about figures.
QUICK = 'draws = 20\npermutations = 99\nthemes = ["anti-social-behaviour"]\n'
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
#: No run may take longer, in seconds.
PATIENCE = 120


@dataclass(frozen=True)
class Seen:
    """What came of a fault: whether it is as expected (None: cannot be tried here), in words."""

    good: bool | None
    text: str


@dataclass(frozen=True)
class Workshop:
    """A folder of its own for one fault, with an input, quick settings and dice."""

    folder: Path
    kills: int
    dice: random.Random

    @property
    def input(self) -> Path:
        """A small valid file."""
        path = self.folder / "in" / "incidents.csv"
        if not path.exists():
            path.parent.mkdir(parents=True)
            path.write_bytes(bases.police_csv(random.Random(1), rows=120))
        return path

    @property
    def config(self) -> Path:
        """Quick settings."""
        path = self.folder / "quick.toml"
        path.write_text(QUICK, encoding="utf-8")
        return path

    @property
    def out(self) -> Path:
        """Where outputs go; nothing else is in the folder above it."""
        (self.folder / "work").mkdir(exist_ok=True)
        return self.folder / "work" / "maps"

    def words(self, *more: str, out: Path | None = None, source: Path | None = None) -> list[str]:
        """Give the words of a run."""
        return [
            *("run", str(source or self.input), "--out", str(out or self.out)),
            *("--config", str(self.config), "--quiet", *more),
        ]

    def run(self, *more: str, prefix: tuple[str, ...] = (), **options: object) -> Done:
        """Run the command to its end."""
        return run(self.words(*more), prefix=prefix, **options)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Done:
    """How a run ended."""

    code: int
    stdout: str
    stderr: str

    def manners(self) -> str:
        """Return what is wrong with what it said; "" if nothing."""
        said = self.stdout + self.stderr
        if "Traceback" in said:
            return "a traceback"
        if _CONTROL.search(said):
            return "control characters"
        return "a value of a row" if bases.CANARY in self.stderr else ""


def start(
    words: list[str],
    *,
    prefix: tuple[str, ...] = (),
    env: dict[str, str] | None = None,
    **options: object,
) -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "hotspots", *words],
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        **options,  # type: ignore[call-overload]
    )


def run(words: list[str], **options: object) -> Done:
    """Run the command to its end."""
    child = start(words, **options)  # type: ignore[arg-type]
    stdout, stderr = child.communicate(timeout=PATIENCE)
    return Done(child.returncode, stdout, stderr)


def state(out: Path) -> str:
    """Return a check sum of an output folder that is whole, "" for none, or "broken: ..."."""
    if not out.is_dir():
        return ""
    files = {p.relative_to(out).as_posix(): p for p in out.rglob("*") if p.is_file() and not p.is_symlink()}
    sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())}
    try:
        record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "broken: no manifest that can be read"
    for entry in record["outputs"]:
        if sums.get(entry["path"]) != entry["sha256"]:
            return f"broken: {entry['path']} is not as the manifest says"
    return hashlib.sha256(json.dumps(sums, sort_keys=True).encode()).hexdigest()


def leftovers(out: Path) -> list[str]:
    """Name what lies beside the output folder."""
    return sorted(path.name for path in out.parent.iterdir() if path != out)


def temporary() -> Path:
    """Make a folder for one fault."""
    return Path(tempfile.mkdtemp(prefix="faults-"))
