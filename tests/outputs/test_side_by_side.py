"""A folder of several runs: what it may replace, and what is said where an authority has no incident."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pages
import pandas as pd
import pytest

from hotspots.checking import Checked
from hotspots.errors import InputError, OutputError
from hotspots.outputs.side_by_side import check_folders, write_index
from hotspots.settings import Settings
from hotspots.side_by_side import run_side_by_side


def test_only_an_index_of_ours_is_replaced(tmp_path):
    check_folders(tmp_path / "new", ["derby"])
    write_index(tmp_path, {"derby": pages.small_release()}, failed={"Lost Town": "No incident."})
    check_folders(tmp_path, ["derby"])
    assert "Lost Town" in (tmp_path / "index.html").read_text(encoding="utf-8")
    (tmp_path / "index.html").write_text("my own page", encoding="utf-8")
    with pytest.raises(OutputError, match=r"index\.html is another page: choose another folder with --out"):
        check_folders(tmp_path, ["derby"])
    (tmp_path / "run.json").touch()
    with pytest.raises(OutputError, match="holds the run of one area"):
        check_folders(tmp_path, ["derby"])


def test_an_index_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "index.html").mkdir()
    with pytest.raises(OutputError, match=r"index\.html could not be written: Is a directory"):
        write_index(tmp_path, {"derby": pages.small_release()}, failed={})


@pytest.mark.parametrize("with_incidents", [("E06000015",), ()])
def test_an_authority_without_incidents_stops_no_other(tmp_path, monkeypatch, with_incidents):
    release = pages.small_release()
    made = SimpleNamespace(
        publish=lambda out: {"out": out.name}, release=lambda: release, warnings=("One month is missing.",)
    )

    def analyse(_incidents, *, settings):
        if settings.area not in with_incidents:
            raise InputError("No incident lies in the area.")
        return made

    for name in ("check_names", "load_layers"):
        monkeypatch.setattr(f"hotspots.side_by_side.{name}", lambda _: None)
    monkeypatch.setattr("hotspots.side_by_side.read_inputs", lambda *_, **__: None)
    monkeypatch.setattr("hotspots.side_by_side.analyse", analyse)
    plain = Settings(inputs=(Path("a.csv"),), out=tmp_path)
    chosen = [plain, replace(plain, area="E06000016")]
    if not with_incidents:
        with pytest.raises(InputError, match="No incident lies in the area"):
            run_side_by_side(chosen, progress=lambda _: None)
        assert not (tmp_path / "index.html").exists()
        return
    done = run_side_by_side(chosen, progress=lambda _: None)
    assert done.records == {"derby": {"out": "derby"}} and done.releases == {"derby": release}
    assert done.failed == {"E06000016": "No incident lies in the area."}
    assert done.warnings == ("Derby: One month is missing.", "E06000016: No incident lies in the area.")


def test_a_list_of_rejected_rows_that_cannot_be_written_is_named(tmp_path):
    rejected = pd.DataFrame({"source": ["a.csv"], "source_row": [2], "reason": ["bad_date"], "rows": [1]})
    checked = Checked(None, None, rejected, (), {}, ())
    with pytest.raises(OutputError, match=r"rejects\.csv could not be written: No such file"):
        checked.write_rejects(tmp_path / "none" / "rejects.csv")
    checked.write_rejects(tmp_path / "rejects.csv")
    assert (tmp_path / "rejects.csv").read_text("utf-8-sig").splitlines()[1] == "a.csv,2,bad_date,1"
