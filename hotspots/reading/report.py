"""The report of a reading: what each source held, what was chosen, what was set aside."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from hotspots.schema import REJECT_REASONS


@dataclass(frozen=True)
class SourceReport:
    """
    What was found in one source.

    Attributes
    ----------
    name, kind, publisher : str
        As shown; "police.uk street", "police.uk outcomes", "police.uk stop and
        search" or "table"; who reported the rows, if the source says so.
    sha256 : str
        Of the file, or of a zip's member.
    size : int
        Bytes, unpacked.
    encoding, delimiter, line_end : str
        Of text; "" for other formats.
    rows_read, rows_kept, rows_rejected, out_of_period, rows_other_kind : int
        The first is always the sum of the others.
    rejects : dict of str to int
        Rejected rows by reason.
    months : tuple of str
        Months of the kept rows.
    resolution : {"month", "day", "time", ""}
        Coarsest date among the kept rows.
    columns_used : dict of str to str
        Field to column name.
    columns_ignored, personal_columns : tuple of str
        Columns of which only the name was read.
    notes : tuple of str
        Choices made while reading.
    """

    name: str
    kind: str
    publisher: str
    sha256: str
    size: int
    encoding: str
    delimiter: str
    line_end: str
    rows_read: int
    rows_kept: int
    rows_rejected: int
    out_of_period: int
    rows_other_kind: int
    rejects: dict[str, int]
    months: tuple[str, ...]
    resolution: str
    columns_used: dict[str, str]
    columns_ignored: tuple[str, ...]
    personal_columns: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ReadReport:
    """
    What was read, source by source.

    Attributes
    ----------
    sources : tuple of SourceReport
        Sorted by name.
    warnings : tuple of str
        What may make a result wrong.
    notes : tuple of str
        Files that were passed over.
    """

    sources: tuple[SourceReport, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rows_read(self) -> int:
        """Rows of all sources."""
        return sum(source.rows_read for source in self.sources)

    @property
    def rows_kept(self) -> int:
        """Rows kept of all sources."""
        return sum(source.rows_kept for source in self.sources)

    @property
    def rejects(self) -> dict[str, int]:
        """Rejected rows by reason, in the order of `schema.REJECT_REASONS`."""
        total: Counter[str] = Counter()
        for source in self.sources:
            total.update(source.rejects)
        return {reason: total[reason] for reason in REJECT_REASONS if total[reason]}

    def as_dict(self) -> dict[str, Any]:
        """Return plain values that strict JSON can hold."""
        totals = ("rows_read", "rows_kept", "rows_rejected", "out_of_period", "rows_other_kind")
        return {
            **{name: sum(getattr(source, name) for source in self.sources) for name in totals},
            "rejects": self.rejects,
            "sources": [
                {
                    key: list(value) if isinstance(value, tuple) else value
                    for key, value in asdict(source).items()
                }
                for source in self.sources
            ],
            "warnings": list(self.warnings),
            "notes": list(self.notes),
        }
