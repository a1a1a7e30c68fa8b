"""A lake read again: the same incidents as its files give."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from hotspots.reading.columns import unmatched
from hotspots.reading.content import Source
from hotspots.reading.dates import run_date
from hotspots.reading.incidents import Incidents, Watch, assemble
from hotspots.reading.rules import Rules
from hotspots.reading.single import ReadSource
from hotspots.reading.sources import Wanted
from hotspots.scale.lake import Entry, Lake
from hotspots.scale.parts import read_part
from hotspots.text import counted

_OUTDATED: Final = (
    "The lake was made by another version of the code that reads files: give `hotspots archive` the same "
    "inputs again, so that their rows are judged as they would be now."
)


def read_lake(
    lake: Lake,
    *,
    from_month: str = "",
    to_month: str = "",
    forces: frozenset[str] = frozenset(),
    dedupe_source: bool = False,
    today: date | None = None,
    watch: Watch = iter,
) -> Incidents:
    """
    Read a lake as `read_incidents` reads its files.

    Parameters
    ----------
    lake : Lake
        From `open_lake`.
    from_month, to_month, forces, dedupe_source, today, watch
        As for `read_incidents`.

    Returns
    -------
    Incidents
        Equal to what the files give.

    Raises
    ------
    LakeError
        If a part is damaged.
    """
    wanted = Wanted(from_month, to_month, forces)
    rules = Rules(today or run_date(), lake.read_as.date_format, from_month, to_month, forces)
    entries, notes = _once([entry for entry in lake.entries if entry.singly or wanted.accepts(entry.inside)])
    by_name = {entry.name: entry for entry in entries}
    read: list[ReadSource] = []
    warnings = [*lake.warnings, *([_OUTDATED] if lake.outdated else [])]
    for source in watch([Source(entry.name, lake.folder, "lake") for entry in entries]):
        entry = by_name[source.name]
        warnings += entry.warnings
        read += [read_part(part, lake.folder, entry.name + part.tail, rules=rules) for part in entry.parts]
    passed = [f"Passed over {counted(n, 'file')} {reason}." for reason, n in sorted(wanted.passed.items())]
    warnings += unmatched(lake.read_as.columns, (part.plan for part in read))
    return assemble(read, dedupe=dedupe_source, notes=(*lake.notes, *passed, *notes), warnings=warnings)


def _once(entries: Sequence[Entry]) -> tuple[list[Entry], list[str]]:
    """Leave out sources with the content of an earlier one."""
    seen: dict[str, str] = {}
    kept, notes = [], []
    for entry in entries:
        same = seen.setdefault(entry.sha256, entry.name)
        if same == entry.name:
            kept.append(entry)
        else:
            notes.append(f"{entry.name} is the same file as {same}: it was read once.")
    return kept, notes
