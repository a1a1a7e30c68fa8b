"""The marks by which rows of the shipped synthetic sample are known, wherever they lie."""

from __future__ import annotations

from typing import Final

import pandas as pd

#: What the sample names as its force.
MARKER: Final = "SYNTHETIC SAMPLE"
#: How each of its identifiers begins.
ID_MARKER: Final = "SYNTHETIC-"
_STREET_MARKER: Final = r"\bSample Street \d+$"


def is_synthetic(incidents: pd.DataFrame) -> bool:
    """
    Tell whether incidents hold any row of the synthetic sample.

    It goes by the rows themselves and not by where they lie, so a renamed copy
    of the sample, or one mixed with real incidents, is recognised too: by its
    invented identifiers and streets.

    Parameters
    ----------
    incidents : DataFrame
        Incidents from `read_incidents`.
    """
    given = incidents["crime_id"]
    # Texts are looked at as they are held: to hold each anew would take longer than to look.
    ids = (given if isinstance(given.dtype, pd.StringDtype) else given.astype(str)).str.startswith(ID_MARKER)
    streets = pd.Series(incidents["street"].unique().astype(object), dtype=str)
    return bool(ids.any() or streets.str.contains(_STREET_MARKER, regex=True).any())
