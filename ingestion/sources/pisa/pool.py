"""Databases read at the same time, a few at once, and never far ahead of what writes."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

from ingestion.sources.pisa.databases import DatabaseError

T = TypeVar("T")
SECONDS_BETWEEN_LOOKS = 0.2


@dataclass(frozen=True)
class Ended:
    """A country's reading is over: why it failed, None where it did not."""

    why: str | None


class Pool(Generic[T]):
    """Reads countries in threads; no more than `workers` items wait to be taken.

    Args:
        reads: by country, what reads it.
        workers: countries that are read at a time.
    """

    def __init__(self, reads: Mapping[str, Callable[[], Iterator[T]]], workers: int) -> None:
        self._reads: Queue[tuple[str, Callable[[], Iterator[T]]]] = Queue()
        for pair in reads.items():
            self._reads.put(pair)
        self._open = len(reads)
        self._items: Queue[tuple[str, T | Ended | BaseException]] = Queue(workers)
        self._is_over = threading.Event()
        # Daemons: a driver that hangs does not hold up the end of the program.
        for n in range(min(workers, len(reads))):
            threading.Thread(target=self._work, name=f"pisa-{n}", daemon=True).start()

    def __iter__(self) -> Iterator[tuple[str, T | Ended]]:
        """Yield countries with what was read of them, each ended by an `Ended`."""
        try:
            while self._open:
                country, item = self._items.get()
                if isinstance(item, Ended):
                    self._open -= 1
                elif isinstance(item, BaseException):
                    raise item
                yield country, item
        finally:
            self._is_over.set()

    def _work(self) -> None:
        while not self._is_over.is_set():
            try:
                country, read = self._reads.get_nowait()
            except Empty:
                return
            try:
                for item in read():
                    if not self._put(country, item):
                        return
                self._put(country, Ended(None))
            except DatabaseError as error:
                self._put(country, Ended(str(error)))
            except BaseException as error:  # noqa: BLE001 -- raised again where items are taken
                self._put(country, error)

    def _put(self, country: str, item: T | Ended | BaseException) -> bool:
        """Hand an item over; False once nobody takes any."""
        while not self._is_over.is_set():
            try:
                self._items.put((country, item), timeout=SECONDS_BETWEEN_LOOKS)
            except Full:
                continue
            return True
        return False
