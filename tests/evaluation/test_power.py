"""The smallest fall that could be seen: closed form against simulation, and its limits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from square_city import months

from hotspots.errors import ParameterError
from hotspots.evaluation.dispersion import Dispersion
from hotspots.evaluation.effect import rate_ratio
from hotspots.evaluation.power import PLAN_COLUMNS, plan, smallest_fall

WIDE = Dispersion(0.02, 40)


class TestSmallestFall:
    def test_simulation_finds_it_four_times_in_five(self):
        # One place of 80 against ten alike, the dispersion known to the test.
        fall = smallest_fall([80], [80] * 10, dispersion=WIDE)
        rng = np.random.default_rng(11)
        mean = np.full(11, 80.0)
        fallen = mean * np.concatenate([[1 - fall], np.ones(10)])

        def draw(level: np.ndarray) -> np.ndarray:
            return rng.poisson(level * rng.gamma(1 / 0.02, 0.02, 11))

        found = 0
        for _ in range(200):
            counts = np.column_stack([draw(mean), draw(fallen)])
            found += rate_ratio(counts[:1], counts[1:], dispersion=WIDE).found
        # Three standard errors of 200 draws at 0.8; `make simulate` draws more.
        assert found / 200 == pytest.approx(0.8, abs=0.085)

    def test_poisson_without_control_noise_is_the_known_table(self):
        # About 750 events before are needed to see a fall of 14 %, 150 for one of 30 % (two Poisson counts).
        steady = Dispersion(0.0, 10_000)
        assert smallest_fall([750], [1e9], dispersion=steady) == pytest.approx(0.14, abs=0.005)
        assert smallest_fall([150], [1e9], dispersion=steady) == pytest.approx(0.30, abs=0.01)

    def test_a_control_as_large_as_the_place_asks_for_about_twice_the_incidents(self):
        steady = Dispersion(0.0, 10_000)
        alone = smallest_fall([2000], [1e9], dispersion=steady)
        assert smallest_fall([4000], [4000], dispersion=steady) == pytest.approx(alone, rel=0.05)

    @pytest.mark.parametrize(
        "less",
        [
            {"expected": [40]},
            {"control": [20]},
            {"dispersion": Dispersion(0.1, 40)},
            {"dispersion": Dispersion(0.02, 6)},
            {"power": 0.95},
            {"confidence": 0.99},
        ],
    )
    def test_every_loss_of_information_asks_for_a_larger_fall(self, less):
        usual = {"expected": [80], "control": [80, 80], "dispersion": WIDE}
        fall = smallest_fall(usual["expected"], usual["control"], dispersion=WIDE)
        given = {**usual, **less}
        assert smallest_fall(given.pop("expected"), given.pop("control"), **given) > fall

    def test_says_nothing_where_nothing_could_be_seen(self):
        assert np.isinf(smallest_fall([2], [50], dispersion=WIDE))
        assert np.isnan(smallest_fall([80], [], dispersion=WIDE))
        assert np.isnan(smallest_fall([80], [80], dispersion=Dispersion(0.0, 3)))

    def test_refuses(self):
        with pytest.raises(ParameterError, match="power is 80"):
            smallest_fall([80], [80], dispersion=WIDE, power=80)
        with pytest.raises(ParameterError, match="0 or more"):
            smallest_fall([-1], [80], dispersion=WIDE)


class TestPlan:
    def table(self) -> pd.DataFrame:
        read = months("2025-01", "2025-12")
        counts = np.random.default_rng(2).poisson(np.linspace(5, 40, 20)[:, None] * np.ones(12))
        return pd.DataFrame(counts, index=[f"w{i:02}" for i in range(20)], columns=read)

    def test_a_row_for_each_place_and_length(self):
        counts = self.table()
        found = plan(counts.iloc[[19, 10]], counts, lengths=(3, 12), together="both")
        assert tuple(found.columns) == PLAN_COLUMNS
        assert list(found["place"]) == ["w19", "w19", "w10", "w10", "both", "both"]
        falls = found.set_index(["place", "months"])["smallest_fall"]
        assert falls["w19", 12] < falls["w19", 3]
        assert falls["both", 3] < falls["w19", 3] < falls["w10", 3]
        assert falls["w19", 3] < 1

    def test_says_where_the_dispersion_is_that_of_shorter_periods(self):
        counts = self.table()
        found = plan(counts.iloc[[19]], counts, lengths=(6, 12))
        assert list(found["note"]) == ["", "dispersion learnt from periods of 6 months"]

    def test_a_place_is_not_its_own_control(self):
        counts = self.table()
        found = plan(counts.iloc[[0]], counts, lengths=(3,))
        assert found["control_places"].iloc[0] == 10  # half of the other 19, rounded up

    def test_refuses_one_month(self):
        counts = self.table().iloc[:, :1]
        with pytest.raises(ParameterError, match="at least two months"):
            plan(counts, counts)
