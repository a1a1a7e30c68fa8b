"""Two published folders: what changed, what chance explains, and what stays hidden."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tables_alone import write_tables_alone

from hotspots.comparing.chance import UNKNOWN, chance, learn_spread, with_city
from hotspots.comparing.compare import compare_folders
from hotspots.comparing.counts import _judged, _steps
from hotspots.comparing.published import FORMAT, Published, read_published
from hotspots.errors import InputError

FIRST = ["2024-01", "2024-02", "2024-03"]
SECOND = ["2025-01", "2025-02", "2025-03"]
CODES = [f"E0500{number:04}" for number in range(20)]


def record(months: list[str], **changes: Any) -> dict[str, Any]:
    usual = {
        "format": FORMAT,
        "version": "1.0",
        "parameters": {"seed": 1, "draws": 200, "from_month": months[0], "columns": {}},
        "audience": "internal",
        "synthetic": False,
        "area": {"code": "E06000015", "name": "Derby"},
        "period": {"months": months, "incomplete": []},
        "boundaries": {"wards": "ward_2023", "lsoas": "lsoa_2021", "derived": False},
        "themes": [
            {
                "slug": "noise",
                "name": "Noise",
                "total": 2000,
                "bandwidth": {"metres": 300.4},
                "cluster_parameters": {"eps": 150.0, "min_samples": 20},
            }
        ],
    }
    return {**usual, **changes}


def write(
    folder: Path,
    months: list[str],
    counts: Any,
    *,
    hotspots: list[dict[str, Any]] = (),
    ranks=None,
    **changes,
):
    """Write a folder as `hotspots run` does, with a blank for a count that is withheld."""
    (folder / "tables").mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(record(months, **changes)), "utf-8")
    cells = ["" if np.isnan(count) else f"{count:.0f}" for count in np.asarray(counts, dtype=float)]
    areas = pd.DataFrame({"level": "ward", "vintage": "ward_2023", "code": CODES[: len(cells)]})
    areas = areas.assign(name=areas["code"], theme="noise", month="", count=cells)
    share = ["" if np.isnan(count) else f"{count / len(months):.0f}" for count in np.asarray(counts, float)]
    monthly = [areas.assign(month=month, count=share) for month in months]
    pd.concat([areas, *monthly]).to_csv(folder / "tables" / "areas.csv", index=False, encoding="utf-8-sig")
    clusters = pd.DataFrame(
        [
            {"theme": "noise", "confidence": "0.95", "part_of": "", "streets": one["cluster"], **one}
            for one in hotspots
        ],
        columns=["theme", "cluster", "name", "n", "confidence", "part_of", "streets"],
    )
    clusters.assign(name=clusters["cluster"]).to_csv(folder / "tables" / "clusters.csv", index=False)
    ranking = pd.DataFrame(
        ranks or [], columns=["code", "rank", "rank_low", "rank_high", "class"], dtype=object
    ).assign(theme="noise", level="ward", name="somewhere")
    ranking.to_csv(folder / "tables" / "priority.csv", index=False)
    return folder


@pytest.fixture
def compare(tmp_path):
    def run(first: dict[str, Any], second: dict[str, Any]):
        usual = {"counts": np.full(20, 100.0)}
        one = write(tmp_path / "one", **{"months": FIRST, **usual, **first})
        other = write(tmp_path / "other", **{"months": SECOND, **usual, **second})
        return compare_folders(one, other)

    return run


def drawn(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).poisson(100, 20).astype(float)


def judged(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Give the p-value of each area, each held to how the others vary."""
    names = [f"A{number:02}" for number in range(len(before))]
    part = pd.DataFrame({"code": names, "before": before, "after": after})
    return _judged(part, share=0.5, base=1, city=(np.zeros(22), (12, 12)))["p"].to_numpy()


class TestChance:
    def test_exact_counts_by_hand(self):
        # 120 after 80: (120 - 100)^2 / (200 / 4) = 8 is a standard score of the root of 8.
        (p,) = chance(
            np.array([80.0]),
            np.array([120.0]),
            share=0.5,
            spread=np.ones(1),
            base=1,
            freedom=np.full(1, 100_000.0),
        )
        assert p == pytest.approx(0.00468, abs=1e-4)

    def test_dispersion_and_rounding_make_it_likelier(self):
        def p(*, spread: float = 1.0, freedom: float = 30.0, base: int = 1) -> float:
            learnt = {"spread": np.array([spread]), "freedom": np.array([freedom])}
            return float(chance(np.array([80.0]), np.array([120.0]), share=0.5, base=base, **learnt)[0])

        assert p() < p(base=5) < p(base=25)
        assert p() < p(spread=2.0)
        assert p() < p(freedom=5)

    def test_false_alarms_are_at_most_nominal_in_busy_areas_and_quiet_ones(self):
        rng = np.random.default_rng(8)
        usual = np.sort(rng.lognormal(4.5, 0.8, 18))
        p = np.array(
            [judged(*rng.poisson(usual * rng.gamma(50, 1 / 50, (2, 18))).astype(float)) for _ in range(120)]
        )
        # 0.05 and two standard errors of 360, and of 2,160.
        assert (p[:, -3:] < 0.05).mean() < 0.073
        assert (p[:, :3] < 0.05).mean() < 0.073
        assert 0.02 < (p < 0.05).mean() < 0.059

    def test_busy_areas_vary_the_more(self):
        rng = np.random.default_rng(4)
        usual = rng.lognormal(4.5, 0.8, 2000)
        learnt = learn_spread(*rng.poisson(usual * rng.gamma(50, 1 / 50, (2, 2000))).astype(float))
        # Given the sum of two counts, negative binomial with alpha 0.02: about 1 + 0.02 times half of it.
        assert learnt.own == pytest.approx(0.01, rel=0.15)
        assert learnt.of(np.array([1000.0]))[0] == pytest.approx(11, rel=0.15)

    def test_an_area_is_not_held_to_its_own_change(self):
        before = np.random.default_rng(5).poisson(np.linspace(50, 500, 18)).astype(float)
        after = before.copy()
        after[-1] *= 2
        assert judged(before, after)[-1] < 1e-3

    def test_months_that_differ_for_the_whole_city_are_no_change_of_an_area(self):
        learnt = learn_spread(*np.full((2, 18), 1000.0))
        common = with_city(learnt, np.tile([0.2, -0.2], 11), (12, 12))
        # Steps of a fifth: half their square is 0.02, over twelve months twice, and a quarter of the sum.
        assert common.of(np.array([2000.0]))[0] == pytest.approx(1 + 0.25 * 0.02 * 2 / 12 * 2000)
        # Satterthwaite: one part of 1 known from 17 areas, one of 5/3 from two thirds of 22 steps.
        freedom = (1 + 5 / 3) ** 2 / (1 / 17 + (5 / 3) ** 2 / (22 * 2 / 3))
        assert common.freedom_of(np.array([2000.0]))[0] == pytest.approx(freedom)
        assert with_city(learnt, np.array([0.2]), (2, 1)) is UNKNOWN

    def test_steps_of_the_city_are_those_of_areas_known_in_both_months(self):
        months = ["2025-01", "2025-03", "2025-05"]
        count = pd.DataFrame([[62, 93, 31], [31, np.nan, 62]], index=["A", "B"], columns=months)
        areas = count.rename_axis("code").reset_index().melt("code", var_name="month", value_name="count")
        one = Published(
            Path(), {"period": {"months": months}}, {"areas": areas.assign(theme="all", level="ward")}
        )
        # From 2 to 3 a day, and from 3 to 1, of A alone; over their means.
        assert _steps(one, "all") == pytest.approx([1 / 2.5, -2 / 2])

    def test_dispersion_is_unknown_with_few_areas_and_never_below_one(self):
        assert np.isnan(learn_spread(np.full(5, 10.0), np.full(5, 12.0)).of(np.ones(1))[0])
        assert learn_spread(np.full(9, 10.0), np.full(9, 12.0)).of(np.ones(1))[0] == 1
        assert np.isnan(judged(np.full(6, 10.0), np.full(6, 12.0))).all()


class TestCounts:
    def test_chance_is_not_called_a_change(self, compare):
        found = compare({"counts": drawn(1)}, {"counts": drawn(2)})
        assert found.months == "apart"
        assert found.counts["status"].eq("may be chance").all()

    def test_a_real_change_is(self, compare):
        after = drawn(2)
        after[3] = 300
        found = compare({"counts": drawn(1)}, {"counts": after}).counts
        assert list(found[found["status"] == "changed"]["code"]) == [CODES[3]]

    def test_areas_that_vary_more_than_dice_are_held_to_that(self, compare):
        # Every area moves by a fifth, up or down: much for Poisson counts, nothing special here.
        before = np.full(20, 400.0)
        after = before * np.where(np.arange(20) % 2, 1.2, 0.8)
        found = compare({"counts": before}, {"counts": after}).counts
        assert found["status"].eq("may be chance").all()

    def test_the_length_of_periods_is_taken_into_account(self, compare):
        found = compare(
            {"counts": drawn(1)}, {"counts": 2 * drawn(2), "months": [f"2025-0{m}" for m in range(1, 7)]}
        )
        assert found.counts["status"].eq("may be chance").all()
        assert found.counts["change"].mean() == pytest.approx(1, abs=0.1)

    def test_withheld_stays_withheld(self, compare):
        before, after = drawn(1), drawn(2)
        before[[0, 1]] = np.nan
        after[[1, 2]] = np.nan
        found = compare({"counts": before}, {"counts": after}).counts
        assert list(found["status"][:3]) == ["withheld before", "withheld in both", "withheld after"]
        assert found[["change", "p", "q"]][:3].isna().all(axis=None)

    def test_too_short_to_tell_how_whole_months_differ_is_not_judged(self, compare):
        found = compare({"counts": drawn(1), "months": FIRST[:1]}, {"counts": drawn(2), "months": SECOND[:1]})
        assert found.counts["status"].eq("not judged").all()
        assert any("how whole months differ" in caveat for caveat in found.caveats)

    def test_the_same_months_differ_by_revision_only(self, compare):
        after = drawn(1)
        after[4] += 1
        found = compare({"counts": drawn(1)}, {"counts": after, "months": FIRST})
        assert found.months == "same"
        assert found.counts["status"].value_counts().to_dict() == {"equal": 19, "revised": 1}

    def test_shared_months_are_not_judged(self, compare):
        found = compare(
            {"counts": drawn(1)}, {"counts": 3 * drawn(2), "months": ["2024-03", "2024-04", "2024-05"]}
        )
        assert found.months == "shared"
        assert found.counts["status"].eq("not judged").all()
        assert any("share months" in caveat for caveat in found.caveats)

    def test_areas_that_one_side_does_not_have(self, compare):
        found = compare({"counts": drawn(1)}, {"counts": drawn(2)[:18]}).counts
        assert list(found["status"][-2:]) == ["only before", "only before"]


class TestRanks:
    def test_only_intervals_that_miss_each_other_count(self, compare):
        before = [(CODES[0], 1, 1, 3, "priority"), (CODES[1], 5, 4, 8, "no"), (CODES[2], 9, 8, 9, "no")]
        after = [(CODES[0], 6, 4, 9, "no"), (CODES[1], 7, 5, 9, "no"), (CODES[2], 9, 8, 9, "no")]
        found = compare({"ranks": before}, {"ranks": after}).ranks
        assert list(found["status"]) == ["changed", "may be chance", "equal"]
        assert (found["class_before"][0], found["class_after"][0]) == ("priority", "no")

    def test_a_withheld_rank_is_not_guessed(self, compare):
        found = compare({"ranks": [(CODES[0], "", "", "", "")]}, {"ranks": [(CODES[0], 1, 1, 2, "priority")]})
        assert list(found.ranks["status"]) == ["withheld"]

    def test_what_moved_is_said_with_its_class(self, compare):
        before, after = (CODES[0], 1, 1, 3, "priority"), (CODES[0], 6, 4, 9, "no")
        same = [(CODES[1], *rank) for rank in ((1, 1, 3, "no"), (7, 4, 9, "no"))]
        text = compare({"ranks": [before, same[0]]}, {"ranks": [after, same[1]]}).text()
        assert "noise, somewhere: 1 -> 6 (priority -> no)\n" in text
        assert "noise, somewhere: 1 -> 7\n" in text


def test_folders_that_differ_in_more_than_their_months_are_said_to(compare):
    first = {"period": {"months": FIRST, "incomplete": ["2024-03"]}, "counts": np.full(20, np.nan)}
    second = {"boundaries": {"wards": "ward_2025", "lsoas": "lsoa_2021"}, "counts": np.full(20, np.nan)}
    found = compare(first, second)
    said = "\n".join(found.caveats)
    assert "The earlier period has incomplete months: 2024-03." in said
    assert "The wards are of different vintages" in said and "The lsoas are" not in said
    assert repr(found).endswith(": 0 counts changed>")
    # Of a theme of which everything is withheld on both sides there is nothing to count.
    assert "noise, " not in found.text().partition("Areas")[2].partition("Hot spots")[0]


class TestHotspots:
    def found(self, compare, before, after, **options):
        return compare(
            {"counts": drawn(1), "hotspots": before, **options},
            {"counts": drawn(2), "hotspots": after, **options},
        )

    def test_kept_renamed_new_and_gone(self, compare):
        before = [
            {"cluster": "a", "n": 100, "streets": "High Street; Back Lane"},
            {"cluster": "b", "n": 80, "streets": "Mill Road; Park Row"},
            {"cluster": "c", "n": 60, "streets": "Old Street"},
        ]
        after = [
            {"cluster": "a", "n": 110, "streets": "High Street"},
            {"cluster": "x", "n": 85, "streets": "Park Row; Mill Road"},
            {"cluster": "y", "n": 70, "streets": "New Street; Old Street North"},
        ]
        found = self.found(compare, before, after).hotspots.set_index("name")["found"]
        assert found.to_dict() == {"a": "kept", "x": "kept under another name", "c": "gone", "y": "new"}

    def test_a_side_street_alone_is_no_match(self, compare):
        before = [{"cluster": "a", "n": 100, "streets": "High Street; Back Lane"}]
        after = [{"cluster": "b", "n": 100, "streets": "Low Street; Back Lane"}]
        assert set(self.found(compare, before, after).hotspots["found"]) == {"new", "gone"}

    def test_one_earlier_hotspot_is_matched_once(self, compare):
        before = [{"cluster": "a", "n": 100, "streets": "High Street; Back Lane"}]
        after = [
            {"cluster": "b", "n": 50, "streets": "High Street"},
            {"cluster": "c", "n": 60, "streets": "High Street; Back Lane"},
        ]
        found = self.found(compare, before, after).hotspots.set_index("name")["found"]
        assert found.to_dict() == {"b": "new", "c": "kept under another name"}

    def test_one_that_was_never_sure_comes_and_goes_by_chance(self, compare):
        before = [
            {"cluster": "a", "n": 50, "confidence": "0.4"},
            {"cluster": "b", "n": 50, "confidence": "0.96"},
        ]
        found = self.found(compare, before, []).hotspots.set_index("name")
        assert found["status"].to_dict() == {"a": "may be chance", "b": "changed"}
        assert "confidence is below 95 %" in found["reason"]["a"]

    def test_a_shorter_period_that_does_not_show_one_tells_nothing(self, compare):
        sure = [{"cluster": "a", "n": 50, "confidence": "0.99"}]
        shorter = {"counts": drawn(2), "months": SECOND[:2]}
        gone = compare({"counts": drawn(1), "hotspots": sure}, shorter).hotspots
        assert (gone["found"][0], gone["status"][0]) == ("gone", "may be chance")
        assert gone["reason"][0] == "the other period is shorter"

    def test_outside_internal_use_gone_may_be_hidden(self, compare):
        before = [{"cluster": "b", "n": 50, "confidence": "0.96"}]
        found = self.found(compare, before, [], audience="public").hotspots
        assert "fewer than 10 incidents or too few places to be shown" in found["reason"][0]
        assert list(found["found"]) == ["gone"]

    def test_incidents_of_one_kept_are_judged(self, compare):
        before = [{"cluster": "a", "n": 100}, {"cluster": "b", "n": 100}]
        after = [{"cluster": "a", "n": 250}, {"cluster": "b", "n": 105}]
        found = self.found(compare, before, after).hotspots
        assert list(found["status"]) == ["changed", "may be chance"]

    def test_parts_are_left_out(self, compare):
        before = [{"cluster": "a", "n": 100}, {"cluster": "a1", "n": 40, "part_of": "a"}]
        assert list(self.found(compare, before, []).hotspots["name"]) == ["a"]


class TestParameters:
    def test_differences_and_what_they_bear_on(self, compare):
        themes = record(FIRST)["themes"]
        other = [
            {
                **themes[0],
                "bandwidth": {"metres": 280.0},
                "cluster_parameters": {"eps": 120.0, "min_samples": 20},
            }
        ]
        asked = {"seed": 2, "draws": 200, "top": 5, "marking": "OFFICIAL", "force": "surrey"}
        found = compare({}, {"themes": other, "parameters": asked}).parameters
        assert found.set_index("parameter")["matters_for"].to_dict() == {
            "force": "everything",
            "marking": "",
            "noise bandwidth": "density",
            "noise eps": "hot spots",
            "seed": "certainty",
            "top": "ranks",
        }
        assert list(found["before"]) == ["", "", "300", "150.0", "1", ""]

    def test_the_months_are_said_as_the_period_alone(self, compare):
        assert compare({}, {}).parameters.empty


class TestRefusals:
    def test_other_formats(self, tmp_path):
        write(tmp_path / "old", FIRST, drawn(1), format=99)
        with pytest.raises(InputError, match="was written in format 99, and only format 2 can be compared"):
            read_published(tmp_path / "old")

    def test_the_format_is_that_of_the_folders_written_now(self):
        from hotspots.outputs.folder import MANIFEST_FORMAT

        assert FORMAT == MANIFEST_FORMAT

    def test_other_areas(self, compare):
        with pytest.raises(InputError, match=r"different areas \(E06000015 and E06000016\)"):
            compare({}, {"area": {"code": "E06000016"}})

    def test_no_folder_and_damaged_files(self, tmp_path):
        with pytest.raises(InputError, match=r"holds no run\.json"):
            read_published(tmp_path / "none")
        folder = write(tmp_path / "one", FIRST, drawn(1))
        (folder / "tables" / "areas.csv").write_text("level,code\nward,x\n")
        with pytest.raises(InputError, match="has no column vintage"):
            read_published(folder)
        (folder / "tables" / "areas.csv").write_text("")
        with pytest.raises(InputError, match=r"areas\.csv is not a table"):
            read_published(folder)
        (folder / "tables" / "areas.csv").unlink()
        with pytest.raises(InputError, match=r"areas\.csv cannot be read"):
            read_published(folder)
        (folder / "run.json").write_text("{")
        with pytest.raises(InputError, match="is damaged"):
            read_published(folder)
        (folder / "run.json").write_text(json.dumps({"format": FORMAT}))
        with pytest.raises(InputError, match="does not say its parameters"):
            read_published(folder)

    def test_text_where_a_number_belongs(self, tmp_path):
        folder = write(tmp_path / "one", FIRST, drawn(1), hotspots=[{"cluster": "a", "n": "many"}])
        with pytest.raises(InputError, match="has text where a number belongs"):
            read_published(folder)


class TestShowing:
    def test_text_says_what_changed_and_how_much_may_be_chance(self, compare):
        after = drawn(2)
        after[3], after[4] = 300, np.nan
        text = compare({"counts": drawn(1)}, {"counts": after, "audience": "partner"}).text()
        assert text.startswith("January to March 2024 -> January to March 2025")
        assert "noise, 1 of 20 wards changed, 18 may be chance, 1 withheld in either" in text
        assert f"    {CODES[3]}: " in text
        assert "released for internal and partner use" in text

    def test_the_dict_is_strict_json_with_null_for_withheld(self, compare):
        before = drawn(1)
        before[0] = np.nan
        found = compare({"counts": before, "hotspots": [{"cluster": "a", "n": 9}]}, {}).as_dict()
        again = json.loads(json.dumps(found, allow_nan=False))
        assert again["counts"][0]["before"] is None
        assert again["hotspots"][0]["n_after"] is None

    def test_a_folder_compared_with_itself_changed_nothing(self, compare):
        same = {"counts": drawn(1), "hotspots": [{"cluster": "a", "n": 9}], "months": FIRST}
        found = compare(same, same)
        assert found.counts["status"].eq("equal").all()
        assert found.hotspots["found"].eq("kept").all()
        assert "Parameters: the same" in found.text()


def test_a_folder_that_was_really_written(sample_analysis, tmp_path):
    folders = [
        write_tables_alone(sample_analysis.release(audience=audience), tmp_path / name)
        for name, audience in (("internal", None), ("public", "public"))
    ]
    found = compare_folders(*folders)
    assert found.months == "same"
    assert len(found.counts) > 100
    assert "withheld after" in set(found.counts["status"])
    assert any("synthetic" in caveat for caveat in found.caveats)
    assert found.text()
