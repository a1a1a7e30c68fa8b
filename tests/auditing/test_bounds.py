"""Counts that one or several honest folders leave open: the truth is always inside."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_releases import MINIMUM, MONTHS, QUIET, honest, quiet, shown, squares, town

from hotspots.auditing.bounds import bounds
from hotspots.auditing.cells import Cell
from hotspots.auditing.combined import combined_leaks
from hotspots.auditing.facts import atoms
from hotspots.auditing.reading import read_published
from hotspots.auditing.solving import ContradictionError


def published(release, folder):
    return read_published(release.write(Path(folder)))


def true_counts(truth, months=MONTHS):
    levels = {"ward": "ward_2023", "lsoa": "lsoa_2021"}
    return {
        Cell(theme, levels[level], code, (month,) if month else months): count
        for (theme, level, code, month), count in truth.items()
    }


def found(result):
    return {bound.cell: bound for table in result.tables for bound in table.bounds}


def test_a_quiet_town_holds(tmp_path):
    result = bounds([published(quiet(), tmp_path / "a")])
    assert result.given_up == ()
    assert [table.table for table in result.tables] == ["robbery by ward_2023, 2025-01 to 2025-02"]
    assert not result.tables[0].below


def test_one_withheld_month_comes_back_as_a_difference(tmp_path):
    # 3 of the 103 incidents of the first ward fall in February; the period and January are shown
    counts = {"all": np.array([[60, 2], [40, 1], [61, 38], [44, 57]])}
    truth = {key: n for key, n in town(counts).items() if key[1] == "ward"}
    result = found(bounds([published(honest(truth), tmp_path / "a")]))
    cell = Cell("all", "ward_2023", "E05000001", ("2025-02",))
    # 105 is 103 to 107, 100 is 98 to 102: between 1 and 9 remain
    assert (result[cell].interval.low, result[cell].interval.high) == (1, 9)
    assert result[cell].below


def test_a_ward_minus_its_lsoas_comes_back(tmp_path):
    counts = {"all": np.array([[60, 40], [1, 1], [61, 38], [44, 57]])}
    result = found(bounds([published(honest(town(counts)), tmp_path / "a")]))
    lsoa = Cell("all", "lsoa_2021", "E01000002", MONTHS)
    # the ward is 100 (98 to 102), its other LSOA 100 (98 to 102)
    assert (result[lsoa].interval.low, result[lsoa].interval.high) == (0, 4)


def test_a_layer_that_is_not_published_tells_nothing_of_nesting(tmp_path):
    counts = {"all": np.array([[60, 40], [1, 1], [61, 38], [44, 57]])}
    folder = honest(town(counts)).write(tmp_path / "a")
    (folder / "hotspots.gpkg").unlink()
    result = found(bounds([read_published(folder)]))
    lsoa = Cell("all", "lsoa_2021", "E01000002", MONTHS)
    # what is left is the sum of all four LSOAs: 305 +- 2 less 100, 100 and 100 +- 2 each
    assert (result[lsoa].interval.low, result[lsoa].interval.high) == (0, 8)


@pytest.mark.parametrize("audience", ["partner", "public"])
@given(
    whole=arrays(int, (4, 2), elements=st.integers(0, 40)),
    part=arrays(int, (4, 2), elements=st.integers(0, 9)),
)
def test_the_truth_is_never_outside(audience, whole, part):
    counts = {"all": whole, "robbery": np.minimum(part, whole)}
    truth = town(counts)
    result = bounds([honest(truth, audience=audience).published()], exact=True)
    assert result.given_up == ()
    known = true_counts(truth)
    for cell, bound in found(result).items():
        if cell in known:
            assert bound.interval.low <= known[cell] <= bound.interval.high, cell


@given(table=arrays(int, (2, 2), elements=st.integers(0, 9)))
def test_as_narrow_as_every_table_that_fits(table):
    # two wards, two months, one theme: all tables of 0 to 21 are tried
    truth = {key: n for key, n in town({"all": table}, per_ward=1).items() if key[1] == "ward"}
    release = honest(truth, per_ward=1, audience="partner")
    result = found(bounds([release.published()], exact=True))
    every = np.array(list(itertools.product(range(22), repeat=4))).reshape(-1, 2, 2)
    fits = np.ones(len(every), dtype=bool)
    values = {}
    for (_, _, code, month), count in truth.items():
        ward = int(code[-1]) - 1
        mine = every[:, ward].sum(axis=1) if not month else every[:, ward, MONTHS.index(month)]
        values[Cell("all", "ward_2023", code, (month,) if month else MONTHS)] = mine
        fits &= _may_be(mine, count)
    fits &= _may_be(every.sum(axis=(1, 2)), int(table.sum()))
    for cell, bound in result.items():
        if cell.level == "ward_2023" and bound.interval.high < 21:
            left = values[cell][fits]
            assert (bound.interval.low, bound.interval.high) == (left.min(), left.max()), cell


def _may_be(values, count):
    """Mark the values that would be published as a count is."""
    label = shown(count, "partner")
    if label is None:
        # a reader does not know for which reason it is withheld
        return np.ones(len(values), dtype=bool)
    return (values >= MINIMUM["partner"]) & (np.floor(values / 5 + 0.5) * 5 == label)


def test_the_month_between_two_releases_is_their_difference(tmp_path):
    counts = {"all": np.array([[60, 2], [40, 1], [61, 38], [44, 57]])}
    both = honest({key: n for key, n in town(counts).items() if key[1] == "ward"})
    january = honest(town({"all": counts["all"][:, :1]}, months=MONTHS[:1]), months=MONTHS[:1])
    january.counts = {key: n for key, n in january.counts.items() if key[1] == "ward"}
    # without its months the longer release says nothing of February
    both.counts = {key: count for key, count in both.counts.items() if not key[3]}
    alone = bounds([published(both, tmp_path / "a")])
    assert not any(bound.below for bound in found(alone).values())
    joined = bounds([published(january, tmp_path / "b"), read_published(tmp_path / "a")])
    between = {b.cell: b.interval for table in joined.differences for b in table.bounds}
    interval = between[Cell("all", "ward_2023", "E05000001", ("2025-02",))]
    assert (interval.low, interval.high) == (1, 9)


def test_a_withheld_month_is_narrowed_by_an_earlier_release(tmp_path):
    # February of the first ward is withheld in the longer release, as is January, which hides both
    counts = {"all": np.array([[60, 2], [40, 1], [61, 38], [44, 57]])}
    key = ("all", "ward", "E05000001", "2025-01")
    both = honest(town(counts), further=(key,))
    february = Cell("all", "ward_2023", "E05000001", ("2025-02",))
    alone = bounds([published(both, tmp_path / "a")])
    assert not found(alone)[february].below
    january = honest(town({"all": counts["all"][:, :1]}, months=MONTHS[:1]), months=MONTHS[:1])
    joined = bounds([read_published(tmp_path / "a"), published(january, tmp_path / "b")])
    assert found(joined)[february].below


def test_wards_of_another_vintage_with_the_same_outline_are_the_same_wards(tmp_path):
    truth = {key: n for key, n in town(QUIET).items() if key[0] == "all" and key[1] == "ward" and not key[3]}
    first = honest(truth, further=(("all", "ward", "E05000001", ""), ("all", "ward", "E05000002", "")))
    first.totals["all"] = None
    second = honest(truth)
    second.ward_vintage = "ward_2003"
    alone = bounds([published(first, tmp_path / "a")])
    assert not any(bound.below for bound in found(alone).values())
    joined = found(bounds([read_published(tmp_path / "a"), published(second, tmp_path / "b")]))
    # 174 incidents are shown as 175 by the other vintage
    cell = Cell("all", "ward_2023", "E05000001", MONTHS)
    assert (joined[cell].interval.low, joined[cell].interval.high) == (173, 177)


def test_a_partner_of_both_audiences_is_promised_what_partners_are(tmp_path):
    partner, public = (published(quiet(name), tmp_path / name) for name in ("partner", "public"))
    assert {b.minimum for b in found(bounds([public])).values()} == {10}
    assert {b.minimum for b in found(bounds([public, partner])).values()} <= {5}


def test_a_zone_inside_a_ward_narrows_it(tmp_path):
    counts = {"robbery": np.array([[2, 2], [1, 2], [3, 0], [1, 1]])}
    truth = {k: n for k, n in town(counts).items() if k[1] == "ward" and not k[3]}
    folder = honest(truth).write(tmp_path / "a")
    zone = squares("zone", ["Z1"], per_ward=2)
    zone.to_file(folder / "hotspots.gpkg", layer="zones", driver="GPKG")
    (folder / "tables" / "zones.csv").write_text("theme,zone,count\nrobbery,Z1,10\n", encoding="utf-8")
    ward = Cell("robbery", "ward_2023", "E05000001", MONTHS)
    assert found(bounds([read_published(folder)]))[ward].interval.low >= 10


def test_numbers_that_contradict_each_other_are_not_called_safe(tmp_path):
    release = quiet()
    release.counts["all", "ward", "E05000001", "2025-01"] = 500
    release.wards = release.wards.copy()
    with pytest.raises(ContradictionError):
        bounds([published(release, tmp_path / "a")])


def test_an_assumption_that_does_not_hold_is_given_up_and_named(tmp_path):
    # rows that lie in no ward: the total is above the sum of the wards
    release = quiet()
    release.totals["all"] = 800
    result = bounds([published(release, tmp_path / "a")])
    assert "sums of the city" in result.given_up


def test_the_record_says_how_many_rows_have_no_area(tmp_path):
    release = quiet(
        record={
            "geocoding": {
                "notes": ["without a certain ward: about 430 rows, without a certain LSOA: about 430 rows"]
            }
        }
    )
    release.totals["all"] = 800
    assert bounds([published(release, tmp_path / "a")]).given_up == ()


@pytest.mark.parametrize(
    ("periods", "pieces"),
    [
        ([("1", "2"), ("1",), ("2",)], [("1",), ("2",)]),
        ([("1", "2", "3"), ("1", "2")], [("1", "2"), ("3",)]),
        ([("1", "2"), ("2", "3")], [("1",), ("2",), ("3",)]),
    ],
)
def test_periods_are_cut_where_one_of_them_ends(periods, pieces):
    assert sorted(atoms(periods)) == pieces


def together(first):
    """A release of three themes in wards; `first` is the combined count stated of the first of them."""
    truth = town({"all": QUIET["all"], "robbery": QUIET["robbery"], "burglary": QUIET["all"] - 20})
    truth = {key: n for key, n in truth.items() if key[1] == "ward" and not key[3]}
    release = honest(truth, record={"combined_themes": {"robbery": 0.5, "burglary": 0.5}})
    release.counts["combined", "ward", "E05000001", ""] = first
    return release.published()


def test_a_sum_of_themes_beside_a_withheld_one_gives_it_back():
    # 94 burglaries are shown as 95 (93 to 97); 101 of both leave 4 to 8 robberies
    release = together(101)
    (leak,) = combined_leaks(release)
    assert "no sum of released counts" in leak.what
    low, high = (getattr(found(bounds([release]))[FIRST].interval, end) for end in ("low", "high"))
    assert (low, high) == (4, 8)


def test_a_sum_of_released_counts_says_nothing():
    release = together(95)
    assert not list(combined_leaks(release))
    assert not found(bounds([release]))[FIRST].below


FIRST = Cell("robbery", "ward_2023", "E05000001", MONTHS)


def test_a_ward_holds_all_its_lsoas_together():
    truth = {key: n for key, n in town({"all": QUIET["all"]}).items() if not key[3]}
    release = honest(truth, further=(("all", "ward", "E05000001", ""), ("all", "ward", "E05000002", "")))
    release.totals["all"] = None
    ward = found(bounds([release.published()]))[Cell("all", "ward_2023", "E05000001", MONTHS)]
    # 75 (73 to 77) and 99 (98 to 102, shown as 100) lie in it and nothing else does
    assert (ward.interval.low, ward.interval.high) == (171, 179)
