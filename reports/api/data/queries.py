"""Run queries beside the event loop: a few at once, a few waiting, none for long."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import duckdb

from reports.api.data.build import Build
from reports.api.errors import RefusedError

T = TypeVar("T")
WAITING = 32
logger = logging.getLogger(__name__)


class Queries:
    """A pool of threads for queries.

    Args:
        name: of the threads.
        workers: queries at once.
        timeout: seconds for a query, including the wait for its turn.
    """

    def __init__(self, name: str, *, workers: int, timeout: float) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._most = workers + WAITING
        self._pending = 0
        self._timeout = timeout

    async def run(self, build: Build, work: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Call a function with a cursor of a build, in a thread.

        Raises:
            RefusedError: 503, too many are waiting, or it took too long or too much memory.
        """
        if self._pending >= self._most:
            raise RefusedError(503, "too many queries are waiting: try again in a moment")
        cursor = build.cursor()
        running = self._pool.submit(work, cursor)
        self._count(build, running)
        waited = asyncio.wrap_future(running)
        try:
            await asyncio.wait({waited}, timeout=self._timeout)
            if not waited.done():
                await self._interrupt(running, cursor)
                await asyncio.gather(waited, return_exceptions=True)
                raise RefusedError(503, self._too_long())
            return waited.result()
        except asyncio.CancelledError:
            cursor.interrupt()
            raise
        except duckdb.InterruptException:
            raise RefusedError(503, self._too_long()) from None
        except duckdb.OutOfMemoryException as error:
            logger.warning("a query needs too much memory: %s", str(error).splitlines()[0])
            detail = "this needs too much memory: request fewer rows, or filter"
            raise RefusedError(503, detail) from None

    def close(self) -> None:
        """Accept no more queries; running ones end by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _count(self, build: Build, running: Future[T]) -> None:
        """Count a query until its thread is done with the build."""
        loop = asyncio.get_running_loop()
        self._pending += 1
        build.acquire()

        def done() -> None:
            self._pending -= 1
            build.release()

        def notify(_: Future[T]) -> None:
            with suppress(RuntimeError):  # the server and its loop have ended meanwhile
                loop.call_soon_threadsafe(done)

        running.add_done_callback(notify)

    @staticmethod
    async def _interrupt(running: Future[T], cursor: duckdb.DuckDBPyConnection) -> None:
        # An interrupt before the query starts is lost, so once is not enough.
        while not running.cancel() and not running.done():
            cursor.interrupt()
            await asyncio.sleep(0.02)

    def _too_long(self) -> str:
        return f"this took longer than {self._timeout:g} s: request fewer rows, or filter"
