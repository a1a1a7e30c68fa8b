"""Ranks in words: no surer than the chance, and by every denominator."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hotspots.statistics.ranking import rank_areas, rank_over_denominators
from hotspots.statistics.verdicts import verdict

CODES = [f"W{i:02d}" for i in range(18)]


def series(values) -> pd.Series:
    return pd.Series(values, index=CODES[: len(values)])


def test_words_name_the_rivals() -> None:
    counts = series([900, 500, 300, 298, 297] + [50] * 13)
    even = pd.Series(10_000.0, index=CODES)
    names = pd.Series({code: f"Ward {code[1:]}" for code in CODES})
    said = verdict(rank_areas(counts, exposure=even), names=names)
    assert said["W00"] == "Clearly among the top three (chance 100%)."
    assert said["W17"] == "Not among the top three (chance under 1%)."
    assert said["W02"].startswith("Possibly among the top three (chance ")
    assert said["W02"].endswith("cannot be told apart from Ward 03 and Ward 04.")
    single = verdict(rank_areas(counts, exposure=even, k=1), names=names, k=1)
    assert single["W00"] == "Clearly at the top (chance 100%)."


def test_words_are_no_surer_than_the_chance() -> None:
    frame = pd.DataFrame(
        {
            "class": ["priority", "priority", "no", "no"],
            "p_top": [0.95, 0.88, 0.12, 0.05],
            "reason": "",
            "rank": [1.0, 2.0, 3.0, 4.0],
            "rank_low": 1.0,
            "rank_high": 4.0,
        },
        index=list("ABCD"),
    )
    assert verdict(frame, names=pd.Series(dtype=object), k=2).tolist() == [
        "Clearly among the top two (chance 95%).",
        "Very probably among the top two (chance 88%).",
        "Probably not among the top two (chance 12%).",
        "Not among the top two (chance 5%).",
    ]


def test_areas_that_are_ruled_out_are_no_rivals() -> None:
    counts = series([900, 500, 300, 290, 262] + [50] * 13)
    found = rank_areas(counts, exposure=pd.Series(10_000.0, index=CODES))
    assert found.loc["W04", "class"] == "no"
    assert found.loc["W04", "rank_low"] <= found.loc["W02", "rank_high"]
    said = verdict(found, names=pd.Series({code: code for code in CODES}))
    assert said["W02"].endswith("cannot be told apart from W03.")


def test_many_rivals_are_counted() -> None:
    found = rank_areas(series([100] * 5), exposure=pd.Series(1000.0, index=CODES))
    said = verdict(found, names=pd.Series({code: code for code in CODES}))
    assert said.str.contains("cannot be told apart from W00, W0[12], W0[23] and 1 more").any()


def test_every_denominator_is_named_with_its_rank_and_chance() -> None:
    counts = series([900, 500, 300, 290] + [50] * 14)
    even = pd.Series(10_000.0, index=CODES)
    dense = even.copy()
    dense["W17"] = 200.0
    found = rank_over_denominators(counts, denominators={"residents": even, "own": dense})
    said = verdict(found, names=counts.index.to_series(), own="workday population")
    assert said["W00"] == (
        "Clearly among the top three by every denominator: first by residents (chance 100%) "
        "and second by workday population (chance 100%)."
    )
    assert said["W16"].startswith("Not among the top three by any denominator: ")
    mixed = said["W17"]
    assert mixed.startswith("By residents, ") and ", not among the top three (chance under 1%); " in mixed
    assert mixed.endswith("by workday population, first, clearly (chance 100%).")
    assert "By residents it cannot be told apart from W03." in said["W02"]


def test_a_denominator_that_is_not_known_of_an_area_is_passed_over() -> None:
    counts = series([900, 500, 300, 290] + [50] * 14)
    even = pd.Series(10_000.0, index=CODES)
    gaps = even.copy()
    gaps["W00"] = np.nan
    said = verdict(
        rank_over_denominators(counts, denominators={"residents": even, "households": gaps}),
        names=counts.index.to_series(),
    )
    assert "households" not in said["W00"] and "households" in said["W01"]
