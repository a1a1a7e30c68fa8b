"""Engines give the same results whoever does the work, and name what they cannot mend."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from concurrent.futures import CancelledError
from dataclasses import dataclass
from multiprocessing import Pipe
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest

from hotspots.errors import DataMissingError, InputError, NetworkError, UsageError, WorkerError
from hotspots.scale import worker
from hotspots.scale.choosing import choose_engine
from hotspots.scale.cluster import DaskEngine
from hotspots.scale.engines import SerialEngine, batches
from hotspots.scale.pool import PoolEngine
from hotspots.scale.worker import held, trim


@dataclass(frozen=True)
class Job:
    """A number to square; `trap` is a file at whose making the worker dies, "always" kills each."""

    number: int
    trap: str = ""


def square(job: Job) -> int:
    if job.trap and (job.trap == "always" or not Path(job.trap).exists()):
        if job.trap != "always":
            Path(job.trap).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if job.number < 0:
        raise InputError("A number is negative.")
    return job.number**2


def results(engine, jobs: list[Job], batch: int = 2) -> dict[int, int]:
    return dict(engine.map(square, jobs, batch=batch))


JOBS = [Job(n) for n in range(7)]
SQUARES = {n: n**2 for n in range(7)}


def test_batches() -> None:
    assert [list(one) for one in batches(5, 2)] == [[0, 1], [2, 3], [4]]
    assert batches(0, 2) == []


def test_a_pool_does_what_one_process_does() -> None:
    assert results(SerialEngine(), JOBS) == results(PoolEngine(2), JOBS) == SQUARES


def test_a_killed_worker_of_a_pool_is_made_good(tmp_path: Path) -> None:
    jobs = [*JOBS[:6], Job(6, str(tmp_path / "trap"))]
    assert results(PoolEngine(2), jobs) == SQUARES
    assert (tmp_path / "trap").exists()


def test_a_pool_whose_workers_die_again_and_again_is_named() -> None:
    with pytest.raises(WorkerError, match="A worker was lost 4 times"):
        results(PoolEngine(2), [Job(1, "always")])


def hold(size: int) -> int:
    kept = b"x" * size
    time.sleep(10)  # until it is ended
    return len(kept)


@pytest.mark.skipif(not held(), reason="the system does not say what a process holds")
def test_a_worker_of_a_pool_that_holds_more_than_it_may_is_ended_and_named() -> None:
    limit = 2 * held()
    with pytest.raises(WorkerError, match=r"A worker needed more than the [\d.]+ GB of --memory"):
        list(PoolEngine(1, memory=limit).map(hold, [limit]))


def test_a_worker_without_memory_is_named() -> None:
    with pytest.raises(WorkerError, match="A worker found no memory"):
        list(PoolEngine(1).map(_without_memory, [1]))


def _without_memory(_item: int) -> int:
    raise MemoryError


def test_memory_that_was_freed_goes_back_to_the_system() -> None:
    before = held()
    pieces = [b"x" * 100_000 for _ in range(1_000)]  # too small to be given back one by one
    kept = pieces[::100]
    del pieces
    trim()
    assert held() - before < 50_000_000 and kept


def test_an_error_of_a_task_is_told_as_it_is() -> None:
    with pytest.raises(InputError, match="A number is negative"):
        results(PoolEngine(2), [Job(-1), *JOBS], batch=1)


@pytest.mark.filterwarnings("ignore")
def test_dask_does_the_same_and_makes_a_killed_worker_good(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra [cluster]")
    jobs = [*JOBS[:6], Job(6, str(tmp_path / "trap"))]
    assert results(DaskEngine(workers=2), jobs, batch=1) == SQUARES
    assert (tmp_path / "trap").exists()
    # Of a scheduler that is lost one sentence is told, and no traceback beside it.
    assert not logging.getLogger("distributed.client").isEnabledFor(logging.ERROR)


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_does_not_answer_is_named(monkeypatch) -> None:
    pytest.importorskip("distributed", reason="needs the extra [cluster]")
    monkeypatch.setattr("hotspots.scale.cluster._ANSWERS", 1)
    with pytest.raises(NetworkError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        results(DaskEngine("tcp://127.0.0.1:9"), JOBS)


@pytest.mark.parametrize(
    ("error", "told", "said"),
    [
        (MemoryError(), WorkerError, "The cluster lost its scheduler, or one task its worker 4 times"),
        (CancelledError(), WorkerError, "The cluster lost its scheduler"),
        (ConnectionError(), WorkerError, "it goes on where it was"),
        (InputError("A number is negative."), InputError, "^A number is negative"),
        (ZeroDivisionError("a fault of ours"), ZeroDivisionError, "^a fault of ours"),
    ],
)
def test_what_ends_a_cluster_is_named_and_what_a_task_says_is_told(monkeypatch, error, told, said) -> None:
    def fail(*_args: object):
        raise error

    monkeypatch.setattr("hotspots.scale.cluster._distributed", lambda: SimpleNamespace(KilledWorker=EOFError))
    monkeypatch.setattr("hotspots.scale.cluster.DaskEngine._client", lambda *_: None)
    monkeypatch.setattr("hotspots.scale.cluster._as_they_come", fail)
    with pytest.raises(told, match=said):
        results(DaskEngine(), JOBS)
    assert results(DaskEngine(), []) == {}, "nothing starts a cluster for nothing"


def test_without_dask_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(DataMissingError, match=r"derby-hotspots\[cluster\]"):
        results(DaskEngine(), JOBS)


class Ended(Exception):
    """What a process that ends itself raises here."""


def test_a_worker_watches_its_memory_and_its_command(monkeypatch) -> None:
    """In this process, as the workers' own are not watched."""

    def end(code: int) -> NoReturn:
        raise Ended(code)

    monkeypatch.setattr("hotspots.scale.worker.os._exit", end)
    monkeypatch.setattr("hotspots.scale.worker._LOOK", 0.001)
    sizes = iter([10, 20, 30])
    monkeypatch.setattr("hotspots.scale.worker.held", lambda: next(sizes))
    exceeded, (ours, theirs) = SimpleNamespace(value=0), Pipe()
    with ours, pytest.raises(Ended, match="1"):
        worker._watch(ours, 20, exceeded)
    assert exceeded.value == 1 and next(sizes, None) is None
    # The other end of what it waits for is gone, and with it the command.
    ours, theirs = Pipe()
    theirs.close()
    exceeded.value = 0
    with ours, pytest.raises(Ended, match="1"):
        worker._watch(ours, 0, exceeded)
    assert exceeded.value == 0


def test_a_worker_of_a_command_looks_for_circles_as_that_does_and_is_watched(monkeypatch) -> None:
    """None of it in this process, which is no worker."""
    watched: list[tuple] = []
    collected: list[object] = []
    collector = SimpleNamespace(
        freeze=lambda: collected.append("frozen"), set_threshold=lambda *objects: collected.append(objects)
    )
    monkeypatch.setattr("hotspots.scale.worker.gc", collector)
    monkeypatch.setattr("hotspots.scale.worker._keep_freed", lambda: collected.append("kept"))
    monkeypatch.setattr("hotspots.scale.worker._watch", lambda *given: watched.append(given))
    worker.begin(5, None, (50, 20, 20))
    assert not watched and collected == ["frozen", (50, 20, 20), "kept"]
    parent = SimpleNamespace(sentinel=7)
    monkeypatch.setattr("hotspots.scale.worker.multiprocessing.parent_process", lambda: parent)
    before = set(threading.enumerate())
    worker.begin(5, None, (50, 20, 20))
    for thread in set(threading.enumerate()) - before:
        thread.join()
    assert watched == [(7, 5, None)]


@pytest.mark.parametrize(("held_now", "given_back"), [(worker._TRIMMED, 0), (worker._TRIMMED + 1, 1)])
def test_a_worker_that_holds_much_gives_it_back(monkeypatch, held_now: int, given_back: int) -> None:
    trimmed: list[bool] = []
    monkeypatch.setattr("hotspots.scale.worker.held", lambda: held_now)
    monkeypatch.setattr("hotspots.scale.worker.trim", lambda: trimmed.append(True))
    assert worker.each_trimmed(square, JOBS) == list(SQUARES.values())
    assert len(trimmed) == given_back


def test_where_the_system_does_not_say_what_is_held_it_is_nothing(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("hotspots.scale.worker._STATM", tmp_path / "none")
    assert held() == 0


def test_choosing() -> None:
    assert isinstance(choose_engine(workers=1), SerialEngine)
    assert isinstance(choose_engine(workers=3), PoolEngine)
    assert choose_engine("dask", scheduler="tcp://a:1").scheduler == "tcp://a:1"
    with pytest.raises(UsageError, match="one of local, dask"):
        choose_engine("spark")
    assert isinstance(choose_engine(workers=1, memory=2), PoolEngine)
    assert choose_engine("dask", memory=0.5).memory == 500_000_000
    with pytest.raises(UsageError, match="have limits of their own"):
        choose_engine("dask", scheduler="tcp://a:1", memory=2)
    with pytest.raises(UsageError, match="give --engine dask"):
        choose_engine(scheduler="tcp://a:1")
    with pytest.raises(UsageError, match="no number below 0"):
        choose_engine(workers=-1)
    with pytest.raises(UsageError, match="Dask worker holds more before it reads"):
        choose_engine("dask", memory=0.05)
