"""Harm: the published figures, averages over a mix, and what carries no weight."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hotspots.errors import ConfigError, ParameterError
from hotspots.policeuk import POLICE_TYPES
from hotspots.resources import shipped
from hotspots.settings import HARM_INDICES
from hotspots.statistics.counts import harm_by_area
from hotspots.themes.harm import harm_scores, harm_words, load_harm

#: The first is "", for none.
INDICES = HARM_INDICES[1:]


def incidents(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["crime_type", "offence_code"], dtype="category")


@pytest.mark.parametrize(
    ("index", "code", "weight"),
    [
        ("cambridge", "1", 5475),
        ("cambridge", "004/01", 5475),
        ("cambridge", "1/4.1/4.10/4.2", 5475),
        ("cambridge", "19C", 2555),
        ("cambridge", "5D", 365),
        ("cambridge", "3B", 10),
        ("cambridge", "34b", 365),
        ("cambridge", "28/3", 273.5),
        ("cambridge", "30C", 183.5),
        ("cambridge", "56A", 185),
        ("cambridge", "58C", 2),
        ("cambridge", "46", 1),
        ("cambridge", "10D", 273.75),
        ("cambridge", "92A", 5),
        ("cambridge", "92E", 3),
        ("ons", "1", 7973),
        ("ons", "19E", 2953),
        ("ons", "5D", 2035),
        ("ons", "106", 1069),
        ("ons", "34A", 800),
        ("ons", "92A", 513),
        ("ons", "28E", 465),
        ("ons", "10A", 617),
        ("ons", "10B", 412),
        ("ons", "90", 250),
        ("ons", "10D", 53),
        ("ons", "3B", 275),
        ("ons", "8N", 189),
        ("ons", "46", 11.9),
        ("ons", "92D", 8.1),
        ("ons", "92E", 1.8),
    ],
)
def test_published_weights_of_codes(index: str, code: str, weight: float) -> None:
    assert harm_scores(incidents(("", code)), index).tolist() == [weight]


def test_a_category_is_an_average_over_its_mix() -> None:
    scores = harm_scores(incidents(("Burglary", ""), ("Drugs", ""), ("Robbery", "")))
    assert scores.tolist() == pytest.approx([0.7 * 273.5 + 0.3 * 183.5, 0.25 * 5 + 0.75 * 3, 365])


def test_a_code_wins_over_its_category_and_an_unknown_code_falls_back() -> None:
    scores = harm_scores(incidents(("Burglary", "30C"), ("Burglary", "99Z")))
    assert scores.tolist() == pytest.approx([183.5, 246.5])


@pytest.mark.parametrize("index", INDICES)
def test_anti_social_behaviour_carries_no_weight(index: str) -> None:
    assert harm_scores(incidents(("Anti-social behaviour", "")), index).isna().all()


def test_the_indices_cover_different_categories() -> None:
    types = incidents(*[(name, "") for name in POLICE_TYPES[:14]])
    without = {
        index: set(types["crime_type"][harm_scores(types, index).isna()].astype(str)) for index in INDICES
    }
    assert without["cambridge"] == {"Anti-social behaviour", "Other crime"}
    assert set(POLICE_TYPES[:14]) - without["ons"] == {"Robbery", "Shoplifting", "Drugs"}


def test_scores_keep_the_index_and_need_no_incident() -> None:
    frame = incidents(("Drugs", ""), ("Robbery", "")).set_axis([9, 4])
    scores = harm_scores(frame)
    assert (scores.index.tolist(), scores.name) == ([9, 4], "harm")
    assert harm_scores(frame.iloc[:0]).empty


def test_words_state_index_edition_and_coverage() -> None:
    frame = incidents(("Robbery", "34B"), ("Drugs", ""), ("Anti-social behaviour", ""), ("Other crime", ""))
    words = harm_words(frame, "cambridge")
    assert words.startswith("Cambridge Crime Harm Index, medians by sub-group, 2026 (days of imprisonment): ")
    assert (
        "50 % of the incidents carry a weight, 25 % by their offence code and 25 % by their category" in words
    )
    assert "an assumed mix" in words
    assert "ONS Crime Severity Score, about 2021" in harm_words(frame, "ons")


def test_sums_by_area_stand_beside_counts() -> None:
    frame = incidents(("Robbery", ""), ("Shoplifting", ""), ("Anti-social behaviour", ""), ("Robbery", ""))
    frame["ward_code"] = pd.Categorical(["W1", "W1", "W2", ""])
    frame["lsoa_code"] = pd.Categorical(["L1", "", "L1", "L1"])
    names = {
        "ward": pd.DataFrame({"name": ["A", "B", "C"]}, index=["W1", "W2", "W3"]),
        "lsoa": pd.DataFrame({"name": ["D"]}, index=["L1"]),
    }
    membership = pd.DataFrame({"all": True, "robbery": [True, False, False, True]})
    table = harm_by_area(frame, membership, SimpleNamespace(level=names.__getitem__))
    rows = table.set_index(["code", "theme"])[["count", "weighted", "harm"]]
    assert rows.loc[("W1", "all")].tolist() == [2, 2, 366]
    assert rows.loc[("W1", "robbery")].tolist() == [1, 1, 365]
    assert rows.loc[("L1", "all")].tolist() == [3, 2, 730]
    assert rows.loc[("W3", "all")].tolist() == [0, 0, 0]
    # something happened there, but nothing that the index weighs: not "no harm"
    assert rows.loc[("W2", "all"), ["count", "weighted"]].tolist() == [1, 0]
    assert np.isnan(rows.loc[("W2", "all"), "harm"])


def test_each_weight_names_its_edition_and_source() -> None:
    table = pd.read_csv(shipped("data", "harm_weights.csv"))
    assert table.notna().all(axis=None)
    assert table.groupby("index")[["edition", "unit", "source"]].nunique().eq(1).all(axis=None)
    types = set(table.loc[table["kind"] == "type", "key"])
    assert types <= set(POLICE_TYPES)


def test_an_unknown_index() -> None:
    with pytest.raises(ParameterError, match="no harm index 'home'; choose cambridge or ons"):
        load_harm("home")


def table(folder, **changes):
    path = folder / "weights.csv"
    rows = pd.DataFrame(
        {
            "index": "own",
            "kind": ["code", "type", "type"],
            "key": ["1", "Drugs", "Drugs"],
            "offence": ["a", "b", "c"],
            "weight": ["5", "2", "4"],
            "share": ["1", "0.5", "0.5"],
            "edition": "2026",
            "unit": "days",
            "source": "own",
        }
    ).assign(**changes)
    rows.to_csv(path, index=False)
    return path


def test_a_table_of_the_users_own(tmp_path) -> None:
    own = load_harm("own", table(tmp_path))
    assert harm_scores(incidents(("Drugs", "")), own).tolist() == [3.0]
    assert (own.codes, own.types) == ({"1": 5.0}, {"drugs": 3.0})


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"weight": ["5", "-2", "many"]}, "2 faults: line 3: weight is not .*; line 4: weight is not"),
        ({"share": ["1", "0.5", "0.4"]}, "1 fault: the shares of own type drugs sum to 0.9 and not to 1"),
        ({"kind": ["code", "sort", "type"]}, "line 3: kind is not code or type"),
        ({"source": ["own", None, "own"]}, "line 3: a text is missing"),
    ],
)
def test_faults_of_a_table_are_listed(tmp_path, changes: dict[str, list[str]], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        load_harm("own", table(tmp_path, **changes))


def test_a_table_without_its_columns(tmp_path) -> None:
    path = tmp_path / "weights.csv"
    path.write_text("index,key\nown,1\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"weights.csv lacks the columns kind, offence, weight"):
        load_harm("own", path)
    with pytest.raises(ConfigError, match=r"absent.csv cannot be read as CSV"):
        load_harm("own", tmp_path / "absent.csv")
