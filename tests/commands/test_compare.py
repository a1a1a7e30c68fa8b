"""`hotspots compare`: two folders in, what really changed out."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hotspots.cli import app


@pytest.fixture(scope="module")
def folders(sample_analysis, tmp_path_factory):
    from hotspots.outputs import csv
    from hotspots.outputs.folder import MANIFEST, MANIFEST_FORMAT
    from hotspots.outputs.record import manifest

    release = sample_analysis.release()
    made = []
    for name, number in (("one", MANIFEST_FORMAT), ("other", MANIFEST_FORMAT), ("older", 999)):
        folder = tmp_path_factory.mktemp(name)
        csv.write_tables(release, folder / "tables")
        (folder / MANIFEST).write_text(json.dumps({"format": number, **manifest(release)}), "utf-8")
        made.append(folder)
    return made


def test_the_same_months_are_said_to_be_so_in_words_and_json(folders):
    words = CliRunner().invoke(app, ["compare", *map(str, folders[:2])])
    assert words.exit_code == 0 and "Both cover the same months" in words.output
    found = json.loads(CliRunner().invoke(app, ["compare", *map(str, folders[:2]), "--json"]).output)
    assert found["caveats"] and {row["status"] for row in found["counts"]} == {"equal"}


def test_a_folder_of_another_format_is_refused(folders):
    refused = CliRunner().invoke(app, ["compare", str(folders[0]), str(folders[2])])
    assert refused.exit_code == 3 and "format" in refused.output
