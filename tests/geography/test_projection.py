"""Degrees to National Grid metres, against Ordnance Survey's own test points."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from hotspots.errors import DataMissingError, InputError
from hotspots.geography import projection
from hotspots.geography.projection import HELMERT, choose_projection, covered, load_grid, to_national_grid

SUB_GRID = "ostn15_shift_subgrid_derby_400-460E_310-365N.csv"
# Nodes along one row of OSTN15.
NODES = 701


@pytest.fixture(scope="module")
def official(shared: Path) -> pd.DataFrame:
    """Ordnance Survey's 40 points: degrees, metres, and the four nodes around each."""
    folder = shared / "derby" / "ostn15"
    given_points = pd.read_csv(folder / "OSTN15_OSGM15_TestInput_ETRStoOSGB.txt")
    expected = pd.read_csv(folder / "OSTN15_OSGM15_TestOutput_ETRStoOSGB.txt")
    assert (given_points["PointID"] == expected["PointID"]).all()
    return expected.assign(longitude=given_points["ETRS Longitude"], latitude=given_points["ETRS89 Latitude"])


def off(points: pd.DataFrame, grid: projection.Converter | None) -> np.ndarray:
    """Return how far from the official figures each point is, in metres."""
    x, y = to_national_grid(points["longitude"], points["latitude"], grid=grid)
    return np.hypot(x - points["OSGBEast"], y - points["OSGBNorth"]).to_numpy()


def test_the_supplied_grid_is_within_a_millimetre_where_it_covers(
    shared: Path, official: pd.DataFrame
) -> None:
    """One official point lies in the grid around Derby; the others fall back, row by row."""
    grid = load_grid(shared / "derby" / "ostn15" / SUB_GRID)
    reached = covered(official["longitude"], official["latitude"], grid=grid)
    assert official.loc[reached, "PointID"].tolist() == ["TP15"]
    errors = off(official, grid)
    assert errors[reached].max() < 0.001
    np.testing.assert_array_equal(errors[~reached], off(official, None)[~reached])


def test_helmert_is_within_its_stated_error(official: pd.DataFrame) -> None:
    """5 m anywhere in Great Britain; at the official point nearest to Derby 2.3 m."""
    errors = off(official, None)
    assert errors.max() < 5
    assert errors[official["PointID"] == "TP15"][0] == pytest.approx(2.26, abs=0.01)
    assert "up to 5 m" in HELMERT.words


def test_helmert_is_two_metres_off_across_derby(shared: Path) -> None:
    """The error that the run states, measured against the full method."""
    here = choose_projection(area="E06000015")
    assert here.error_m == 2.0 and "off by about 2 m at Derby" in here.words
    assert choose_projection(area="E06000016") is HELMERT
    rng = np.random.default_rng(1)
    longitude, latitude = rng.uniform(-1.55, -1.38, 500), rng.uniform(52.86, 52.97, 500)
    full = to_national_grid(longitude, latitude, grid=load_grid(shared / "derby" / "ostn15" / SUB_GRID))
    plain = to_national_grid(longitude, latitude)
    errors = np.hypot(full[0] - plain[0], full[1] - plain[1])
    assert np.abs(errors - here.error_m).max() < 0.15


def data_file(points: pd.DataFrame, path: Path) -> Path:
    """Write the nodes around the official points in the layout of Ordnance Survey's whole table."""
    corners = []
    for n in range(4):
        part = points[[f"RecNoS{n}", f"Se{n}", f"Sn{n}"]]
        part.columns = ["record", "east", "north"]
        corners.append(part)
    nodes = pd.concat(corners).drop_duplicates("record")
    index = nodes["record"] - 1
    table = pd.DataFrame(
        {
            "Point_ID": nodes["record"],
            "ETRS89_Easting": index % NODES * 1000,
            "ETRS89_Northing": index // NODES * 1000,
            "ETRS89_OSGB36_EShift": nodes["east"],
            "ETRS89_OSGB36_NShift": nodes["north"],
            "ETRS89_ODN_HeightShift": 0.0,
            "Height_Datum_Flag": 1,
        }
    )
    table.to_csv(path, index=False)
    return path


def test_all_forty_official_points_within_a_millimetre(official: pd.DataFrame, tmp_path: Path) -> None:
    """With the nodes around them, which the official output lists, in the layout of the whole table."""
    grid = load_grid(data_file(official, tmp_path / "OSTN15_OSGM15_DataFile.txt"))
    assert covered(official["longitude"], official["latitude"], grid=grid).all()
    x, y = to_national_grid(official["longitude"], official["latitude"], grid=grid)
    # In each coordinate: the official figures are rounded to the millimetre.
    assert np.abs(x - official["OSGBEast"]).max() < 0.001
    assert np.abs(y - official["OSGBNorth"]).max() < 0.001


def test_nodes_without_a_shift_are_no_cover(tmp_path: Path) -> None:
    """A shift of nothing marks ground that the grid does not know."""
    path = tmp_path / "grid.csv"
    rows = [
        (x, y, *((0, 0) if x == 436_000 else (96, -76)))
        for x in (434_000, 435_000, 436_000)
        for y in (335_000, 336_000)
    ]
    pd.DataFrame(rows, columns=["easting_node", "northing_node", "shift_east_m", "shift_north_m"]).to_csv(
        path, index=False
    )
    grid = load_grid(path)
    longitude, latitude = np.array([-1.4874, -1.4740]), np.array([52.917, 52.917])
    assert covered(longitude, latitude, grid=grid).tolist() == [True, False]


@given(st.lists(st.sampled_from([(-1.476, 52.922), (-1.5, 52.9), (np.nan, 52.9), (0.5, 51.0)]), max_size=12))
def test_repeats_and_gaps_change_nothing(pairs: list[tuple[float, float]]) -> None:
    """Each row gets what it would get alone."""
    longitude = np.array([pair[0] for pair in pairs])
    latitude = np.array([pair[1] for pair in pairs])
    together = np.column_stack(to_national_grid(longitude, latitude))
    alone = [np.column_stack(to_national_grid([x], [y]))[0] for x, y in pairs]
    np.testing.assert_array_equal(together, np.array(alone).reshape(-1, 2))
    assert np.isnan(together[:, 0]).tolist() == np.isnan(longitude).tolist()


def ntv2(path: Path, *, latitude_shift: float, longitude_shift: float) -> Path:
    """Write an NTv2 grid over Derby with one shift (seconds of arc, east positive) at every node."""

    def record(key: str, value: str | int | float) -> bytes:
        if isinstance(value, str):
            packed = value.ljust(8).encode()
        else:
            packed = struct.pack("<ii", value, 0) if isinstance(value, int) else struct.pack("<d", value)
        return key.ljust(8).encode() + packed

    south, north, east, west, step = 52.5 * 3600, 53.5 * 3600, 1.0 * 3600, 2.0 * 3600, 1800.0
    head = [
        ("NUM_OREC", 11),
        ("NUM_SREC", 11),
        ("NUM_FILE", 1),
        ("GS_TYPE", "SECONDS"),
        ("VERSION", "NTv2.0"),
    ]
    head += [
        ("SYSTEM_F", "OSGB36"),
        ("SYSTEM_T", "ETRS89"),
        ("MAJOR_F", 6377563.396),
        ("MINOR_F", 6356256.909),
    ]
    head += [("MAJOR_T", 6378137.0), ("MINOR_T", 6356752.314)]
    head += [("SUB_NAME", "DERBY"), ("PARENT", "NONE"), ("CREATED", ""), ("UPDATED", ""), ("S_LAT", south)]
    head += [
        ("N_LAT", north),
        ("E_LONG", east),
        ("W_LONG", west),
        ("LAT_INC", step),
        ("LONG_INC", step),
        ("GS_COUNT", 9),
    ]
    nodes = struct.pack("<ffff", latitude_shift, -longitude_shift, 0, 0) * 9
    path.write_bytes(b"".join(record(*pair) for pair in head) + nodes + record("END", 0.0))
    return path


def test_a_grid_file_of_proj_is_used(tmp_path: Path) -> None:
    """The shift is undone, then projected on Airy's ellipsoid; beyond the grid Helmert stands in."""
    folder = tmp_path / "with space"
    folder.mkdir()
    chosen = choose_projection(ntv2(folder / "ostn15.gsb", latitude_shift=1.0, longitude_shift=-5.0))
    assert chosen.method == "OSTN15 (PROJ)"
    longitude, latitude = np.array([-1.476, -4.0]), np.array([52.922, 55.0])
    x, y = to_national_grid(longitude, latitude, grid=chosen.grid)
    airy = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=tmerc +lat_0=49 +lon_0=-2"
        " +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
    )
    expected = airy.transform(-1.476 + 5 / 3600, 52.922 - 1 / 3600)
    assert (x[0], y[0]) == pytest.approx(expected, abs=0.001)
    assert covered(longitude, latitude, grid=chosen.grid).tolist() == [True, False]
    assert (x[1], y[1]) == tuple(v[0] for v in to_national_grid([-4.0], [55.0]))


def test_an_installed_grid_is_found_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PROJ's own folder is looked through; without a grid the run says Helmert."""
    from pyproj import datadir

    monkeypatch.setattr(datadir, "get_data_dir", lambda: str(tmp_path))
    monkeypatch.setattr(datadir, "get_user_data_dir", lambda: str(tmp_path / "user"))
    assert choose_projection() is HELMERT
    ntv2(tmp_path / "uk_os_OSTN15_NTv2_OSGBtoETRS.tif", latitude_shift=1.0, longitude_shift=-5.0)
    found = choose_projection()
    assert found.method == "OSTN15 (PROJ)"
    assert "uk_os_OSTN15" in found.words


def test_the_choice_says_method_and_error(shared: Path) -> None:
    """Method, metres, and a sentence; as plain values for the manifest."""
    chosen = choose_projection(shared / "derby" / "ostn15" / SUB_GRID)
    assert chosen.as_dict() == {"method": "OSTN15", "error_m": 0.01, "words": chosen.words}
    assert "by OSTN15" in chosen.words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "lacks the columns for easting, northing, east, north"),
        ("", "is not a table"),
        ("easting,northing,eshift,nshift\n1000,1000,90,-80\n", "fewer than four nodes"),
        (
            "easting,northing,eshift,nshift\n0,0,9,9\n1000,0,9,9\n2500,0,9,9\n0,1000,9,9\n",
            "not a regular grid",
        ),
    ],
)
def test_a_file_that_is_no_grid_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The message names the file and what it should be."""
    path = tmp_path / "shifts.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=f"shifts.csv.*{message}"):
        load_grid(path)


def test_a_broken_grid_of_proj_is_refused(tmp_path: Path) -> None:
    """Found when the method is chosen, not in the middle of the run."""
    path = tmp_path / "broken.gsb"
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"broken\.gsb is not a grid that PROJ reads"):
        choose_projection(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    """Exit code 4: data missing."""
    with pytest.raises(DataMissingError, match="There is no OSTN15 grid at"):
        choose_projection(tmp_path / "none.csv")
