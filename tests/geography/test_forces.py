"""Authorities of the layers by code, name and force."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from hotspots.errors import BoundaryError, ParameterError
from hotspots.geography.authorities import Authority
from hotspots.geography.forces import choose_authorities, forces_of
from hotspots.policeuk import force_slug

NAMES = {
    "E06000015": "Derby",
    "E06000023": "Bristol, City of",
    "E07000032": "Amber Valley",
    "E09000001": "City of London",
    "E09000007": "Camden",
}
FOUND = [Authority(code, name, shapely.box(0, 0, 1, 1), Path("x")) for code, name in NAMES.items()]


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    """Make a folder with the look-up as ONS publishes it, an older one, and another table."""
    (tmp_path / "LAD24_CSP24_PFA24.csv").write_text(
        "\ufeffLAD24CD,LAD24NM,CSP24CD,CSP24NM,PFA24CD,PFA24NM,ObjectId\n"
        "E06000015,Derby,E22000001,Derby,E23000018,Derbyshire,1\n"
        'E06000023,"Bristol, City of",E22000002,Bristol,E23000036,Avon and Somerset,2\n'
        "E07000032,Amber Valley,E22000003,Amber Valley,E23000018,Derbyshire,3\n"
        'E09000001,City of London,E22000004,"London, City of",E23000034,"London, City of",4\n'
        "E09000007,Camden,E22000005,Camden,E23000001,Metropolitan Police,5\n",
        encoding="utf-8",
    )
    (tmp_path / "a.csv").write_text("LAD19CD,PFA19NM\nE06000023,Somewhere else\n")
    (tmp_path / "residents_households.csv").write_text("code,residents,households\nE01000001,5,2\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ("all", "Derby;Bristol, City of;Amber Valley;City of London;Camden"),
        ("Derbyshire", "Derby;Amber Valley"),
        ("derby", "Derby"),
        ("E07000032, derby,E07000032", "Derby;Amber Valley"),
        ("avon-and-somerset", "Bristol, City of"),
        ("Bristol, City of; metropolitan police", "Bristol, City of;Camden"),
        ("Bristol, Camden", "Bristol, City of;Camden"),
        ("metropolitan,city-of-london", "City of London;Camden"),
    ],
)
def test_words_stand_for_authorities(layers: Path, words: str, places: str) -> None:
    chosen = choose_authorities(FOUND, words, folder=layers)
    assert [one.name for one in chosen] == places.split(";")


def test_without_a_look_up_a_force_stands_for_what_was_fetched(tmp_path: Path) -> None:
    # Derby ships, with its force.
    assert [one.name for one in choose_authorities(FOUND, "Derbyshire", folder=tmp_path)] == ["Derby"]
    assert forces_of(tmp_path / "one.gpkg")["E06000015"] == "Derbyshire"
    with pytest.raises(ParameterError, match=r"Avon: no authority .*look-up of authorities and police"):
        choose_authorities(FOUND, "Avon", folder=tmp_path)


def test_what_is_none_of_them_is_named(layers: Path) -> None:
    with pytest.raises(ParameterError, match=r"E06000016: the layers hold no such authority\. Did you"):
        choose_authorities(FOUND, "E06000016", folder=layers)
    with pytest.raises(ParameterError, match="Did you mean 'Derbyshire'"):
        choose_authorities(FOUND, "Darbyshire", folder=layers)
    with pytest.raises(ParameterError, match="--areas is empty"):
        choose_authorities(FOUND, " , ;", folder=layers)
    (layers / "b.csv").write_bytes(b"LAD24CD,PFA24NM\nE06000023,caf\xe9\n")
    with pytest.raises(BoundaryError, match=r"b\.csv cannot be read: save it as CSV in UTF-8"):
        forces_of(layers)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Hampshire and Isle of Wight", "hampshire"),
        ("London, City of", "city-of-london"),
        ("Metropolitan Police", "metropolitan"),
        ("Devon & Cornwall", "devon-and-cornwall"),
    ],
)
def test_forces_as_police_uk_names_their_files(name: str, slug: str) -> None:
    assert force_slug(name) == slug
