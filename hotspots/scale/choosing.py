"""Which engine a command takes: this process, a pool of processes, or a Dask cluster that exists already."""

from __future__ import annotations

import os
from typing import Final

from hotspots.errors import UsageError
from hotspots.scale.cluster import DaskEngine
from hotspots.scale.engines import Engine, SerialEngine
from hotspots.scale.pool import PoolEngine

#: The engines by name.
ENGINES: Final = ("local", "dask")
#: GB below which workers of Dask would be ended and started anew without end.
_LEAST: Final = 0.25


def choose_engine(name: str = "local", *, workers: int = 0, scheduler: str = "", memory: float = 0) -> Engine:
    """
    Give the engine of a name.

    Parameters
    ----------
    name : {"local", "dask"}
        A pool of processes on this machine, or Dask.
    workers : int
        Processes; 0 for one a core. One of the local engine is this process itself.
    scheduler : str
        Address of a Dask scheduler, such as "tcp://host:8786"; "" for a cluster on this machine.
    memory : float
        GB that a worker on this machine may hold; 0 for any number, with Dask for its share.

    Raises
    ------
    UsageError
        If there is no such engine, or it takes no address or no limit, or the limit is too small.
    """
    if name not in ENGINES:
        raise UsageError(f"--engine takes one of {', '.join(ENGINES)}.")
    if scheduler and name != "dask":
        raise UsageError("--scheduler is the address of a Dask cluster: give --engine dask with it.")
    if memory and scheduler:
        raise UsageError(
            "--memory is for workers of this machine: those of a cluster have limits of their own."
        )
    if workers < 0 or memory < 0:
        raise UsageError("--workers and --memory take no number below 0.")
    if name == "dask" and 0 < memory < _LEAST:
        raise UsageError(f"--memory: a Dask worker holds more before it reads; give {_LEAST:g} or more.")
    count, size = workers or os.cpu_count() or 1, round(memory * 1e9)
    if name == "dask":
        return DaskEngine(scheduler, workers=count, memory=size)
    # This process itself cannot be ended for what it holds.
    if count == 1 and not size:
        return SerialEngine()
    return PoolEngine(count, memory=size)
