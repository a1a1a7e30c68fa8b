"""When too much of a source cannot be used for the rest to be believed."""

from __future__ import annotations

from typing import Final

from hotspots.errors import InputError
from hotspots.reading.cell import NO_RESULT
from hotspots.reading.judging import count_reasons
from hotspots.reading.table import Table
from hotspots.reading.verdicts import Rows
from hotspots.schema import REJECT_REASONS
from hotspots.text import counted

#: A source of which more than this share is unreadable stops the run.
MAX_REJECTED: Final = 0.5
#: Reasons that say nothing about the quality of the file.
_NORMAL: Final = {"no_location", "duplicate", "not_a_crime", "repeated_header"}
_LOST: Final = (
    "Cells hold formulas that were saved without a result: open the workbook in Excel and save it again."
)


def check_share(name: str, table: Table, rows: Rows) -> None:
    """Stop at a file that is mostly unreadable: its few good rows would mislead."""
    counts = count_reasons(rows.reason)
    counts.update(table.fault_reasons)
    bad = sum(count for reason, count in counts.items() if reason not in _NORMAL)
    total = len(table.rows) + len(table.fault_rows)
    if bad > MAX_REJECTED * total:
        shown = "; ".join(
            f"{counts[reason]:,}: {said}" for reason, said in REJECT_REASONS.items() if counts[reason]
        )
        lost = "".join(f" {text}" for text in lost_results(table))
        raise InputError(
            f"{name}: {bad:,} of {counted(total, 'row')} cannot be used ({shown}), "
            f"the first in row {_first_bad(table, rows)}. "
            f"Correct the file, or name its columns and date order in hotspots.toml.{lost}"
        )


def lost_results(table: Table) -> list[str]:
    """Say that cells of the columns that are read are formulas which were saved without their result."""
    lost = any(column.holds(NO_RESULT) for column in table.columns.values())
    return [_LOST] if lost else []


def _first_bad(table: Table, rows: Rows) -> int:
    return int(min([*table.rows[rows.reason > 0][:1].tolist(), *table.fault_rows[:1].tolist()]))
