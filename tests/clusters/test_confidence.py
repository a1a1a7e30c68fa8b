"""How often a cluster is found again, and what becomes of it when the settings move."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN

from hotspots.clusters.confidence import cluster_confidence, sweep_clusters
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.redraw import draw_later
from hotspots.errors import ParameterError


def _places(xy, n) -> gpd.GeoDataFrame:
    xy = np.asarray(xy, dtype=float).reshape(-1, 2)
    frame = {"n": np.broadcast_to(n, len(xy))}
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(*xy.T), crs="EPSG:27700")


def _confidence(places, *, weights=None, draws=200, seed=0, **chosen) -> pd.DataFrame:
    labels = hotspot_dbscan(places, weights=weights, **chosen)
    return cluster_confidence(places, labels, weights=weights, draws=draws, seed=seed, **chosen)


#: 90 incidents far above the threshold in the west, one just at it in the east, noise between.
XY = [(0, 0), (50, 0), (100, 0), (5000, 0), (5050, 0), (5100, 0), *((x, 3000) for x in range(0, 9000, 450))]
N = [30, 30, 30, 3, 4, 3] + [1] * 20
CHOSEN = {"eps": 100, "min_samples": 10}


def test_a_cluster_far_above_its_threshold_is_surer_than_one_at_it():
    found = _confidence(_places(XY, N), **CHOSEN)
    assert found.columns.tolist() == ["cluster", "confidence", "jaccard"]
    assert found["cluster"].tolist() == [1, 2]
    strong, weak = found.itertuples(index=False)
    assert strong.confidence == 1
    # Ten incidents at the threshold of ten: a later period brings as many about half the time.
    assert 0.3 < weak.confidence < 0.65
    assert weak.jaccard <= weak.confidence + 0.1


def test_confidence_is_the_chance_of_reaching_the_threshold():
    """One isolated cluster: found again exactly when the incidents drawn there reach the threshold."""
    n = [8, 8, 8] + [1] * 76
    xy = [(0, 0), (10, 0), (20, 0), *((1000 * i, 5000) for i in range(76))]
    places = _places(xy, n)
    for min_samples in (18, 24):
        found = _confidence(places, eps=50, min_samples=min_samples, draws=4000)
        later = draw_later(np.array(xy, float), np.array(n, float), None, eps=50, draws=4000, seed=0)
        enough = later[:, :3].sum(axis=1) >= min_samples * later.sum(axis=1) / 100
        # All three places come up in nearly every draw.
        assert found["confidence"][0] == pytest.approx(enough.mean(), abs=0.01)


def test_the_draws_are_what_scikit_learn_finds_on_drawn_rows():
    rng = np.random.default_rng(8)
    xy = np.unique(rng.integers(0, 30, (150, 2)) * 50.0, axis=0)
    n = rng.poisson(2, len(xy)) + 1
    places = _places(xy, n)
    chosen = {"eps": 100, "min_samples": 18, "min_places": 1}
    labels = hotspot_dbscan(places, **chosen)
    found = cluster_confidence(places, labels, **chosen, draws=25, seed=4)

    best = np.zeros((25, labels.max() + 1))
    for draw, counts in enumerate(draw_later(xy, n.astype(float), None, eps=100, draws=25, seed=4)):
        rows = np.repeat(np.arange(len(xy)), counts)
        fewest = int(np.ceil(18 * counts.sum() / n.sum()))
        again = DBSCAN(eps=100, min_samples=fewest).fit_predict(xy[rows])
        clusters = [set(rows[again == one].tolist()) for one in range(again.max() + 1)]
        for one in range(labels.max() + 1):
            members = set(np.flatnonzero(labels == one).tolist())
            agreements = [
                n[sorted(members & other)].sum() / n[sorted(members | other)].sum() for other in clusters
            ]
            best[draw, one] = max(agreements, default=0)
    np.testing.assert_allclose(found["jaccard"], best.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found["confidence"], (best >= 0.5).mean(axis=0), rtol=1e-12)
    assert found["confidence"].nunique() > 2


def test_rates_that_drift_make_clusters_less_sure():
    rng = np.random.default_rng(3)
    before, after = rng.poisson(np.tile(N, (6, 1)) / 6), rng.poisson(np.tile(N[::-1], (6, 1)) / 6)
    moved = np.vstack([before, after]).T
    places = _places(XY, moved.sum(axis=1))
    labels = hotspot_dbscan(places, **CHOSEN)
    steady = cluster_confidence(places, labels, **CHOSEN)["confidence"]
    drifting = cluster_confidence(places, labels, monthly=moved, **CHOSEN)["confidence"]
    assert drifting.mean() < steady.mean() - 0.05


def test_a_cluster_that_melts_into_a_bigger_one_is_not_found_again():
    # A bridge that the chosen eps does not cross, and a longer one does: the small cluster is then swallowed.
    xy = [(0, 0), (50, 0), (100, 0), (210, 0), (260, 0), (310, 0)]
    places = _places(xy, [50, 50, 50, 10, 10, 10])
    labels = hotspot_dbscan(places, eps=100, min_samples=10)
    swept = sweep_clusters(places, labels, eps=100, min_samples=10, factors=(1.0, 1.25))
    merged = swept[swept["eps"] == 125]
    assert merged["clusters"].tolist() == [1, 1]
    assert merged["found_again"].tolist() == [0.5, 0.5]


def test_the_sweep_is_a_table_of_every_setting():
    places = _places(XY, N)
    labels = hotspot_dbscan(places, **CHOSEN)
    swept = sweep_clusters(places, labels, **CHOSEN, factors=(0.4, 1.0, 2.0))
    assert swept[["eps", "min_samples"]].to_numpy().tolist() == [
        [eps, count] for eps in (40, 100, 200) for count in (4, 10, 20)
    ]
    chosen = swept[(swept["eps"] == 100) & (swept["min_samples"] == 10)].iloc[0]
    assert chosen["clusters"] == 2
    assert chosen["largest_share"] == pytest.approx(90 / 120)
    assert chosen["noise_share"] == pytest.approx(20 / 120)
    assert chosen["found_again"] == 1
    strict = swept[(swept["eps"] == 100) & (swept["min_samples"] == 20)].iloc[0]
    assert (strict["clusters"], strict["found_again"]) == (1, 0.5)
    alone = swept[swept["eps"] == 40]
    assert alone["clusters"].eq(0).all(), "at 40 m no place reaches another"
    for row in swept.itertuples():
        again = hotspot_dbscan(places, eps=row.eps, min_samples=row.min_samples)
        assert again.max() + 1 == row.clusters


def test_the_same_seed_gives_the_same_and_another_seed_another():
    places = _places(XY, N)
    one = _confidence(places, **CHOSEN, seed=1)
    pd.testing.assert_frame_equal(one, _confidence(places, **CHOSEN, seed=1))
    assert not one.equals(_confidence(places, **CHOSEN, seed=2))
    assert not one.equals(_confidence(places, **CHOSEN, seed=1, draws=20))


@given(st.permutations(range(26)))
def test_the_order_of_the_places_changes_nothing(order):
    places = _places(np.array(XY)[order], np.array(N)[order])
    pd.testing.assert_frame_equal(
        _confidence(places, **CHOSEN, draws=30), _confidence(_places(XY, N), **CHOSEN, draws=30)
    )


def test_places_without_incidents_say_that_many_rates_are_low():
    """A place that stands out among many without any incident is likelier one of luck."""
    crowd = [(20_000 + 500 * i, 0) for i in range(200)]
    alone = _confidence(_places(XY, N), **CHOSEN)
    weights = np.array([*N, *[0] * 200])
    among = _confidence(_places([*XY, *crowd], 1), weights=weights, **CHOSEN)
    assert among["cluster"].tolist() == alone["cluster"].tolist()
    assert not among["confidence"].equals(alone["confidence"])


@pytest.mark.parametrize(("xy", "n"), [([], 1), ([(0, 0)], 1), ([(0, 0), (10, 0)], 1), ([(0, 0)], 90)])
def test_no_cluster_gives_an_empty_table_and_a_sweep_of_zeros(xy, n):
    places = _places(xy, n)
    found = _confidence(places, **CHOSEN)
    assert len(found) == 0
    assert found.columns.tolist() == ["cluster", "confidence", "jaccard"]
    swept = sweep_clusters(places, np.full(len(places), -1), **CHOSEN)
    assert swept["clusters"].eq(0).all()
    assert not swept.isna().any(axis=None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"draws": 0}, "draws is 0"),
        ({"eps": -1}, "eps is -1"),
        ({"monthly": np.zeros((3, 2))}, "monthly has 3 rows for 26 places"),
        ({"labels": np.zeros(3, int)}, "3 labels for 26 places"),
    ],
)
def test_what_makes_no_sense_is_refused(change, message):
    with pytest.raises(ParameterError, match=message):
        cluster_confidence(_places(XY, N), **{"labels": np.zeros(26, int), **CHOSEN, **change})


@pytest.mark.parametrize("factors", [(), (0, 1)])
def test_a_sweep_needs_factors_above_zero(factors):
    with pytest.raises(ParameterError, match="factors holds none"):
        sweep_clusters(_places(XY, N), np.zeros(26, int), **CHOSEN, factors=factors)
