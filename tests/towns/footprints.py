"""An analysis with searches, outcomes and ages of victims of one ward beside the whole, made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from hotspots.schema import columns
from hotspots.statistics.footprint import RISE_FOLLOWS, Footprint


def _rows(frame: str, values: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(values).reindex(columns=list(columns(frame)))


def with_footprint(analysis: Any) -> Any:
    """Give an analysis a footprint of its first ward."""
    areas = analysis.areas
    ward = {"level": "ward", "code": str(areas.wards.index[0]), "name": str(areas.wards["name"].iloc[0])}
    city = {"level": "city", "code": areas.area_code, "name": areas.area_name}
    ends = [
        {**area, "theme": "all", "outcome": outcome, "crimes": of, "open": of // 10, "n": n, "share": n / of}
        | {"low": n / of / 2, "high": min(2 * n / of, 1)}
        for area, of, counts in ((ward, 50, (20, 3)), (city, 1000, (300, 100)))
        for outcome, n in zip(("no suspect", "charged"), counts, strict=True)
    ]
    months = [("", RISE_FOLLOWS), ("2024-01", ""), ("2024-02", "")]
    searches = [
        {**ward, "sought": "drugs", "month": month, "searches": 7, "recorded": 4, "note": note}
        for month, note in months
    ]
    ages = [
        {
            **area,
            "theme": "all",
            "band": band,
            "known": of,
            "n": n,
            "share": share,
            "low": share,
            "high": share,
        }
        for area, of in ((ward, 40), (city, 90))
        for band, n, share in (("under 18", 10.0, 0.25), ("65 and over", np.nan, np.nan))
    ]
    found = Footprint(_rows("searches", searches), _rows("outcomes", ends), _rows("victims", ages))
    return replace(analysis, footprint=found)
