"""The wards most alike, by who lives there."""

from __future__ import annotations

import derive_deprivation
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotspots.errors import ParameterError
from hotspots.resources import shipped
from hotspots.statistics.similar import SIMILAR_COLUMNS, similar_wards, ward_figures

FIGURES = pd.DataFrame(
    {"income": [0.1, 0.12, 0.5, 0.52], "health": [1.0, 1.05, 3.0, 3.1], "under_16": [0.2, 0.2, 0.3, 0.2]},
    index=["A", "B", "C", "D"],
)
NAMES = pd.Series({"A": "Ash", "B": "Birch", "C": "Cedar", "D": "Dale"})


def test_the_nearest_comes_first_and_is_named_with_its_distance():
    found = similar_wards(FIGURES, names=NAMES, number=2)
    assert tuple(found.columns) == SIMILAR_COLUMNS
    first = found[found["code"].eq("A")]
    assert first["similar_name"].tolist() == ["Birch", "Dale"] and first["place"].tolist() == [1, 2]
    scaled = (FIGURES - FIGURES.mean()) / FIGURES.std(ddof=0)
    by_hand = np.sqrt(((scaled.loc["A"] - scaled.loc["B"]) ** 2).mean())
    assert first["distance"].iloc[0] == pytest.approx(by_hand)
    assert first["alike_in"].iloc[0] == "share aged under 16 and health deprivation"


@settings(max_examples=15)
@given(st.permutations(range(4)), st.floats(0.1, 1000))
def test_neither_the_order_nor_the_unit_of_a_figure_matters(order, unit):
    one = similar_wards(FIGURES, names=NAMES)
    other = similar_wards(FIGURES.iloc[list(order)].assign(income=FIGURES["income"] * unit), names=NAMES)
    pd.testing.assert_frame_equal(one, other)


def test_wards_that_are_equal_are_neighbours_and_none_is_its_own():
    twins = pd.concat([FIGURES, FIGURES.loc[["A"]].rename(index={"A": "E"})])
    found = similar_wards(twins, names=NAMES, number=1)
    assert (found["code"] != found["similar_code"]).all()
    assert found.set_index("code").loc["A", ["similar_code", "distance"]].tolist() == ["E", 0.0]


def test_a_ward_with_a_figure_missing_takes_no_part_and_few_wards_have_few_neighbours():
    found = similar_wards(FIGURES.assign(income=[0.1, np.nan, 0.5, 0.5]), names=NAMES, number=3)
    assert set(found["code"]) == {"A", "C", "D"} and found.groupby("code").size().eq(2).all()
    assert similar_wards(FIGURES.iloc[:1], names=NAMES).empty


@pytest.mark.parametrize("vintage", ["ward_2003", "ward_2023"])
def test_the_shipped_figures_cover_every_ward_and_pair_the_two_inner_ones(vintage):
    figures = pd.read_csv(shipped("data") / "deprivation.csv")
    wards = figures[figures["vintage"].eq(vintage)].set_index("code")
    residents = pd.read_csv(shipped("data") / "residents_households.csv").query("vintage == @vintage")
    table = ward_figures(residents.set_index("code").assign(area_km2=4.0), wards)
    assert table.notna().all(axis=None) and "imd" not in table
    if vintage == "ward_2023":
        found = similar_wards(table, names=pd.Series(dtype=object)).set_index(["code", "place"])
        assert found.loc[("E05015511", 1), "similar_code"] == "E05015521"
        assert found.loc[("E05015521", 1), "similar_code"] == "E05015511"


@pytest.mark.shared
def test_the_shipped_figures_are_derived_again_byte_for_byte(shared, tmp_path):
    derive_deprivation.main(["--source", str(shared / "derby"), "--out", str(tmp_path)])
    assert (tmp_path / "deprivation.csv").read_bytes() == (shipped("data") / "deprivation.csv").read_bytes()


def test_an_area_has_the_mean_over_its_residents():
    columns = [*derive_deprivation.DOMAINS.values(), *derive_deprivation.AGES]
    figures = pd.DataFrame({name: [10.0, 40.0] for name in columns}, index=["L1", "L2"])
    pieces = pd.Series({("L1", "W"): 1.0, ("L2", "W"): 0.5, ("L2", "X"): 0.5})
    found = derive_deprivation.mean_by(figures.assign(residents=[100, 100]), pieces)
    assert found["imd"].to_dict() == pytest.approx({"W": 20.0, "X": 40.0})


def test_faulty_words_are_named():
    with pytest.raises(ParameterError, match="0 similar wards"):
        similar_wards(FIGURES, names=NAMES, number=0)
    with pytest.raises(ParameterError, match="no figure to compare"):
        similar_wards(FIGURES[[]], names=NAMES)
