"""Forms that came back: delivered against planned, blanks, what is never read, and refusals."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from hotspots.errors import InputError
from hotspots.targeting.returned import read_returned

BEATS = ["SK3536SW-thorntree-lane", "SK3535NW-supermarket", "SK3536SW-wardwick"]
NAMES = pd.Series({BEATS[0]: "Thorntree Lane"})


def form(**columns) -> pd.DataFrame:
    """Give a form of three beats with 3 visits and 0.8 patrol-hours planned at each."""
    planned = {"beat": BEATS, "visits planned": ["3"] * 3, "patrol-hours planned": ["0.8"] * 3}
    return pd.DataFrame({**planned, **columns})


@pytest.fixture()
def saved(tmp_path):
    """Lend what writes a form as CSV and reads it."""

    def reads(frame, name="back.csv"):
        frame.to_csv(tmp_path / name, index=False)
        return read_returned([tmp_path / name])

    return reads


def test_delivered_over_planned_of_the_lines_that_came_back(saved):
    back = saved(form(**{"visits made": ["3", "1", ""], "patrol-hours": ["0.8", "0,4", ""]}))
    assert back.filled == 2
    # 1.2 of the 1.6 planned there; the blank line's 0.8 is on neither side.
    assert back.share == pytest.approx(0.75)
    assert back.sentence() == (
        "As crews returned it: 4 of 6 planned visits (67\u00a0%) and 1.2 of 1.6 planned patrol-hours "
        "(75\u00a0%). In no sum: 1 line that came back blank."
    )


def test_by_beat_nought_is_told_from_blank(saved):
    table = saved(form(**{"visits made": ["0", "", "2"]})).by_beat(NAMES).set_index("beat")
    assert table["filled"].to_dict() == dict(zip(BEATS, (1, 0, 1), strict=True))
    assert table["visits_made"].loc[BEATS[0]] == 0 and np.isnan(table["visits_made"].loc[BEATS[1]])
    assert table["name"].to_dict() == dict(zip(BEATS, ("Thorntree Lane", "", ""), strict=True))
    assert table["share_returned"].isna().all()


def test_several_shifts_add_up_and_a_further_line_adds_to_what_was_delivered(saved, tmp_path):
    saved(form(**{"visits made": ["3", "3", "3"]}), "one.csv")
    more = form(**{"visits made": ["1", "1", "1"]})
    more.loc[3] = [BEATS[0], "", "", "2"]
    saved(more, "two.csv")
    back = read_returned([tmp_path])
    row = back.by_beat(NAMES).set_index("beat").loc[BEATS[0]]
    assert back.files == 2
    assert (row["lines"], row["visits_planned"], row["visits_made"]) == (3, 6, 6)


def test_minutes_are_hours_where_no_hours_are_written(saved):
    back = saved(form(minutes=["24", "24", "24"], **{"patrol-hours": ["0.8", "", ""]}))
    assert back.share == pytest.approx((0.8 + 0.4 + 0.4) / 2.4)


def test_a_workbook_reads_like_its_csv(saved, tmp_path):
    frame = form(date=["05/01/2026"] * 3, **{"visits made": ["3", "2", "0"]})
    frame.to_excel(tmp_path / "back.xlsx", index=False)
    assert read_returned([tmp_path / "back.xlsx"]).sentence() == saved(frame).sentence()


def test_officers_and_what_was_found_are_never_kept(saved):
    frame = form(officer=["Smith"] * 3, crew=["1"] * 3, **{"visits made": ["1"] * 3, "note": ["Jones"] * 3})
    back = saved(frame)
    assert not {"officer", "crew", "note"} & set(back.lines.columns)
    assert not back.lines.astype(str).isin(["Smith", "Jones"]).any().any()


def test_a_name_in_the_column_of_beats_is_counted_and_not_shown(saved):
    frame = form(**{"visits made": ["1", "1", "1"]})
    frame.loc[2, "beat"] = "Smith"
    back = saved(frame)
    assert "Smith" not in back.by_beat(NAMES).to_string() + back.sentence()
    assert "Left out: 1 line whose beat is none." in back.sentence()


def test_the_dose_is_that_of_its_beats_and_days(saved):
    days = ["2026-01-04", "2026-01-05", "31/01/2026"]
    back = saved(form(date=days, **{"visits made": ["3", "2", "1"]}))
    january = [(date(2026, 1, 5), date(2026, 1, 31))]
    assert back.dose(BEATS[1:], january).startswith(
        "As crews returned it from 5 January 2026 to 31 January 2026: 3 of 6 planned visits (50\u00a0%)."
    )
    assert "on 4 January 2026: 3 of 3" in back.dose(BEATS[:1], [(date(2025, 1, 1), None)])
    assert back.dose(BEATS[:1], january).startswith("No line of the returns")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"visits made": ["two", "1", "-1"]}, r"row 2, 4: 'visits made' holds no number of 0 or more"),
        ({"patrol-hours": ["1,200", "0.5", "1"]}, "row 2: 'patrol-hours' holds no number"),
        ({"arrests": ["1", "1", "1"]}, "no form of returns: it needs a column 'beat' and one of"),
        ({"visits made": ["1"] * 3, "beat": ["a", "b", "c"]}, "name no beat in 3 lines"),
    ],
)
def test_refuses(saved, columns, message):
    with pytest.raises(InputError, match=message):
        saved(form(**columns))
