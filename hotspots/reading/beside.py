"""
What files tell beside incidents: searches, how crimes ended, and how old victims were, in a few words each.

Everything is reduced to the words below as it is read. Of a search only month,
place and what was sought stay; who was searched, and by whom, is never read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from hotspots.policeuk import POLICE_SEARCHES
from hotspots.reading.columns import ColumnPlan
from hotspots.reading.dates import parse_dates
from hotspots.reading.judging import FieldColumns
from hotspots.reading.numbers import OK, parse_numbers
from hotspots.reading.rules import Rules
from hotspots.reading.table import Coded, Table
from hotspots.text import counted

if TYPE_CHECKING:
    import pandas as pd

DRUGS, WEAPONS, OTHER_OBJECTS = "drugs", "weapons", "other"
#: How a crime ended; a row with several is what stands first.
CHARGED, OTHER, NO_SUSPECT, OPEN = "charged", "other", "no suspect", "open"
OUTCOMES: Final = (CHARGED, OTHER, NO_SUSPECT, OPEN)
#: Ages of victims: the last age of each band.
OLDEST: Final = 120
AGE_BANDS: Final = {"under 18": 17, "18 to 24": 24, "25 to 34": 34, "35 to 64": 64, "65 and over": OLDEST}
#: An age that is known, but lies across these bands.
ACROSS_BANDS: Final = "across bands"
_UPWARDS = re.compile(r"over|above|older|plus|\+|>", re.IGNORECASE)
_BEYOND = re.compile(r"(over|above|older\s+than|>)\s*\d", re.IGNORECASE)
_DOWNWARDS = re.compile(r"under|below|younger|<", re.IGNORECASE)
_DRUGS = re.compile(r"drug|psychoactive|cannabis|controlled\s+substance", re.IGNORECASE)
_WEAPONS = re.compile(r"weapon|firearm|blade|knife|knives|crossbow|threaten\s+or\s+harm", re.IGNORECASE)
_OPEN = re.compile(
    r"((still\s+)?under\s+investigation|(investigation\s+)?ongoing|open|pending|status\s+update|not\s+yet|"
    r"no\s+outcome|unresolved|live|active)\b",
    re.IGNORECASE,
)
_NO_SUSPECT = re.compile(
    r"\bno\s+suspect|undetected|suspect\s+not\s+identified|^(outcome\s*)?18\b", re.IGNORECASE
)
_NEVER_CHARGED = re.compile(
    r"\b(no|not|without|un)[\s-]*(be\s+)?charged?\b|caution|warning|penalty\s+notice|resolution|"
    r"unable\s+to\s+prosecute|not\s+in\s+the\s+public\s+interest",
    re.IGNORECASE,
)
#: What a court says, it says of someone who was charged.
_CHARGED = re.compile(
    r"\bcharge|summons|court|convict|sentence|prison|found\s+(not\s+)?guilty|\bdischarge|postal\s+requisition|"
    r"offender\s+(fined|ordered|deprived|otherwise\s+dealt)|^(outcome\s*)?1\s*a?\s*([-:.].*)?$",
    re.IGNORECASE,
)
#: The columns of the frame of searches.
SEARCH_COLUMNS: Final = ("month", "sought", "longitude", "latitude")


def sought(text: str) -> str:
    """Say whether the object of a search was drugs, weapons or anything else."""
    return WEAPONS if _WEAPONS.search(text) else DRUGS if _DRUGS.search(text) else OTHER_OBJECTS


def outcome_class(text: str) -> str:
    """Reduce the words of an outcome to one of `OUTCOMES`; "" for none."""
    plain = text.strip()
    if not plain or plain in OUTCOMES:
        return plain
    if _NO_SUSPECT.search(plain):
        return NO_SUSPECT
    if not _NEVER_CHARGED.search(plain) and _CHARGED.search(plain):
        return CHARGED
    return OPEN if _OPEN.match(plain) else OTHER


def furthest(text: str) -> str:
    """Of several outcomes, joined by ";", take what stands first in `OUTCOMES`."""
    found = set(text.split(";"))
    return next((word for word in OUTCOMES if word in found), "")


def age_band(text: str) -> str:
    """Reduce an age, or a band of ages, to one of `AGE_BANDS`; "" where there is none."""
    ages = [int(float(number)) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    if not ages or len(ages) > 2 or max(ages) > OLDEST:
        return ""
    low, high = min(ages), max(ages)
    if len(ages) == 1 and _UPWARDS.search(text):
        low, high = low + bool(_BEYOND.search(text)), OLDEST
    elif len(ages) == 1 and _DOWNWARDS.search(text):
        low, high = 0, high - 1
    first = 0
    for band, last in AGE_BANDS.items():
        if first <= low and high <= last:
            return band
        first = last + 1
    return ACROSS_BANDS


def read_beside(table: Table, plan: ColumnPlan, *, rules: Rules) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """
    Read a file of searches or of outcomes.

    Parameters
    ----------
    table : Table
        The text of the columns in `plan`.
    plan : ColumnPlan
        Of such a file.
    rules : Rules
        Today and the order of dates.

    Returns
    -------
    frame : DataFrame
        Searches: month, sought ("drugs", "weapons", "other"), longitude, latitude (WGS84; NaN where
        not given). Outcomes: crime_id, month (of the outcome), outcome (one of `OUTCOMES`).
        Rows without a date or of no crime are left out.
    notes : tuple of str
    """
    import pandas as pd

    columns = FieldColumns(table, plan)
    month = _months(columns["date"] if "date" in columns else columns["month"], rules)
    if plan.kind == POLICE_SEARCHES:
        frame = pd.DataFrame(
            {
                "month": month,
                "sought": _spelt(columns["object"].map(sought)),
                **{name: _degrees(columns[name]) for name in ("longitude", "latitude")},
            }
        )
        kept = frame["month"].ne("")
        what = "counted by ward and month beside weapons and drugs"
    else:
        frame = pd.DataFrame(
            {
                "crime_id": _spelt(columns["crime_id"]),
                "month": month,
                "outcome": _spelt(columns["outcome"].map(outcome_class)),
            }
        )
        kept = frame["month"].ne("") & frame["crime_id"].ne("") & frame["outcome"].ne("")
        what = "they say how crimes with their Crime ID ended"
    left = int((~kept).sum())
    said = f" {counted(left, 'row')} without a date or a crime left out." if left else ""
    return frame[kept].reset_index(drop=True), (
        f"This is a {plan.kind} file: its rows are not incidents; {what}.{said}",
    )


def all_searches(parts: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """
    Put searches of several files together.

    Rows that are equal within a file are searches of several people; equal ones in
    another file are the same searches again, as in two overlapping downloads.

    Parameters
    ----------
    parts : sequence of (str, DataFrame)
        Kind of the file and what `read_beside` made of it.
    """
    import pandas as pd

    frames = [frame.assign(source=n) for n, (kind, frame) in enumerate(parts) if kind == POLICE_SEARCHES]
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in SEARCH_COLUMNS}).astype(
            {"longitude": float, "latitude": float}
        )
    every = pd.concat(frames, ignore_index=True)
    labels = list(SEARCH_COLUMNS)
    nth = every.groupby(["source", *labels], dropna=False).cumcount()
    once = every.assign(nth=nth).drop_duplicates([*labels, "nth"])
    return once.sort_values([*labels, "nth"], ignore_index=True)[labels]


def with_outcomes(incidents: pd.DataFrame, parts: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """
    Tell of crimes whose end is not known what files of outcomes say of them: the latest, by Crime ID.

    Parameters
    ----------
    incidents : DataFrame
        With `crime_id` and `outcome`.
    parts : sequence of (str, DataFrame)
        Kind of the file and what `read_beside` made of it.
    """
    import pandas as pd

    frames = [frame for kind, frame in parts if kind != POLICE_SEARCHES and len(frame)]
    if not frames:
        return incidents
    every = pd.concat(frames, ignore_index=True)
    rank = every["outcome"].map({word: -n for n, word in enumerate(OUTCOMES)})
    last = (
        every.assign(rank=rank)
        .sort_values(["crime_id", "month", "rank"])
        .drop_duplicates("crime_id", keep="last")
    )
    told = incidents["crime_id"].astype(object).map(last.set_index("crime_id")["outcome"])
    now = incidents["outcome"].astype(object)
    new = told.where(now.isin(("", OPEN)) & told.notna(), now)
    return incidents.assign(outcome=pd.Categorical(new, categories=pd.Index(["", *OUTCOMES], dtype="str")))


def asked_for(frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Keep searches or outcomes of the months that were asked for."""
    month = frame["month"].astype(object)
    wanted = month.ge(rules.from_month) & (month.le(rules.to_month) if rules.to_month else month.ne(""))
    return frame[wanted].reset_index(drop=True)


def _months(dates: Coded, rules: Rules) -> np.ndarray:
    """Give the month of each row; "" where there is none."""
    parsed = parse_dates(dates.values, date_format=rules.date_format, today=rules.today)
    month = parsed.start.astype("datetime64[M]").astype(str).astype(object)
    return dates.spread(np.where(np.isnat(parsed.start), "", month))


def _degrees(column: Coded) -> np.ndarray:
    parsed = parse_numbers(column.stored, metres=False)
    return column.spread(np.where(parsed.state == OK, parsed.values, np.nan))


def _spelt(column: Coded) -> np.ndarray:
    return column.values[column.codes]
