"""Dask as the engine: a cluster that exists, joined by its address, or one made on this machine."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack
from typing import Any

from hotspots.errors import DataMissingError, HotspotsError, NetworkError, WorkerError
from hotspots.scale.engines import RETRIES, Item, Result, batches, each

#: Bytes that a worker of this machine may keep for the next batch.
_TRIMMED = 256 * 1024 * 1024
#: Seconds within which a scheduler answers.
_ANSWERS = 30


class DaskEngine:
    """
    The workers of a Dask cluster.

    Parameters
    ----------
    scheduler : str
        Address, such as "tcp://office:8786"; "" for a cluster of processes on this machine.
    workers : int
        Processes of a cluster on this machine.
    memory : int
        Bytes that each of these may hold; 0 for its share of the machine's.

    Notes
    -----
    Workers see inputs and outputs under the paths that this process sees: a shared folder.
    """

    def __init__(self, scheduler: str = "", *, workers: int = 1, memory: int = 0) -> None:
        self.scheduler, self.workers, self.memory = scheduler, workers, memory
        self.costly_start = not scheduler and not memory

    def map(
        self, task: Callable[[Item], Result], items: Sequence[Item], *, batch: int = 1
    ) -> Iterator[tuple[int, Result]]:
        """Yield the position of each item with its result, as they come; see `engines.Engine`."""
        if not items:
            return
        from asyncio import CancelledError as TaskCancelledError

        distributed = _distributed()
        with ExitStack() as stack:
            client = self._client(distributed, stack)
            try:
                yield from _as_they_come(distributed, client, task, items, batch)
            except HotspotsError:
                raise
            except MemoryError as error:
                raise WorkerError(_LOST) from error
            # A scheduler that is gone cancels what was asked of it, or no longer answers.
            except (distributed.KilledWorker, CancelledError, TaskCancelledError, OSError) as error:
                raise WorkerError(_LOST) from error

    def _client(self, distributed: Any, stack: ExitStack) -> Any:
        address = self.scheduler
        if not address:
            stack.enter_context(_quiet_workers())
            cluster = distributed.LocalCluster(
                n_workers=self.workers,
                threads_per_worker=1,
                memory_limit=self.memory or "auto",
                # Any port: others on this machine may have a cluster too.
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
            stack.callback(cluster.close)
            address = cluster.scheduler_address
        try:
            client = distributed.Client(address, timeout=_ANSWERS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise NetworkError(
                f"No Dask scheduler answers at {address}: start one (dask scheduler), or correct --scheduler."
            ) from error
        stack.callback(client.close)
        return client


_LOST = (
    f"The cluster lost its scheduler, or one task its worker {RETRIES + 1} times, perhaps for want of "
    "memory: nothing was published. Give the same command again: it goes on where it was."
)


def _quiet_workers() -> Any:
    """Keep workers of this machine from watching themselves, and from giving memory back after each array."""
    import dask

    return dask.config.set(
        {
            "distributed.worker.profile.enabled": False,
            "distributed.admin.system-monitor.interval": "5s",
            # Each of scheduler, workers and their nannies would look at its own pulse 50 times a second.
            "distributed.admin.tick.interval": "1s",
            "distributed.scheduler.active-memory-manager.start": False,
            "distributed.worker.memory.monitor-interval": "1s",
            "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": _TRIMMED,
            "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": _TRIMMED,
        }
    )


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise DataMissingError(
            "Dask is not installed: pip install 'derby-hotspots[cluster]', on the workers too."
        ) from error
    # Each of its loggers has a level of its own, and one would tell of a lost scheduler by a traceback.
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)
    return distributed


def _as_they_come(
    distributed: Any,
    client: Any,
    task: Callable[[Item], Result],
    items: Sequence[Item],
    batch: int,
) -> Iterator[tuple[int, Result]]:
    """Keep a few batches a worker in hand: neither the scheduler nor this process holds them all."""
    left = iter(batches(len(items), batch))
    positions: dict[str, range] = {}

    def submit(where: range) -> Any:
        # A task writes files: equal calls are no reason to leave one out.
        future = client.submit(each, task, [items[at] for at in where], pure=False)
        positions[future.key] = where
        return future

    in_hand = max(4, 3 * sum(client.nthreads().values()))
    first = [submit(where) for _, where in zip(range(in_hand), left, strict=False)]
    waiting = distributed.as_completed(first, loop=client.loop)
    for future in waiting:
        results = future.result()
        where = positions.pop(future.key)
        future.release()
        if (further := next(left, None)) is not None:
            waiting.add(submit(further))
        yield from zip(where, results, strict=True)
