"""Fetching ahead: what is needed next comes over the wire while what came before is written."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Generic, TypeVar

from ingestion.core.errors import PartError
from ingestion.core.process.signals import is_stopped

T = TypeVar("T")
JOIN_SECONDS = 0.1


@dataclass(frozen=True)
class Finished:
    """A part was read.

    Attributes:
        failure: why it could not be read to its end; None where it was.
    """

    failure: PartError | None = None


class FetchAhead(Generic[T]):
    """Reads parts in threads, a few at a time, and never far ahead of what takes their items.

    Args:
        reads: by part, what reads it.
        workers: parts that are read at the same time.
        max_waiting: the weight at which reading waits until items are taken.
        weight: of an item; every item weighs 1 by default.
    """

    def __init__(
        self,
        reads: Mapping[str, Callable[[], Iterator[T]]],
        workers: int,
        max_waiting: int,
        weight: Callable[[T], int] = lambda _: 1,
    ) -> None:
        self._reads = deque(reads.items())
        self._unfinished = len(reads)
        self._max_waiting = max_waiting
        self._weight_of = weight
        self._waiting: deque[tuple[str, T | Finished | BaseException, int]] = deque()
        self._weight = 0
        self._is_over = False
        self._changed = threading.Condition()
        # Daemons: a driver that hangs does not delay the end of the program.
        self._threads = [
            threading.Thread(target=self._work, name=f"fetch-{n}", daemon=True)
            for n in range(min(workers, len(reads)))
        ]
        for thread in self._threads:
            thread.start()

    def __iter__(self) -> Generator[tuple[str, T | Finished]]:
        """Yield parts with their items, and a `Finished` after the last item of each.

        Raises:
            Exception: what reading a part raised, other than a `PartError`.
        """
        try:
            while self._unfinished:
                with self._changed:
                    self._changed.wait_for(lambda: self._waiting)
                    part, item, weight = self._waiting.popleft()
                    self._weight -= weight
                    self._changed.notify_all()
                if isinstance(item, BaseException):
                    raise item
                self._unfinished -= isinstance(item, Finished)
                yield part, item
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()

    def join(self) -> None:
        """Wait for the requests under way, once nothing is taken any more."""
        for thread in self._threads:
            # A command that is to end waits for no server.
            while thread.is_alive() and not is_stopped():
                thread.join(JOIN_SECONDS)

    def _work(self) -> None:
        while not self._is_over:
            try:
                part, read = self._reads.popleft()
            except IndexError:
                return
            try:
                for item in read():
                    if not self._put(part, item, self._weight_of(item)):
                        return
                self._put(part, Finished(), 0)
            except PartError as error:
                self._put(part, Finished(error), 0)
            except BaseException as error:  # noqa: BLE001 -- raised again where items are taken
                self._put(part, error, 0)

    def _put(self, part: str, item: T | Finished | BaseException, weight: int) -> bool:
        """Hand an item over; False once nothing is taken any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or self._weight < self._max_waiting)
            self._waiting.append((part, item, weight))
            self._weight += weight
            self._changed.notify_all()
            return not self._is_over


def fetch_ahead(
    items: Iterator[T], *, max_waiting: int = 1, weight: Callable[[T], int] = lambda _: 1
) -> Iterator[T]:
    """Yield the same items, which a thread fetches ahead; see `FetchAhead`."""
    ahead = FetchAhead({"": lambda: items}, 1, max_waiting, weight)
    try:
        with closing(ahead.__iter__()) as taken:
            for _, item in taken:
                if not isinstance(item, Finished):
                    yield item
                elif item.failure is not None:
                    raise item.failure
    finally:
        ahead.join()
