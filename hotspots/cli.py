"""
The command line: which commands there are, and how the process starts and ends.

A further command is a file in `commands` with a function `command` and its
`EXAMPLES`, and its name in `COMMANDS` below.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Annotated, Any, Final, NoReturn

import typer

from hotspots._version import __version__
from hotspots.commands import (
    archive,
    assess,
    audit,
    check,
    cite,
    compare,
    doctor,
    evaluate,
    fetch,
    national,
    patrol,
    run,
    themes,
)

#: The commands by name, in the groups and the order in which --help lists them.
COMMANDS: Final = {
    "Analyse": {
        "run": run,
        "check": check,
        "patrol": patrol,
        "evaluate": evaluate,
        "compare": compare,
        "assess": assess,
        "audit": audit,
    },
    "Many areas": {"archive": archive, "national": national},
    "About": {"themes": themes, "doctor": doctor, "cite": cite},
}

#: So many objects are made between two looks for circles that nothing else refers to.
_OBJECTS_A_LOOK: Final = 50_000

app = typer.Typer(
    name="hotspots",
    help="From incident files to hot spot maps, ward profiles and tables.",
    epilog="Exit codes: 0 done; 1 unexpected; 2 usage; 3 input or configuration at fault; 4 data missing; "
    "5 network; 6 finished with warnings under --strict; 7 an audited release gives counts back; "
    "130 interrupted; 143 terminated.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        print(f"hotspots {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """From incident files to hot spot maps, ward profiles and tables."""


def _add(
    to: typer.Typer, name: str, function: Callable[..., Any], examples: Sequence[str], group: str | None
) -> None:
    # Paragraphs, as the library that lays the help out joins the lines of one.
    to.command(name, epilog="\n\n".join(["Examples:", *examples]), rich_help_panel=group)(function)


for _group, _modules in COMMANDS.items():
    for _name, _module in _modules.items():
        _add(app, _name, _module.command, _module.EXAMPLES, _group)

_fetching = typer.Typer(
    help="Bring open data from its publisher: no other command asks the network unless given an address.",
    no_args_is_help=True,
)
for _function in fetch.COMMANDS:
    _add(_fetching, _function.__name__, _function, fetch.EXAMPLES[_function.__name__], None)
app.add_typer(_fetching, name="fetch", rich_help_panel="Data")


def main() -> NoReturn:
    """Run the command line; the entry point of the installed script."""
    # A run makes hundreds of thousands of objects and few circles: looking for these so often, and once
    # more over all objects at the end, took a tenth of a city-year.
    gc.set_threshold(_OBJECTS_A_LOOK, 20, 20)
    atexit.register(gc.freeze)
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    if hasattr(signal, "SIGPIPE"):
        # A reader that leaves early, such as head, ends the output and not the run.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    # PROJ would fetch grids over the network where its own settings let it; who asks for that is refused.
    os.environ.setdefault("PROJ_NETWORK", "OFF")
    for stream in (sys.stdout, sys.stderr):
        # A street called Café must not end a run on an ASCII terminal.
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    app(prog_name="hotspots")
    sys.exit(0)


class _Interrupted(KeyboardInterrupt):
    """An interrupt of a kind of its own.

    Where a plain KeyboardInterrupt passes through `eval` or `exec` of text, as the making of a
    named tuple is, Python dies of the signal at its end, whatever code the program has chosen.
    """


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise _Interrupted


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    # As an exception, so that temporary folders are removed on the way out.
    raise SystemExit(143)
