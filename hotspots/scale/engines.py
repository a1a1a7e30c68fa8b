"""What an engine is: whoever shares work out, and this process as the plainest of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: How often work is given out again whose worker was lost.
RETRIES: Final = 3


class Engine(Protocol):
    """
    Work shared out.

    An item and its result travel as pickles, and a task may run more than once for an item: it
    must give the same result each time, and write files beside their place and rename them.

    Attributes
    ----------
    costly_start : bool
        Whether starting costs more than a little work does, which this process may then do instead.
    """

    costly_start: bool

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

    costly_start = False

    def map(
        self, task: Callable[[Item], Result], items: Sequence[Item], *, batch: int = 1
    ) -> Iterator[tuple[int, Result]]:
        """Yield the result of each item in turn."""
        del batch
        for at, item in enumerate(items):
            yield at, task(item)
