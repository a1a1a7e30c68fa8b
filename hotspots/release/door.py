"""
The check at the door: no frame leaves with a column that nobody ruled on.

Whoever adds a column to a frame has to say in `schema.COLUMNS` by which rule each
audience may see it. What can be seen of a rule in the values is checked too.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hotspots.audiences import POLICIES, Policy
from hotspots.column import Column
from hotspots.errors import ReleaseError
from hotspots.schema import COLUMNS


def check_frame(frame: pd.DataFrame, name: str, *, audience: str) -> None:
    """
    Refuse a frame that holds what the audience may not see.

    Parameters
    ----------
    frame : DataFrame
        What is to be released.
    name : str
        Its name in `schema.COLUMNS`.
    audience : str
        Who it is for.

    Raises
    ------
    ReleaseError
        If the frame or a column is not in the table of columns, a column has no
        rule for the audience, or its values break the rule: a count that is small
        or not rounded, a value that is for internal use only.
    """
    if name not in COLUMNS:
        raise ReleaseError(
            f"The frame '{name}' is not in schema.COLUMNS: enter its columns with their rules."
        )
    if audience not in POLICIES:
        raise ReleaseError(f"Nothing can be released to '{audience}', which is not an audience.")
    for label in frame.columns:
        column = COLUMNS[name].get(str(label))
        if column is None or audience not in column.rules:
            raise ReleaseError(
                f"The column '{label}' of {name} has no rule for the audience '{audience}': "
                "enter it in schema.COLUMNS."
            )
        fault = _fault(frame[label], column, column.rules[audience], POLICIES[audience])
        if fault:
            raise ReleaseError(f"The column '{label}' of {name} ({column.words}) cannot leave: {fault}.")


def _fault(values: pd.Series, column: Column, rule: str, policy: Policy) -> str:
    """Say how values break the rule of their column; "" if they do not."""
    if column.kind in ("whole", "number") and len(values) and not pd.api.types.is_numeric_dtype(values):
        return "it does not hold numbers"
    if rule == "internal" and not _blank(values):
        return f"it is for internal use only, and holds a value for the audience '{policy.audience}'"
    if rule == "count" and not _released(values, policy):
        return "it holds a count that is small or not rounded"
    return ""


def _blank(values: pd.Series) -> bool:
    return bool((values.isna() | values.astype(object).eq("")).all())


def _released(values: pd.Series, policy: Policy) -> bool:
    known = values.dropna().to_numpy(float)
    return bool((known >= policy.minimum).all() and (np.mod(known, policy.base) == 0).all())
