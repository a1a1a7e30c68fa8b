"""Shipped files are found from anywhere, and a missing one is named with the remedy."""

from __future__ import annotations

import pytest
from paths import CLONE

from hotspots.errors import DataMissingError
from hotspots.resources import data_folder, shipped


def test_files_of_every_kind_are_found_wherever_the_command_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shipped("boundaries", "wards_2023.geojson").is_file()
    assert shipped("data", "themes.toml").is_file()
    assert shipped("static", "map", "core.js").is_file()
    assert shipped("templates").is_dir()


def test_a_missing_file_is_named():
    with pytest.raises(DataMissingError, match=r"data/absent\.csv is missing: install the project again"):
        shipped("data", "absent.csv")


def test_layers_of_a_clone_stay_in_it_and_the_rest_is_the_user_s():
    assert data_folder("boundaries") == CLONE / "boundaries" / "official"
    assert CLONE not in data_folder("police").parents
