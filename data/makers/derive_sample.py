"""
Make the synthetic sample that ships with the project, and recognise it.

A year of invented incidents in three kinds of ordinary CSV file: monthly
street files as police.uk publishes them, a police force's extract with
offence codes, times and flags, and a few partners' records. Nothing in it
happened. `python data/makers/derive_sample.py FOLDER` writes it again, byte for byte.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from invented_city import City, invent_city

from hotspots.errors import UsageError
from hotspots.reading.sample_marks import ID_MARKER, MARKER

#: The seed of the sample that ships.
SEED: Final = 2025
#: What "Reported by" says in every row of the sample.
_YEAR: Final = 2025

# Incidents of the year by police.uk type, the theme whose hot spots they follow, and
# how far their months swing: summer (+) or winter (-). Invented, in likely proportions.
_STREET_TYPES: Final = (
    ("Anti-social behaviour", 1700, "anti-social-behaviour", 0.45),
    ("Bicycle theft", 110, "", 0.30),
    ("Burglary", 390, "", -0.20),
    ("Criminal damage and arson", 740, "anti-social-behaviour", 0.10),
    ("Drugs", 420, "drugs-and-alcohol-misuse", 0.0),
    ("Other crime", 260, "", 0.0),
    ("Other theft", 560, "", 0.05),
    ("Possession of weapons", 190, "serious-youth-violence", 0.05),
    ("Public order", 760, "anti-social-behaviour", 0.20),
    ("Robbery", 170, "serious-youth-violence", -0.15),
    ("Shoplifting", 1050, "", -0.10),
    ("Theft from the person", 90, "", 0.0),
    ("Vehicle crime", 520, "", -0.15),
    ("Violence and sexual offences", 2640, "all", 0.15),
)
# The force's extract: offence code, its police.uk type, incidents, theme, hours (evening or day),
# and the chance of each flag.
_OFFENCES: Final[tuple[tuple[str, str, int, str, str, dict[str, float]], ...]] = (
    (
        "5D",
        "Violence and sexual offences",
        90,
        "serious-youth-violence",
        "night",
        {"Knife flag": 0.45, "Alcohol flag": 0.35},
    ),
    ("8N", "Violence and sexual offences", 620, "all", "night", {"Knife flag": 0.08, "Alcohol flag": 0.40}),
    ("3B", "Violence and sexual offences", 110, "all", "day", {"Knife flag": 0.20, "Alcohol flag": 0.15}),
    ("8R", "Violence and sexual offences", 170, "", "day", {"Cyber flag": 0.85}),
    (
        "106",
        "Violence and sexual offences",
        14,
        "gangs-and-organised-crime",
        "day",
        {"Modern slavery flag": 0.7},
    ),
    ("34B", "Robbery", 150, "serious-youth-violence", "night", {"Knife flag": 0.40}),
    ("10D", "Possession of weapons", 120, "serious-youth-violence", "night", {}),
    ("10C", "Possession of weapons", 25, "serious-youth-violence", "night", {}),
    ("10B", "Possession of weapons", 15, "gangs-and-organised-crime", "night", {"OCG flag": 0.60}),
    ("92A", "Drugs", 90, "gangs-and-organised-crime", "day", {"OCG flag": 0.45}),
    ("92E", "Drugs", 210, "drugs-and-alcohol-misuse", "night", {}),
    ("28/3", "Burglary", 150, "", "day", {"OCG flag": 0.04}),
    ("58/1", "Criminal damage and arson", 170, "anti-social-behaviour", "night", {"Alcohol flag": 0.15}),
    ("NFIB52C", "Other crime", 60, "", "day", {"Cyber flag": 1.0}),
)
_FORCE_FLAGS: Final = ("Knife flag", "Alcohol flag", "Cyber flag", "OCG flag", "Modern slavery flag")
# The share of victims whose age is known and under 25, by nothing but chance.
_YOUNG: Final = 0.3
# Partners' records: type, records, theme, and whether a point is given or a ward only.
_PARTNER_TYPES: Final = (
    ("ASB Nuisance", 240, "anti-social-behaviour", True, ""),
    ("Needle find", 90, "drugs-and-alcohol-misuse", True, ""),
    ("Referral", 8, "", False, "Terrorism flag"),
    ("Referral", 12, "", False, "Modern slavery flag"),
)
#: About as many published rows lack a location.
_UNLOCATED: Final = 0.004


def make_sample(seed: int = SEED) -> dict[str, bytes]:
    """
    Make the whole sample.

    Parameters
    ----------
    seed : int, default 2025
        The same seed gives the same bytes.

    Returns
    -------
    dict of str to bytes
        File name to CSV, UTF-8 with LF line ends.
    """
    city = invent_city(seed)
    tables = {f"{month}-synthetic-street.csv": rows for month, rows in street_files(city, seed).items()}
    tables["synthetic-force-extract.csv"] = force_extract(city, seed)
    tables["synthetic-partner-records.csv"] = partner_records(city, seed)
    return {name: rows.to_csv(index=False, lineterminator="\n").encode() for name, rows in tables.items()}


def street_files(city: City, seed: int) -> dict[str, pd.DataFrame]:
    """Make twelve tables as police.uk publishes them, by month "YYYY-MM": months only, points shared."""
    rng = np.random.default_rng([seed, 1])
    drawn = [
        _draw(rng, city, number, theme, swing).assign(crime_type=crime_type)
        for crime_type, number, theme, swing in _STREET_TYPES
    ]
    rows = pd.concat(drawn, ignore_index=True)
    # sorted by month alone: within it the types are mixed, as they are in real files
    rows = rows.iloc[rng.permutation(len(rows))].sort_values("month", kind="stable", ignore_index=True)
    numbers = np.arange(1, len(rows) + 1)
    rows["crime_id"] = [f"{ID_MARKER}{number:06d}" for number in numbers]
    rows.loc[rows["crime_type"] == "Anti-social behaviour", "crime_id"] = ""
    rows["located"] = rng.random(len(rows)) >= _UNLOCATED
    table = _street_table(city, rows)
    return {f"{_YEAR}-{month:02d}": part for month, part in table.groupby(rows["month"].to_numpy())}


def force_extract(city: City, seed: int) -> pd.DataFrame:
    """Make an extract as a force's own system gives it: codes, times from and to, flags, ages."""
    rng = np.random.default_rng([seed, 2])
    drawn = []
    for code, crime_type, number, theme, hours, flags in _OFFENCES:
        part = _draw(rng, city, number, theme, 0.1).assign(code=code, crime_type=crime_type, hours=hours)
        for flag in _FORCE_FLAGS:
            part[flag] = np.where(rng.random(number) < flags.get(flag, 0.0), "Y", "N")
        drawn.append(part)
    rows = pd.concat(drawn, ignore_index=True)
    rows["start"] = _draw_starts(rng, rows["month"].to_numpy(), rows["hours"].to_numpy() == "night")
    # a burglary or a broken window is found hours later: nobody saw when it happened
    hours_open = np.where(rows["code"].isin(["28/3", "58/1"]), rng.integers(1, 15, len(rows)), 0)
    rows["end"] = rows["start"] + pd.to_timedelta(hours_open, unit="h")
    young = rng.random(len(rows)) < _YOUNG
    age = np.where(young, rng.integers(12, 25, len(rows)), rng.integers(25, 80, len(rows))).astype(str)
    rows["age"] = np.where(rng.random(len(rows)) < 0.2, "", age)
    rows = rows.sort_values(["start", "code", "place"], kind="stable", ignore_index=True)
    return _force_table(city, rows)


def partner_records(city: City, seed: int) -> pd.DataFrame:
    """Make partners' records: coordinates to ten metres, or only a ward for the sensitive ones."""
    rng = np.random.default_rng([seed, 3])
    drawn = []
    for crime_type, number, theme, pointed, flag in _PARTNER_TYPES:
        part = _draw(rng, city, number, theme, 0.3).assign(crime_type=crime_type, pointed=pointed, flag=flag)
        part["day"] = _draw_starts(rng, part["month"].to_numpy(), np.zeros(number, dtype=bool)).normalize()
        drawn.append(part)
    rows = pd.concat(drawn, ignore_index=True).sort_values(["day", "crime_type", "place"], kind="stable")
    places = city.places.iloc[rows["place"].to_numpy()]
    table = {
        "Reported by": MARKER,
        "Record ID": [f"{ID_MARKER}P{number:04d}" for number in range(1, len(rows) + 1)],
        "Date": rows["day"].dt.strftime("%Y-%m-%d").to_numpy(),
        "Crime type": rows["crime_type"].to_numpy(),
        "Easting": _where(rows["pointed"], (places["easting"] // 10 * 10).astype(int)),
        "Northing": _where(rows["pointed"], (places["northing"] // 10 * 10).astype(int)),
        "Ward code": places["ward_code"].to_numpy(),
    }
    flags = {
        name: np.where(rows["flag"] == name, "Y", "N") for name in ("Terrorism flag", "Modern slavery flag")
    }
    return pd.DataFrame(table | flags)


def _draw(rng: np.random.Generator, city: City, number: int, theme: str, swing: float) -> pd.DataFrame:
    """Draw months (1 to 12) and places for some incidents: summer or winter more, hot spots more."""
    season = 1 + swing * np.cos(2 * np.pi * (np.arange(1, 13) - 7) / 12)
    month = np.sort(_choose(rng, season, number)) + 1
    place = np.empty(number, dtype=np.intp)
    for value in np.unique(month):
        here = month == value
        place[here] = _choose(rng, city.weights(theme, int(value)), int(here.sum()))
    return pd.DataFrame({"month": month, "place": place})


def _choose(rng: np.random.Generator, weights: np.ndarray, number: int) -> np.ndarray:
    """Draw positions with chances proportional to weights."""
    edges = np.cumsum(weights)
    return np.searchsorted(edges, rng.random(number) * edges[-1], side="right")


def _draw_starts(rng: np.random.Generator, month: np.ndarray, night: np.ndarray) -> pd.DatetimeIndex:
    """Draw days and times to five minutes; what happens at night happens more at weekends."""
    first = np.datetime64(f"{_YEAR}-01", "M") + (month - 1)
    first, days = first.astype("M8[D]"), ((first + 1).astype("M8[D]") - first.astype("M8[D]")).astype(int)
    tries = rng.random((5, len(month)))
    day = (tries[0] * days).astype(int)
    # a night-time incident that fell on another day moves, for half of them, to a Friday or Saturday
    weekday = (first.astype(int) + 3 + day) % 7  # 1 January 1970 was a Thursday
    moved = day - weekday + 4 + (tries[1] < 0.55)
    fits = night & (tries[2] < 0.5) & (moved >= 0) & (moved < days)
    day = np.where(fits, moved, day)
    # the sum of two draws peaks in the middle: 22:00 by night, 14:30 by day
    spread = (tries[3] + tries[4]) / 2
    minute = np.where(night, 16 * 60 + spread * 12 * 60, 7 * 60 + spread * 15 * 60)
    of_day = (minute // 5 * 5 % (24 * 60)).astype("m8[m]")
    return pd.DatetimeIndex((first + day).astype("M8[s]") + of_day)


def _street_table(city: City, rows: pd.DataFrame) -> pd.DataFrame:
    """Lay drawn incidents out in police.uk's columns."""
    at = rows["place"].to_numpy()
    places, (longitude, latitude) = city.places.iloc[at], city.degrees
    located = rows["located"]
    return pd.DataFrame(
        {
            "Crime ID": rows["crime_id"],
            "Month": [f"{_YEAR}-{month:02d}" for month in rows["month"]],
            "Reported by": MARKER,
            "Falls within": MARKER,
            "Longitude": _where(located, [f"{value:.6f}" for value in longitude[at]]),
            "Latitude": _where(located, [f"{value:.6f}" for value in latitude[at]]),
            "Location": np.where(located, places["street"], "No Location"),
            "LSOA code": _where(located, places["lsoa_code"]),
            "LSOA name": _where(located, places["lsoa_name"]),
            "Crime type": rows["crime_type"],
            "Last outcome category": "",
            "Context": "",
        }
    )


def _force_table(city: City, rows: pd.DataFrame) -> pd.DataFrame:
    """Lay drawn offences out in the columns of a force's extract."""
    at = rows["place"].to_numpy()
    longitude, latitude = city.degrees
    return pd.DataFrame(
        {
            "Reported by": MARKER,
            "Crime ID": [f"{ID_MARKER}F{number:05d}" for number in range(1, len(rows) + 1)],
            "Offence code": rows["code"],
            "Crime type": rows["crime_type"],
            "Date from": rows["start"].dt.strftime("%Y-%m-%d"),
            "Time from": rows["start"].dt.strftime("%H:%M"),
            "Date to": rows["end"].dt.strftime("%Y-%m-%d"),
            "Time to": rows["end"].dt.strftime("%H:%M"),
            "Longitude": [f"{value:.6f}" for value in longitude[at]],
            "Latitude": [f"{value:.6f}" for value in latitude[at]],
            "Location": city.places["street"].to_numpy()[at],
            **{flag: rows[flag] for flag in _FORCE_FLAGS},
            "Victim age": rows["age"],
        }
    )


def _where(condition: pd.Series, values: Sequence[object] | pd.Series) -> np.ndarray:
    """Keep values where a condition holds, blank elsewhere, as text."""
    return np.where(condition.to_numpy(bool), np.asarray(values).astype(str), "")


def main(arguments: Sequence[str]) -> None:
    """
    Write the sample to a folder.

    Raises
    ------
    UsageError
        If not exactly one folder is named.
    """
    if len(arguments) != 1:
        raise UsageError("Name the folder to write: python data/makers/derive_sample.py data/sample")
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in make_sample().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
