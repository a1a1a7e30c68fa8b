"""What is told on the way: lines where there is no terminal, a bar that fills where there is one."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace

import pandas as pd
import pytest
import towns
from typer.testing import CliRunner

from hotspots.cli import app
from hotspots.commands._telling import be_strict, errors_told, say_json, say_paths, steps_told, warn
from hotspots.errors import InputError, OutputError, StrictError


@pytest.fixture
def screen(monkeypatch, capsys):
    """Lend a function that gives what a terminal was shown."""
    for name, value in (("TERM", "xterm-256color"), ("COLUMNS", "100"), ("FORCE_COLOR", "1")):
        monkeypatch.setenv(name, value)
    return lambda: capsys.readouterr().err


def test_a_bar_counts_the_files(screen):
    seen = []
    with steps_told(quiet=False) as steps:
        steps("Reading incidents")
        for name in steps.watch(["a.csv", "b.csv", "c.csv"]):
            seen.append(name)
            steps._bar.refresh()
        steps("Ranking areas")
        steps._bar.refresh()
    shown = screen()
    assert seen == ["a.csv", "b.csv", "c.csv"]
    assert "Reading incidents" in shown and "1 of 3 files" in shown and "3 of 3 files" in shown
    # The step after it counts nothing.
    assert "files" not in shown[shown.rindex("Ranking areas") :].split("\n")[0]


def test_names_with_brackets_are_no_markup(screen):
    with steps_told(quiet=False) as steps:
        steps("Reading [bold]incidents")
        steps._bar.refresh()
    assert "[bold]incidents" in screen()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"quiet": False}, "Reading\nRanking\n"),
        ({"quiet": False, "plain": False}, ""),
        ({"quiet": True}, ""),
    ],
)
def test_lines_or_nothing_where_there_is_no_terminal(capsys, options, told):
    with steps_told(**options) as steps:
        steps("Reading")
        assert list(steps.watch([1, 2])) == [1, 2]
        steps("Ranking")
    assert capsys.readouterr().err == told


def test_reading_hands_its_files_to_the_bar(tmp_path, monkeypatch):
    for month in ("2025-01", "2025-02"):
        towns.write_rows(tmp_path / f"{month}.csv", towns.incident_rows(20, months=(month,)))
    given = []

    def watch(self, sources):
        given.extend(source.name for source in sources)
        yield from sources

    monkeypatch.setattr("hotspots.commands._telling.Steps.watch", watch)
    assert CliRunner().invoke(app, ["check", str(tmp_path)]).exit_code == 0
    assert given == ["2025-01.csv", "2025-02.csv"]


def test_a_bar_counts_tasks_and_says_how_long_the_rest_takes(screen, monkeypatch):
    clock = SimpleNamespace(monotonic=iter([0.0, 60.0, 0.0]).__next__)
    monkeypatch.setattr("hotspots.commands._telling.time", clock)
    with steps_told(quiet=False) as steps:
        for done in (1, 11, 0):
            steps.count(done, 1_001)
            steps._bar.refresh()
    shown = screen()
    # Ten tasks took a minute, and 990 are left.
    assert "1 of 1,001" in shown and "11 of 1,001, 99 min left" in shown and "0 of 1,001" in shown
    with steps_told(quiet=True) as steps:
        steps.count(1, 2)
    assert screen() == ""


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "Interrupted; the earlier outputs are as they were."),
        (InputError("x.csv is empty."), 3, "x.csv is empty."),
        (MemoryError(), 1, "Not enough memory for this input; the earlier outputs are as they were."),
        (KeyError("a name"), 1, "Unexpected KeyError; the earlier outputs are as they were. Run again with"),
        (SystemExit(143), 143, ""),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_an_error_is_one_line_and_a_code(capsys, error, code, said, debug):
    with pytest.raises(SystemExit) as ended, errors_told(debug=debug):
        raise error
    told = capsys.readouterr().err
    assert ended.value.code == code
    assert told.startswith("Traceback") == (debug and code != 143)
    assert f"hotspots: {said}" in told if said else told == ""
    assert debug or "a name" not in told


class _Refusing(io.StringIO):
    """An output that takes nothing, with the file below it."""

    def __init__(self, error: OSError, below: int) -> None:
        super().__init__()
        self.error, self.below = error, below

    def flush(self) -> None:
        raise self.error

    def fileno(self) -> int:
        return self.below


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (BrokenPipeError(), 0, ""),
        (
            OSError(28, "No space left"),
            OutputError.exit_code,
            "Standard output could not be written: No space",
        ),
    ],
)
def test_what_cannot_be_said_is_met_at_once_and_nothing_more_is_written(
    monkeypatch, capsys, tmp_path, error, code, said
):
    with (tmp_path / "out").open("w") as below:
        monkeypatch.setattr(sys, "stdout", _Refusing(error, below.fileno()))
        with pytest.raises(SystemExit) as ended, errors_told():
            say_paths([tmp_path])
        below.write("what Python would still write at its end")
    assert ended.value.code == code
    assert said in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == ""


def test_warnings_go_to_standard_error_and_json_is_strict(capsys):
    warn(["3 rows were rejected."])
    say_json({"name": "Café"})
    told = capsys.readouterr()
    assert told.err == "warning: 3 rows were rejected.\n" and json.loads(told.out) == {"name": "Café"}
    with pytest.raises(ValueError, match="JSON"):
        say_json({"share": float("nan")})


def test_strict_counts_no_row_from_outside_the_area():
    rejected = pd.DataFrame({"reason": ["outside_area", "bad_date"]})
    be_strict(True, [], rejected[:1])
    be_strict(False, ["One."], rejected)
    with pytest.raises(StrictError, match="Finished with 1 warning and 1 rejected row, and --strict"):
        be_strict(True, ["One."], rejected)
