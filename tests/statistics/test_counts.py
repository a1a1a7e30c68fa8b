"""Area counts: hand-made areas, zero rows, rates, and pandas as the oracle."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots import schema
from hotspots.errors import ParameterError
from hotspots.statistics.counts import Counts, count_areas, rate

MONTHS = ("2025-01", "2025-02")


def layer(level: str, rows: dict[str, tuple[str, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["name", "residents", "area_km2"])
    return frame.assign(level=level, vintage=f"{level}_2023").sort_index()


WARDS = layer("ward", {"W1": ("Abbey", 2000.0, 4.0), "W2": ("Boulton", np.nan, 0.0)})
LSOAS = layer("lsoa", {"L1": ("Derby 1", 500.0, 1.0), "L2": ("Derby 2", 0.0, 2.0)})
AREAS = SimpleNamespace(level={"ward": WARDS, "lsoa": LSOAS}.__getitem__)


def incidents(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    """Build incidents from (month, ward_code, lsoa_code)."""
    return pd.DataFrame(rows, columns=["month", "ward_code", "lsoa_code"], dtype="category")


FIVE = [
    ("2025-01", "W1", "L1"),
    ("2025-01", "W1", "L1"),
    ("2025-02", "W1", "L2"),
    ("2025-02", "W2", ""),
    ("2025-03", "W1", "L1"),
]


def counted(rows=FIVE, drugs=(True, False, True, True, True), months=MONTHS) -> Counts:
    membership = pd.DataFrame({"all": True, "drugs": list(drugs)}, index=range(len(rows)))
    return count_areas(incidents(rows), membership, AREAS, months=months)


def count(rows=FIVE, drugs=(True, False, True, True, True), months=MONTHS) -> pd.DataFrame:
    return counted(rows, drugs, months).long()


def row(table: pd.DataFrame, code: str, theme: str, month: str) -> pd.Series:
    found = table[(table["code"] == code) & (table["theme"] == theme) & (table["month"] == month)]
    assert len(found) == 1
    return found.iloc[0]


def test_every_combination_has_its_row_in_order() -> None:
    table = count()
    assert tuple(table.columns) == schema.columns("counts")
    assert len(table) == 4 * 2 * 3
    first = table[["level", "vintage", "code", "name", "theme", "month"]].iloc[:4].to_numpy().tolist()
    assert first == [
        ["ward", "ward_2023", "W1", "Abbey", "all", ""],
        ["ward", "ward_2023", "W1", "Abbey", "all", "2025-01"],
        ["ward", "ward_2023", "W1", "Abbey", "all", "2025-02"],
        ["ward", "ward_2023", "W1", "Abbey", "drugs", ""],
    ]


def test_counts_by_hand() -> None:
    table = count()
    assert row(table, "W1", "all", "")["count"] == 3
    assert row(table, "W1", "drugs", "2025-01")["count"] == 1
    assert row(table, "L1", "drugs", "2025-02")["count"] == 0
    # located by its ward alone: counts there and in no LSOA
    assert row(table, "W2", "all", "2025-02")["count"] == 1
    assert (
        table[(table["level"] == "lsoa") & (table["theme"] == "all") & (table["month"] == "")]["count"].sum()
        == 3
    )


def test_rates_are_for_a_year_whatever_the_period() -> None:
    table = count()
    years = len(MONTHS) / 12
    assert row(table, "W1", "all", "")["rate_per_1000"] == pytest.approx(3 / 2000 * 1000 / years)
    assert row(table, "W1", "all", "2025-01")["rate_per_1000"] == pytest.approx(2 / 2000 * 1000 * 12)
    assert row(table, "W1", "all", "")["rate_per_km2"] == pytest.approx(3 / 4 / years)


@given(st.integers(1, 36))
def test_as_much_every_month_is_one_rate_however_long(n) -> None:
    areas = pd.DataFrame({"level": ["ward"], "code": ["W"], "residents": [1000.0]})
    table = Counts.exact(["all"], areas, ["2025-01"] * n, np.array([[[7.0 * n, *[7.0] * n]]]))
    np.testing.assert_allclose(table.rate("residents"), 84.0)


def test_a_rate_without_a_denominator_is_missing_and_not_endless() -> None:
    table = count()
    unknown = row(table, "W2", "all", "")
    assert unknown["count"] == 1
    assert np.isnan(unknown["rate_per_1000"])
    assert np.isnan(unknown["rate_per_km2"])
    assert np.isnan(row(table, "L2", "all", "")["rate_per_1000"])
    assert np.isfinite(row(table, "L2", "all", "")["rate_per_km2"])


def test_months_choose_what_counts() -> None:
    assert row(count(months=("2025-03",)), "W1", "all", "")["count"] == 1
    assert row(count(months=("2024-12",)), "W1", "all", "")["count"] == 0


def test_a_code_of_elsewhere_counts_nowhere() -> None:
    table = count([("2025-01", "E05000001", "E01000001")], [True])
    assert table["count"].sum() == 0


def test_no_incidents_give_zero_rows() -> None:
    table = count([], [])
    assert len(table) == 24
    assert not table["count"].any()


def test_faults() -> None:
    with pytest.raises(ParameterError, match="month is given twice"):
        count(months=("2025-01", "2025-01"))
    with pytest.raises(ParameterError, match="5 incidents and 1 rows of themes"):
        count_areas(incidents(FIVE), pd.DataFrame({"all": [True]}), AREAS, months=MONTHS)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2025-01", "2025-02", "2025-09"]),
            st.sampled_from(["W1", "W2", "", "W9"]),
            st.sampled_from(["L1", "L2", ""]),
            st.booleans(),
        ),
        max_size=50,
    )
)
def test_counts_equal_pandas_crosstab(drawn: list[tuple[str, str, str, bool]]) -> None:
    drugs = [flag for *_, flag in drawn]
    table = count([(month, ward, lsoa) for month, ward, lsoa, _ in drawn], drugs)
    frame = pd.DataFrame(drawn, columns=["month", "ward", "lsoa", "drugs"])
    frame = frame[frame["drugs"] & frame["month"].isin(MONTHS)]
    for level in ("ward", "lsoa"):
        rows = table[(table["level"] == level) & (table["theme"] == "drugs")]
        wide = rows.pivot(index="code", columns="month", values="count")
        expected = frame.groupby([level, "month"]).size().to_dict()
        for code in wide.index:
            for month in MONTHS:
                assert wide.loc[code, month] == expected.get((code, month), 0)
        assert (wide[""] == wide[list(MONTHS)].sum(axis=1)).all()


def test_the_long_table_reads_back_as_the_counts_it_came_from() -> None:
    table = counted()
    back = Counts.from_long(table.long().sample(frac=1, random_state=3), months=MONTHS, areas=table.areas)
    assert set(back.groups) == {"all", "drugs"}
    np.testing.assert_array_equal(back.select(table.groups).count, table.count)
    assert back.given.all()


def test_a_cell_without_a_row_is_not_given_and_one_without_a_figure_is_withheld() -> None:
    table = pd.DataFrame(
        [
            ("ward", "B", "drugs", "2025-02", 3.0),
            ("ward", "B", "drugs", "", np.nan),
            ("ward", "A", "drugs", "", 4.0),
            ("lsoa", "A", "all", "", 9.0),
        ],
        columns=["level", "code", "theme", "month", "count"],
    )
    for frame in (table, table.astype(dict.fromkeys(["level", "code", "theme", "month"], "category"))):
        wards = Counts.from_long(frame, months=MONTHS).level("ward")
        assert wards.monthly("drugs").loc["B"].tolist() == [pytest.approx(np.nan, nan_ok=True), 3]
        assert wards.given[wards.position("drugs")].tolist() == [[True, False, True], [True, False, False]]
        # a group that no ward has is no column of theirs, though it was counted
        assert wards.whole().columns.tolist() == ["drugs"]
        assert wards.whole()["drugs"].isna().tolist() == [True, False]
        pd.testing.assert_frame_equal(
            wards.long().sort_values(["code", "month"]), wards.long()[[*frame]].iloc[[2, 0, 1]]
        )


def test_levels_groups_and_codes_are_cut_out_in_the_order_asked_for() -> None:
    cut = counted().level("ward", codes=["W2", "W1"]).select(["drugs"])
    assert cut.areas["code"].tolist() == ["W2", "W1"] and cut.groups == ("drugs",)
    assert cut.monthly("drugs").to_numpy().tolist() == [[0, 1], [1, 1]]
    assert cut.whole()["drugs"].to_dict() == {"W2": 1, "W1": 2}
    with pytest.raises(ParameterError, match="'knives' was not counted; counted: all, drugs"):
        counted().select(["knives"])


def test_counts_are_looked_up_for_the_rows_of_other_tables() -> None:
    rows = pd.DataFrame(
        {"theme": ["drugs", "all", "knives"], "level": ["ward", "lsoa", "ward"], "code": ["W1", "L1", "W1"]}
    )
    count, given = counted().at(rows)
    assert count.tolist()[:2] == [2, 2] and np.isnan(count[2])
    assert given.tolist() == [True, True, False]


def test_a_rate_is_the_count_over_its_denominator_at_every_grain() -> None:
    table = counted()
    years = np.array([len(MONTHS), *[1] * len(MONTHS)]) / 12
    np.testing.assert_allclose(table.rate("residents")[0, 0], 1000 * table.count[0, 0] / 2000 / years)
    np.testing.assert_allclose(table.rate("area_km2")[1, 2], table.count[1, 2] / 1.0 / years)
    assert np.isnan(rate([3, 3, 3], [0, np.nan, -1])).all()


def test_exact_counts_are_bounded_by_themselves() -> None:
    table = counted()
    assert (table.low == table.count).all() and (table.high == table.count).all()
