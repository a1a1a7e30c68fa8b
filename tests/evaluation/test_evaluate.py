"""Whole evaluations: on an invented city whose truth is known, and on Derby in 2025."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from square_city import THEME, incidents, months, wards, without

from hotspots.errors import ParameterError
from hotspots.evaluation.chart import chart_points
from hotspots.evaluation.evaluate import EVALUATION_COLUMNS, Evaluation, evaluate
from hotspots.evaluation.interventions import Intervention, read_interventions
from hotspots.evaluation.shapes import find_place

READ = months("2024-01", "2025-12")
AREAS = {"ward": wards()}
CITY = incidents(READ)
CORNER = "E05000000"


def intervention(
    area: str = CORNER, *, control: str = "", on: date = date(2025, 7, 1), off: date | None = None
):
    where = find_place(area, areas=AREAS)
    return Intervention(
        name="Order",
        theme=THEME,
        ranges=((on, off),),
        place=where,
        control=find_place(control, areas=AREAS) if control else None,
        row=2,
    )


def run(city=CITY, *those: Intervention, **options) -> Evaluation:
    usual = {"areas": AREAS, "months": READ, "theme_names": {THEME: "Noise"}}
    return evaluate(*city, interventions=those or (intervention(),), **{**usual, **options})


class TestFinding:
    def test_nothing_where_nothing_was_done(self):
        (finding,) = run().findings
        assert not finding.found
        assert finding.effect.low < 1 < finding.effect.high
        assert "no change that can be told from chance" in finding.verdict.sentence

    @pytest.mark.parametrize("method", ["similar", "synthetic"])
    def test_half_the_incidents_taken_away(self, method):
        (finding,) = run(without(*CITY, code=CORNER, since="2025-07"), method=method).findings
        assert finding.found
        assert finding.effect.low < 0.5 < finding.effect.high
        assert finding.control.method == method
        assert finding.displacement.high < 0

    def test_counts_by_hand(self):
        (finding,) = run().findings
        here = CITY[0][CITY[0]["ward_code"] == CORNER]["month"]
        assert finding.case.windows.before == tuple(months("2024-07", "2024-12"))
        assert finding.treated_pair == (
            here.between("2024-07", "2024-12").sum(),
            here.between("2025-07", "2025-12").sum(),
        )

    def test_the_ring_sees_what_moved_next_door(self):
        frame, membership = without(*CITY, code=CORNER, since="2025-07")
        gone = CITY[0].merge(frame, how="left", indicator=True)
        moved = gone[gone["_merge"] == "left_only"].drop(columns="_merge")
        # All that was taken away appears a few metres east of the ward instead.
        moved = moved.assign(easting=1000 + moved["easting"] / 10, ward_code="E05000001")
        city = (
            pd.concat([frame, moved], ignore_index=True),
            pd.concat(
                [membership, pd.DataFrame({THEME: np.ones(len(moved), dtype=bool)})], ignore_index=True
            ),
        )
        (finding,) = run(city).findings
        assert finding.displacement.place < -50
        assert finding.displacement.ring > 50
        assert finding.displacement.low < 0 < finding.displacement.high

    def test_the_control_is_never_next_door_nor_treated_itself(self):
        orders = (intervention(CORNER), intervention("E05000024"))
        for finding in run(CITY, *orders).findings:
            chosen = set(finding.control.codes)
            assert len(chosen) >= 3
            near = (
                {"E05000001", "E05000005", "E05000006"} if finding.case.where == "Ward 0" else {"E05000023"}
            )
            assert not chosen & {CORNER, "E05000024", *near}
            assert not {CORNER, "E05000024", *near} & set(finding.case.pool.index)

    def test_the_control_that_was_named_wins(self):
        (finding,) = run(CITY, intervention(control="E05000020 E05000021")).findings
        assert finding.control.method == "given"
        assert finding.control.codes == ("E05000020", "E05000021")

    def test_a_polygon_is_compared_with_areas(self):
        square = shapely.box(100, 100, 900, 900).wkt
        (finding,) = run(CITY, intervention(square)).findings
        assert finding.case.level == "ward"
        assert CORNER not in finding.control.codes
        assert finding.treated_pair[0] < run().findings[0].treated_pair[0]

    def test_several_wards_together(self):
        (one,) = run().findings
        (two,) = run(CITY, intervention(f"{CORNER} E05000004")).findings
        assert two.effect.high / two.effect.low < one.effect.high / one.effect.low

    def test_every_switch_is_judged(self):
        lapsed = intervention(on=date(2024, 7, 1), off=date(2024, 12, 31))
        assert [one.case.windows.switch for one in run(CITY, lapsed).findings] == ["began", "lapsed"]

    def test_one_of_many_is_held_to_a_stricter_rule(self):
        doubtful = without(*CITY, code=CORNER, since="2025-07", share=0.4)
        (alone,) = run(doubtful).findings
        assert alone.found
        assert alone.q == alone.effect.p
        others = [intervention(f"E050000{number}") for number in (10, 12, 14, 20, 22, 24)]
        among = run(doubtful, intervention(), *others).findings[0]
        assert among.effect.found
        assert not among.found
        assert among.q == pytest.approx(7 * among.effect.p)
        assert "to be expected by chance" in among.verdict.sentence

    def test_a_place_that_was_moving_already_is_said(self):
        earlier = without(*CITY, code=CORNER, since="2024-10", share=0.6)
        (finding,) = run(earlier).findings
        assert any("already" in note for note in finding.notes)
        assert not any("already" in note for note in run().findings[0].notes)


class TestWholeCity:
    def elsewhere(self) -> dict[str, pd.DataFrame]:
        rng = np.random.default_rng(4)
        table = rng.poisson(rng.uniform(500, 900, 12)[:, None] * np.ones(len(READ)))
        return {THEME: pd.DataFrame(table, index=[f"Town {n}" for n in range(12)], columns=READ)}

    def test_has_no_control_inside_and_says_so(self):
        (finding,) = run(CITY, intervention("all")).findings
        assert finding.control.method == "none"
        assert np.isnan(finding.effect.ratio)
        assert not finding.found
        assert "all wards went from" in finding.verdict.sentence
        assert "other authorities" in finding.verdict.plausibility

    def test_takes_other_authorities_where_they_were_read(self):
        (finding,) = run(CITY, intervention("all"), elsewhere=self.elsewhere()).findings
        assert finding.control.method == "elsewhere"
        assert finding.effect.low < 1 < finding.effect.high
        assert 0 < finding.smallest_fall < 0.3
        assert "other authorities" in finding.control.words

    def test_passes_over_files_that_miss_months(self):
        short = {THEME: self.elsewhere()[THEME].iloc[:, :6]}
        (finding,) = run(CITY, intervention("all"), elsewhere=short).findings
        assert finding.control.method == "none"

    def test_an_order_over_all_of_it_leaves_other_rows_their_controls(self):
        (alone,) = run().findings
        city, beside = run(CITY, intervention("all"), intervention()).findings
        assert city.control.method == "none"
        assert beside.control.codes == alone.control.codes
        assert beside.effect == alone.effect


class TestOptions:
    def test_each_changes_the_result(self):
        usual = run().table.iloc[0]
        assert run(length=2).table.iloc[0]["months"] == 2
        assert run(ring_width=500.0).table.iloc[0]["ring_before"] > usual["ring_before"]
        assert run(method="synthetic").table.iloc[0]["control_method"] == "synthetic"
        wide = run(confidence=0.99).table.iloc[0]
        assert wide["ratio_low"] < usual["ratio_low"]
        assert wide["difference_low"] < usual["difference_low"]

    def test_refusals(self):
        with pytest.raises(ParameterError, match="do not match"):
            run((CITY[0], CITY[1].iloc[1:]))
        with pytest.raises(ParameterError, match="'guess' is not known"):
            run(method="guess")
        with pytest.raises(ParameterError, match="no theme 'knives'"):
            run(CITY, replace(intervention(), theme="knives"))


class TestResult:
    def test_the_table_holds_its_columns_and_agrees_with_the_findings(self):
        found = run()
        assert tuple(found.table.columns) == EVALUATION_COLUMNS
        row = found.table.iloc[0]
        assert row["verdict"] == found.findings[0].verdict.sentence
        assert (row["before_from"], row["after_to"]) == ("2024-07", "2025-12")
        assert repr(found) == "<Evaluation of 1 switch, 0 with a change found>"

    def test_the_order_of_rows_does_not_matter(self):
        order = np.random.default_rng(9).permutation(len(CITY[0]))
        mixed = tuple(part.iloc[order].reset_index(drop=True) for part in CITY)
        pd.testing.assert_frame_equal(run(mixed).table, run().table)

    def test_nothing_given_is_changed(self):
        before = CITY[0].copy()
        run()
        pd.testing.assert_frame_equal(CITY[0], before)

    def test_what_lies_outside_the_months_read(self):
        late = run(CITY, intervention(on=date(2027, 1, 1))).table.iloc[0]
        assert late["months"] == 0
        assert "no whole month was read after it began" in late["verdict"]


class TestChart:
    def test_points_are_plain_and_start_together(self):
        (finding,) = run().findings
        points = chart_points(finding)
        assert json.loads(json.dumps(points, allow_nan=False)) == points
        before = points["before"]
        assert sum(points["control"][at] for at in before) == pytest.approx(finding.treated_pair[0])
        assert [points["months"][at] for at in points["after"]] == list(finding.case.windows.after)
        assert [one["state"] for one in points["regimes"]] == ["off", "on"]

    def test_without_a_control_there_is_no_line(self):
        points = chart_points(run(CITY, intervention("all")).findings[0])
        assert set(points["control"]) == {None}
        assert json.dumps(points, allow_nan=False)


@pytest.mark.shared
class TestDerby:
    @pytest.fixture
    def derby(self, derby_analysis):
        from hotspots.themes.themes import classify, load_themes

        located = derby_analysis.located
        layers = {level: derby_analysis.areas.level(level) for level in ("ward", "lsoa")}
        return located, classify(located, load_themes()), layers, derby_analysis.months

    def evaluate(self, derby, tmp_path, *, keep=None) -> Evaluation:
        located, membership, layers, read = derby
        (code,) = layers["ward"].index[layers["ward"]["name"] == "Normanton"]
        path = tmp_path / "orders.csv"
        path.write_text(f"name,theme,on,area\nOrder,anti-social-behaviour,2025-07-01,{code}\n")
        orders = read_interventions(path, themes=list(membership.columns), areas=layers)
        if keep is not None:
            kept = keep(located, membership, code)
            located, membership = located[kept], membership[kept]
        return evaluate(located, membership, interventions=orders, areas=layers, months=read)

    def test_a_fake_intervention_finds_nothing(self, derby, tmp_path):
        (finding,) = self.evaluate(derby, tmp_path).findings
        assert finding.treated_pair[0] > 100
        assert not finding.found

    def test_a_planted_halving_is_found(self, derby, tmp_path):
        def keep(located, membership, code):
            here = located["ward_code"].eq(code) & membership["anti-social-behaviour"].to_numpy(bool)
            late = located["month"].astype(str) >= "2025-07"
            gone = here & late & (np.random.default_rng(7).random(len(located)) < 0.5)
            return ~gone.to_numpy()

        (finding,) = self.evaluate(derby, tmp_path, keep=keep).findings
        assert finding.found
        assert finding.effect.low < 0.5 < finding.effect.high
