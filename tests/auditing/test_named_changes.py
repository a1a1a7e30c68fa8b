"""Changes between periods that a table names are audited like those of the page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from hotspots.auditing._policy import POLICIES
from hotspots.auditing.changes import change_leaks
from hotspots.auditing.published import Published, Table

RECORD = {"period": {"months": ["2024-01", "2025-01"]}, "boundaries": {"wards": "ward_2023"}, "themes": []}


def published(change):
    counts = pd.DataFrame(
        {"theme": "all", "level": "ward", "code": "W1", "month": ["2024-01", "2025-01"], "count": [20, 30]}
    )
    one = {"comparison": "2024-01..2024-01 2025-01..2025-01", "theme": "all", "level": "ward", "code": "W1"}
    table = pd.DataFrame([{**one, "change": change}])
    tables = (Table("tables/areas.csv", counts), Table("tables/comparisons.csv", table))
    return Published(Path("here"), RECORD, POLICIES["public"], tables)


@pytest.mark.parametrize(("change", "leaks"), [("1.5", 0), ("1.55", 1)])
def test_what_does_not_follow_from_released_months_is_a_leak(change, leaks):
    found = list(change_leaks(published(change)))
    assert len(found) == leaks
    assert all("do not follow" in leak.what for leak in found)
