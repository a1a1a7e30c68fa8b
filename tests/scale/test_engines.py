"""Engines give the same results whoever does the work, and name what they cannot mend."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from hotspots.errors import InputError, NetworkError, UsageError, WorkerError
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
        results(PoolEngine(2), [Job(-1), Job(2)])


@pytest.mark.filterwarnings("ignore")
def test_dask_does_the_same_and_makes_a_killed_worker_good(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra [cluster]")
    jobs = [*JOBS[:6], Job(6, str(tmp_path / "trap"))]
    assert results(DaskEngine(workers=2), jobs) == SQUARES
    assert (tmp_path / "trap").exists()


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_does_not_answer_is_named(monkeypatch) -> None:
    pytest.importorskip("distributed", reason="needs the extra [cluster]")
    monkeypatch.setattr("hotspots.scale.cluster._ANSWERS", 1)
    with pytest.raises(NetworkError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        results(DaskEngine("tcp://127.0.0.1:9"), JOBS)


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
