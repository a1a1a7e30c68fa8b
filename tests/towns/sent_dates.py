"""Dates as analysts may send them."""

from __future__ import annotations

from analysts import Case, table

PLACED = "Offence,Easting,Northing"


def dates(cell: str, *, header: str = "Date", **more: object) -> Case:
    """Make a case of one way to write dates, at most one comma apart from other columns."""
    more.setdefault("resolution", "day")
    return Case(f"{header}: {cell}", table(f"{header},{PLACED}", f"{cell},{{kind}},{{en}}"), **more)


DAYS = (
    "{iso}", "{dmy}", "{then.day}/{then.month}/{then:%y}", "{then:%d-%m-%Y}", "{then:%d.%m.%Y}",
    "{then:%d.%m.%y}",
    "{then:%Y%m%d}", "{then:%Y/%m/%d}", "{then:%d-%b-%Y}", "{then:%d-%b-%y}", "{then:%d %b %Y}",
    "{then:%d %B %Y}",
    "{then.day}st {then:%B %Y}", "{then:%d%b%Y}", "{then:%d%b%y}", "{then:%a %d %b %Y}",
    "{then:%A} {then:%d %B %Y}",
    '"{then:%A}, {then:%B} {then.day}, {then:%Y}"', '"{then:%b} {then.day}, {then:%Y}"',
    "{then.day}. {then:%B %Y}",
    "{serial}", "{serial}.0", "{then:%Y-%j}", "{then:%d/%b/%Y}", "{dmy} 00:00:00", "{iso}T00:00:00",
    "{iso}T00:00:00Z",
    "{iso} 00:00:00.000", "{dmy} 12:00:00 AM", "{then:%d %B, %Y}", "'{dmy}", "{dmy}\u00a0", "{then:%d %m %Y}",
    "{then:%G-W%V-%u}", "{then:%GW%V%u}", "{dmy} - {dmy}", "{then.day} Ionawr 2024", "{then.day}/1/2024 0:00",
    "{then:%Y.%m.%d}", "the {then.day} of {then:%B %Y}",
)  # fmt: skip
TIMES = (
    "{iso}T10:05:33", "{iso}T10:05:33Z", "{iso}T10:05:33.123Z", "{iso}T10:05:33+00:00", "{iso} 10:05",
    "{dmy} 10:05",
    "{dmy} 10:05:33 PM", "{dmy} 10:05 p.m.", "{dmy} 1005", "{dmy} 1005hrs", "{dmy} 10:05 hrs", "{dmy} 10.05",
    "{then:%d-%b-%y} 10.05.33.000000 AM", "{then:%d-%b-%Y} 10:05", "{then:%d%b%Y}:10:05:33",
    "{then:%a}, {then:%d %b %Y} 10:05:33 GMT",
    "{then:%a %b %d %Y} 10:05:33 GMT+0000 (Greenwich Mean Time)", "{serial}.42", "{iso} 10:05 GMT",
    "{iso} 10:05:33 UTC", "{iso} 10:05 BST",
    "{then:%d %B %Y} at 10:05", "{then:%Y%m%d}T100533Z", "{then:%Y%m%d}T1005", "{iso}-10.05.33.123456",
    "{dmy} 10h05", "{dmy}, 10:05", "{then:%b %d %Y} 10:05AM",
    "{dmy} @ 10:05", "{dmy} (10:05)", "{dmy}T10:05", "{iso} 10:05:33 +0000", "10:05 {dmy}", "10:05:33 {iso}",
)  # fmt: skip
MONTHS = (
    "2024-01", "2024/01", "01/2024", "01-2024", "1/2024", "Jan 2024", "2024 Jan", "January 2024",
    "January-2024", "Jan-24", "Jan'24", "2024M01", "2024 January", "202401", "JAN2024", "Ionawr 2024",
    "Jan/24", "2024-Jan", "M01 2024", "01 Jan 2024 - 31 Jan 2024", "2024_01", "2024.01",
)  # fmt: skip
WEEKS = (
    "2024-W01",
    "2024W01",
    "2024 W01",
    "2024-W1",
    "W01 2024",
    "W1-2024",
    "Week 1 2024",
    "2024 Week 1",
    "Wk 1 2024",
    "2024 wk01",
)
COARSE = ("2024", "2023/24", "2023-24", "FY23/24", "2024Q1", "2024-Q1", "Q1 2024", "January", "Winter 2024")
QUOTED = ("{dmy}, 10:05", "{then:%a}, {then:%d %b %Y} 10:05:33 GMT", "{then:%d %B, %Y}")


def _quoted(cell: str) -> str:
    return f'"{cell}"' if cell in QUOTED else cell


ALL = (
    *(dates(_quoted(cell)) for cell in DAYS),
    *(dates(_quoted(cell), resolution="time") for cell in TIMES),
    *(dates(cell, header="Month", resolution="month") for cell in MONTHS),
    *(dates(cell, header="Week", resolution="month") for cell in WEEKS),
    *(dates(cell, header="Period", refused="(the dates are|quarter|year|month)") for cell in COARSE),
    *(
        dates(f"{{iso}},{cell}", header="Date,Time", resolution="time")
        for cell in ("10:05", "10:05:33", "1005", "10.05", "1005hrs", "10:05 am", "10:05AM", "0.42", "10h05",
        "0905", "905", "T10:05", "1900-01-01 10:05:00", "30/12/1899 10:05")
    ),
    dates("2024,1,{then.day}", header="Year,Month,Day"),
    dates("{iso},", header="Date,Time", resolution="day"),
    dates("{iso},00:00", header="Date,Time", resolution="day"),
    dates("NA,{dmy}", header="Date From,Date Reported", says="dated by Date Reported"),
    dates("1,2023/24", header="Month,Financial Year", resolution="month"),
    dates("Jan,2023-24", header="Month,Fin Year", resolution="month"),
    dates("01 January,2024", header="Month,Year", resolution="month"),
)  # fmt: skip
