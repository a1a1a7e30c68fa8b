"""Whatever is printed with a chance or a range has its row in docs/claims.md, where it is tested."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from hotspots import schema

PAGE = Path(__file__).resolve().parents[2] / "docs" / "claims.md"
#: What a column of a chance, a range or a verdict of chance is called.
UNSURE = re.compile(r"(.+_)?(low|high|p|q|p_top|confidence|signal|class)|chance_by_.+")


def test_every_range_and_chance_of_the_tables_is_listed_with_its_test():
    columns = {column for table in schema.COLUMNS.values() for column in table if UNSURE.fullmatch(column)}
    assert {"change_low", "p_top", "confidence", "chance_by_residents", "usual_high", "q"} <= columns
    _, listing = PAGE.read_text(encoding="utf-8").split("### Where each is printed")
    listed = re.findall(r"`([a-z_*]+)`", listing)
    assert not {column for column in columns if not any(fnmatch(column, name) for name in listed)}
