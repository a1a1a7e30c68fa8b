"""`hotspots compare`: two folders in, what really changed out."""

from __future__ import annotations

import json

import pytest
from tables_alone import write_tables_alone
from typer.testing import CliRunner

from hotspots.cli import app


@pytest.fixture(scope="module")
def folders(sample_analysis, tmp_path_factory):
    release = sample_analysis.release()
    made = [write_tables_alone(release, tmp_path_factory.mktemp(name)) for name in ("one", "other")]
    return [*made, write_tables_alone(release, tmp_path_factory.mktemp("older"), number=999)]


def test_the_same_months_are_said_to_be_so_in_words_and_json(folders):
    words = CliRunner().invoke(app, ["compare", *map(str, folders[:2])])
    assert words.exit_code == 0 and "Both cover the same months" in words.output
    found = json.loads(CliRunner().invoke(app, ["compare", *map(str, folders[:2]), "--json"]).output)
    assert found["caveats"] and {row["status"] for row in found["counts"]} == {"equal"}


def test_a_folder_of_another_format_is_refused(folders):
    refused = CliRunner().invoke(app, ["compare", str(folders[0]), str(folders[2])])
    assert refused.exit_code == 3 and "format" in refused.output
