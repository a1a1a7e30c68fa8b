"""A public folder searched byte by byte for what no reader may have."""

from __future__ import annotations

import hashlib
import struct
import zipfile

import pytest
from towns import incident_rows, write_rows

from hotspots.analysis import analyse_files
from hotspots.settings import Settings
from hotspots.themes.themes import load_themes

FILE, STREET, RARE = "operation-tulip.csv", "Zinnia Back Yard", "Crocus dug up at night"
SEASON = ("2024-01", "2024-02", "2024-03")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Release a small town to the public from settings for internal use; give the analysis and all bytes."""
    folder = tmp_path_factory.mktemp("bytes")
    rows = incident_rows(1237, months=SEASON)
    rows[5] |= {"Location": f"On or near {STREET}", "Crime type": RARE}
    # A type with enough in a ward is named, as any type is; a rare one is not.
    for row in rows[::3]:
        row["Crime type"] = "Tulip bulbs taken"
    source = write_rows(folder / FILE, rows)
    found = analyse_files(Settings(inputs=(source,), draws=20, permutations=99))
    found.publish(folder / "maps", audience="public")
    data = {}
    for path in sorted((folder / "maps").rglob("*")):
        if path.is_file():
            data[path.name] = path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as book:
                    data |= {f"{path.name}/{name}": book.read(name) for name in book.namelist()}
    return found, rows, source, data


def found_in(data, needles):
    return [(name, needle) for name, text in data.items() for needle in needles if needle in text]


def test_the_search_finds_what_is_there(run):
    *_, data = run
    assert {"index.html", "hotspots.gpkg", "run.json", "areas.csv"} <= set(data)
    assert found_in(data, [b"Arboretum"]) and len(data) > 20


def test_no_id_coordinate_or_rare_street_is_there(run):
    analysis, rows, _, data = run
    ids = [row["Crime ID"].encode() for row in rows if row["Crime ID"]]
    points = [row[name].encode() for row in rows for name in ("Longitude", "Latitude")]
    metres = analysis.located[["easting", "northing"]].to_numpy().ravel()
    doubles = [struct.pack("<d", value) for value in metres]
    needles = {*ids, *points, *doubles, *(f"{value:.2f}".encode() for value in metres), STREET.encode()}
    assert found_in(data, needles) == []


def test_no_name_of_an_input_or_secret_theme_and_no_word_of_the_files_is_there(run):
    _, _, source, data = run
    secret = [one for one in load_themes() if one.sensitivity == "secret"]
    assert secret
    names = [text for one in secret for text in (one.slug, one.name)]
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    needles = [
        FILE,
        source.stem,
        "Falls within",
        "Last outcome category",
        RARE,
        "crocus-dug-up",
        digest,
        digest[:12],
        *names,
    ]
    assert found_in(data, [text.encode() for text in needles]) == []


def test_no_exact_total_is_there(run):
    analysis, *_, data = run
    totals = {one.total for one in (*analysis.themes.values(), *analysis.types.values()) if one.total > 999}
    totals = {n for n in totals if n % 5}
    assert totals
    shown = {name: text for name, text in data.items() if name.endswith((".html", ".csv", ".json", ".xml"))}
    for n in totals:
        said = [f">{n}<", f" {n} ", f",{n},", f": {n},", f"{n:,}"]
        assert found_in(shown, [text.encode() for text in said]) == []


def test_words_of_the_files_are_told_for_internal_use_alone_whatever_the_settings(run):
    analysis, *_ = run
    assert any("Tulip bulbs" in text for text in analysis.release().warnings)
    assert not any("Tulip bulbs" in text for text in analysis.release(audience="public").warnings)
