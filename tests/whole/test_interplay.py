"""The whole analysis: what must not change its answer, what may, and inputs with next to nothing in them."""

from __future__ import annotations

import csv
import gzip
import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from once import made_once

from hotspots.analysis import Analysis, analyse_files
from hotspots.clusters.confidence import sweep_clusters
from hotspots.clusters.dbscan import hotspot_dbscan
from hotspots.clusters.outlines import describe_clusters
from hotspots.clusters.parameters import choose_parameters
from hotspots.density.bands import density_bands
from hotspots.density.bandwidth import choose_bandwidth
from hotspots.density.grid import square_grid
from hotspots.density.surface import kernel_density
from hotspots.geography.load import load_areas
from hotspots.resources import shipped
from hotspots.settings import Settings
from hotspots.statistics.localstats import local_gistar
from hotspots.statistics.neighbours import queen_neighbours

#: Few, so that the tests are quick; what is asked of them does not hang on their number.
FEW: dict[str, Any] = {"draws": 20, "permutations": 99}
#: One theme beside all incidents, where it does not matter how many there are.
ONE: dict[str, Any] = {"themes": ("anti-social-behaviour",)}

#: Two, whose combination is ranked as well.
TWO: dict[str, Any] = {"themes": ("anti-social-behaviour", "drugs-and-alcohol-misuse")}

Rows = list[list[str]]


def sample_rows() -> tuple[list[str], Rows]:
    """Return the header and the rows of a quarter of the shipped sample, in one table."""
    header: list[str] = []
    rows: Rows = []
    for path in sorted(Path(str(shipped("data", "sample"))).glob("*street.csv*"))[:3]:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8", newline="") as file:
            header, *found = list(csv.reader(file))
            rows += found
    return header, rows


def write(path: Path, header: list[str], rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def same(one: Analysis, other: Analysis) -> None:
    """Compare all that two analyses found but where each row was read."""
    assert one.months == other.months
    for name in ("counts", "results", "priority"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    for slug, found in one.themes.items():
        theirs = other.themes[slug]
        assert (found.total, found.bandwidth, found.parameters) == (
            theirs.total,
            theirs.bandwidth,
            theirs.parameters,
        )
        for ours, again in ((found.clusters, theirs.clusters), (found.bands, theirs.bands)):
            pd.testing.assert_frame_equal(pd.DataFrame(ours), pd.DataFrame(again))


@pytest.fixture(scope="module")
def quarter(tmp_path_factory) -> tuple[list[str], Rows, Analysis]:
    header, rows = sample_rows()
    path = write(tmp_path_factory.mktemp("quarter") / "quarter.csv", header, rows)
    settings = Settings(inputs=(path,), **TWO, **FEW)
    made = made_once("quarter", lambda: analyse_files(settings), tmp_path_factory)
    return header, rows, made


def test_the_quarter_is_worth_comparing(quarter) -> None:
    found = quarter[2]
    assert found.themes["all"].total > 1000
    assert len(found.clusters["all"]) >= 1
    assert len(found.bands["all"]) == 5


def test_shuffled_rows_in_three_files_change_nothing(quarter, tmp_path) -> None:
    header, rows, whole = quarter
    order = np.random.default_rng(4).permutation(len(rows))
    cuts = [0, len(rows) // 5, len(rows) // 2, len(rows)]
    # Out of the order in which they are read, so that the first rows come last.
    for name, start, end in zip("cab", cuts[:-1], cuts[1:], strict=True):
        write(tmp_path / f"{name}.csv", header, [rows[i] for i in order[start:end]])
    same(whole, analyse_files(Settings(inputs=(tmp_path,), **TWO, **FEW)))


def test_a_seed_alters_only_what_is_drawn(quarter, tmp_path) -> None:
    header, rows, whole = quarter
    path = write(tmp_path / "quarter.csv", header, rows)
    other = analyse_files(Settings(inputs=(path,), seed=7, **TWO, **FEW))
    pd.testing.assert_frame_equal(whole.counts, other.counts)
    may = {
        "results": {"gi_q", "rank_low", "rank_high", "p_top", "class", "denominator_sensitive"},
        "priority": {"rank_low", "rank_high", "p_top", "class", "denominator_sensitive", "verdict"},
    }
    may["priority"] |= {name for name in whole.priority if name.startswith("chance_by_")}
    for name, drawn in may.items():
        ours, theirs = getattr(whole, name), getattr(other, name)
        fixed = [column for column in ours if column not in drawn]
        pd.testing.assert_frame_equal(ours[fixed], theirs[fixed])
    assert not whole.results["gi_q"].equals(other.results["gi_q"])
    assert not whole.priority["p_top"].equals(other.priority["p_top"])
    assert whole.priority["p_top"].sub(other.priority["p_top"]).abs().max() < 0.1
    for slug, found in whole.themes.items():
        ours, theirs = (pd.DataFrame(one.themes[slug].clusters) for one in (whole, other))
        pd.testing.assert_frame_equal(ours.drop(columns="confidence"), theirs.drop(columns="confidence"))
        pd.testing.assert_frame_equal(pd.DataFrame(found.bands), pd.DataFrame(other.themes[slug].bands))


def mirror(shapes: Any) -> Any:
    """Swap x and y, and wind polygons the right way round again."""
    return shapely.normalize(shapely.transform(shapes, lambda xy: xy[:, ::-1]))


def swapped(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Mirror a frame at the diagonal: easting becomes northing."""
    return frame.set_geometry(mirror(frame.geometry.to_numpy()))


def test_swapping_x_and_y_swaps_every_spatial_answer(quarter) -> None:
    whole = quarter[2]
    frame = whole.places.frame.sample(frac=1.0, random_state=3)
    outline = whole.areas.outline
    mirrored = swapped(frame)
    other_side = mirror(outline)
    bandwidth = choose_bandwidth(frame)
    assert choose_bandwidth(mirrored).metres == pytest.approx(bandwidth.metres)
    chosen = choose_parameters(frame)
    assert choose_parameters(mirrored) == chosen

    options = {"eps": chosen.eps, "min_samples": chosen.min_samples}
    labels = hotspot_dbscan(frame, **options)
    np.testing.assert_array_equal(hotspot_dbscan(mirrored, **options), labels)
    # Which of two clusters takes a border place between them may hang on the order of the places.
    again, swept = (sweep_clusters(one, labels, **options)["found_again"] for one in (mirrored, frame))
    np.testing.assert_allclose(again, swept, atol=0.1)
    assert swept.nunique() > 1
    areas = [describe_clusters(one, labels, eps=chosen.eps)["area_km2"] for one in (frame, mirrored)]
    np.testing.assert_allclose(areas[0], areas[1], rtol=0.02)

    surfaces, bands = [], []
    for here, edge in ((frame, outline), (mirrored, other_side)):
        grid = square_grid(edge, cell=100.0)
        surface = kernel_density(here, grid=grid, bandwidth=bandwidth.metres, edge=edge)
        surfaces.append(surface)
        bands.append(density_bands(surface, grid, places=here, outline=edge, reach=bandwidth.reach))
    np.testing.assert_allclose(surfaces[1], surfaces[0].T, rtol=1e-9, atol=1e-9)
    for column in ("band", "lower", "incidents", "area_share"):
        np.testing.assert_allclose(bands[0][column], bands[1][column], rtol=1e-3)

    lsoas = whole.areas.lsoas
    counts = whole.results.query("theme == 'all' and level == 'lsoa'").set_index("code")["count"]
    scores = [
        local_gistar(counts, queen_neighbours(layer), offset=lsoas["residents"], permutations=0)["z"]
        for layer in (lsoas, swapped(lsoas))
    ]
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-9)


def test_reading_every_row_twice_doubles_counts_and_moves_nothing(quarter, tmp_path) -> None:
    header, rows, whole = quarter
    number = header.index("Crime ID")
    again = [[*row[:number], row[number] and f"again{row[number]}", *row[number + 1 :]] for row in rows]
    path = write(tmp_path / "twice.csv", header, rows + again)
    twice = analyse_files(Settings(inputs=(path,), **TWO, **FEW))
    np.testing.assert_array_equal(twice.counts["count"], 2 * whole.counts["count"])
    for column in ("share", "change", "gi_star"):
        np.testing.assert_allclose(twice.results[column], whole.results[column], rtol=1e-9)
    np.testing.assert_array_equal(twice.places.frame["n"], 2 * whole.places.frame["n"])


def months_of(found: Analysis) -> pd.Series:
    city = found.counts.query("level == 'ward' and theme == 'all' and month != ''")
    return city.groupby("month")["count"].sum()


def test_months_that_nobody_read_are_not_months_without_crime(quarter, tmp_path) -> None:
    header, rows, whole = quarter
    month = header.index("Month")
    first, middle, last = whole.months
    older = [[*row[:month], "2018-11", *row[month + 1 :]] for row in rows if row[month] == first]
    later = [row for row in rows if row[month] == last]
    for name, part in (("older", older), ("later", later)):
        write(tmp_path / f"{name}.csv", header, part)
    found = analyse_files(Settings(inputs=(tmp_path,), **ONE, **FEW))
    assert found.months == ("2018-11", last)
    assert (months_of(found) > 0).all()
    assert found.results["change"].isna().all()
    said = [words for words in found.warnings if "No file covers" in words]
    assert said
    assert f"2018-12 to {middle}" in said[0]


def small(folder: Path, points: list[tuple[float, float]], *, kind: str = "Burglary") -> Path:
    rows = [[f"2025-{1 + i % 3:02d}", str(x), str(y), kind] for i, (x, y) in enumerate(points)]
    return write(folder / "small.csv", ["Month", "Easting", "Northing", "Crime type"], rows)


CENTRE = (435300.0, 336300.0)
SMALL = {
    "one incident": [CENTRE],
    "two incidents": [CENTRE, (436000.0, 335000.0)],
    "two at one place": [CENTRE] * 2,
    "all at one place": [CENTRE] * 40,
    "at two places": [CENTRE] * 20 + [(435400.0, 336300.0)] * 20,
    "collinear": [(CENTRE[0] + 60 * (i % 12), CENTRE[1]) for i in range(60)],
    "nine at nine places": [(CENTRE[0] + 50 * i, CENTRE[1] + 45 * (i % 3)) for i in range(9)],
    "close together": [(CENTRE[0] + 40 * (i % 6), CENTRE[1] + 40 * (i // 6 % 6)) for i in range(72)],
}


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} in JSON")


def check_outputs(out: Path) -> dict[str, Any]:
    """Look through all that was written for what is not a number, and return the manifest."""
    for path in out.rglob("*.html"):
        for text in re.findall(
            r"<script[^>]*application/json[^>]*>(.*?)</script>", path.read_text("utf-8"), re.S
        ):
            json.loads(text, parse_constant=refuse)
        words = re.sub(r"<(script|style).*?</\1>", "", path.read_text("utf-8"), flags=re.S)
        assert not re.search(r"\b(nan|NaN|inf|Infinity|NaT|None|undefined)\b", words), path.name
    for path in out.rglob("*.csv"):
        cells = {cell for row in csv.reader(path.read_text("utf-8-sig").splitlines()) for cell in row}
        assert not cells & {"nan", "NaN", "inf", "-inf", "None", "NaT"}, path.name
    return dict(json.loads((out / "run.json").read_text("utf-8"), parse_constant=refuse))


@pytest.mark.parametrize("name", SMALL)
def test_next_to_nothing_runs_to_the_end_and_says_so(name: str, tmp_path, monkeypatch) -> None:
    found = analyse_files(Settings(inputs=(small(tmp_path, SMALL[name]),), **ONE, **FEW))
    assert found.themes["all"].total == len(SMALL[name])
    found.publish(tmp_path / "internal", audience="internal")
    # Book and layers take half of the time, and hold less of what is the same for the public.
    monkeypatch.setattr("hotspots.outputs.workbook.write_workbook", lambda *_args, **_options: None)
    monkeypatch.setattr("hotspots.outputs.geopackage.write_geopackage", lambda *_args, **_options: None)
    found.publish(tmp_path / "public", audience="public")
    check_outputs(tmp_path / "public")
    everything = check_outputs(tmp_path / "internal")["themes"][0]
    if name != "close together":
        assert "Too few" in everything["bandwidth"]["reason"] or name == "nine at nine places"
        assert len(found.bands["all"]) == 0
    if name in {"one incident", "two incidents", "all at one place", "at two places"}:
        assert "Too few" in everything["cluster_parameters"]["reason"]
        assert found.clusters["all"].empty
    ranked = found.priority.query("level == 'ward' and theme == 'all'")
    if len(SMALL[name]) < 10:
        assert ranked["verdict"].str.contains("too few incidents").all()
        assert ranked["rank"].isna().all()
        assert found.results["gi_q"].eq(1).all()
    assert found.results["category"].eq("").all()
    assert found.themes["anti-social-behaviour"].total == 0


def one_ward(folder: Path, lsoas: int) -> Path:
    """Write layers of a town with one ward and one LSOA, or two."""
    folder.mkdir()
    wards = load_areas().wards
    ward = wards.loc[["E05015511"]].geometry
    west, south, east, north = ward.total_bounds
    halves = (
        shapely.box(west, south, (west + east) / 2, north),
        shapely.box((west + east) / 2, south, east, north),
    )
    parts = [ward.iloc[0]] if lsoas == 1 else [ward.iloc[0].intersection(half) for half in halves]
    layers = {
        "wards": gpd.GeoDataFrame(
            {"WD23CD": ["E05099001"], "WD23NM": ["Only"]}, geometry=list(ward), crs=27700
        ),
        "lsoas": gpd.GeoDataFrame(
            {
                "LSOA21CD": [f"E0109950{i}" for i in range(lsoas)],
                "LSOA21NM": [f"Part {i}" for i in range(lsoas)],
            },
            geometry=parts,
            crs=27700,
        ),
    }
    for name, layer in layers.items():
        layer.to_crs(4326).to_file(folder / f"{name}.geojson", driver="GeoJSON")
    return folder


@pytest.mark.parametrize("lsoas", [1, 2])
def test_a_town_of_one_ward_is_not_ranked_against_itself(lsoas: int, tmp_path) -> None:
    x, y = load_areas().wards.loc["E05015511"].geometry.representative_point().coords[0]
    points = [(x + 30 * (i % 6), y + 30 * (i // 6 % 6)) for i in range(72)]
    layers = one_ward(tmp_path / "layers", lsoas)
    found = analyse_files(
        Settings(inputs=(small(tmp_path, points),), boundaries=layers, area="E06000999", **ONE, **FEW)
    )
    assert len(found.areas.wards) == 1
    assert found.priority["verdict"].str.contains("Not ranked: ").all()
    assert found.priority["rank"].isna().all()
    found.publish(tmp_path / "out")
    check_outputs(tmp_path / "out")
