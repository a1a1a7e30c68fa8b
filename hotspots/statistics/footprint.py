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
from hotspots.statistics.shares import (
    CITY,
    area_labels,
    count_by_month,
    month_numbers,
    share_figures,
    share_interval,
)
from hotspots.text import counted, join_words
from hotspots.themes.offences import distinct_rows, normalise_code, normalise_type
from hotspots.vocabulary import plain_words, wordings

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
        outcomes=outcome_shares(located, groups, ward, areas),
        victims=victim_bands(located, groups, ward, areas),
        warnings=said,
    )


def outcome_shares(
    located: pd.DataFrame, groups: pd.DataFrame, ward: np.ndarray, areas: Areas
) -> pd.DataFrame:
    """
    Count by group and area the crimes that ended without a suspect or with a charge.

    Crimes are the incidents that state any outcome, also that none is known yet, as in the
    Home Office's statistics: the share of either is low where many are still open.

    Parameters
    ----------
    located : DataFrame
        Incidents with `month` and `outcome`: "no suspect", "charged", "other", "open" or "".
    groups : DataFrame of bool
        Rows as `located`.
    ward : ndarray of int
        Row among the wards of each incident, -1 for none.
    areas : Areas
    """
    crimes, still, by_outcome = outcome_counts(located, groups, ward, areas)
    parts = [
        area_labels(groups, areas).assign(
            outcome=name, open=still.sum(axis=-1).ravel(), **share_figures(n, crimes, "crimes")
        )
        for name, n in by_outcome.items()
    ]
    return _with_shares(pd.concat(parts, ignore_index=True), "outcomes", of="crimes")


def outcome_counts(
    located: pd.DataFrame, groups: pd.DataFrame, ward: np.ndarray, areas: Areas
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """
    Count crimes, those still open, and those that ended without a suspect or with a charge.

    Parameters
    ----------
    located, groups, ward, areas
        As for `outcome_shares`.

    Returns
    -------
    tuple
        Crimes, open ones, and by outcome: each of shape (groups, 1 + wards, months), the whole first.
    """
    words, month = located["outcome"].astype(object).to_numpy(), month_numbers(located)
    crimes, still, *ended = (
        count_by_month(groups, mask, ward, month, areas)
        for mask in (words != "", words == OPEN, words == NO_SUSPECT, words == CHARGED)
    )
    return crimes, still, dict(zip((NO_SUSPECT, CHARGED), ended, strict=True))


def victim_bands(located: pd.DataFrame, groups: pd.DataFrame, ward: np.ndarray, areas: Areas) -> pd.DataFrame:
    """
    Count by group and area the incidents that hurt someone of each band of ages.

    An incident with victims of two bands counts in both. Fewer than five are not told.

    Parameters
    ----------
    located : DataFrame
        Incidents with `month` and `victim_age`: bands joined by ";", "" where no age is known.
    groups, ward, areas
        As for `outcome_shares`.
    """
    words, month = located["victim_age"].astype(object), month_numbers(located)
    known = count_by_month(groups, words.ne("").to_numpy(), ward, month, areas)
    if not known.any():
        return _no_rows("victims")
    held = words.str.split(";")
    parts = []
    for band in AGE_BANDS:
        mask = held.map(lambda bands, band=band: band in bands).to_numpy(bool)
        n = count_by_month(groups, mask, ward, month, areas)
        parts.append(area_labels(groups, areas).assign(band=band, **share_figures(n, known, "known")))
    found = _with_shares(pd.concat(parts, ignore_index=True), "victims", of="known")
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


def _with_shares(frame: pd.DataFrame, name: str, *, of: str) -> pd.DataFrame:
    found = frame[frame[of].gt(0)].reset_index(drop=True)
    if found.empty:
        return _no_rows(name)
    n, every = (found[column].to_numpy(float) for column in ("n", of))
    shares = share_interval(n, every, dispersion=found["dispersion"].to_numpy())
    return pd.concat([found, shares], axis=1)[list(schema.columns(name))]


def _no_rows(name: str) -> pd.DataFrame:
    return pd.DataFrame({label: pd.Series(dtype=kind) for label, kind in schema.dtypes(name).items()})
