"""Files as analysts may send them: each is read as it should be, or refused with what was seen."""

from __future__ import annotations

import pytest
import sent_dates
import sent_formats
import sent_last
import sent_later
import sent_tables
from analysts import Case, tried


@pytest.mark.parametrize(
    "case",
    [*sent_tables.ALL, *sent_dates.ALL, *sent_formats.ALL, *sent_later.ALL, *sent_last.ALL],
    ids=lambda case: case.name,
)
def test_what_is_sent_is_met_as_it_should_be(tmp_path, case: Case):
    outcome = tried(case, tmp_path)
    assert outcome.verdict == "right", outcome.why
