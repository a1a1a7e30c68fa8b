"""--help has groups and examples that hold, and a shell can complete words."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest
import typer
from paths import CLONE
from typer.testing import CliRunner

from hotspots import cli
from hotspots.cli import app
from hotspots.commands import _options, fetch

GROUP = typer.main.get_command(app)
FETCHING = GROUP.commands["fetch"]
GROUPS = (_options.READ, _options.PLACE, _options.SEEK, _options.WRITE, _options.SAY)
EXAMPLES = [
    line for modules in cli.COMMANDS.values() for module in modules.values() for line in module.EXAMPLES
] + [line for lines in fetch.EXAMPLES.values() for line in lines]


def _command(words: list[str]):
    return (FETCHING, words[1]) if words[0] == "fetch" else (GROUP, words[0])


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_is_a_command_with_options_that_it_has(line):
    program, *words = shlex.split(line)
    assert program == "hotspots"
    group, name = _command(words)
    rest = words[2:] if group is FETCHING else words[1:]
    assert group.commands[name].make_context(name, rest).info_name == name


def test_every_command_has_examples_in_its_help():
    assert set(GROUP.commands) == {name for modules in cli.COMMANDS.values() for name in modules} | {"fetch"}
    assert set(FETCHING.commands) == set(fetch.EXAMPLES)
    for words in (*([name] for name in GROUP.commands), *(["fetch", name] for name in FETCHING.commands)):
        if words == ["fetch"]:
            continue
        shown = CliRunner().invoke(app, [*words, "--help"]).stdout
        assert re.search(rf"Examples:\s+hotspots {' '.join(words)}", shown), words


def test_each_command_is_a_file_of_its_name():
    files = {path.stem for path in (CLONE / "hotspots" / "commands").glob("*.py")}
    assert {name for name in files if not name.startswith("_")} == set(GROUP.commands)


def test_options_stand_in_groups():
    shown = CliRunner().invoke(app, ["run", "--help"]).stdout
    at = [shown.index(f"─ {name} ─") for name in GROUPS]
    assert at == sorted(at)
    loose = shown[shown.index("─ Options ─") : at[0]]
    assert set(re.findall(r"--[a-z-]+", loose)) == {"--help"}
    for name in ("run", "check"):
        params = [p for p in GROUP.commands[name].params if p.opts[0].startswith("--") and p.name != "help"]
        assert {p.rich_help_panel for p in params} <= set(GROUPS)


def _completed(words: str) -> list[str]:
    """Ask as bash does."""
    env = {
        **os.environ,
        "_HOTSPOTS_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    program = "from hotspots.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True, cwd=CLONE
    )
    return done.stdout.split()


def test_a_shell_completes_commands_options_and_values():
    assert _completed("hotspots ru") == ["run"]
    assert "--boundaries" in _completed("hotspots run --bo")
    assert _completed("hotspots run --audience p") == ["partner", "public"]
    assert _completed("hotspots run --harm ") == ["cambridge", "ons"]


def test_completion_can_be_installed():
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).stdout
