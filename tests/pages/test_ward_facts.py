"""What a profile says of a ward: the small town of six square wards, checked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pages
import pandas as pd
import pytest

from hotspots.pages.ward_facts import (
    WardFacts,
    change_words,
    confidence_words,
    rank_words,
    rate_words,
)
from hotspots.pages.ward_lsoas import SmallAreas
from hotspots.schema import WEEKDAYS
from hotspots.statistics.times import no_times

ASH, BEECH, CEDAR, DOGWOOD, ELM, FIR = (f"E0500000{i}" for i in range(6))

FIGURES = ("count", "share", "rate_per_1000", "rate_per_km2")


@pytest.fixture(scope="module")
def facts():
    plain = pages.small_release()
    rank = plain.priority["rank"]
    by_each = {"rank_by_residents": rank, "rank_by_households": rank + 1, "rank_by_area": rank + 3}
    return WardFacts(replace(plain, priority=plain.priority.assign(**by_each)))


def test_the_finding_gives_count_share_rank_and_how_sure(facts):
    sentences = facts.finding(ASH)
    assert sentences[0] == "420 incidents were recorded in Ash, 45% of those in Derby."
    assert sentences[1] == (
        "Over all incidents it ranks 1 of 6 wards by residents (95% range 1 to 2); "
        "clearly among the top three by residents."
    )
    assert (
        sentences[2] == "It ranks 1 by residents, 2 by households and 4 by area. "
        "Its place hangs on which of these one goes by."
    )
    assert facts.finding(BEECH)[2] == "It ranks 2 by residents, 3 by households and 5 by area."


def test_where_themes_are_combined_the_rank_is_theirs_and_what_they_leave_out_is_said():
    plain = pages.small_release()
    ranked = plain.priority.query("theme == 'all'").assign(theme="combined")
    held = "The themes together hold 21 % of the incidents; the rest belongs to none of them."
    facts = WardFacts(
        replace(
            plain,
            priority=pd.concat([plain.priority, ranked]),
            combined_at={"ward": ("anti-social-behaviour",), "lsoa": ("anti-social-behaviour",)},
            held=held,
        )
    )
    (said,) = [one for one in facts.finding(ASH) if "it ranks" in one]
    assert said.startswith("Over the themes together it ranks 1 of 6 wards by residents") and said.endswith(
        held
    )


def test_a_withheld_count_is_said_to_be_withheld():
    plain = pages.small_release()
    hidden = plain.results["code"].eq(ELM)
    results = plain.results.assign(
        **{
            name: plain.results[name].mask(hidden)
            for name in ("count", "share", "rate_per_1000", "rate_per_km2")
        }
    )
    facts = WardFacts(replace(plain, results=results))
    assert facts.finding(ELM)[0] == "The number of incidents in Elm is withheld because it is small."
    row = facts.theme_row(facts.themes[0], ELM)
    assert [row[name] for name in ("count", "share", "rate", "density", "change")] == ["withheld"] * 5


def test_themes_that_the_data_cannot_show_are_named_and_have_no_row(facts):
    assert [view.slug for view in facts.themes] == ["all", "anti-social-behaviour"]
    assert facts.unseen == ["Terrorism and extremism", "Cyber crime"]


def test_only_clusters_with_a_real_part_in_the_ward_are_listed(facts):
    # The first circle lies in Ash alone; the second across the border of Beech is in Beech alone;
    assert [(row["theme"], row["number"], row["part"]) for row in facts.cluster_rows(ASH)] == [
        ("All incidents", "1", "all")
    ]
    assert facts.cluster_rows(ELM) == []


def test_a_cluster_on_a_border_is_in_both_wards_by_its_parts():
    import shapely

    plain = pages.small_release()
    shapes = plain.clusters.geometry.to_numpy().copy()
    # A square of 1 km2 of which a fifth lies in Ash and the rest in Beech; a tenth would still be listed.
    border = pages.WEST + pages.SIDE
    shapes[0] = shapely.box(border - 200, pages.SOUTH + 100, border + 800, pages.SOUTH + 1100)
    shapes[1] = shapely.box(border - 50, pages.SOUTH + 100, border + 950, pages.SOUTH + 1100)
    facts = WardFacts(replace(plain, clusters=plain.clusters.set_geometry(shapes)))
    assert [row["part"] for row in facts.cluster_rows(ASH)] == ["20%"]
    assert [row["part"] for row in facts.cluster_rows(BEECH)] == ["80%", "95%"]


def test_lsoas_are_those_mostly_in_the_ward_busiest_first(facts):
    rows = SmallAreas(facts).rows(ASH)
    assert [row["name"] for row in rows] == ["Derby 000A", "Derby 000B", "Derby 000C", "Derby 000D"]
    assert rows[0]["count"] == "210"
    assert rows[0]["significant"] == "yes"


def test_months_and_what_is_compared(facts):
    assert facts.comparison == (
        "Change: April to June 2025 against January to March 2025, so the season may explain it."
    )
    assert facts.unusual(ELM) == ["Too few incidents a month to say what is usual."]
    assert facts.unusual(ASH) == ["No month was out of the ordinary."]


def test_a_month_out_of_the_ordinary_is_told_with_what_would_have_been_usual():
    plain = pages.small_release()
    odd = plain.unusual_months["code"].eq(ASH) & plain.unusual_months["theme"].eq("all")
    odd &= plain.unusual_months["month"].eq("2025-06")
    told = plain.unusual_months.assign(signal="")
    told.loc[odd, ["count", "usual_low", "usual_high", "signal"]] = [160, 4, 98, "above"]
    facts = WardFacts(pages.small_release(unusual_months=told))
    assert facts.unusual(BEECH) == ["No month was out of the ordinary."]
    assert facts.unusual(ASH) == [
        "All incidents: June 2025 was above the usual, with 160 where 4 to 98 would have been ordinary."
    ]


def week(per_cell):
    hours = pd.DataFrame(
        {
            "code": ASH,
            "weekday": np.repeat(WEEKDAYS, 24),
            "hour": np.tile(np.arange(24), 7),
            "incidents": per_cell,
        }
    )
    return WardFacts(pages.small_release(times=replace(no_times(""), wards=hours)))


def test_hours_are_folded_to_quarters_of_the_day():
    cells = np.full((7, 24), 0.25)
    cells[5, 18:] = 10
    found = week(cells.ravel()).week(ASH)
    assert found["text"] == (
        "101 of 420 incidents have a time of day; 69% of them fell in 18:00–24:00, 64% on a Saturday."
    )
    saturday = found["rows"][5]
    assert saturday["day"] == "Saturday" and saturday["total"] == "64"
    assert [cell for cell, _ in saturday["cells"]] == ["2", "2", "2", "60"]
    assert [shade for _, shade in saturday["cells"]] == [1, 1, 1, 4]


def test_too_few_times_or_none_are_said_and_not_drawn(facts):
    few = week(np.full(168, 0.1)).week(ASH)
    assert few["rows"] == [] and few["text"].endswith("too few to show by weekday and hour.")
    assert facts.week(ASH) == {"rows": [], "text": "Hours and near repeats were not looked for."}


@pytest.mark.parametrize(
    ("value", "words"), [(None, "withheld"), (0.0, "0"), (0.04, "under 0.1"), (0.06, "0.1"), (137.4, "137")]
)
def test_rates_have_no_more_digits_than_they_can_carry(value, words):
    assert rate_words(value, None if value is None else 5) == words


def test_a_rate_without_a_denominator_is_not_called_withheld():
    assert rate_words(None, 5) == "not known"


@pytest.mark.parametrize(
    ("rank", "words"), [((3, 1, 5), "3 (1 to 5)"), ((1, 1, 1), "1"), ((None,) * 3, "not ranked")]
)
def test_ranks_come_with_their_range(rank, words):
    assert rank_words(dict(zip(("rank", "rank_low", "rank_high"), rank, strict=True))) == words


@pytest.mark.parametrize(
    ("count", "change", "q", "words"),
    [
        (100, (0.6, 0.5, 0.8), 0.01, ("−40%", "−50 to −20%")),
        (100, (1.2, 0.9, 1.6), 0.4, ("+20%", "−10 to +60%, may be chance")),
        (100, (1.001, 0.9, 1.1), None, ("0%", "−10 to +10%, may be chance")),
        (29, (1.2, 0.9, 1.6), 0.01, ("too few to tell", "")),
        (100, (None, 0.9, None), 0.01, ("too few to tell", "")),
        (None, (1.2, 0.9, 1.6), 0.01, ("withheld", "")),
    ],
)
def test_changes_say_how_sure_they_are(count, change, q, words):
    row = dict(zip(("change", "change_low", "change_high"), change, strict=True))
    assert change_words({"count": count, "change_q": q, **row}) == words


def test_confidence_in_words():
    assert [confidence_words(v) for v in (None, 0.95, 0.8, 0.5, 0.2)] == [
        "not tested",
        "firm",
        "firm",
        "fairly firm",
        "weak",
    ]
