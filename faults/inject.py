"""
Run the command with an error raised inside one module after another; one line of JSON for each.

Every function of the module gets the code of one that raises, so that it does
not matter who imported it before. Each try is a fork: one loading serves all.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

SECRET = "Zyxel 17 Secret Street"  # noqa: S105
#: Modules that run before or around the place where errors are told.
#: Seconds for all tries.
BUDGET = 50
_OUTSIDE = {"__main__", "__init__", "cli", "errors", "_version", "schema"}


def main(modules: list[str], words: list[str]) -> None:
    """Try modules in random order, each with one kind of error, while time allows."""
    import hotspots.analysis
    import hotspots.outputs.publish
    import hotspots.outputs.tables
    import hotspots.terminal  # noqa: F401 - loaded once, before the forks

    begun = time.monotonic()
    for module in modules:
        if time.monotonic() - begun > BUDGET:
            break
        if module not in _OUTSIDE:
            kind = MemoryError if len(module) % 2 else ValueError
            print(json.dumps(_try(module, kind, words)), flush=True)  # noqa: T201


def _try(module: str, kind: type[Exception], words: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if not child:
            _child(module, kind, words, said.fileno())
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        text = said.read()
    raised = "RAISED\n" in text
    text = text.replace("RAISED\n", "")
    fault = ""
    if raised:
        lines = [line for line in text.splitlines() if not line.startswith("warning: ")]
        if SECRET in text:
            fault = "shows the value"
        elif "Traceback" in text:
            fault = "a traceback"
        elif code != 1 or len(lines) != 1:
            fault = f"exit {code}, {len(lines)} lines"
    return {"module": module, "kind": kind.__name__, "raised": raised, "code": code, "fault": fault}


def _functions(module: ModuleType) -> list[FunctionType]:
    """Return the functions and methods that a module defines; those with a closure cannot be changed."""
    found = [thing for thing in vars(module).values() if isinstance(thing, FunctionType)]
    for thing in vars(module).values():
        if isinstance(thing, type) and thing.__module__ == module.__name__:
            found += [member for member in vars(thing).values() if isinstance(member, FunctionType)]
    own = [function for function in found if function.__module__ == module.__name__]
    return [f for f in own if not f.__closure__ and not f.__name__.startswith("__")]


def _raise_value(*_given: object, **_named: object) -> None:
    import os

    os.write(2, b"RAISED\n")
    raise ValueError("Zyxel 17 Secret Street")


def _raise_memory(*_given: object, **_named: object) -> None:
    import os

    os.write(2, b"RAISED\n")
    raise MemoryError("Zyxel 17 Secret Street")


def _child(module: str, kind: type[Exception], words: list[str], said: int) -> None:
    os.dup2(said, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    loaded = importlib.import_module(f"hotspots.{module}")
    broken = _raise_value if kind is ValueError else _raise_memory
    for function in _functions(loaded):
        function.__code__ = broken.__code__
        function.__kwdefaults__ = None
    sys.argv = ["hotspots", *words]
    code = 1
    try:
        from hotspots.cli import main as command

        command()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except BaseException:  # noqa: BLE001 - what reaches this place is what the user would see
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    os.chdir(Path(tempfile.gettempdir()))
    main(json.loads(sys.argv[1]), sys.argv[2:])
