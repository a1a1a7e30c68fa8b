"""The output folder appears whole or not at all, and nothing of others is lost."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pytest

from hotspots.errors import OutputError
from hotspots.outputs import folder
from hotspots.outputs.exchange import exchange
from hotspots.outputs.folder import MANIFEST, check_target, staged
from hotspots.outputs.publish import _tell_kept, os_errors

posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX locks and links")


def _finish(out, files, *, manifest=True):
    with staged(out) as stage:
        for name, text in files.items():
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            (stage / name).write_text(text)
        if manifest:
            (stage / MANIFEST).write_text(json.dumps({"outputs": [{"path": name} for name in files]}))


def _tree(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_new_folder_appears_with_everything_in_it(tmp_path):
    out = tmp_path / "maps"
    _finish(out, {"index.html": "map", "tables/areas.csv": "a"})
    assert _tree(out) == ["index.html", MANIFEST, "tables/areas.csv"]
    assert [p.name for p in tmp_path.iterdir()] == ["maps"]


def test_a_failure_leaves_the_old_folder_and_no_trace(tmp_path):
    out = tmp_path / "maps"
    _finish(out, {"index.html": "old"})
    with pytest.raises(ZeroDivisionError), staged(out) as stage:
        (stage / "index.html").write_text("new")
        1 / 0  # noqa: B018
    assert (out / "index.html").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["maps"]


def test_stale_outputs_go_and_the_analysts_own_files_stay(tmp_path):
    out = tmp_path / "maps"
    _finish(out, {"index.html": "old", "wards/gone.html": "x"})
    (out / "notes.txt").write_text("mine")
    (out / "wards" / "photo.txt").write_text("mine too")
    _finish(out, {"index.html": "new"})
    assert _tree(out) == ["index.html", "notes.txt", MANIFEST, "wards/photo.txt"]
    assert (out / "index.html").read_text() == "new"


def test_a_readme_alone_is_no_hindrance(tmp_path):
    out = tmp_path / "maps"
    out.mkdir()
    (out / "README.md").write_text("about")
    _finish(out, {"index.html": "map"})
    assert (out / "README.md").read_text() == "about"


def test_a_folder_that_no_run_wrote_is_refused(tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(OutputError, match="holds files that no run wrote"):
        check_target(tmp_path)


def test_a_file_is_refused(tmp_path):
    path = tmp_path / "maps"
    path.write_text("x")
    with pytest.raises(OutputError, match="is a file or a link"):
        check_target(path)


def test_folders_that_lead_to_the_target_are_made_if_all_ends_well(tmp_path):
    target = tmp_path / "a" / "b" / "maps"
    check_target(target)
    assert not any(tmp_path.iterdir())
    with pytest.raises(RuntimeError), staged(target):
        assert target.parent.is_dir()
        raise RuntimeError
    assert not any(tmp_path.iterdir())
    with staged(target) as stage:
        (stage / "run.json").write_text('{"outputs": []}')
    assert (target / "run.json").is_file()


def test_a_target_below_a_file_is_refused(tmp_path):
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(OutputError, match="lies below notes, which is a file"):
        check_target(tmp_path / "notes" / "2025" / "maps")
    assert (tmp_path / "notes").read_text() == "mine"


@posix
def test_a_link_is_refused_and_its_target_untouched(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "maps").symlink_to(tmp_path / "real")
    with pytest.raises(OutputError, match="is a file or a link"):
        check_target(tmp_path / "maps")
    assert list((tmp_path / "real").iterdir()) == []


def test_a_damaged_manifest_is_refused_before_anything_is_deleted(tmp_path):
    out = tmp_path / "maps"
    _finish(out, {"index.html": "old"})
    (out / MANIFEST).write_text("{")
    with pytest.raises(OutputError, match=r"run\.json in the output folder is damaged"):
        _finish(out, {"index.html": "new"})
    assert (out / "index.html").read_text() == "old"


@posix
def test_a_second_run_stops_while_the_first_writes(tmp_path):
    out = tmp_path / "maps"
    with staged(out) as stage:
        (stage / MANIFEST).write_text('{"outputs": []}')
        with pytest.raises(OutputError, match="Another run is writing"), staged(out):
            pass
    assert (out / MANIFEST).is_file()


@posix
def test_a_killed_run_leaves_the_old_folder_and_the_next_clears_up(tmp_path):
    out = tmp_path / "maps"
    _finish(out, {"index.html": "old"})
    program = textwrap.dedent(
        f"""
        import os, signal
        from pathlib import Path
        from hotspots.outputs.folder import staged
        with staged(Path({str(out)!r})) as stage:
            (stage / "index.html").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    assert (out / "index.html").read_text() == "old"
    assert len(list(tmp_path.iterdir())) > 1
    _finish(out, {"index.html": "new"})
    assert [p.name for p in tmp_path.iterdir()] == ["maps"]


@pytest.mark.parametrize("look", [check_target, lambda out: _finish(out, {"index.html": "new"})])
def test_a_run_killed_between_the_two_renames_is_undone_by_whoever_comes_next(tmp_path, look):
    out = tmp_path / "maps"
    _finish(out, {"index.html": "old"})
    (out / "mine.txt").write_text("kept")
    workshop = tmp_path / ".maps.hotspots"
    folder._make_workshop(workshop)
    out.rename(workshop / "old")
    look(out)
    assert _tree(out) == ["index.html", "mine.txt", MANIFEST]
    assert [p.name for p in tmp_path.iterdir()] == ["maps"]


@pytest.fixture(params=[True, False], ids=["exchanged", "renamed"])
def swapping(request, monkeypatch):
    """Try the swap as the system does it, and as one without an exchange does."""
    if not request.param:
        monkeypatch.setattr(folder, "exchange", lambda *_: False)
    return request.param


def test_the_swap_gives_the_new_folder_and_leaves_nothing(tmp_path, swapping):
    out = tmp_path / "maps"
    for text in ("old", "new", "newest"):
        _finish(out, {"index.html": text})
        assert (out / "index.html").read_text() == text
        assert [p.name for p in tmp_path.iterdir()] == ["maps"]


def test_two_folders_are_exchanged_at_once_or_not_at_all(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "text").write_text(name)
    done = exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "text").read_text() == ("b" if done else "a")
    if sys.platform == "linux":
        with pytest.raises(OSError, match="No such file"):
            exchange(tmp_path / "a", tmp_path / "nothing")


@pytest.mark.parametrize("call", range(1, 3))
def test_a_failing_rename_loses_nothing(tmp_path, monkeypatch, call):
    out = tmp_path / "maps"
    _finish(out, {"index.html": "old"})
    from pathlib import Path

    real, calls = Path.rename, []

    def rename(self, target):
        calls.append(self)
        if len(calls) == call:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(folder, "exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OSError, match="No space left"):
        _finish(out, {"index.html": "new"})
    monkeypatch.undo()
    assert (out / "index.html").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["maps"]


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit(143)])
@pytest.mark.parametrize("call", range(1, 3))
def test_an_interruption_between_the_renames_loses_nothing(tmp_path, monkeypatch, raised, call):
    out = tmp_path / "maps"
    _finish(out, {"index.html": "old"})
    from pathlib import Path

    real, calls = Path.rename, []

    def rename(self, target):
        calls.append(self)
        result = real(self, target)
        if len(calls) == call:
            raise raised
        return result

    monkeypatch.setattr(folder, "exchange", lambda *_: False)
    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        _finish(out, {"index.html": "new"})
    monkeypatch.undo()
    assert (out / "index.html").read_text() == ("old" if call == 1 else "new")
    _finish(out, {"index.html": "newer"})
    assert [p.name for p in tmp_path.iterdir()] == ["maps"]


@pytest.mark.parametrize("name", ["maps", "*", "[a-z]"])
def test_neighbours_that_carry_no_mark_of_ours_are_never_touched(tmp_path, name):
    mine = [tmp_path / f".{name}.old", tmp_path / f".{name}.new-mine", tmp_path / ".abc.new-theirs"]
    for one in mine:
        one.mkdir()
        (one / "thesis.doc").write_text("years of work")
    (tmp_path / f".{name}.lock").write_text("mine")
    for text in ("old", "new"):
        _finish(tmp_path / name, {"index.html": text})
    assert all((one / "thesis.doc").read_text() == "years of work" for one in mine)
    assert (tmp_path / f".{name}.lock").read_text() == "mine"


def test_a_neighbour_with_the_name_of_ours_but_not_the_mark_is_refused(tmp_path):
    workshop = tmp_path / ".maps.hotspots"
    workshop.mkdir()
    (workshop / "thesis.doc").write_text("years of work")
    with pytest.raises(OutputError, match="is not of a run: move it away"):
        check_target(tmp_path / "maps")
    assert (workshop / "thesis.doc").read_text() == "years of work"


@pytest.mark.parametrize("left", [{}, {"mark": "", "lock": ""}, {"mark": "A run of"}])
def test_a_hidden_folder_of_a_run_that_was_killed_before_it_was_marked_stops_no_other(tmp_path, left):
    workshop = tmp_path / ".maps.hotspots"
    workshop.mkdir()
    for name, text in left.items():
        (workshop / name).write_text(text)
    _finish(tmp_path / "maps", {"index.html": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["maps"]


def test_a_file_in_the_place_of_the_hidden_folder_is_refused(tmp_path):
    (tmp_path / ".maps.hotspots").write_text("years of work")
    with pytest.raises(OutputError, match="is not of a run: move it away"):
        _finish(tmp_path / "maps", {"index.html": "new"})
    assert (tmp_path / ".maps.hotspots").read_text() == "years of work"


def test_a_hidden_folder_that_another_run_took_with_it_is_not_written_in(tmp_path, monkeypatch):
    """The other run ends after its folder was found and before it could be locked."""
    monkeypatch.setattr(folder, "_is_ours", lambda _: False)
    with pytest.raises(OutputError, match=r"Another run is writing .*maps: wait"):
        _finish(tmp_path / "maps", {"index.html": "new"})


def test_a_place_that_may_not_be_written_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(folder.os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="maps cannot be written: choose another with --out"):
        check_target(tmp_path / "maps")


@pytest.mark.parametrize(
    ("system", "calls", "done"),
    [
        ("win32", [], None),
        ("linux", [], None),
        ("darwin", [], None),
        ("linux", ["renameat2"], ("renameat2", 5)),
        ("darwin", ["renamex_np"], ("renamex_np", 3)),
    ],
)
def test_each_system_has_its_own_call_or_none(tmp_path, monkeypatch, system, calls, done):
    called = []
    library = {name: lambda *given, name=name: called.append((name, len(given))) or 0 for name in calls}
    monkeypatch.setattr("hotspots.outputs.exchange.sys.platform", system)
    monkeypatch.setattr("hotspots.outputs.exchange.ctypes.CDLL", lambda *_, **__: SimpleNamespace(**library))
    assert exchange(tmp_path / "a", tmp_path / "b") == (done is not None)
    assert called == ([done] if done else [])


@pytest.mark.parametrize(
    ("number", "can"), [(errno.EINVAL, False), (errno.ENOSYS, False), (errno.EACCES, True)]
)
def test_a_disk_that_cannot_exchange_is_no_error(tmp_path, monkeypatch, number, can):
    monkeypatch.setattr("hotspots.outputs.exchange._call", lambda *_: -1)
    monkeypatch.setattr("hotspots.outputs.exchange.ctypes.get_errno", lambda: number)
    if not can:
        assert not exchange(tmp_path / "a", tmp_path / "b")
        return
    with pytest.raises(PermissionError):
        exchange(tmp_path / "a", tmp_path / "b")


@posix
def test_whenever_a_run_is_killed_one_whole_folder_stands(tmp_path, swapping):
    """Kill while writing, before and after each step of the swap; `make faults` does so 200 times."""
    out = tmp_path / "maps"
    _finish(out, {"index.html": "old", "tables/a.csv": "old"})
    program = textwrap.dedent(
        f"""
        import os, signal, sys
        from pathlib import Path
        from hotspots.outputs import folder
        if not {swapping!r}:
            folder.exchange = lambda *_: False
        steps, real = [0], Path.rename
        def step(*_, **__):
            steps[0] += 1
            if steps[0] == int(sys.argv[1]):
                os.kill(os.getpid(), signal.SIGKILL)
        def rename(self, target):
            step(); done = real(self, target); step()
            return done
        Path.rename = rename
        exchanged = folder.exchange
        def exchange(one, other):
            step(); done = exchanged(one, other); step()
            return done
        folder.exchange = exchange
        with folder.staged(Path({str(out)!r})) as stage:
            (stage / "tables").mkdir()
            (stage / "index.html").write_text("new"); step()
            (stage / "tables" / "a.csv").write_text("new")
            files = '{{"outputs": [{{"path": "index.html"}}, {{"path": "tables/a.csv"}}]}}'
            (stage / "run.json").write_text(files)
        """
    )
    for kill_at in range(1, 9):
        subprocess.run([sys.executable, "-c", program, str(kill_at)], check=False)
        check_target(out)
        texts = {(out / name).read_text() for name in ("index.html", "tables/a.csv")}
        assert texts in ({"old"}, {"new"}), kill_at
    _finish(out, {"index.html": "last"})
    assert [p.name for p in tmp_path.iterdir()] == ["maps"]


def test_the_record_of_a_newer_version_is_refused_before_any_work(tmp_path):
    out = tmp_path / "maps"
    _finish(out, {"index.html": "old"})
    (out / MANIFEST).write_text('{"format": 99, "outputs": []}')
    with pytest.raises(OutputError, match="A newer version wrote"):
        check_target(out)
    (out / MANIFEST).write_text("[1]")
    with pytest.raises(OutputError, match="is damaged"):
        check_target(out)


@pytest.mark.parametrize(
    ("name", "match"),
    [("x" * 240, "is too long"), ("x" * 300, "cannot be used|too long"), ("a\0b", "cannot be used|too long")],
    ids=["no room for a neighbour", "longer than any name", "NUL"],
)
def test_a_name_that_no_folder_can_have_is_refused(tmp_path, name, match):
    with pytest.raises(OutputError, match=match):
        check_target(tmp_path / name)


def test_dots_in_the_path_mean_the_folder_they_name(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    _finish(tmp_path / "a" / "b" / ".." / "maps", {"index.html": "new"})
    assert (tmp_path / "a" / "maps" / "index.html").read_text() == "new"


@pytest.mark.parametrize("library", ["pyogrio", "xlsxwriter"])
def test_what_the_writing_libraries_raise_is_told_in_a_sentence(tmp_path, library):
    import pyogrio.errors
    import xlsxwriter.exceptions

    errors = {
        "pyogrio": pyogrio.errors.DataLayerError("secret"),
        "xlsxwriter": xlsxwriter.exceptions.FileCreateError("secret"),
    }
    with pytest.raises(OutputError, match="the disk may be full") as told, os_errors(tmp_path / "maps"):
        raise errors[library]
    assert "secret" not in str(told.value)


def test_a_full_folder_for_temporary_files_is_named(tmp_path, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    with pytest.raises(OutputError, match="the folder for temporary files"), os_errors(tmp_path / "maps"):
        raise OSError(28, "No space left on device", str(tmp_path / "t" / "x"))


def test_a_file_that_was_saved_beside_a_finer_release_is_named_before_it_leaves(tmp_path):
    for place in (out := tmp_path / "maps", stage := tmp_path / "stage"):
        (place / "wards").mkdir(parents=True)
    (out / MANIFEST).write_text(json.dumps({"outputs": [{"path": "index.html"}]}), encoding="utf-8")
    for name in ("index.html", "README.md"):
        (out / name).write_text("x", encoding="utf-8")
    told = []
    _tell_kept(stage, out, told.append)
    assert told == []
    (out / "wards" / "abbey.docx").write_text("exact counts", encoding="utf-8")
    _tell_kept(stage, out, told.append)
    words = "Keeping 1 file that no run wrote, such as wards/abbey.docx: look at it before the folder leaves"
    assert told == [words]
