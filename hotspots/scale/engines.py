"""Who does the work: this process, a pool of processes, or a Dask cluster that exists already."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

from hotspots.errors import UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")

#: The engines by name.
ENGINES: Final = ("local", "dask")
#: How often work is given out again whose worker was lost.
RETRIES: Final = 3


class Engine(Protocol):
    """
    Work shared out.

    An item and its result travel as pickles, and a task may run more than once for an item: it
    must give the same result each time, and write files beside their place and rename them.
    """

    def map(
        self, task: Callable[[Item], Result], items: Sequence[Item], *, batch: int = 1
    ) -> Iterator[tuple[int, Result]]:
        """
        Yield the position of each item with its result, as they come.

        Parameters
        ----------
        task : callable
            A function of a module, called with one item.
        items : sequence
            What is to be done.
        batch : int
            Items that travel together.

        Raises
        ------
        WorkerError
            If the worker of one batch was lost `RETRIES` times.
        HotspotsError
            What the task itself raised.
        """
        ...


def each(task: Callable[[Item], Result], batch: Sequence[Item]) -> list[Result]:
    """Do a task for each item of a batch."""
    return [task(item) for item in batch]


def batches(n: int, size: int) -> list[range]:
    """Cut the positions of `n` items into batches."""
    return [range(start, min(start + size, n)) for start in range(0, n, max(1, size))]


class SerialEngine:
    """All work in this process, in order."""

    def map(
        self, task: Callable[[Item], Result], items: Sequence[Item], *, batch: int = 1
    ) -> Iterator[tuple[int, Result]]:
        """Yield the result of each item in turn."""
        del batch
        for at, item in enumerate(items):
            yield at, task(item)


def choose_engine(name: str = "local", *, workers: int = 0, scheduler: str = "") -> Engine:
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

    Raises
    ------
    UsageError
        If there is no such engine, or an address is given to one that takes none.
    """
    if name not in ENGINES:
        raise UsageError(f"--engine takes one of {', '.join(ENGINES)}.")
    if scheduler and name != "dask":
        raise UsageError("--scheduler is the address of a Dask cluster: give --engine dask with it.")
    count = workers or os.cpu_count() or 1
    if name == "dask":
        from hotspots.scale.cluster import DaskEngine

        return DaskEngine(scheduler, workers=count)
    if count == 1:
        return SerialEngine()
    from hotspots.scale.pool import PoolEngine

    return PoolEngine(count)
