"""Releases of data that are public already: exact counts, marks instead of withholding, themes as ever."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hotspots.analysis import analyse, read_inputs
from hotspots.audiences import POLICIES, attestation, policy_for
from hotspots.cli import app
from hotspots.errors import ConfigError, InputError, ParameterError, UsageError
from hotspots.outputs.record import manifest
from hotspots.pages.ward_pages import render_all
from hotspots.release.disclose import disclose
from hotspots.release.open_data import TOO_FEW_TO_RANK, mark_few
from hotspots.resources import shipped
from hotspots.settings import Settings, load_config

PUBLISHER = "data.police.uk"


@pytest.fixture(scope="module")
def attested(sample_analysis):
    return replace(
        sample_analysis, incidents=replace(sample_analysis.incidents, already_public=PUBLISHER), beats={}
    )


@pytest.fixture(scope="module")
def release(attested):
    return disclose(attested, audience="public")


def test_every_count_is_exact(attested, release):
    shown = release.counts.set_index(["theme", "level", "code", "month"])["count"]
    found = attested.counts.set_index(["theme", "level", "code", "month"])["count"].reindex(shown.index)
    pd.testing.assert_series_equal(shown, found, check_dtype=False)
    assert shown.notna().all() and shown.between(1, POLICIES["public"].minimum - 1).any()
    np.testing.assert_array_equal(release.table.low, release.table.high)
    assert {view.total for view in release.themes}.isdisjoint({None})


def test_few_incidents_are_marked_and_not_ranked(release):
    few = release.priority["count"].lt(POLICIES["public"].minimum)
    assert few.any() and not few.all()
    marked = release.priority[few]
    assert marked["verdict"].eq(TOO_FEW_TO_RANK).all()
    assert (
        marked[["rank", "rank_low", "rank_high", "p_top", "rank_by_area", "chance_by_area"]]
        .isna()
        .all()
        .all()
    )
    assert marked[["class", "top_by"]].eq("").all().all() and not marked["denominator_sensitive"].any()
    assert release.priority[~few]["verdict"].ne(TOO_FEW_TO_RANK).all()
    assert release.results[release.results["count"].lt(POLICIES["public"].minimum)]["rank"].isna().all()


def test_marks_stand_at_the_minimum_and_not_above():
    frame = pd.DataFrame(
        {
            "count": [9, 10],
            "rank": [2, 1],
            "p_top": [0.1, 0.9],
            "class": ["", "priority"],
            "verdict": ["a", "b"],
        }
    )
    found = mark_few(frame, minimum=10)
    assert found["verdict"].tolist() == [TOO_FEW_TO_RANK, "b"]
    np.testing.assert_array_equal(found["rank"], [np.nan, 1.0])
    assert frame["verdict"].tolist() == ["a", "b"]


def test_themes_stay_as_secret_and_as_coarse_as_they_are(attested, release):
    secret = {slug for slug, one in attested.themes.items() if one.theme.sensitivity == "secret"}
    coarse = {slug for slug, one in attested.themes.items() if one.theme.sensitivity == "restricted"}
    assert secret and coarse
    for name, frame in release.frames().items():
        if "theme" in frame:
            assert not set(frame["theme"]) & secret, name
            if "level" in frame:
                assert not (frame["theme"].isin(coarse) & frame["level"].eq("lsoa")).any(), name
    assert not {view.slug for view in release.themes} & secret
    for name in ("clusters", "bands", "beats"):
        assert not set(getattr(release, name)["theme"]) & coarse
    assert release.beats.empty
    view = next(view for view in release.themes if view.slug in coarse)
    assert "by ward only" in view.withheld and not view.shows_clusters and view.bandwidth is None


def test_the_attestation_stands_on_every_page_and_in_the_record(release):
    said = attestation(PUBLISHER, "public")
    assert "fewer than 10 incidents" in said and attestation("", "public") == ""
    record = manifest(release)
    assert record["already_public"] == PUBLISHER and record["attested"] == said
    pages = dict(render_all(release))
    for name, text in pages.items():
        assert said.replace('"', "&#34;") in text, name


def test_nothing_of_the_machine_or_the_rows_set_aside_leaves(release):
    assert release.rejected.empty and release.rejects == {}
    assert {one["name"].partition(" ")[0] for one in release.reading["sources"]} == {"file"}


def test_without_it_nothing_changes(sample_analysis):
    assert all(policy_for(name) is POLICIES[name] for name in POLICIES)
    record = manifest(sample_analysis.release(audience="public"))
    assert not {"already_public", "attested"} & set(record)


def test_files_are_held_against_it_when_they_are_read(tmp_path):
    street = tmp_path / "2025-01-derbyshire-street.csv"
    sample = pd.read_csv(shipped("data", "sample", "2025-01-synthetic-street.csv"), dtype=str)
    sample.assign(**{"Crime ID": ""}).to_csv(street, index=False)
    said = {"audience": "public", "already_public": PUBLISHER}
    assert read_inputs(Settings(inputs=(street,), **said)).already_public == PUBLISHER
    extract = shipped("data", "sample", "synthetic-force-extract.csv")
    with pytest.raises(InputError, match=r"force-extract\.csv has not the exact heading of a street file"):
        read_inputs(Settings(inputs=(street, extract), **said))


def test_no_environment_variable_stands_for_it(monkeypatch):
    monkeypatch.setenv("HOTSPOTS_ALREADY_PUBLIC", PUBLISHER)
    done = CliRunner().invoke(app, ["run", "--dry-run", "--audience", "public", "--quiet"])
    assert done.exit_code == 2 and "HOTSPOTS_ALREADY_PUBLIC is no setting" in done.stderr


def test_it_is_said_on_the_command_line_alone(tmp_path):
    path = tmp_path / "hotspots.toml"
    path.write_text('already_public = "data.police.uk"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="attested on the command line alone"):
        load_config(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"already_public": "my.drive"}, "--already-public takes one of 'data.police.uk'"),
        ({"audience": "internal"}, "inside, all is shown"),
        ({"columns": {"flags": "Knife"}}, r"without \[columns\]"),
        ({"inputs": ()}, "takes named files"),
    ],
)
def test_settings_that_do_not_go_with_it_are_refused(tmp_path, changes, said):
    good = {"already_public": PUBLISHER, "audience": "public", "inputs": (tmp_path,)}
    Settings(**good)
    with pytest.raises(UsageError, match=said):
        Settings(**{**good, **changes})


def test_incidents_whose_files_were_not_held_against_it_are_refused(sample_analysis, tmp_path):
    with pytest.raises(ParameterError, match="not held against the files"):
        analyse(sample_analysis.incidents, inputs=(tmp_path,), audience="public", already_public=PUBLISHER)
