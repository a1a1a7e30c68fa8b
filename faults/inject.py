"""
Run the command with an error raised inside one module after another; one line of JSON for each.

A trace function raises at the first call of a function of the module, so that
no module has to know of it. Each try is a fork, so that one loading serves all.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

SECRET = "Zyxel 17 Secret Street"  # noqa: S105
#: Modules that run before or around the place where errors are told.
_OUTSIDE = {"__main__", "__init__", "cli", "errors", "_version", "schema"}


def main(modules: list[str], words: list[str]) -> None:
    """Try every module with both kinds of error."""
    import hotspots.pipeline
    import hotspots.publish
    import hotspots.report
    import hotspots.tables  # noqa: F401 - loaded once, before the forks

    for module in modules:
        if module in _OUTSIDE:
            continue
        for kind in (ValueError, MemoryError):
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
    return {"module": module, "kind": kind.__name__, "raised": raised, "fault": fault}


def _child(module: str, kind: type[Exception], words: list[str], said: int) -> None:
    os.dup2(said, 2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    file = f"/hotspots/{module}.py"

    def trace(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        # Class bodies and generators at import are not calls of a run.
        if event == "call" and code.co_filename.endswith(file) and not code.co_name.startswith("<"):
            sys.settrace(None)
            os.write(2, b"RAISED\n")
            raise kind(SECRET)

    sys.argv = ["hotspots", *words]
    code = 1
    try:
        from hotspots.cli import main as command

        sys.settrace(trace)
        command()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except BaseException:  # noqa: BLE001 - what reaches this place is what the user would see
        import traceback

        traceback.print_exc()
    finally:
        sys.settrace(None)
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    os.chdir(Path(tempfile.gettempdir()))
    main(json.loads(sys.argv[1]), sys.argv[2:])
