"""Files as analysts may send them: each is read as it should be, or refused with what was seen."""

from __future__ import annotations

import pytest
import sent_dates
import sent_formats
import sent_last
import sent_later
import sent_tables
from analysts import tried

#: Hundreds of files take a few seconds together; as a test each they would take twice as long.
DRAWS = {
    "tables": sent_tables.ALL,
    "dates": sent_dates.ALL,
    "formats": sent_formats.ALL,
    "second": sent_later.ALL,
    "third": sent_last.ALL,
}


@pytest.mark.parametrize("draw", DRAWS)
def test_what_is_sent_is_met_as_it_should_be(tmp_path, draw):
    wrong = []
    for number, case in enumerate(DRAWS[draw]):
        (tmp_path / f"{number}").mkdir()
        outcome = tried(case, tmp_path / f"{number}")
        if outcome.verdict != "right":
            wrong.append(f"{case.name}: {outcome.verdict}: {outcome.why}")
    assert not wrong, "\n".join(wrong)
