"""How the process starts and ends: as `hotspots` and as `python -m hotspots`."""

from __future__ import annotations

import os
import runpy
import signal
import sys

import pytest

import hotspots


def test_the_process_is_made_ready_and_ends_with_a_code(monkeypatch, capsys):
    handlers, held = {}, []
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.default_int_handler)
    monkeypatch.setattr("atexit.register", held.append)
    monkeypatch.setattr("gc.set_threshold", lambda *numbers: held.append(numbers))
    monkeypatch.setenv("PROJ_NETWORK", "")
    monkeypatch.delenv("PROJ_NETWORK")
    monkeypatch.setattr(sys, "argv", ["hotspots", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("hotspots", run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"hotspots {hotspots.__version__}\n"
    assert os.environ["PROJ_NETWORK"] == "OFF" and len(held) == 2
    with pytest.raises(SystemExit, match="143"):
        handlers[signal.SIGTERM](signal.SIGTERM, None)
    with pytest.raises(KeyboardInterrupt):
        handlers[signal.SIGINT](signal.SIGINT, None)
    if sys.platform != "win32":
        assert handlers[signal.SIGPIPE] == signal.SIG_IGN
