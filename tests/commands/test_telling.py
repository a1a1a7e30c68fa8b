"""What is told on the way: lines where there is no terminal, a bar that fills where there is one."""

from __future__ import annotations

import pytest
import towns
from typer.testing import CliRunner

from hotspots.cli import app
from hotspots.commands._telling import steps_told


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
