"""A pool of processes on this machine: the default engine."""

from __future__ import annotations

import gc
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final

from hotspots.errors import WorkerError
from hotspots.scale.engines import RETRIES, Item, Result, batches
from hotspots.scale.worker import begin, each_trimmed


class PoolEngine:
    """
    Processes that share the work of one machine.

    Where a worker is lost, as one that the system kills for want of memory, all that was not
    finished is given to a new pool.

    Parameters
    ----------
    workers : int
        Processes.
    memory : int
        Bytes that each may hold; 0 for any number.
    """

    def __init__(self, workers: int, *, memory: int = 0) -> None:
        self.workers, self.memory = workers, memory
        # This process itself cannot be ended for what it holds.
        self.costly_start = not memory

    def map(
        self, task: Callable[[Item], Result], items: Sequence[Item], *, batch: int = 1
    ) -> Iterator[tuple[int, Result]]:
        """Yield the position of each item with its result, as they come; see `engines.Engine`."""
        context = _context(task.__module__)
        exceeded = context.Value("b", 0)
        waiting = batches(len(items), batch)
        lost: Counter[range] = Counter()
        while waiting:
            done: set[range] = set()
            pool = ProcessPoolExecutor(
                min(self.workers, len(waiting)),
                context,
                initializer=begin,
                initargs=(self.memory, exceeded, gc.get_threshold()),
            )
            with pool:
                try:
                    for positions, results in _as_they_come(pool, task, items, waiting, self.workers):
                        done.add(positions)
                        yield from zip(positions, results, strict=True)
                except MemoryError as error:
                    raise WorkerError(_WANTING) from error
                except BrokenProcessPool:
                    waiting = [positions for positions in waiting if positions not in done]
                    # Which of them it was cannot be known: those that were being worked on.
                    lost.update(waiting[: 2 * self.workers])
                    self._check(lost, exceeded=bool(exceeded.value))
                    continue
            return

    def _check(self, lost: Counter[range], *, exceeded: bool) -> None:
        """Give up where going on would end no better."""
        if exceeded:
            raise WorkerError(
                f"A worker needed more than the {self.memory / 1e9:g} GB of --memory: give more, with fewer "
                "--workers if need be, and the same command again to go on."
            ) from None
        if max(lost.values()) > RETRIES:
            raise WorkerError(
                f"A worker was lost {RETRIES + 1} times, perhaps for want of memory: nothing "
                "was published. Give fewer --workers, and the same command again to go on."
            ) from None


_WANTING: Final = "A worker found no memory: give fewer --workers, and the same command again to go on."


def _context(module: str) -> Any:
    methods = multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        # Loaded once by the process from which workers are forked: each would pay for it anew.
        context.set_forkserver_preload([module, "hotspots.scale.worker"])
    return context


def _as_they_come(
    pool: ProcessPoolExecutor,
    task: Callable[[Item], Result],
    items: Sequence[Item],
    waiting: Sequence[range],
    workers: int,
) -> Iterator[tuple[range, list[Result]]]:
    """Keep two batches a worker in hand, so that results never pile up before they are taken."""
    running: dict[Future[Any], range] = {}
    left = iter(waiting)
    try:
        while True:
            while len(running) < 2 * workers and (positions := next(left, None)) is not None:
                running[pool.submit(each_trimmed, task, [items[at] for at in positions])] = positions
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    finally:
        for future in running:
            future.cancel()
