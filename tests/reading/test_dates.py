"""Dates: every accepted text means one day, and nothing is guessed row by row."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.reading.dates import DAY, MONTH, NONE, TIME, parse_dates, parse_times, run_date

TODAY = date(2026, 1, 31)


def read(*texts: str, date_format: str = ""):
    return parse_dates(np.array(texts, dtype=object), date_format=date_format, today=TODAY)


@pytest.mark.parametrize(
    ("text", "moment", "level"),
    [
        ("2024-01", "2024-01-01", MONTH),
        ("2024-1", "2024-01-01", MONTH),
        ("202401", "2024-01-01", MONTH),
        ("01/2024", "2024-01-01", MONTH),
        ("Jan-24", "2024-01-01", MONTH),
        ("January 2024", "2024-01-01", MONTH),
        ("Sept 2024", "2024-09-01", MONTH),
        ("2024-01-15", "2024-01-15", DAY),
        ("20240115", "2024-01-15", DAY),
        ("15/01/2024", "2024-01-15", DAY),
        ("15.01.24", "2024-01-15", DAY),
        ("15 January 2024", "2024-01-15", DAY),
        ("Mon 15 Jan 2024", "2024-01-15", DAY),
        ("15th January 2024", "2024-01-15", DAY),
        ("Jan 15, 2024", "2024-01-15", DAY),
        ("45306", "2024-01-15", DAY),
        ("45306.5", "2024-01-15T12:00", TIME),
        ("15/01/2024 13:45", "2024-01-15T13:45", TIME),
        ("15/01/2024 1:45 pm", "2024-01-15T13:45", TIME),
        ("2024-01-15 13:45:10.25", "2024-01-15T13:45:10", TIME),
        ("2024-01-15T13:45:00Z", "2024-01-15T13:45", TIME),
        # In June the United Kingdom is an hour ahead of UTC, here even into the next month.
        ("2024-06-30T23:30:00+00:00", "2024-07-01T00:30", TIME),
    ],
)
def test_accepted_texts(text: str, moment: str, level: int) -> None:
    parsed = read(text)
    assert parsed.start[0] == np.datetime64(moment, "s")
    assert parsed.resolution[0] == level
    assert parsed.reason[0] == ""


@pytest.mark.parametrize(
    "text",
    ["2024-13", "2024-00", "2024-02-30", "2023-02-29", "0000-01", "1899-12", "1900-01-01", "Winter 2024", "-",
     "2O24-01", "202402310930", "2024-W60", "2024-400", "31/02/2024 - 01/03/2024",
     "0001-01-01T00:00:00+14:00", "31/02/2024", "2024", "12:30", "2024-01-15 25:00", "2024-01 10:00", "1e400",
     "999999999999", "٢٠٢٤-٠١"],
)  # fmt: skip
def test_impossible_dates_are_bad(text: str) -> None:
    parsed = read(text)
    assert parsed.reason[0] == "bad_date"
    assert parsed.resolution[0] == NONE
    assert np.isnat(parsed.start[0])


def test_blank_and_future_have_their_own_reasons() -> None:
    assert read("", " ", "2026-02", "9999-12").reason.tolist() == [
        "missing_date", "missing_date", "future_date", "future_date",
    ]  # fmt: skip
    assert read("31/01/2026").reason[0] == ""


def test_ambiguous_dates_are_read_day_first() -> None:
    parsed = read("03/04/2024", "12/01/2024")
    assert parsed.start.astype("datetime64[D]").astype(str).tolist() == ["2024-04-03", "2024-01-12"]
    assert not parsed.mixed
    assert parsed.numeric == 2


def test_a_month_first_date_is_told_apart_and_a_format_settles_it() -> None:
    mixed = read("25/12/2024", "12/25/2024")
    assert mixed.mixed
    assert mixed.us_only.tolist() == [False, True]
    assert mixed.day_first == 1
    forced = read("12/25/2024", "03/04/2024", date_format="month-first")
    assert not forced.mixed
    assert forced.start.astype("datetime64[D]").astype(str).tolist() == ["2024-12-25", "2024-03-04"]
    pattern = read("24.12.25", "2024-12-25", date_format="%y.%m.%d")
    assert pattern.reason.tolist() == ["", "bad_date"]
    timed = read("05.01.2024 10:30", date_format="%d.%m.%Y %H:%M")
    assert (timed.start[0], timed.resolution[0]) == (np.datetime64("2024-01-05T10:30:00", "s"), TIME)


@pytest.mark.parametrize("text", ["Jan 05", "Jan 17", "January 25", "Jan/05", "Jan. 17"])
def test_a_month_and_a_number_that_may_be_a_day_is_bad(text: str) -> None:
    assert read(text, "2017-01-05").reason.tolist() == ["bad_date", ""]
    pattern = "%b %y"
    assert read("Jan 17", date_format=pattern).start[0] == np.datetime64("2017-01-01", "s")


@pytest.mark.parametrize(
    ("texts", "years"),
    [
        (["Jan-24", "Feb-24", "Jan-25"], [2024, 2024, 2025]),
        (["Jan-24", "2024-03-01", "1900-01-01"], [2024, 2024, None]),
        (["Jan-24", "2023-12-31"], [2024, 2023]),
        # As years these leave gaps or lie in the future: they are days, of no year.
        (["Jan-05", "Jan-17", "Jan-24"], [None, None, None]),
        (["Jan-05", "2024-01-06"], [None, 2024]),
        (["Jan-25", "Jan-31"], [None, None]),
        # These can be years alone.
        (["Jan '05", "Jan 99", "Jan 00", "5 Jan 17"], [2005, 1999, 2000, 2017]),
    ],
)
def test_a_month_and_a_short_year_count_where_the_column_agrees(texts: list[str], years: list) -> None:
    parsed = read(*texts)
    found = [None if np.isnat(moment) else moment.astype(object).year for moment in parsed.start]
    assert found == years
    assert [reason == "bad_date" for reason in parsed.reason] == [year is None for year in years]
    assert parsed.short_years == sum(
        "-" in text and len(text) == 6 and year is not None for text, year in zip(texts, years, strict=True)
    )


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ParameterError, match="day-first"):
        read("2024-01", date_format="UK")


@given(st.datetimes(datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2026-01-30")))
def test_every_layout_gives_the_same_day(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    serial = (moment.date() - date(1899, 12, 30)) / timedelta(days=1)
    layouts = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d %B %Y", "%d-%b-%Y", "%Y%m%d", "%B %d, %Y", "%Y/%m/%d"]
    texts = [moment.strftime(layout) for layout in layouts]
    texts += [f"{serial:.0f}"] if serial >= 20000 else []
    days = read(*texts).start.astype("datetime64[D]")
    assert set(days.tolist()) == {moment.date()}
    with_time = read(moment.strftime("%d/%m/%Y %H:%M"))
    assert with_time.start[0].item() == moment
    # pandas is the oracle for ISO texts.
    import pandas as pd

    assert with_time.start[0] == np.datetime64(pd.Timestamp(moment.isoformat()), "s")


@given(st.text(max_size=25))
def test_no_text_makes_it_fail(text: str) -> None:
    parsed = read(text)
    assert (parsed.reason[0] == "") == (parsed.resolution[0] != NONE)


def test_times() -> None:
    texts = ["13:45", "1345", "1.45pm", "13:45:10", "0.5", "00:00", "", "25:00", "noon", "12 am", "7"]
    assert parse_times(np.array(texts, dtype=object)).tolist() == [
        49500, 49500, 49500, 49510, 43200, 0, -1, -1, -1, 0, -1,
    ]  # fmt: skip


def test_the_day_of_the_run_follows_source_date_epoch() -> None:
    assert run_date({"SOURCE_DATE_EPOCH": "1700000000"}) == date(2023, 11, 14)
    assert run_date({}) >= date(2024, 1, 1)
    with pytest.raises(ParameterError, match="SOURCE_DATE_EPOCH"):
        run_date({"SOURCE_DATE_EPOCH": "soon"})
