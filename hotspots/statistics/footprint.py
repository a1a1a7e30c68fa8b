"""
Policing's own footprint in the figures, and the ages of victims.

Recorded drugs and weapons follow searches: where both rise together, the rise may be
of policing. How crimes end tells what the police did, not what offenders did. Ages of
victims are counted by incident and area; nothing here is about a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from hotspots import schema
from hotspots.geography.containment import containing_area
from hotspots.geography.load import Areas
from hotspots.geography.projection import Projection, distinct_points, to_national_grid
from hotspots.months import comparable_periods, period_words
from hotspots.reading.beside import AGE_BANDS, CHARGED, DRUGS, NO_SUSPECT, OPEN, WEAPONS
from hotspots.statistics.change import change_between
from hotspots.text import counted, join_words
from hotspots.themes.offences import distinct_rows, normalise_code, normalise_type
from hotspots.vocabulary import plain_words, wordings

CITY: Final = "city"
#: What a search may be for, and the type and the classes of offence codes that it brings to light.
RECORDED: Final[Mapping[str, tuple[str, str]]] = {
    DRUGS: ("Drugs", r"(92|77)[A-Z]*(/.*)?"),
    WEAPONS: ("Possession of weapons", r"(10|81)[A-Z]*(/.*)?"),
}
#: What is said of an area where both rose beyond chance.
RISE_FOLLOWS: Final = "both rose: the rise may be of policing"
#: Incidents below which the victims of a band are not told: a row must not point at a person.
FEWEST_VICTIMS: Final = 5
#: What other audiences are told instead.
INTERNAL_ONLY: Final = (
    "Searches, how crimes ended and ages of victims are for internal use and are left out: a share or a "
    "change of few incidents would give their number back."
)
_CONFIDENCE: Final = 0.95


@dataclass(frozen=True, eq=False)
class Footprint:
    """
    Searches, outcomes and ages of victims, by ward and of the whole.

    Attributes
    ----------
    searches : DataFrame
        Per area, what was sought and month ("" for all months with searches): searches, recorded
        incidents; for all months the change of both between the latest months and earlier ones.
    outcomes : DataFrame
        Per area, group and outcome: crimes, how many of them have no final outcome yet, n with this
        one, its share with an interval.
    victims : DataFrame
        Per area, group and band of ages: incidents with a victim of that age, of how many whose
        victims' age is known, share with an interval.
    warnings : tuple of str
        Where a rise follows searches, and what is missing.
    """

    searches: pd.DataFrame
    outcomes: pd.DataFrame
    victims: pd.DataFrame
    warnings: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return bool(len(self.searches) or len(self.outcomes) or len(self.victims))


def find_footprint(
    searches: pd.DataFrame,
    located: pd.DataFrame,
    groups: pd.DataFrame,
    areas: Areas,
    *,
    months: Sequence[str],
    projection: Projection,
) -> Footprint:
    """
    Set searches beside what they bring to light, and count how crimes ended and who was hurt.

    Parameters
    ----------
    searches : DataFrame
        From `Incidents.searches`.
    located : DataFrame
        Geocoded incidents with `outcome` and `victim_age`.
    groups : DataFrame of bool
        One column per theme or type, rows as `located`.
    areas : Areas
    months : sequence of str
        Months that were read in full.
    projection : Projection
        How searches come to the National Grid.
    """
    ward = areas.wards.index.get_indexer(located["ward_code"].astype(object))
    beside, said = _searches(searches, located, ward=ward, areas=areas, months=months, projection=projection)
    return Footprint(
        searches=beside,
        outcomes=outcome_shares(located["outcome"], groups, ward, areas),
        victims=victim_bands(located["victim_age"], groups, ward, areas),
        warnings=said,
    )


def share_interval(n: np.ndarray, of: np.ndarray, *, confidence: float = _CONFIDENCE) -> pd.DataFrame:
    """
    Give shares with their exact binomial interval.

    It holds the true share at least as often as it says, whatever that is and however few the
    incidents, if each ends by itself by the same odds; a day on which one decision closes many
    cases at once is not allowed for.

    Parameters
    ----------
    n, of : ndarray of shape (k,)
        How many, of how many; `of` above zero.

    Returns
    -------
    DataFrame
        share, low, high.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial
    limits. Biometrika 26(4), 404-413.
    """
    from scipy.special import betaincinv

    some, left, tail = n > 0, n < of, (1 - confidence) / 2
    low = np.where(some, betaincinv(np.where(some, n, 1), of - n + 1, tail), 0.0)
    high = np.where(left, betaincinv(n + 1, np.where(left, of - n, 1), 1 - tail), 1.0)
    return pd.DataFrame({"share": n / of, "low": low, "high": high})


def outcome_shares(outcome: pd.Series, groups: pd.DataFrame, ward: np.ndarray, areas: Areas) -> pd.DataFrame:
    """
    Count by group and area the crimes that ended without a suspect or with a charge.

    Crimes are the incidents that state any outcome, also that none is known yet, as in the
    Home Office's statistics: the share of either is low where many are still open.

    Parameters
    ----------
    outcome : Series
        "no suspect", "charged", "other", "open" or "".
    groups : DataFrame of bool
        Rows as `outcome`.
    ward : ndarray of int
        Row among the wards of each incident, -1 for none.
    areas : Areas
    """
    words = outcome.astype(object).to_numpy()
    crimes, still = (_by_area(groups, mask, ward, areas) for mask in (words != "", words == OPEN))
    parts = []
    for name in (NO_SUSPECT, CHARGED):
        found = crimes.assign(outcome=name, open=still["n"], crimes=crimes["n"])
        parts.append(found.assign(n=_by_area(groups, words == name, ward, areas)["n"]))
    frame = pd.concat(parts, ignore_index=True)
    return _with_shares(frame[frame["crimes"].gt(0)], "outcomes", of="crimes")


def victim_bands(age: pd.Series, groups: pd.DataFrame, ward: np.ndarray, areas: Areas) -> pd.DataFrame:
    """
    Count by group and area the incidents that hurt someone of each band of ages.

    An incident with victims of two bands counts in both. Fewer than five are not told.

    Parameters
    ----------
    age : Series
        Bands joined by ";", "" where no age is known.
    groups, ward, areas
        As for `outcome_shares`.
    """
    words = age.astype(object)
    known = _by_area(groups, words.ne("").to_numpy(), ward, areas)
    if not known["n"].any():
        return _no_rows("victims")
    held = words.str.split(";")
    parts = []
    for band in AGE_BANDS:
        mask = held.map(lambda bands, band=band: band in bands).to_numpy(bool)
        n = _by_area(groups, mask, ward, areas)["n"]
        parts.append(known.assign(band=band, known=known["n"], n=n))
    frame = pd.concat(parts, ignore_index=True)
    found = _with_shares(frame[frame["known"].gt(0)], "victims", of="known")
    few = found["n"].lt(FEWEST_VICTIMS)
    return found.assign(
        **{name: found[name].astype(float).mask(few) for name in ("n", "share", "low", "high")}
    )


def searches_beside(searches: pd.DataFrame, recorded: pd.DataFrame) -> pd.DataFrame:
    """
    Compare how searches and what they bring to light changed, area by area.

    Both are compared over the same two periods, see `months.comparable_periods`. A rise is one whose
    95 % range lies above 1, ward by ward: this is a caution, so missing one is worse than one too many.
    It does not prove that one made the other.

    Parameters
    ----------
    searches, recorded : DataFrame
        Counts by area (rows) and month (columns), alike.

    Returns
    -------
    DataFrame
        By area: searches, recorded, the change of each with its range, note.
    """
    periods = comparable_periods(searches.columns)
    found = pd.DataFrame({"searches": searches.sum(axis=1), "recorded": recorded.sum(axis=1)})
    for name, table in (("searches", searches), ("recorded", recorded)):
        change = change_between(table, periods)
        for column in ("change", "low", "high"):
            found[f"{name}_{column}"] = change[column]
    both = found["searches_low"].gt(1) & found["recorded_low"].gt(1)
    return found.assign(note=np.where(both, RISE_FOLLOWS, ""))


def _searches(
    searches: pd.DataFrame,
    located: pd.DataFrame,
    *,
    ward: np.ndarray,
    areas: Areas,
    months: Sequence[str],
    projection: Projection,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Count searches and recorded incidents by ward and month, and say what they come to."""
    if searches.empty:
        return _no_rows("searches"), ()
    # A month without any search in any file was not delivered: it is not a month without searches.
    shared = [month for month in months if month in set(searches["month"])]
    if not shared:
        return _no_rows("searches"), (
            "The searches are of other months than the incidents: none is counted.",
        )
    searches = searches[searches["month"].isin(shared)]
    of_search = _wards_of(searches, areas, projection)
    codes = pd.Index(areas.wards.index)
    parts, said = [], []
    for kind, mask in _recorded(located).items():
        mine = searches["sought"].eq(kind).to_numpy()
        made = _month_table(searches["month"][mine], of_search[mine], codes, shared)
        held = _month_table(located["month"][mask], ward[mask], codes, shared)
        wards = searches_beside(made, held)
        whole = [table.sum().to_frame(areas.area_code).T for table in (made, held)]
        name = pd.Series({areas.area_code: areas.area_name})
        parts += [
            _long(whole[0], whole[1], searches_beside(*whole), name).assign(level=CITY, sought=kind),
            _long(made, held, wards, areas.wards["name"]).assign(level=schema.WARD, sought=kind),
        ]
        rose = wards.index[wards["note"].ne("")]
        if len(rose):
            names = join_words([str(name) for name in areas.wards["name"].reindex(rose)])
            said.append(_rise_words(kind, names, shared))
    return pd.concat(parts, ignore_index=True)[list(schema.columns("searches"))], (
        *said,
        *_missing(searches, len(months), shared),
    )


def _rise_words(kind: str, names: str, months: Sequence[str]) -> str:
    periods = comparable_periods(months)
    season = (
        " The season may explain both: these are other months of the year."
        if "season" in periods.reason
        else ""
    )
    return (
        f"Recorded {kind} rose beyond chance in {names}, {period_words(periods.after)} against "
        f"{period_words(periods.before)}, and so did searches for {kind}: the rise may be of policing, not "
        f"of crime.{season}"
    )


def _missing(searches: pd.DataFrame, n_months: int, shared: Sequence[str]) -> list[str]:
    """Say of which months, and of which searches, nothing is known."""
    said = []
    if len(shared) < n_months:
        said.append(
            f"Files of searches hold {len(shared)} of {counted(n_months, 'month')}: only these are compared."
        )
    nowhere = int(searches["longitude"].isna().to_numpy().sum())
    if nowhere:
        said.append(f"{nowhere:,} of {len(searches):,} searches have no place: they are counted in no ward.")
    return said


def _recorded(located: pd.DataFrame) -> dict[str, np.ndarray]:
    """Mark the incidents that searches of each kind bring to light."""
    kinds, kind_of = distinct_rows(located, ("crime_type", "offence_code"))
    found = {}
    for kind, (name, codes) in RECORDED.items():
        words = {plain_words(name), *wordings(name)}
        holds = [
            normalise_type(crime_type) in words or bool(re.fullmatch(codes, normalise_code(code)))
            for crime_type, code in kinds
        ]
        found[kind] = np.array(holds, bool)[kind_of]
    return found


def _wards_of(searches: pd.DataFrame, areas: Areas, projection: Projection) -> np.ndarray:
    """Give the row among the wards of each search, -1 for one elsewhere or without a place."""
    x, y = to_national_grid(
        searches["longitude"].to_numpy(float), searches["latitude"].to_numpy(float), grid=projection.grid
    )
    points, code = distinct_points(x, y)
    order = np.argsort(points)
    found = np.full(len(points) + 1, -1, dtype=np.intp)
    found[order] = containing_area(
        np.ascontiguousarray(points.real[order]), np.ascontiguousarray(points.imag[order]), areas.wards
    )
    return found[code]


def _month_table(month: pd.Series, ward: np.ndarray, codes: pd.Index, months: Sequence[str]) -> pd.DataFrame:
    at = pd.Index(months).get_indexer(month.astype(object))
    there = (at >= 0) & (ward >= 0)
    table = np.zeros((len(codes), len(months)), dtype=np.int64)
    np.add.at(table, (ward[there], at[there]), 1)
    return pd.DataFrame(table, index=codes, columns=pd.Index(months, dtype=object))


def _long(made: pd.DataFrame, held: pd.DataFrame, whole: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Lay counts out below each other: the whole period, then each month."""
    blank = {name: np.nan for name in whole if name not in ("searches", "recorded", "note")}
    parts = [whole.assign(month=schema.WHOLE_PERIOD)]
    parts += [
        pd.DataFrame({"searches": made[month], "recorded": held[month]}).assign(month=month, note="", **blank)
        for month in made
    ]
    every = pd.concat(parts).rename_axis("code").reset_index()
    return every.assign(name=every["code"].map(names))


def _by_area(groups: pd.DataFrame, mask: np.ndarray, ward: np.ndarray, areas: Areas) -> pd.DataFrame:
    """Count the marked incidents of each group in the whole and in each ward."""
    n = len(areas.wards)
    parts = []
    for group in groups:
        inside = groups[group].to_numpy(bool) & mask
        by_ward = np.bincount(ward[inside & (ward >= 0)], minlength=n)
        parts.append(np.concatenate([[inside.sum()], by_ward]))
    labels = {
        "theme": np.repeat([str(group) for group in groups], n + 1),
        "level": np.tile([CITY, *[schema.WARD] * n], len(parts)),
        "code": np.tile(np.array([areas.area_code, *areas.wards.index], dtype=object), len(parts)),
        "name": np.tile(np.array([areas.area_name, *areas.wards["name"]], dtype=object), len(parts)),
    }
    return pd.DataFrame({**labels, "n": np.concatenate(parts).astype(np.int64)})


def _with_shares(frame: pd.DataFrame, name: str, *, of: str) -> pd.DataFrame:
    if frame.empty:
        return _no_rows(name)
    found = frame.reset_index(drop=True)
    shares = share_interval(found["n"].to_numpy(float), found[of].to_numpy(float))
    return pd.concat([found, shares], axis=1)[list(schema.columns(name))]


def _no_rows(name: str) -> pd.DataFrame:
    return pd.DataFrame({label: pd.Series(dtype=kind) for label, kind in schema.dtypes(name).items()})
