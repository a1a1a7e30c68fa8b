"""Which months count as read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from hotspots.findings.coverage import coverage_warnings, incomplete_months, months_read

YEAR = [f"2025-{month:02d}" for month in range(1, 13)]


def read(files: dict[str, dict[str, int]], *, publishers: dict[str, str] | None = None) -> Any:
    """Stand in for what was read: the number of rows by file and month."""
    rows = [(name, month) for name, held in files.items() for month, n in held.items() for _ in range(n)]
    named = publishers or {}
    sources = [SimpleNamespace(name=name, publisher=named.get(name, "force"), kind="table") for name in files]
    frame = pd.DataFrame(rows, columns=["source", "month"]).astype("category")
    return SimpleNamespace(frame=frame, report=SimpleNamespace(sources=sources))


def test_every_file_covers_its_month_also_without_an_incident_in_the_area() -> None:
    incidents = read({"jan.csv": {"2025-01": 50}, "feb.csv": {"2025-02": 50}, "mar.csv": {"2025-03": 50}})
    located = incidents.frame[incidents.frame["month"] != "2025-02"]
    months = months_read(incidents, located)
    assert months == ("2025-01", "2025-02", "2025-03")
    assert coverage_warnings(incidents, located, months) == ()


def test_months_between_files_were_not_read() -> None:
    incidents = read({"old.csv": {"2018-11": 50, "2018-12": 50}, "new.csv": dict.fromkeys(YEAR, 50)})
    months = months_read(incidents, incidents.frame)
    assert months == ("2018-11", "2018-12", *YEAR)
    said = coverage_warnings(incidents, incidents.frame, months)[0]
    assert "No file covers 2019-01 to 2024-12: these months are unknown" in said


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        # Nine incidents in a year: three months without any are no surprise, and still nobody knows.
        (dict.fromkeys(YEAR[:1] + YEAR[4:], 1), YEAR[:1] + YEAR[4:]),
        # Fifty a month and none in March: March is missing.
        (dict.fromkeys(YEAR[:2] + YEAR[3:], 50), YEAR[:2] + YEAR[3:]),
        # One file of two quarters that lie seven years apart.
        ({"2018-11": 40, "2018-12": 40, "2025-11": 40, "2025-12": 40}, ["2018-11", "2018-12", *YEAR[10:]]),
    ],
)
def test_an_empty_month_within_a_file_is_unknown(held: dict[str, int], expected: list[str]) -> None:
    incidents = read({"extract.csv": held})
    assert months_read(incidents, incidents.frame) == tuple(expected)


def test_a_publisher_with_next_to_nothing_here_does_not_lengthen_the_period() -> None:
    files = {"force.csv": dict.fromkeys(YEAR, 60), "rail.csv": {"2025-12": 500, "2026-01": 500}}
    incidents = read(files, publishers={"rail.csv": "rail"})
    located = incidents.frame[incidents.frame["source"] == "force.csv"]
    assert months_read(incidents, located) == tuple(YEAR)
    one_on_a_train = pd.concat([located, incidents.frame[incidents.frame["month"] == "2026-01"].head(1)])
    months = months_read(incidents, one_on_a_train)
    assert months == (*YEAR, "2026-01")
    (said,) = coverage_warnings(incidents, one_on_a_train, months)
    assert said.startswith("The files of force lack 2026-01, which other files cover")


def test_publishers_that_cover_different_months_are_named() -> None:
    files = {"force.csv": dict.fromkeys(YEAR, 60), "council.csv": dict.fromkeys(YEAR[3:6], 60)}
    incidents = read(files, publishers={"council.csv": "council"})
    months = months_read(incidents, incidents.frame)
    assert months == tuple(YEAR)
    said = coverage_warnings(incidents, incidents.frame, months)[0]
    assert "The files of council lack 2025-01 to 2025-03, 2025-07 to 2025-12" in said


def dated(days: pd.DatetimeIndex, *, source: str = "crimes.csv", publisher: str = "force") -> Any:
    """Stand in for a file with days: one row for each of `days`."""
    frame = pd.DataFrame({"source": source, "month": days.strftime("%Y-%m"), "occurred_from": days})
    sources = [SimpleNamespace(name=source, publisher=publisher, kind="table")]
    return SimpleNamespace(frame=frame, report=SimpleNamespace(sources=sources))


def incomplete(incidents: Any) -> dict[str, str]:
    months = months_read(incidents, incidents.frame)
    return incomplete_months(incidents, incidents.frame, months)


def test_a_month_that_the_files_leave_in_the_middle_is_named() -> None:
    # 342 days with an incident each; 23 days without any come by chance once in e^23 files.
    assert incomplete(dated(pd.date_range("2025-01-01", "2025-12-08"))) == {
        "2025-12": "December 2025 is in the files only up to 8 December: "
        "its incidents are counted, but it is left out of changes and limits."
    }
    (said,) = incomplete(dated(pd.date_range("2025-01-20", "2025-12-31"))).items()
    assert said[0] == "2025-01" and "in the files only from 20 January on: " in said[1]
    (said,) = incomplete(dated(pd.date_range("2025-03-10", "2025-03-20"))).items()
    assert said[0] == "2025-03" and "only from 10 to 20 March" in said[1]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (pd.date_range("2025-01-01", "2025-12-31"), 0),
        # One a day: no incident on 6 days is left to chance (e^-6 = 0.0025), on 7 it is not (0.0009).
        (pd.date_range("2025-01-01", "2025-12-25"), 0),
        (pd.date_range("2025-01-01", "2025-12-24"), 1),
        # One in five days: 23 days without any are no surprise.
        (pd.date_range("2025-01-01", "2025-12-08", freq="5D"), 0),
        # Years that nobody read between two files do not thin the incidents a day.
        (pd.date_range("2018-12-01", "2018-12-31").union(pd.date_range("2025-01-01", "2025-01-20")), 1),
    ],
)
def test_days_that_chance_may_have_left_empty_do_not_make_a_month_incomplete(days, expected) -> None:
    assert len(incomplete(dated(days))) == expected


def test_files_with_months_only_are_never_incomplete() -> None:
    days = pd.date_range("2025-01-01", "2025-12-08")
    held = dated(days)
    held.frame["occurred_from"] = pd.NaT
    assert incomplete(held) == {}
    # The other file of the publisher has the month, but no days.
    both = dated(days)
    more = pd.DataFrame({"source": "crimes.csv", "month": ["2025-12"] * 30, "occurred_from": pd.NaT})
    both.frame = pd.concat([both.frame, more.astype({"occurred_from": "datetime64[ns]"})], ignore_index=True)
    assert incomplete(both) == {}
