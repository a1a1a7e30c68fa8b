"""What commands say: results on standard output; progress, warnings and errors on standard error."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from hotspots.errors import HotspotsError, OutputError, StrictError
from hotspots.text import counted

if TYPE_CHECKING:
    import pandas as pd
    from rich.progress import Progress, TaskID

_Item = TypeVar("_Item")


@contextmanager
def errors_told(*, debug: bool = False) -> Iterator[None]:
    """Turn an error into one line and an exit code."""
    try:
        yield
    except SystemExit:
        raise
    except BrokenPipeError:
        # A reader that has seen enough, such as head, is no fault.
        _close_stdout()
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        _fail("Interrupted; the earlier outputs are as they were.", 130, debug=debug)
    except HotspotsError as error:
        _fail(str(error), error.exit_code, debug=debug)
    except MemoryError:
        _fail("Not enough memory for this input; the earlier outputs are as they were.", 1, debug=debug)
    except Exception as error:  # noqa: BLE001 - the last line of defence names the kind, never the values
        _fail(
            f"Unexpected {type(error).__name__}; the earlier outputs are as they were. "
            "Run again with --debug and report what it shows.",
            1,
            debug=debug,
        )


def _fail(message: str, code: int, *, debug: bool) -> NoReturn:
    if debug:
        traceback.print_exc()
    print(f"hotspots: {message}", file=sys.stderr)
    raise SystemExit(code)


class Steps:
    """Tells each step by a function of its name; what is counted is counted in silence."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def __call__(self, text: str) -> None:
        """Tell that a step begins."""
        self._tell(text)

    def watch(self, items: Sequence[_Item]) -> Iterator[_Item]:
        """Give the items one by one."""
        yield from items

    def count(self, done: int, whole: int) -> None:
        """Tell how many of how many tasks are done."""


class _Bar(Steps):
    """Shows the step beside a bar, which fills while items are counted."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._since: tuple[float, int] | None = None
        self._task: TaskID = bar.add_task("Starting", total=None, count="")
        super().__init__(lambda text: bar.update(self._task, description=text, total=None, count=""))

    def watch(self, items: Sequence[_Item]) -> Iterator[_Item]:
        """Give the items one by one, and fill the bar with those that were given."""
        for position, item in enumerate(items):
            count = f"{position + 1} of {counted(len(items), 'file')}"
            self._bar.update(self._task, total=len(items), completed=position, count=count)
            yield item

    def count(self, done: int, whole: int) -> None:
        """Fill the bar, and say how long the rest will take at the pace so far."""
        now = time.monotonic()
        if self._since is None or done < self._since[1]:
            self._since = (now, done)
        began, before = self._since
        left = (now - began) / (done - before) * (whole - done) if done > before else 0
        words = f"{done:,} of {whole:,}" + (f", {left / 60:.0f} min left" if left > 90 else "")
        self._bar.update(self._task, total=whole, completed=done, count=words)


@contextmanager
def steps_told(*, quiet: bool, plain: bool = True) -> Iterator[Steps]:
    """
    Lend a function that tells each step: a bar on a terminal, plain lines elsewhere.

    Parameters
    ----------
    quiet : bool
        Tell nothing.
    plain : bool
        Whether to tell steps where there is no terminal.
    """
    if quiet:
        yield Steps(lambda _text: None)
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield Steps(console.print if plain else lambda _text: None)
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield _Bar(bar)


def warn(warnings: Sequence[str]) -> None:
    """Print each warning on standard error."""
    for text in warnings:
        print(f"warning: {text}", file=sys.stderr)


def be_strict(strict: bool, warnings: Sequence[str], rejected: pd.DataFrame) -> None:
    """
    Hold a run to --strict.

    Raises
    ------
    StrictError
        If it warned or rejected a row of the area.
    """
    # a force's file holds its whole county: a row outside the area is no fault
    n_rejected = int((rejected["reason"] != "outside_area").sum())
    if strict and (warnings or n_rejected):
        raise StrictError(
            f"Finished with {counted(len(warnings), 'warning')} and {counted(n_rejected, 'rejected row')}, "
            "and --strict was given."
        )


def say(text: str) -> None:
    """Print on standard output at once, so that a full disk or a closed pipe is met here and not at exit."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        _close_stdout()
        raise OutputError(f"Standard output could not be written: {error.strerror}.") from error


def say_json(record: Any) -> None:
    """Print strict JSON."""
    say(json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False))


def say_paths(paths: Iterable[Path]) -> None:
    """Print where things were put, one a line."""
    for path in paths:
        say(str(path))


def _close_stdout() -> None:
    # Python would complain about the broken pipe once more while it shuts down.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
