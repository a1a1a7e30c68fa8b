"""What the reports of a run say outside internal use."""

from __future__ import annotations

import pytest

from hotspots.audiences import POLICIES
from hotspots.release.reports import plain_words, reason_counts, release_rejected
from hotspots.release.rounding import round_counts, rounding_limits, show_count

PUBLIC = POLICIES["public"]


@pytest.mark.parametrize(
    ("exact", "words"),
    [
        (
            "1,234 of 1,301 rows could be located (94.9%).",
            "about 1,235 of about 1,300 rows could be located (94 %).",
        ),
        ("Located by a postcode: 1 row.", "Located by a postcode: a few rows."),
        (
            "The stated LSOA holds the point in 92.4% of 1,234 rows; 3 conflicting rows.",
            "The stated LSOA holds the point in 92 % of about 1,235 rows; a few conflicting rows.",
        ),
        (
            "Bandwidth 483 m (rule of thumb, 4,999 incidents).",
            "Bandwidth 483 m (rule of thumb, about 5,000 incidents).",
        ),
        (
            "town.csv: every row of Drugs appears exactly twice (24 rows, 12 rows without the copies).",
            "town.csv: every row of Drugs appears exactly twice (about 25 rows, about 10 rows without the "
            "copies).",
        ),
        ("The codes of 2021 and 2011 meet.", "The codes of 2021 and 2011 meet."),
    ],
)
def test_counts_in_sentences_are_rounded_and_other_figures_stay(exact, words):
    assert plain_words([exact], PUBLIC) == [words]
    assert plain_words([exact], POLICIES["internal"]) == [exact]


def test_small_reasons_are_withheld(sample_analysis):
    assert reason_counts({"no_location": 41, "bad_date": 2}, PUBLIC) == {"no_location": 40, "bad_date": None}
    assert len(sample_analysis.rejected)
    assert not len(release_rejected(sample_analysis.rejected, PUBLIC))
    assert len(release_rejected(sample_analysis.rejected, POLICIES["internal"])) == len(
        sample_analysis.rejected
    )


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_every_count_lies_within_the_limits_of_its_rounding(audience):
    policy = POLICIES[audience]
    for count in range(policy.minimum, 200):
        low, high = rounding_limits(count, policy)
        same = [
            n for n in range(policy.minimum, 210) if round_counts(n, policy.base) == show_count(count, policy)
        ]
        assert (low, high) == (same[0], same[-1])
