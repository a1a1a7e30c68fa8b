"""Themes: the rules of the shipped file, files with faults, and what data can show."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.errors import ConfigError, ParameterError
from hotspots.policeuk import POLICE_TYPES
from hotspots.resources import shipped
from hotspots.themes.offences import code_within, distinct_rows, normalise_code, normalise_type
from hotspots.themes.themes import (
    classify,
    describe,
    load_themes,
    observability,
    observability_words,
    select_themes,
)

SLUGS = [
    "serious-youth-violence",
    "anti-social-behaviour",
    "gangs-and-organised-crime",
    "terrorism-and-extremism",
    "human-trafficking-and-modern-slavery",
    "cyber-crime",
    "drugs-and-alcohol-misuse",
]
THEMES = load_themes()
BY_SLUG = {theme.slug: theme for theme in THEMES}


def incidents(*rows: tuple[str, str, str], source: str = "a.csv") -> pd.DataFrame:
    """Build incidents from (crime_type, offence_code, flags)."""
    frame = pd.DataFrame(list(rows), columns=["crime_type", "offence_code", "flags"], dtype="category")
    return frame.assign(source=pd.Categorical([source] * len(frame)))


def themes_of(crime_type: str = "", code: str = "", flags: str = "") -> set[str]:
    row = classify(incidents((crime_type, code, flags)), THEMES).iloc[0]
    return set(row.index[row]) - {"all"}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("8N", "8N"),
        ("008n", "8N"),
        (" 8N ", "8N"),
        ("010D", "10D"),
        ("28/3", "28/3"),
        ("028/03", "28/3"),
        ("4.1", "4/1"),
        ("004/01", "4/1"),
        ("4.10", "4/10"),
        ("10D - Possession of article with blade", "10D"),
        ("92E: cannabis", "92E"),
        ("nfib 52c", "NFIB52C"),
        ("1/4.1/4.10/4.2", "1/4.1/4.10/4.2"),
        ("", ""),
    ],
)
def test_codes_are_written_in_one_way(written: str, normal: str) -> None:
    assert normalise_code(written) == normal


@given(st.text(max_size=20))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise_code(normalise_code(text)) == normalise_code(text)


def test_a_class_holds_its_sub_codes_and_no_longer_number() -> None:
    listed = {"1", "4/1"}
    assert code_within("1", listed)
    assert code_within("1/2", listed)
    assert code_within("4/1", listed)
    assert not code_within("10", listed)
    assert not code_within("4/10", listed)
    assert not code_within("4", listed)
    assert not code_within("", listed)


def test_types_are_compared_without_case_and_punctuation() -> None:
    assert normalise_type("ASB - Personal") == normalise_type("asb personal")
    assert normalise_type("Anti-social behaviour") == "anti social behaviour"


def test_the_seven_themes_in_the_order_of_the_assessment() -> None:
    assert [theme.slug for theme in THEMES] == SLUGS


def test_what_may_be_mapped() -> None:
    assert {slug for slug in SLUGS if BY_SLUG[slug].sensitivity == "secret"} == {
        "terrorism-and-extremism",
        "human-trafficking-and-modern-slavery",
    }
    assert BY_SLUG["gangs-and-organised-crime"].sensitivity == "restricted"
    assert BY_SLUG["cyber-crime"].geography == "borderless"
    for slug in ("terrorism-and-extremism", "human-trafficking-and-modern-slavery", "cyber-crime"):
        assert not BY_SLUG[slug].density
        assert not BY_SLUG[slug].clusters
    for slug in ("serious-youth-violence", "drugs-and-alcohol-misuse"):
        assert "search" in BY_SLUG[slug].note


@pytest.mark.parametrize(
    ("crime_type", "expected"),
    [
        *[
            (name, set())
            for name in POLICE_TYPES
            if name not in {"Robbery", "Possession of weapons", "Anti-social behaviour", "Drugs"}
        ],
        ("Robbery", {"serious-youth-violence"}),
        ("Possession of weapons", {"serious-youth-violence"}),
        ("Anti-social behaviour", {"anti-social-behaviour"}),
        ("ASB - Nuisance", {"anti-social-behaviour"}),
        ("Drugs", {"drugs-and-alcohol-misuse"}),
        ("Needle find", {"drugs-and-alcohol-misuse"}),
    ],
)
def test_types_of_police_uk_and_partners(crime_type: str, expected: set[str]) -> None:
    assert themes_of(crime_type) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("10D", {"serious-youth-violence"}),
        ("010d", {"serious-youth-violence"}),
        ("10C", {"serious-youth-violence"}),
        ("90", {"serious-youth-violence"}),
        ("10A", {"gangs-and-organised-crime"}),
        ("10B", {"gangs-and-organised-crime"}),
        ("81", {"gangs-and-organised-crime"}),
        ("92A", {"gangs-and-organised-crime", "drugs-and-alcohol-misuse"}),
        ("92D", {"drugs-and-alcohol-misuse"}),
        ("106", {"human-trafficking-and-modern-slavery"}),
        ("72", {"human-trafficking-and-modern-slavery"}),
        ("71", {"human-trafficking-and-modern-slavery"}),
        ("24", {"human-trafficking-and-modern-slavery"}),
        ("8R", {"cyber-crime"}),
        ("NFIB52C", {"cyber-crime"}),
        ("8N", set()),
        ("28/3", set()),
        ("34B", set()),
    ],
)
def test_offence_codes(code: str, expected: set[str]) -> None:
    assert themes_of(code=code) == expected


@pytest.mark.parametrize(
    "code", ["3B", "5D", "8N", "34A", "34B", "1", "2", "4.1", "4.2", "4.10", "17A", "19C", "20B", "004/01"]
)
@pytest.mark.parametrize("flag", ["knife", "youth", "alcohol;knife"])
def test_a_knife_or_age_flag_counts_on_the_listed_codes(code: str, flag: str) -> None:
    assert "serious-youth-violence" in themes_of("Violence and sexual offences", code, flag)


@pytest.mark.parametrize("code", ["28/3", "46", "105A", "4.4"])
def test_a_knife_flag_on_another_code_does_not(code: str) -> None:
    # the code decides: the type alone would have let it in
    assert themes_of("Violence and sexual offences", code, "knife") == set()


def test_without_a_code_a_knife_flag_counts_on_violence_and_an_age_does_not() -> None:
    assert themes_of("Violence and sexual offences", "", "knife") == {"serious-youth-violence"}
    assert themes_of("Violence and sexual offences", "", "youth") == set()
    assert themes_of("Burglary", "", "knife") == set()


def test_a_code_is_believed_before_a_type() -> None:
    assert themes_of("Possession of weapons", "10A") == {"gangs-and-organised-crime"}
    assert themes_of("Robbery", "34B") == set()


def test_an_incident_may_belong_to_several_themes() -> None:
    flags = "alcohol;cyber;modern-slavery;ocg;terrorism"
    assert themes_of("Anti-social behaviour", "10D", flags) == set(SLUGS)


@given(st.lists(st.tuples(st.sampled_from(["", *POLICE_TYPES]), st.sampled_from(["", "10D", "92A", "8N"]),
                          st.sampled_from(["", "knife", "alcohol;knife", "ocg"])), max_size=30))  # fmt: skip
def test_each_row_is_judged_alone(rows: list[tuple[str, str, str]]) -> None:
    membership = classify(incidents(*rows), THEMES)
    assert list(membership) == ["all", *SLUGS]
    assert membership["all"].all()
    for row, (_, belongs) in zip(rows, membership.iterrows(), strict=True):
        assert set(belongs.index[belongs]) - {"all"} == themes_of(*row)


def test_the_index_of_the_incidents_is_kept() -> None:
    frame = incidents(("Drugs", "", ""), ("Robbery", "", "")).set_axis([7, 3])
    assert classify(frame, THEMES)["drugs-and-alcohol-misuse"].to_dict() == {7: True, 3: False}


def test_distinct_rows_gives_every_row_back() -> None:
    frame = pd.DataFrame({"a": ["x", "", "x", "y"], "b": ["1", "1", None, "1"]})
    kinds, kind_of = distinct_rows(frame, ("a", "b"))
    assert [kinds[at] for at in kind_of] == [("x", "1"), ("", "1"), ("x", ""), ("y", "1")]
    assert len(kinds) == 4


def test_police_data_show_what_the_file_says_of_them() -> None:
    police = incidents(*[(name, "", "") for name in POLICE_TYPES])
    for theme in THEMES:
        assert observability(theme, police) == theme.observability


def test_words_name_the_evidence() -> None:
    police = incidents(*[(name, "", "") for name in POLICE_TYPES])
    words = {slug: observability_words(BY_SLUG[slug], police) for slug in SLUGS}
    assert words["serious-youth-violence"] == "Seen only through robbery and weapons possession, a proxy."
    assert words["anti-social-behaviour"] == "Seen directly through reports of anti-social behaviour."
    assert words["terrorism-and-extremism"] == (
        "Not visible in these data; it would take a terrorism flag in partners' records."
    )


def test_codes_make_more_visible_as_far_as_they_reach() -> None:
    theme = BY_SLUG["human-trafficking-and-modern-slavery"]
    coded, plain = ("Burglary", "28E", ""), ("Burglary", "", "")
    assert observability(theme, incidents(coded, plain)) == "direct"
    few = incidents(coded, plain, plain, plain)
    assert observability(theme, few) == "proxy"
    assert observability_words(theme, few) == (
        "Could be seen directly in 25 % of the incidents, through modern slavery offence codes, "
        "and through sexual exploitation offence codes, a proxy; elsewhere not at all."
    )
    violence = BY_SLUG["serious-youth-violence"]
    assert observability_words(violence, incidents(("Drugs", "92E", ""), *[("Robbery", "", "")] * 3)) == (
        "Could be seen directly in 25 % of the incidents, through weapons offence codes; "
        "elsewhere only through robbery and weapons possession, a proxy."
    )
    assert observability(theme, incidents(plain)) == "not visible"


def test_direct_evidence_everywhere_may_have_a_proxy_beside_it() -> None:
    flagged = incidents(("Drugs", "92A", "ocg"), ("Drugs", "92E", ""))
    assert observability_words(BY_SLUG["gangs-and-organised-crime"], flagged) == (
        "Seen directly through an organised crime group flag, and through firearms or drug trafficking "
        "offence codes, a proxy."
    )


def test_a_flag_reaches_as_far_as_the_source_that_carries_it() -> None:
    theme = BY_SLUG["terrorism-and-extremism"]
    flagged = incidents(("Referral", "", "terrorism"), ("Referral", "", ""), source="partner.csv")
    police = incidents(*[("Drugs", "", "")] * 2, source="police.csv")
    assert observability(theme, flagged) == "direct"
    both = pd.concat([flagged, police], ignore_index=True)
    assert observability_words(theme, both) == (
        "Could be seen directly in 50 % of the incidents, through a terrorism flag in partners' records; "
        "elsewhere not at all."
    )


def test_anti_social_behaviour_is_not_visible_where_nobody_records_it() -> None:
    crimes_only = incidents(("Burglary", "28E", ""), ("Robbery", "34B", ""))
    assert observability(BY_SLUG["anti-social-behaviour"], crimes_only) == "not visible"


def test_no_incidents_show_nothing() -> None:
    none = incidents(("Drugs", "", "")).iloc[:0]
    assert all(observability(theme, none) == "not visible" for theme in THEMES)
    assert classify(none, THEMES).shape == (0, 8)


def test_describe_has_a_row_per_theme_for_the_command_line() -> None:
    rows = describe(THEMES)
    assert [row["slug"] for row in rows] == SLUGS
    assert rows[0]["police.uk data"] == "proxy"
    assert rows[0]["rules"].startswith("robbery and weapons possession (proxy); ")
    assert rows[2]["shown as"] == "counts and rates by area; wards only outside internal use"
    assert rows[3]["shown as"] == "counts and rates by area; never as points, nothing in public"
    assert all(len(set(row)) == 6 and all(row.values()) for row in rows)


def test_select_keeps_the_order_of_the_themes() -> None:
    chosen = select_themes(THEMES, ["drugs-and-alcohol-misuse", "anti-social-behaviour"])
    assert [theme.slug for theme in chosen] == ["anti-social-behaviour", "drugs-and-alcohol-misuse"]
    assert select_themes(THEMES, []) == THEMES
    with pytest.raises(ParameterError, match=r"no theme litter; choose among serious-youth"):
        select_themes(THEMES, ["litter"])


def write(folder, text: str):
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = """
[[theme]]
slug = "litter"
name = "Litter"
description = "Litter."
observability = "direct"
sensitivity = "open"
geography = "place-based"
density = true
clusters = false
note = "A note."
[[theme.rule]]
types = ["Drugs"]
evidence = "direct"
words = "drugs"
"""


def test_a_file_of_the_users_own(tmp_path) -> None:
    (theme,) = load_themes(write(tmp_path, GOOD))
    assert (theme.slug, theme.density, theme.clusters) == ("litter", True, False)
    assert classify(incidents(("Drugs", "", "")), [theme])["litter"].tolist() == [True]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('slug = "litter"', 'slug = "All Litter"', "small letters, digits and hyphens"),
        ('slug = "litter"', 'slug = "all"', "kept for all incidents"),
        ('slug = "litter"', 'slug = "combined"', "kept for the themes together"),
        ('slug = "litter"', "", "theme 1: slug is missing"),
        ('note = "A note."', 'note = ""', "note is missing or not a text"),
        ("density = true", 'density = "yes"', "density is not true or false"),
        ('"open"', '"hidden"', "sensitivity is not one of open, restricted, secret"),
        ('"open"', '"secret"', "a secret theme cannot show density or clusters"),
        ('note = "A note."', 'note = "A note."\ncolour = "red"', "colour is not a setting"),
        ('types = ["Drugs"]', 'types = ["Drgus"]', "rule 1: Drgus is not a crime type"),
        ('types = ["Drugs"]', "codes = [28]", "codes is not a list of texts"),
        ('types = ["Drugs"]', 'flags = ["gun"]', "gun is not a flag"),
        ('types = ["Drugs"]', "", "names no types, codes or flags"),
        ('types = ["Drugs"]', 'codes = ["1"]\nwithout_code = true', "contradict each other"),
        ('types = ["Drugs"]', 'types = ["Drugs"]\nwithout_code = 1', "without_code is not true or false"),
        ('types = ["Drugs"]', 'types = ["Drugs"]\nwhen = "always"', "when is not a setting"),
        ('evidence = "direct"', 'evidence = "maybe"', "evidence is not direct or proxy"),
        ('words = "drugs"', "", "words is missing"),
    ],
)
def test_each_fault_is_named(tmp_path, old: str, new: str, fault: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError, match=fault):
        load_themes(write(tmp_path, GOOD.replace(old, new)))


def test_one_error_lists_every_fault(tmp_path) -> None:
    broken = GOOD.replace('"open"', '"hidden"').replace('"Drugs"', '"Drgus"')
    with pytest.raises(ConfigError, match=r"mine.toml has 3 faults: .*hidden|sensitivity") as caught:
        load_themes(write(tmp_path, broken + GOOD))
    assert [part in str(caught.value) for part in ("sensitivity", "Drgus", "litter is used twice")] == [
        True
    ] * 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[theme]", "cannot be read as TOML"),
        ("", r"there is no \[\[theme\]\]"),
        ("partner_types = 3", "partner_types is not a list"),
        (GOOD.split("[[theme.rule]]", maxsplit=1)[0], r"there is no \[\[theme.rule\]\]"),
        ("extra = 1\n" + GOOD, "extra is not a setting"),
        ("x = " + "[" * 2000 + "]" * 2000, "cannot be read as TOML|nested more deeply"),
        (GOOD.replace('"litter"', '"type-litter"'), "slugs that begin with type- are kept for types"),
    ],
)
def test_a_file_that_is_not_of_themes(tmp_path, text: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        load_themes(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"absent.toml cannot be read"):
        load_themes(tmp_path / "absent.toml")


def test_the_shipped_file_needs_no_partner_type_that_no_rule_uses() -> None:
    text = shipped("data", "themes.toml").read_text(encoding="utf-8")
    listed = text.split("partner_types = [")[1].split("]")[0].replace(",", " ").split('"')[1::2]
    rules = text.split("]", 1)[1]
    assert listed == [name for name in listed if f'"{name}"' in rules]
