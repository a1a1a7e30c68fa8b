"""Gi* and local Moran against esda, enumeration and cities without hot spots."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import false_discovery_control, norm
from squares import squares

from hotspots.errors import ParameterError
from hotspots.statistics.discoveries import benjamini_hochberg
from hotspots.statistics.localstats import gistar_by_month, local_gistar, local_moran, pearson_residuals
from hotspots.statistics.neighbours import Neighbours, queen_neighbours

GRID = queen_neighbours(squares(6, 7))
LARGE = queen_neighbours(squares(12, 12))
#: Three by three squares around A065.
PLANTED = [f"A{row * 12 + column:03d}" for row in (4, 5, 6) for column in (4, 5, 6)]


def counts(seed: int = 1, neighbours: Neighbours = GRID) -> pd.Series:
    rng = np.random.default_rng(seed)
    return pd.Series(rng.poisson(9.0, len(neighbours.codes)).astype(float), index=neighbours.codes)


def weights(neighbours: Neighbours):
    """Give libpysal's weights for the same neighbours."""
    from libpysal.weights import W

    matrix = neighbours.matrix
    return W(
        {i: matrix.indices[matrix.indptr[i] : matrix.indptr[i + 1]].tolist() for i in range(matrix.shape[0])}
    )


def test_gistar_by_hand() -> None:
    # Three squares in a row with 0, 0, 9: mean 3, s2 = 18. The last one and its
    # neighbour hold 9, against 2 x 3 expected: 3 / sqrt(18 x 2 x 1 / 2) = 0.7071.
    row = queen_neighbours(squares(1, 4)).among(np.array([True, True, True, False]))
    z = local_gistar(pd.Series([0, 0, 9], index=row.codes), row, permutations=0)["z"]
    assert z.iloc[2] == pytest.approx(1 / np.sqrt(2))
    assert z.iloc[0] == pytest.approx(-np.sqrt(2))


def test_gistar_equals_esda() -> None:
    values = counts()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.getisord import G_Local

        theirs = G_Local(values.to_numpy(), weights(GRID), transform="B", star=True, permutations=0)
    ours = local_gistar(values, GRID, permutations=0)
    np.testing.assert_allclose(ours["z"], theirs.Zs, rtol=1e-10)
    np.testing.assert_allclose(ours["p_normal"], norm.sf(theirs.Zs), rtol=1e-10)


def test_moran_equals_esda() -> None:
    values = counts(seed=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.moran import Moran_Local

        theirs = Moran_Local(values.to_numpy(), weights(GRID), permutations=0)
    ours = local_moran(values, GRID, permutations=0)
    np.testing.assert_allclose(ours["moran"], theirs.Is, rtol=1e-10)
    names = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}
    assert ours["quadrant"].tolist() == [names[q] for q in theirs.q]
    # esda scales I by n - 1, and the moments (Sokal et al., A7 and A8) by n.
    expected = (ours["moran"] * 42 / 41 - theirs.EIc) / np.sqrt(theirs.VIc)
    np.testing.assert_allclose(ours["z"], expected, rtol=1e-8)


def test_permutation_p_values_approach_full_enumeration() -> None:
    small = queen_neighbours(squares(2, 4))
    values = pd.Series([7.0, 9, 1, 0, 8, 2, 2, 3], index=small.codes)
    found = local_gistar(values, small, permutations=40_000, seed=3)
    for area, code in enumerate(small.codes):
        others = np.delete(values.to_numpy(), area)
        degree = small.counts[area]
        sums = [sum(chosen) for chosen in itertools.combinations(others, degree)]
        observed = (small.matrix @ values.to_numpy())[area]
        exact = np.mean([total >= observed for total in sums])
        assert found.loc[code, "p_permutation"] == pytest.approx(exact, abs=0.012)


def test_permutation_p_values_agree_with_esda() -> None:
    # No ties: esda counts those on one side only when it folds the tails.
    values = counts(seed=5) + np.random.default_rng(5).uniform(0, 1, 42)
    values.iloc[[15, 16, 22, 23]] += 30
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.getisord import G_Local

        theirs = G_Local(
            values.to_numpy(), weights(GRID), transform="B", star=True, permutations=9999, seed=1, n_jobs=1
        )
    hot, cold = (local_gistar(values, GRID, side=side)["p_permutation"] for side in ("hot", "cold"))
    # esda folds both tails into the smaller one.
    np.testing.assert_allclose(np.minimum(hot, cold), theirs.p_sim, atol=0.02)


def test_moran_permutation_p_values_follow_the_normal_ones() -> None:
    values = pd.Series(np.random.default_rng(0).normal(size=42), index=GRID.codes)
    found = local_moran(values, GRID, permutations=9999)
    assert np.abs(found["p_permutation"] - found["p_normal"]).max() < 0.1
    assert found["p_permutation"].between(1e-4, 1).all()


def test_a_planted_hot_spot_is_found_where_it_is() -> None:
    values = counts(neighbours=LARGE)
    values[PLANTED] += 20
    found = local_gistar(values, LARGE)
    assert found.loc[PLANTED, "q"].max() < 0.05
    assert found["z"].idxmax() == "A065"
    assert found["q"].gt(0.05).sum() > 100


def test_the_side_changes_the_answer() -> None:
    hot, cold, both = (local_gistar(counts(), GRID, side=s) for s in ("hot", "cold", "two-sided"))
    np.testing.assert_allclose(hot["p_normal"] + cold["p_normal"], 1.0)
    np.testing.assert_allclose(both["p_normal"], 2 * np.minimum(hot["p_normal"], cold["p_normal"]))
    assert (both["p_permutation"] >= hot["p_permutation"].where(hot["z"] > 1, 0)).all()


def test_offset_makes_crowded_areas_ordinary() -> None:
    residents = pd.Series(1000.0, index=LARGE.codes)
    residents[PLANTED] = 6000
    values = residents / 100
    assert (local_gistar(values, LARGE)["q"] < 0.05).any()
    levelled = local_gistar(values, LARGE, offset=residents)
    np.testing.assert_allclose(levelled["z"], 0, atol=1e-9)
    assert levelled["reason"].eq("all areas are alike").all()


def test_areas_without_offset_are_left_out_with_the_reason() -> None:
    residents = pd.Series(1000.0, index=GRID.codes)
    residents.iloc[[0, 5]] = np.nan, 0.0
    found = local_gistar(counts(), GRID, offset=residents)
    assert found.index.equals(GRID.codes)
    assert found["reason"].iloc[[0, 5]].eq("the offset is unknown or zero").all()
    assert found[["z", "q"]].iloc[[0, 5]].isna().all(axis=None)
    assert found["z"].notna().sum() == 40
    moran = local_moran(counts(), GRID, offset=residents)
    assert moran["quadrant"].iloc[0] == ""


def test_seeds_repeat_and_permutations_count() -> None:
    first, again, other = (local_gistar(counts(), GRID, permutations=99, seed=s) for s in (4, 4, 5))
    pd.testing.assert_frame_equal(first, again)
    assert (first["p_permutation"] != other["p_permutation"]).any()
    assert first["p_permutation"].min() >= 0.01
    assert local_gistar(counts(), GRID, permutations=0)["p_permutation"].isna().all()


def test_islands_keep_their_score_and_are_never_significant() -> None:
    layer = squares(4, 4)
    layer.loc["A003", "geometry"] = layer.geometry["A003"].buffer(-10)
    alone = queen_neighbours(layer)
    values = counts(neighbours=alone)
    values["A003"] = 200
    found = local_gistar(values, alone)
    assert found.loc["A003", ["p_normal", "p_permutation", "q", "reason"]].tolist() == [
        1,
        1,
        1,
        "no neighbours",
    ]
    assert found.loc["A003", "z"] == pytest.approx((200 - values.mean()) / values.std(ddof=0))
    assert local_moran(values, alone).loc["A003", ["moran", "z", "q"]].tolist() == [0, 0, 1]


@pytest.mark.parametrize("statistic", [local_gistar, local_moran])
@pytest.mark.parametrize(
    ("shape", "values", "reason"),
    [
        ((1, 1), [50.0], "too few areas"),
        ((1, 2), [50.0, 10.0], "too few areas"),
        ((2, 3), [20.0] * 6, "all areas are alike"),
        ((2, 3), [0.0] * 6, "too few incidents (0; 10 needed)"),
        ((2, 2), [40.0, 0.0, 0.0, 0.0], "too few areas: the neighbours are the whole city"),
    ],
)
def test_degenerate_cities_say_why(statistic, shape, values, reason: str) -> None:
    layer = queen_neighbours(squares(*shape))
    found = statistic(pd.Series(values, index=layer.codes), layer)
    assert found["reason"].eq(reason).all()
    assert found[["z", "p_normal", "p_permutation", "q"]].notna().all(axis=None)
    assert found["q"].eq(1).all()


@pytest.mark.parametrize("statistic", [local_gistar, local_moran])
def test_a_single_incident_is_too_few_and_a_rate_is_not(statistic) -> None:
    values = pd.Series(0.0, index=GRID.codes)
    values.iloc[10] = 1
    found = statistic(values, GRID)
    assert found.notna().all(axis=None)
    assert found["reason"].eq("too few incidents (1; 10 needed)").all()
    assert found["q"].eq(1).all()
    rates = statistic(values + 0.5, GRID)
    assert rates["reason"].eq("").all()


def test_grid_cells_work_as_areas() -> None:
    cells = squares(20, 20)
    near = queen_neighbours(cells)
    values = counts(neighbours=near)
    values.iloc[[190, 191, 210, 211]] += 25
    found = local_gistar(values, near)
    assert found["q"].idxmin() in cells.index[[189, 190, 191, 210, 211, 170, 171, 230, 231]]


def test_months_at_once_equal_months_one_by_one() -> None:
    monthly = pd.DataFrame({month: counts(seed) for month, seed in [("2025-01", 1), ("2025-02", 2)]})
    monthly["2025-03"] = 0.0
    residents = counts(9) + 1
    for offset in (None, residents):
        at_once = gistar_by_month(monthly, GRID, offset=offset)
        for month in monthly:
            single = local_gistar(monthly[month], GRID, offset=offset, permutations=0)["z"]
            np.testing.assert_allclose(at_once[month], single, atol=1e-12)


@given(hnp.arrays(float, st.integers(1, 40), elements=st.floats(1e-6, 1)))
def test_q_values_equal_scipy(p: np.ndarray) -> None:
    np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p), rtol=1e-12)


def test_q_values_pass_over_missing_tests_and_follow_the_axis() -> None:
    p = np.array([[0.01, 0.9], [np.nan, 0.02], [0.04, 0.5]])
    q = benjamini_hochberg(p)
    np.testing.assert_allclose(q[[0, 2], 0], false_discovery_control(p[[0, 2], 0]))
    assert np.isnan(q[1, 0])
    np.testing.assert_allclose(benjamini_hochberg(p.T, axis=1), q.T)


@given(st.integers(0, 1000), st.floats(0.5, 50), st.floats(-20, 20))
def test_gistar_ignores_units_and_order(seed: int, scale: float, shift: float) -> None:
    values = counts(seed)
    expected = local_gistar(values, GRID, permutations=0)["z"]
    np.testing.assert_allclose(
        local_gistar(values * scale + shift, GRID, permutations=0)["z"], expected, atol=1e-7
    )
    order = np.random.default_rng(seed).permutation(len(values))
    shuffled = Neighbours(GRID.codes[order], GRID.matrix[order][:, order].tocsr(), GRID.rule)
    again = local_gistar(values.iloc[order], shuffled, permutations=0)["z"].reindex(GRID.codes)
    np.testing.assert_allclose(again, expected, atol=1e-9)


def test_residuals_have_unit_noise() -> None:
    rng = np.random.default_rng(0)
    exposure = rng.uniform(500, 4000, 50)
    draws = np.array(
        [pearson_residuals(rng.poisson(exposure / 100).astype(float), exposure) for _ in range(400)]
    )
    assert np.abs(draws.std(axis=0) - 1).max() < 0.15


def test_cities_without_hot_spots_rarely_show_any() -> None:
    # 60 cities at a rate of 5 %: more than 8 alarms have a chance below 1 %.
    rng = np.random.default_rng(2025)
    residents = pd.Series(rng.uniform(1000, 3000, len(GRID.codes)), index=GRID.codes)
    alarms = 0
    for _ in range(60):
        city = pd.Series(rng.poisson(residents / 150).astype(float), index=GRID.codes)
        alarms += (local_gistar(city, GRID, offset=residents)["q"] < 0.05).any()
    assert alarms <= 8


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"side": "upper"}, 'side is "upper": choose one of hot, cold, two-sided'),
        ({"permutations": -1}, "permutations is -1: give 0 or more"),
    ],
)
def test_wrong_options_are_refused(options: dict, match: str) -> None:
    with pytest.raises(ParameterError, match=match):
        local_gistar(counts(), GRID, **options)


def test_an_area_without_a_value_is_named() -> None:
    with pytest.raises(ParameterError, match="area A041 has no value; 1 like this"):
        local_gistar(counts().iloc[:-1], GRID)


@pytest.mark.shared
def test_derby_agrees_with_esda(shared: Path) -> None:
    month = pd.read_csv(shared / "derby/police/2025-01-derbyshire-street.csv.gz")
    layer = gpd.read_file(shared / "derby/boundaries/lsoa_2021_20m.geojson").to_crs("EPSG:27700")
    code = next(name for name in layer if layer[name].astype(str).str.startswith("E01").all())
    layer = layer.set_index(code).sort_index()
    counts = month["LSOA code"].value_counts().reindex(layer.index, fill_value=0).astype(float)
    near = queen_neighbours(layer)
    assert near.islands == ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.getisord import G_Local

        theirs = G_Local(counts.to_numpy(), weights(near), transform="B", star=True, permutations=0)
    found = local_gistar(counts, near)
    np.testing.assert_allclose(found["z"], theirs.Zs, rtol=1e-9)
    assert (found["q"] < 0.05).sum() >= 1


@pytest.mark.parametrize("own", [0.0, 9.0, 40.0])
def test_q_speaks_of_the_neighbours_whatever_the_area_holds_itself(own: float) -> None:
    # The words of the map and the profiles rest on it: an empty area among full ones is marked too.
    values = counts(neighbours=LARGE)
    values[PLANTED] = 40.0
    values["A065"] = own
    found = local_gistar(values, LARGE, permutations=9999)
    assert found.loc["A065", "q"] < 0.05
    values[PLANTED] = 9.0
    values["A065"] = 400.0
    assert local_gistar(values, LARGE, permutations=9999).loc["A065", "q"] > 0.05
