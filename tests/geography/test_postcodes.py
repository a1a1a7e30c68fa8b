"""Postcodes from each publisher's layout, and sectors."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from hotspots.errors import DataMissingError, InputError
from hotspots.geography.postcodes import (
    load_postcodes,
    load_sectors,
    normalise_postcodes,
    postcode_sectors,
    sector_centres,
)

ONSPD = (
    "pcd,pcd2,pcds,dointr,doterm,oscty,oseast1m,osnrth1m,osgrdind\n"
    '"DE1 2AA","DE1  2AA","DE1 2AA",198001,,E,435000,336000,1\n'
    '"DE1 2AB","DE1  2AB","DE1 2AB",198001,200506,E,435100,336100,8\n'
    '"DE1 2AC","DE1  2AC","DE1 2AC",198001,,E,435665,335771,6\n'
    '"DE1 2AD","DE1  2AD","DE1 2AD",198001,,E,,,9\n'
    '"JE2 3AB","JE2  3AB","JE2 3AB",198001,,E,0,0,1\n'
)
CODE_POINT = (
    "DE1 2AA,10,435000,336000,E92000001\nDE1 2AD,90,0,0,E92000001\nDE1 2AC,60,435665,335771,E92000001\n"
)


def test_every_way_of_writing_a_postcode() -> None:
    """Spaces and case do not matter; what is no full postcode is none."""
    written = pd.Series([" de1 2aa", "DE12AA", "EC1A 1BB", "DE1", "DE1 2", "12AA", "", None, "DE1 2AAA"])
    assert normalise_postcodes(written).tolist() == ["DE12AA", "DE12AA", "EC1A1BB", "", "", "", "", "", ""]


def test_sectors_of_postcodes_and_sectors_alone() -> None:
    """ "DE12" is a district 20 km from Derby's "DE1 2"."""
    written = pd.Series(["de12aa", "DE1 2AA", "DE12 7AA", "DE1 2", "DE12", "DE12 7", "EC1A 1BB", None, "x"])
    expected = ["DE1 2", "DE1 2", "DE12 7", "DE1 2", "", "DE12 7", "EC1A 1", "", ""]
    assert postcode_sectors(written).tolist() == expected


def test_categories_are_text_too() -> None:
    """The reader hands postcodes over as categories."""
    written = pd.Series(["DE1 2AA", None], dtype="category")
    assert normalise_postcodes(written).tolist() == ["DE12AA", ""]
    assert postcode_sectors(written).tolist() == ["DE1 2", ""]


def test_a_sector_s_centre_is_the_mean_of_its_live_postcodes(tmp_path) -> None:
    """Beyond the shipped sectors; terminated ones and those at their sector's mean already have no say."""
    path = tmp_path / "onspd.csv"
    live = '"LE1 1AA","LE1  1AA","LE1 1AA",198001,,E,{},304000,1\n'
    path.write_text(ONSPD + live.format(458_000) + live.replace("1AA", "1AB").format(458_200), "utf-8")
    found = sector_centres(path, wanted={"LE1 1", "DE1 2", "LE9 9"})
    assert found["easting"].to_dict() == {"DE1 2": 435_000, "LE1 1": 458_100}
    assert "LE1 1" not in load_sectors().index


def write(folder: Path, kind: str) -> Path:
    """Write ONSPD as a file, a gzip, a zip with its code lists, or the folder that unpacks from it."""
    if kind == "file":
        path = folder / "ONSPD.csv"
        path.write_text("\ufeff" + ONSPD, encoding="utf-8")
    elif kind == "gzip":
        path = folder / "ONSPD.csv.gz"
        path.write_bytes(gzip.compress(ONSPD.encode()))
    else:
        path = folder / "ONSPD.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("Data/ONSPD_FEB_2025_UK.csv", ONSPD)
            archive.writestr("Data/multi_csv/ONSPD_FEB_2025_UK_DE.csv", ONSPD)
            archive.writestr("Documents/names.csv", "CODE,NAME\nE1,x\n")
        if kind == "folder":
            zipfile.ZipFile(path).extractall(folder / "ONSPD")
            path = folder / "ONSPD"
    return path


@pytest.mark.parametrize("kind", ["file", "gzip", "zip", "folder"])
def test_onspd_in_every_wrapping(tmp_path: Path, kind: str) -> None:
    """Terminated postcodes and sector means are marked; those without a place are left out."""
    table = load_postcodes(write(tmp_path, kind)).frame
    assert table.index.tolist() == ["DE12AA", "DE12AB", "DE12AC"]
    assert table["easting"].tolist() == [435_000, 435_100, 435_665]
    assert table["terminated"].tolist() == [False, True, False]
    assert table["sector_mean"].tolist() == [False, False, True]


def test_only_what_is_wanted_is_kept(tmp_path: Path) -> None:
    """A national file is large, and a run needs a few thousand postcodes of it."""
    table = load_postcodes(write(tmp_path, "file"), wanted={"DE12AB", "ZZ99ZZ"}).frame
    assert table.index.tolist() == ["DE12AB"]


def test_new_names_of_the_same_columns(tmp_path: Path) -> None:
    """ONS renamed them in 2025."""
    path = tmp_path / "onspd.csv"
    path.write_text(
        "pcd7,pcd8,pcds,doterm,east1m,north1m,gridind\nDE1 2AA,DE1  2AA,DE1 2AA,,435000,336000,1\n"
    )
    assert load_postcodes(path).frame.loc["DE12AA", "northing"] == 336_000


def test_code_point_open_has_no_header(tmp_path: Path) -> None:
    """Quality 90 has no place, 60 is a sector's mean."""
    path = tmp_path / "de.csv"
    path.write_text(CODE_POINT)
    table = load_postcodes(path).frame
    assert table.index.tolist() == ["DE12AA", "DE12AC"]
    assert table["sector_mean"].tolist() == [False, True]
    assert not table["terminated"].any()


def test_the_real_files_with_and_without_a_header(shared: Path) -> None:
    """Derby's postcodes in both layouts are the same."""
    folder = shared / "derby" / "postcodes"
    derby = load_postcodes(folder / "derby_postcodes_codepointopen_2025-11.csv.gz").frame
    around = load_postcodes(folder / "codepointopen_DE_area_raw_2025-11.csv.gz").frame
    assert len(derby) > 5_000
    common = derby.index.intersection(around.index)
    assert len(common) == len(derby)
    pd.testing.assert_frame_equal(derby, around.loc[derby.index])


def test_the_shipped_sectors_lie_at_derby() -> None:
    """Centroids in metres, a row for each sector."""
    sectors = load_sectors()
    assert sectors.index.is_unique
    assert {"DE1 1", "DE23 8", "DE24 8"} <= set(sectors.index)
    assert sectors.loc["DE1 1", "easting"] == pytest.approx(434_745, abs=200)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """The message names the command that brings it."""
    with pytest.raises(DataMissingError, match=r"no postcode file at .* hotspots fetch postcodes"):
        load_postcodes(tmp_path / "none.csv")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_another_table_is_refused(tmp_path: Path, text: str) -> None:
    """A file without postcodes is not taken for one without matches."""
    path = tmp_path / "other.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"other\.csv holds no postcode table"):
        load_postcodes(path)
