"""
What a release says of each ward, arranged once for all pages and put into words.

Figures that are withheld are None and are said to be withheld; nothing here
is estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from hotspots import schema
from hotspots.months import FEWEST_MONTHS, halves, monthly_counts, period_words
from hotspots.pages import words
from hotspots.release.release import Release, ThemeView
from hotspots.schema import WEEKDAYS

CLUSTERS_LISTED: Final = 8
#: Below this share of its outline a cluster belongs to the neighbours.
_LEAST_PART: Final = 0.1
#: Below this many incidents in the period the range of a change is too wide to be of use.
_FEWEST_FOR_CHANGE: Final = 30
#: About two in each cell of the table of weekdays and quarters of the day.
FEWEST_FOR_HOURS: Final = 50
_QUARTERS: Final = ("00:00–06:00", "06:00–12:00", "12:00–18:00", "18:00–24:00")
_SHADES: Final = 4

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class WardFacts:
    """
    The parts of a release that ward profiles show, by ward.

    Attributes
    ----------
    release : Release
        What the audience may see.
    """

    release: Release

    @cached_property
    def themes(self) -> list[ThemeView]:
        """Themes of which these data show something: a nought for the others would mislead."""
        return [view for view in self.release.themes if view.observability not in schema.UNSEEN]

    @cached_property
    def unseen(self) -> list[str]:
        """Names of the other themes."""
        return [view.name for view in self.release.themes if view.observability in schema.UNSEEN]

    @property
    def unseen_word(self) -> str:
        """Whether they are not visible, or not recognised: one of the two in a release."""
        found = {view.observability for view in self.release.themes} & set(schema.UNSEEN)
        return (sorted(found) or [schema.NOT_VISIBLE])[-1]

    @cached_property
    def results(self) -> dict[tuple[str, str], Row]:
        """Results by ward code and theme."""
        return _by_ward(self.release.results)

    @cached_property
    def ranking(self) -> dict[tuple[str, str], Row]:
        """Ranks by ward code and theme."""
        return _by_ward(self.release.priority)

    @cached_property
    def months(self) -> dict[tuple[str, str], list[Row]]:
        """Month, count, usual range and signal by ward code and theme, in order of months."""
        grouped: dict[tuple[str, str], list[Row]] = {}
        for row in plain_rows(self.release.unusual_months):
            grouped.setdefault((row["code"], row["theme"]), []).append(row)
        return grouped

    @cached_property
    def comparison(self) -> str:
        """Say which months a change compares."""
        periods = self.release.compared
        if not periods.after:
            return ""
        said = f"Change: {period_words(periods.after)} against {period_words(periods.before)}"
        return said + (", so the season may explain it." if "just before" in periods.reason else ".")

    @cached_property
    def halves(self) -> list[str]:
        """Names of the halves of the period, in which a cluster continues, is new or has ended."""
        return [period_words(months) for months in halves(self.release.months)]

    @cached_property
    def clusters(self) -> dict[str, list[Row]]:
        """Clusters of which a real part lies in each ward, largest first."""
        frame = self.release.hotspots.reset_index(drop=True)
        rows = pd.DataFrame(frame.drop(columns="geometry")).to_dict("records")
        found: dict[str, list[Row]] = {}
        for ward, cluster, part in _parts(self.release.wards, frame.geometry, least=_LEAST_PART):
            found.setdefault(ward, []).append({**plain(rows[cluster]), "part": part})
        for held in found.values():
            held.sort(key=lambda row: (-(row["n"] or 0), row["theme"], row["order"]))
        return found

    @cached_property
    def lsoas(self) -> dict[str, list[Row]]:
        """LSOAs that lie mostly in each ward, busiest first; LSOAs need not respect ward borders."""
        rows = self.release.results
        rows = rows[rows["level"].eq(schema.LSOA) & rows["theme"].eq(schema.ALL_INCIDENTS)]
        rows = rows.dropna(subset=["count"])
        by_code = {row["code"]: row for row in plain_rows(rows)}
        lsoas = self.release.lsoas
        found: dict[str, list[Row]] = {}
        for ward, position, _ in _parts(self.release.wards, lsoas.geometry, least=0.5):
            row = by_code.get(str(lsoas.index[position]))
            if row is not None:
                found.setdefault(ward, []).append(row)
        for held in found.values():
            held.sort(key=lambda row: (-row["count"], row["code"]))
        return found

    @cached_property
    def hours(self) -> dict[str, np.ndarray]:
        """Incidents by weekday and quarter of the day, shape (7, 4), by ward code."""
        hours = self.release.times.wards
        return {
            str(code): part["incidents"].to_numpy(float).reshape(7, 4, 6).sum(axis=2)
            for code, part in hours.groupby("code", sort=True)
        }

    def said(self, code: str) -> Row:
        """Give what is said of a ward in words, by its name in the template."""
        return {"when": self.unusual(code), "week": self.week(code)}

    def finding(self, code: str) -> list[str]:
        """Say in two or three sentences what the ward's figures come to."""
        name, area = self.release.wards.loc[code, "name"], self.release.place
        everything = self.results[code, schema.ALL_INCIDENTS]
        count = everything["count"]
        if count is None:
            sentences = [f"The number of incidents in {name} is withheld because it is small."]
        else:
            share = words.percent(everything["share"])
            sentences = [
                f"{words.whole(count)} incidents were recorded in {name}, {share} of those in {area}."
            ]
        ranked = self.ranking.get((code, self.release.overall), {})
        if ranked.get("rank") is not None:
            sentences.append(self._rank_sentence(ranked))
            sentences.append(self._denominator_sentence(ranked))
        return [said for said in sentences if said]

    def _denominator_sentence(self, ranked: Row) -> str:
        """Give the rank by each denominator, and by equal weights where the themes are weighted."""
        by = {words: ranked.get(f"rank_by_{name}") for name, words in self.release.denominators.items()}
        known = [f"{rank:.0f} by {words}" for words, rank in by.items() if rank is not None]
        if ranked.get("rank_equal") is not None:
            weighted = f"by {self.release.basis} with equal weights of the themes"
            known.append(f"{ranked['rank_equal']:.0f} {weighted}")
        if ranked.get("rank_without_heaps") is not None:
            known.append(
                f"{ranked['rank_without_heaps']:.0f} by {self.release.basis} without the flagged heaps"
            )
        if not known:
            return ""
        hangs = " Its place hangs on which of these one goes by."
        depends = hangs if ranked.get("denominator_sensitive") else ""
        return f"It ranks {words.join_names(known, most=len(known))}.{depends}"

    def _rank_sentence(self, ranked: Row) -> str:
        top = words.small_number(int(self.release.parameters.get("top", 3)))
        sure = words.certainty(str(ranked["class"]), ranked.get("p_top"))
        standing = f"; {sure} among the top {top} by {self.release.basis}" if sure else ""
        low, high = ranked.get("rank_low"), ranked.get("rank_high")
        spread = "" if low is None or high is None or low == high else f" (95% range {low:.0f} to {high:.0f})"
        wards = sum(
            row["rank"] is not None
            for (_, theme), row in self.ranking.items()
            if theme == self.release.overall
        )
        over = "the themes together" if self.release.overall == schema.COMBINED else "all incidents"
        place = f"{ranked['rank']:.0f} of {wards} wards by {self.release.basis}"
        said = f"Over {over} it ranks {place}{spread}{standing}."
        return f"{said} {self.release.held}".strip()

    def type_rows(self, code: str) -> list[Row]:
        """Give the words of every type in one ward, the commonest first and withheld ones last."""
        every = self.results[code, schema.ALL_INCIDENTS]["count"]
        found = [(self.results[code, view.slug], view) for view in self.release.types]
        found.sort(key=lambda pair: (pair[0]["count"] is None, -(pair[0]["count"] or 0), pair[1].name))
        return [
            {
                **self.theme_row(view, code),
                "part": "withheld"
                if row["count"] is None or not every
                else words.percent(min(row["count"] / every, 1.0)),
            }
            for row, view in found
        ]

    def theme_row(self, view: ThemeView, code: str) -> Row:
        """Give the words of one theme in one ward."""
        row = self.results[code, view.slug]
        change, spread = change_words(row)
        if view.kind == "type" and view.grain and row["count"] is not None:
            change, spread = "not given", ""
        return {
            "name": view.name,
            "observability": view.observability,
            "count": words.whole(row["count"]),
            "share": _share_words(row, view),
            "rate": rate_words(row["rate_per_1000"], row["count"]),
            "city_rate": self._city_rate(view),
            "density": rate_words(row["rate_per_km2"], row["count"]),
            "rank": rank_words(self.ranking.get((code, view.slug), {})),
            "change": change,
            "spread": spread,
        }

    def _city_rate(self, view: ThemeView) -> str:
        found = self.release.city_rate(view.total)
        if found is None:
            return "withheld" if view.total is None else UNKNOWN
        return rate_words(found, view.total)

    def unusual(self, code: str) -> list[str]:
        """Say which months were out of the ordinary, theme by theme."""
        if len(self.release.complete_months) < FEWEST_MONTHS:
            return [f"Fewer than {FEWEST_MONTHS} whole months were read: too few to say what is usual."]
        found = [
            f"{view.name}: {period_words((row['month'],))} was {row['signal']} the usual, with "
            f"{words.whole(row['count'])} where {row['usual_low']:.0f} to {row['usual_high']:.0f} "
            "would have been ordinary."
            for view in self.themes
            for row in self.months.get((code, view.slug), [])
            if row["signal"]
        ]
        if found:
            return found
        tested = any(
            row["usual_low"] is not None
            for view in self.themes
            for row in self.months.get((code, view.slug), [])
        )
        return [
            "No month was out of the ordinary."
            if tested
            else "Too few incidents a month to say what is usual."
        ]

    def week(self, code: str) -> Row:
        """Give the table of weekdays and quarters of the day, or why there is none."""
        if self.release.times.reason:
            return {"rows": [], "text": self.release.times.reason}
        table = self.hours.get(code, np.zeros((7, 4)))
        used, whole = table.sum(), self.results[code, schema.ALL_INCIDENTS]["count"]
        known = f"{words.whole(used)} of {words.whole(whole)} incidents have a time of day"
        if used < FEWEST_FOR_HOURS:
            return {"rows": [], "text": f"{known}: too few to show by weekday and hour."}
        quarter, day = int(table.sum(axis=0).argmax()), int(table.sum(axis=1).argmax())
        busiest = (
            f"{words.percent(table[:, quarter].sum() / used)} of them fell in {_QUARTERS[quarter]}, "
            f"{words.percent(table[day].sum() / used)} on a {WEEKDAYS[day]}"
        )
        return {"rows": _week_rows(table), "quarters": _QUARTERS, "text": f"{known}; {busiest}."}

    def cluster_rows(self, code: str) -> list[Row]:
        """Give the words of the ward's clusters."""
        names = {view.slug: view.name for view in self.release.themes}
        return [
            {
                "theme": names[row["theme"]],
                "number": f"{row['order']:.0f}",
                "streets": row["streets"] or "no street named",
                "types": row.get("types") or "",
                "count": words.whole(row["n"]),
                "share": words.percent(row["share"]),
                "part": "all" if row["part"] > 0.995 else words.percent(row["part"]),
                "confidence": confidence_words(row["confidence"]),
                "status": _status_words(row),
            }
            for row in self.clusters.get(code, [])[:CLUSTERS_LISTED]
        ]


#: A rate of a count that is shown, where nobody knows the residents: it is not withheld.
UNKNOWN: Final = "not known"


def rate_words(value: float | None, count: float | None) -> str:
    """Write the rate of a count; a tiny one is not nothing, and one without a denominator is not withheld."""
    if value is None and count is not None:
        return UNKNOWN
    return "under 0.1" if value is not None and 0 < value < 0.05 else words.rate(value)


def rank_words(ranked: Row) -> str:
    """Write a rank with its range."""
    rank, low, high = (ranked.get(name) for name in ("rank", "rank_low", "rank_high"))
    if rank is None:
        return "not ranked"
    return (
        f"{rank:.0f}"
        if low is None or high is None or low == high
        else f"{rank:.0f} ({low:.0f} to {high:.0f})"
    )


def change_words(row: Row) -> tuple[str, str]:
    """Say how the latest months compare with the earlier ones: the change, and its range."""
    if row["count"] is None:
        return "withheld", ""
    change, low, high = row["change"], row["change_low"], row["change_high"]
    if change is None or low is None or high is None or row["count"] < _FEWEST_FOR_CHANGE:
        return "too few to tell", ""
    sure = row["change_q"] is not None and row["change_q"] < 0.05
    spread = f"{signed_percent(low)} to {signed_percent(high)}%"
    return f"{signed_percent(change)}%", spread if sure else f"{spread}, may be chance"


def confidence_words(confidence: float | None) -> str:
    """Say how often a cluster was found again in test runs."""
    if confidence is None:
        return "not tested"
    return words.firmness(confidence)


def _status_words(row: Row) -> str:
    """Say in which halves a cluster was dense enough, with the incidents of both: "new (113, then 180)"."""
    status, monthly = row.get("status") or "–", monthly_counts(row.get("monthly") or "")
    if status == "–" or not monthly:
        return status
    before, after = (words.whole(sum(part)) for part in halves(monthly))
    return f"{status} ({before}, then {after})"


def signed_percent(ratio: float) -> str:
    """Write a ratio as a change in per cent with its sign, without the sign for per cent."""
    percent = round(100 * (ratio - 1))
    return "0" if percent == 0 else f"{'+' if percent > 0 else '−'}{abs(percent):,}"


def _share_words(row: Row, view: ThemeView) -> str:
    if row["count"] is None:
        return "withheld"
    if row["share"] is None and view.total is None:
        return "not given"
    return "none in the city" if row["share"] is None else words.percent(row["share"])


def _week_rows(table: np.ndarray) -> list[Row]:
    """Write a row a weekday, each cell with a shade from 0 to 4 by its share of the busiest."""
    shades = np.ceil(_SHADES * table / max(table.max(), 1e-9) - 1e-9).astype(int)
    return [
        {
            "day": day,
            "cells": [(f"{n:.0f}", shade) for n, shade in zip(counts, row, strict=True)],
            "total": f"{counts.sum():.0f}",
        }
        for day, counts, row in zip(WEEKDAYS, table, shades.tolist(), strict=True)
    ]


def _by_ward(frame: pd.DataFrame) -> dict[tuple[str, str], Row]:
    rows = plain_rows(frame[frame["level"].eq(schema.WARD)])
    return {(row["code"], row["theme"]): row for row in rows}


def plain_rows(frame: pd.DataFrame) -> list[Row]:
    """Give rows as `plain` does, column by column."""
    columns = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame]
    names = [str(name) for name in frame]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def plain(row: dict[Any, Any]) -> Row:
    """Turn missing values of any kind into None."""
    return {str(name): None if _missing(value) else value for name, value in row.items()}


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or value != value  # noqa: PLR0124 - NaN alone differs from itself


def _parts(wards: Any, shapes: Sequence[Any], *, least: float) -> list[tuple[str, int, float]]:
    """List ward code, position of a shape, and the share of the shape that lies in the ward."""
    outlines, pieces = wards.geometry.to_numpy(), np.asarray(shapes)
    ward, piece = shapely.STRtree(pieces).query(outlines, predicate="intersects")
    part = shapely.area(shapely.intersection(pieces[piece], outlines[ward])) / shapely.area(pieces[piece])
    kept = np.flatnonzero(part >= least)
    return [(str(wards.index[ward[i]]), int(piece[i]), float(part[i])) for i in kept]
