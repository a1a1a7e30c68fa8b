"""What the assessment says of a figure, and of one that is withheld, not seen or not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotspots.assessment.trends import Trend
from hotspots.pages import assessment_page
from hotspots.pages import assessment_words as say

ROSE = Trend(before=1000.0, after=1300.0, change=1.3, low=1.2, high=1.4, sure=True)
UNSEEN = {"seen": False, "count": 0, "trend": None, "harm": 0}


def _theme(**changes):
    return {"seen": True, "count": 5190, "trend": ROSE, "withheld": "", **changes}


@pytest.mark.parametrize(
    ("theme", "residents", "said"),
    [
        (_theme(), 261_400, "5,190 (20 per 1,000)"),
        (_theme(), 0, "5,190"),
        (_theme(), float("nan"), "5,190"),
        (_theme(count=None), 261_400, "withheld"),
        (_theme(count=float("nan")), 261_400, "withheld"),
        (UNSEEN, 261_400, "not visible in these data"),
    ],
)
def test_a_level(theme, residents, said):
    assert say.level(theme, residents) == said


@pytest.mark.parametrize(
    ("trend", "said"),
    [
        (ROSE, "+30% (+20 to +40%): up"),
        (replace(ROSE, change=0.8, low=0.7, high=0.9), "-20% (-30 to -10%): down"),
        (replace(ROSE, low=0.9, sure=False), "+30% (-10 to +40%): up, may be chance"),
        (replace(ROSE, high=float("inf")), "+30% (+20% or more): up"),
        (replace(ROSE, low=float("nan")), "+30%, untested"),
        (Trend(reason="fewer than 30 incidents"), "fewer than 30 incidents"),
        (Trend(), "too few to tell"),
        (None, "not given: a ward's month is withheld"),
    ],
)
def test_a_direction(trend, said):
    assert say.direction(_theme(trend=trend)).replace("\u2212", "-") == said


def test_counts_and_what_is_expected():
    assert say.counts(_theme()) == "1,000, then 1,300"
    ahead = replace(ROSE, expected=320.0, expected_low=280.0, expected_high=361.0)
    assert say.expected(_theme(trend=ahead)) == "320 (280 to 361)"
    for nothing in (Trend(), None):
        assert (say.counts(_theme(trend=nothing)), say.expected(_theme(trend=nothing))) == ("", "not known")
    assert say.direction(UNSEEN) == "not known"


@pytest.mark.parametrize(
    ("theme", "index", "said"),
    [
        (_theme(harm=1234.0), "ons", "1,234"),
        (_theme(harm=float("nan")), "ons", "no weight"),
        (_theme(harm=1234.0), "", "not computed"),
        (UNSEEN, "ons", "not known"),
    ],
)
def test_harm(theme, index, said):
    assert say.harm(theme, index) == said


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (
            {"number": 1, "share": 0.25, "area": 0.02},
            "1 hot spot holds 25% of the incidents in 2% of the area.",
        ),
        (
            {"number": 3, "share": 0.25, "area": 0.02},
            "3 hot spots hold 25% of the incidents in 2% of the area.",
        ),
        ({"number": 3, "share": float("nan"), "area": 0.02}, "3 hot spots; what they hold may not be shown."),
        ({"number": 0}, "No hot spot was found that may be shown."),
        (None, "No hot spot was found that may be shown."),
    ],
)
def test_hotspots(held, said):
    assert say.hotspots(_theme(hotspots=held)).replace(" %", "%") == said
    assert say.hotspots(_theme(hotspots=held, withheld="Shown by area only.")) == "Shown by area only."


def test_the_most_deprived():
    held = {"incidents": 0.4, "residents": 0.2, "areas": 31.0}
    said = say.deprived(_theme(deprived=held)).replace(" %", "%")
    assert said.startswith("40% of it was recorded in the 31 small areas") and "20% of the residents" in said
    assert say.deprived(_theme(deprived=None)) == ""


def test_what_a_period_alone_can_say():
    short = {"compared": {"after": "", "reason": "three months are too few"}}
    assert assessment_page._compared(short) == "No change is stated: three months are too few."
    evidence = {"area": {"name": "Derby"}}
    assert (
        assessment_page._volume(evidence, {"count": None}) == "The number of incidents in Derby is withheld."
    )
    assert assessment_page._chart({"months": {"all": (["2025-01"], [3])}}) == ""
    assert assessment_page.words_of({"trend": ROSE}) == "+30%"
