"""The LSOAs of 2011 and 2021."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspots.errors import ConfigError
from hotspots.geography.vintages import LSOA_2011, LSOA_2021, load_changes

OLD, NEW, SAME = "E01013479", ("E01034256", "E01034257"), "E01013453"


@pytest.mark.parametrize(
    ("codes", "vintage"),
    [
        ([SAME, OLD], "lsoa_2011"),
        ([SAME, NEW[0]], "lsoa_2021"),
        ([SAME], "either"),
        ([], "either"),
        (["E01099999", "nonsense"], "either"),
        ([OLD, NEW[1]], "both"),
    ],
)
def test_the_set_of_codes_tells_the_vintage(codes: list[str], vintage: str) -> None:
    """Derby has one code that went and two that came."""
    assert load_changes().vintage_of(codes) == vintage


def test_derby_has_151_and_152() -> None:
    """The shipped table is complete."""
    codes = load_changes().codes
    assert (len(codes[LSOA_2011]), len(codes[LSOA_2021])) == (151, 152)


def test_codes_are_carried_over() -> None:
    """A split has two answers, its parts lead back to one, all else stands for itself."""
    changes = load_changes()
    forward, back = changes.equivalents(LSOA_2021), changes.equivalents(LSOA_2011)
    assert (forward[OLD], forward[SAME], forward[NEW[0]]) == (NEW, (SAME,), (NEW[0],))
    assert (back[NEW[0]], back[NEW[1]], back[OLD]) == ((OLD,), (OLD,), (OLD,))


def test_the_official_table_agrees_with_the_shipped_one(shared: Path) -> None:
    """The county's lookup, in the publisher's layout."""
    county = load_changes(shared / "derby" / "lookups" / "lsoa11_lsoa21_ltla22_derbyshire.csv")
    shipped = load_changes()
    ours = county.pairs[county.pairs[LSOA_2021].isin(shipped.codes[LSOA_2021])]
    assert set(map(tuple, ours.to_numpy())) == set(map(tuple, shipped.pairs.to_numpy()))


def test_names_of_the_portal_are_known(tmp_path: Path) -> None:
    """The ONS download calls the columns LSOA11CD and LSOA21CD."""
    path = tmp_path / "lookup.csv"
    path.write_text("\ufeffLSOA11CD,CHGIND,LSOA21CD\nE01013479,S,E01034256\n", encoding="utf-8")
    assert load_changes(path).known == {"E01013479", "E01034256"}


def test_another_table_is_refused(tmp_path: Path) -> None:
    """The message names the columns that are missing."""
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ConfigError, match=r"other\.csv lacks the columns lsoa11_code and lsoa21_code"):
        load_changes(path)
