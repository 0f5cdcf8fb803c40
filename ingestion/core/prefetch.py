"""Fetching ahead: the next pages come over the wire while the last ones are written."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Prefetched(Generic[T]):
    """Runs an iterator in a thread, never more than `most` rows ahead.

    Args:
        items: pairs of an item and how many rows it holds.
        most: rows that may wait; one item always may.
    """

    def __init__(self, items: Iterator[tuple[T, int]], most: int) -> None:
        self._items = items
        self._most = most
        self._waiting: deque[tuple[T, int]] = deque()
        self._rows = 0
        self._is_over = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._fetch, name="prefetch", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._waiting or self._is_over)
                    if not self._waiting:
                        break
                    item, rows = self._waiting.popleft()
                    self._rows -= rows
                    self._changed.notify_all()
                yield item
        finally:
            self.close()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Stop fetching; waits for the request under way."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
        self._thread.join()

    def _fetch(self) -> None:
        try:
            for item, rows in self._items:
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._is_over or not self._waiting or self._rows < self._most
                    )
                    if self._is_over:
                        return
                    self._waiting.append((item, rows))
                    self._rows += rows
                    self._changed.notify_all()
        except BaseException as error:  # noqa: BLE001 -- raised again in the thread that reads
            self._error = error
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()
