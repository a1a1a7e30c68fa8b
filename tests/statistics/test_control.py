"""Months out of the ordinary, from published counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_months import months_from

from hotspots import schema
from hotspots.statistics.control import unusual_months
from hotspots.statistics.counts import Counts
from hotspots.statistics.limits import control_limits

MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 13))


def counts(series, theme="all", level="ward"):
    rows = [
        (theme, level, code, f"Ward {code}", month, n)
        for code, values in series.items()
        for month, n in zip(("", *MONTHS), (np.nansum(values), *values), strict=True)
    ]
    table = pd.DataFrame(rows, columns=["theme", "level", "code", "name", "month", "count"])
    return Counts.from_long(table, months=MONTHS)


STEADY = [30, 32, 29, 31, 30, 28, 33, 30, 31, 29, 30, 32]
PEAK = [*STEADY[:5], 90, *STEADY[6:]]


def test_a_peak_is_above_and_a_dip_below_the_usual_and_steady_months_are_neither():
    dip = [*STEADY[:2], 2, *STEADY[3:]]
    others = {f"S{i}": STEADY for i in range(10)}
    found = unusual_months(counts({"P": PEAK, "D": dip, **others}), months=MONTHS)
    assert tuple(found.columns) == schema.columns("unusual_months")
    odd = found[found["signal"].ne("")]
    told = odd[["code", "month", "signal"]].to_numpy().tolist()
    assert told == [["D", "2025-03", "below"], ["P", "2025-06", "above"]]
    assert (found["usual_low"] % 1 == 0).all() and (found["usual_high"] % 1 == 0).all()


def test_whole_limits_lie_around_those_of_the_control_chart():
    found = unusual_months(counts({"A": STEADY, "B": PEAK}), months=MONTHS)
    exact = control_limits(pd.DataFrame([STEADY, PEAK], index=["A", "B"], columns=list(MONTHS)))
    assert found["usual_low"].tolist() == np.floor(exact["low"]).tolist()
    assert found["usual_high"].tolist() == np.ceil(exact["high"]).tolist()


def test_none_in_a_month_is_ordinary_where_there_are_few():
    few = [3, 0, 4, 1, 0, 5, 2, 3, 0, 4, 1, 3]
    found = unusual_months(counts({f"F{i}": few for i in range(5)}), months=MONTHS)
    assert found["usual_low"].eq(0).all() and found["signal"].eq("").all()


@pytest.mark.parametrize("values", [[np.nan, *STEADY[1:]], [1] * 12])
def test_a_withheld_month_or_too_few_incidents_give_no_range(values):
    found = unusual_months(counts({"A": STEADY, "B": values}), months=MONTHS)
    known = found.set_index("code")["usual_high"].notna()
    assert known["A"].all() and not known["B"].any()
    assert found["signal"].eq("").all()


def test_too_few_months_and_no_month_at_all():
    short = counts({"A": STEADY}).long()
    short = short[short["month"].le("2025-05")]
    found = unusual_months(Counts.from_long(short, months=MONTHS[:5]), months=MONTHS[:5])
    assert len(found) == 5 and found["usual_low"].isna().all()
    whole = Counts.from_long(short[short["month"].eq("")], months=MONTHS)
    assert unusual_months(whole, months=MONTHS).empty


def test_the_season_of_the_city_is_taken_out_from_two_whole_years_on():
    months = months_from("2023-01", 24)
    # Every ward has twice as many in summer: without the season all months are alike.
    season = np.where([month[5:] in ("06", "07", "08") for month in months], 80.0, 40.0)
    areas = pd.DataFrame({"level": "ward", "code": ["A", "B", "C"], "name": ["a", "b", "c"]})
    table = np.outer([1.0, 2.0, 3.0], season)
    count = np.column_stack([table.sum(axis=1), table])[None]
    found = unusual_months(Counts.exact(["all"], areas, months, count), months=months)
    spread = found.groupby("code")["adjusted"].agg(lambda one: one.max() / one.min())
    assert (spread < 1.2).all() and (found.groupby("code")["count"].max() == [80, 160, 240]).all()
    short = unusual_months(Counts.exact(["all"], areas, months, count), months=months[:23])
    assert short["adjusted"].isna().all()
    hidden = np.where(count == table[1, 5], np.nan, count)
    withheld = unusual_months(Counts.exact(["all"], areas, months, hidden), months=months)
    assert withheld["adjusted"].isna().all()


def test_lsoas_are_left_out_and_themes_stand_alone():
    parts = [counts({"A": STEADY}), counts({"A": PEAK}, "drugs"), counts({"L": PEAK}, level="lsoa")]
    both = pd.concat([part.long() for part in parts])
    found = unusual_months(Counts.from_long(both, months=MONTHS), months=MONTHS)
    assert set(found["code"]) == {"A"}
    alone = unusual_months(counts({"A": PEAK}, "drugs"), months=MONTHS)
    together = found[found["theme"].eq("drugs")].reset_index(drop=True)
    pd.testing.assert_frame_equal(together, alone)


@given(st.lists(st.integers(0, 400), min_size=12, max_size=12))
def test_a_signal_is_outside_the_range_it_names(values):
    found = unusual_months(counts({"A": values, "B": STEADY}), months=MONTHS)
    known = found.dropna(subset=["usual_low"])
    outside = (known["count"] < known["usual_low"]) | (known["count"] > known["usual_high"])
    assert known["signal"].ne("").tolist() == outside.tolist()


def test_an_incomplete_month_keeps_its_count_and_takes_no_part():
    long = counts({"A": STEADY, "B": PEAK}).long()
    last = MONTHS[-1]
    blank = long.assign(count=long["count"].where(long["month"].ne(last), 0))
    cut = Counts.from_long(blank, months=MONTHS)
    found = unusual_months(cut, months=MONTHS[:-1])
    at_last = found["month"].eq(last)
    assert at_last.any() and found.loc[at_last, "usual_low"].isna().all()
    assert found.loc[at_last, "signal"].eq("").all() and found.loc[at_last, "count"].eq(0).all()
    without = unusual_months(Counts.from_long(long, months=MONTHS[:-1]), months=MONTHS[:-1])
    pd.testing.assert_frame_equal(found[~at_last].reset_index(drop=True), without)
    assert unusual_months(cut, months=MONTHS).loc[at_last, "signal"].eq("below").any()
