"""
From text to values, and one reason for each row that cannot be used.

Works on the distinct values of each column, then spreads the verdicts over the
rows: a year of a force's files has a hundred thousand rows and a dozen dates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from hotspots.policeuk import force_slug
from hotspots.reading.aliases import FLAG_FIELDS
from hotspots.reading.beside import age_band
from hotspots.reading.columns import ColumnPlan
from hotspots.reading.dates import MONTH_FIRST, NONE
from hotspots.reading.flags import flag_rows
from hotspots.reading.judging import CODE, FieldColumns, first_reason, tidy_labels
from hotspots.reading.kinds import kinds_of, void_notes, void_records
from hotspots.reading.rules import Rules
from hotspots.reading.table import Coded, Table
from hotspots.reading.when import date_rows
from hotspots.reading.where import locate_rows
from hotspots.schema import RESOLUTIONS


@dataclass(frozen=True)
class Rows:
    """
    The rows of one source, judged.

    Attributes
    ----------
    texts : dict of str to Coded
        crime_id, month, crime_type, offence_code, flags, street, grid_reference,
        postcode, stated_lsoa, stated_ward, outcome, victim_age (a band) and force of every row.
    numbers : dict of str to ndarray
        source_row, occurred_from, occurred_to, longitude, latitude, easting, northing.
    reason : ndarray of int8
        Position in `REASONS`; 0 where the row is good.
    out_of_period : ndarray of bool
        Good rows outside the months or forces asked for.
    resolution : str
        Coarsest of the good rows.
    publisher : str
        Who reported the rows, if the source says so of all.
    notes, warnings : tuple of str
        What people should know.
    counted : bool
        Whether rows were repeated by a column of counts.
    """

    texts: dict[str, Coded]
    numbers: dict[str, np.ndarray]
    reason: np.ndarray
    out_of_period: np.ndarray
    resolution: str
    publisher: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    counted: bool = False


def judge_rows(
    table: Table, plan: ColumnPlan, *, name: str, rules: Rules, header: Sequence[str] = ()
) -> Rows:
    """
    Turn the text of a source into values and judge every row.

    Parameters
    ----------
    table : Table
        Text as read.
    plan : ColumnPlan
        Which column is which field.
    name : str
        The source, for messages.
    rules : Rules
        Today, the date order, months and forces.
    header : sequence of str
        Names of the columns: a row of them is none of data.

    Raises
    ------
    InputError
        For a mistake that the whole file shares: swapped or sign-less
        coordinates, dates in two orders.
    """
    columns = FieldColumns(table, plan)
    if plan.month_first and not rules.date_format:
        rules = replace(rules, date_format=MONTH_FIRST)
    where = locate_rows(columns, name)
    when = date_rows(columns, name, rules)
    crime_type, type_notes = kinds_of(columns)
    offence = tidy_labels(columns.filled("offence_code"))
    untyped = crime_type.spread(crime_type.values == "") & offence.spread(offence.values == "")
    again = _header_rows(columns, plan, header)
    left_out = void_records(columns)
    reason = first_reason(
        again * CODE["repeated_header"],
        left_out * CODE["not_a_crime"],
        where.reason,
        when.reason,
        untyped * CODE["missing_type"],
    )
    flags, flag_notes = flag_rows(columns.present(*FLAG_FIELDS), n_rows=len(table.rows))
    force, age = tidy_labels(columns["force"]), columns["victim_age"]
    resolution = _coarsest(when.resolution[reason == 0])
    return Rows(
        texts={
            "crime_id": columns["crime_id"],
            "month": when.month,
            "crime_type": crime_type,
            "offence_code": offence,
            "flags": flags,
            "street": tidy_labels(columns["street"]),
            "outcome": columns.filled("outcome"),
            "force": force,
            "victim_age": age.map(age_band) if "victim_age" in columns else age,
            **where.texts,
        },
        numbers={
            "source_row": table.rows,
            "occurred_from": when.start,
            "occurred_to": when.end,
            **where.numbers,
        },
        reason=reason,
        out_of_period=(reason == 0) & not_asked_for(when.month, force, rules),
        resolution=resolution,
        publisher=str(force.values[0]) if len(force.values) == 1 else "",
        notes=(*where.notes, *when.notes, *type_notes, *flag_notes),
        warnings=(*where.warnings, *void_notes(left_out), *_dated_codes(offence)),
        counted=table.counted,
    )


def _header_rows(columns: FieldColumns, plan: ColumnPlan, header: Sequence[str]) -> np.ndarray:
    """Find rows that are the header once more, as files put together with "copy" have them."""
    names = [name for name in plan.places if name not in ("crime_id", "geometry")]
    found = np.full(len(columns.rows), bool(header and names))
    for name in names:
        if not found.any():
            break
        column = columns[name]
        found &= column.spread(column.values == header[plan.places[name]])
    return found


def _coarsest(resolution: np.ndarray) -> str:
    found = resolution[resolution != NONE]
    return RESOLUTIONS[int(found.min())] if len(found) else ""


def not_asked_for(month: Coded, force: Coded, rules: Rules) -> np.ndarray:
    """Say which rows are of months or forces that were not asked for."""
    return _outside_months(month, rules) | _other_force(force, rules)


def _outside_months(month: Coded, rules: Rules) -> np.ndarray:
    early = (month.values < rules.from_month) if rules.from_month else np.zeros(len(month.values), bool)
    late = (month.values > rules.to_month) if rules.to_month else np.zeros(len(month.values), bool)
    return month.spread((early | late).astype(bool))


def _other_force(force: Coded, rules: Rules) -> np.ndarray:
    other = [bool(rules.forces and text) and force_slug(text) not in rules.forces for text in force.values]
    return force.spread(np.array(other, bool))


def _dated_codes(offence: Coded) -> list[str]:
    dated = [
        text for text in offence.values if re.fullmatch(r"\d{4}-\d\d-\d\d.*|\d{1,2}-[A-Z][a-z]{2}", text)
    ]
    if not dated:
        return []
    return [
        "Some offence codes have become dates (28/3 as 28 March): format the column as text and export again."
    ]
