"""Follow publications: the newest build is served, the previous one closes after its last query.

A cursor keeps its build open, so that a client that pages through a mart sees one build to the end,
whatever is published meanwhile.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb

from reports.api.data.build import MANIFEST, Build, open_build
from reports.api.data.charts import ChartRequest
from reports.api.errors import RefusedError

POLL_SECONDS = 0.25  # seconds between two checks
KEEP_OPEN_SECONDS = 60.0  # after the last cursor of a build was returned
MAX_OPEN_BUILDS = 4
logger = logging.getLogger(__name__)


class Builds:
    """The builds that are open.

    Args:
        folder: the link to the newest build.
        memory_limit: of DuckDB, for each build.
        monotonic: a clock in seconds that never goes back.
    """

    def __init__(
        self, folder: Path, memory_limit: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.newest: Build | None = None
        self._folder = folder
        self._memory_limit = memory_limit
        self._monotonic = monotonic
        self._kept_open: dict[str, tuple[Build, float]] = {}
        self._opened_stamp: tuple[int, ...] = ()
        self._failed_stamp: tuple[int, ...] = (0,)
        self._wake = asyncio.Event()
        self._taken_over = asyncio.Event()
        self._refreshing = asyncio.Lock()
        self._follower: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open what is published, and start following."""
        await self.refresh()
        self._follower = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Stop following; close each build after its last query."""
        if self._follower is not None:
            self._follower.cancel()
            with suppress(asyncio.CancelledError):
                await self._follower
        kept_open = [build for build, _ in self._kept_open.values()]
        for build in {*kept_open, *([self.newest] if self.newest else [])}:
            build.retire()
        self.newest, self._kept_open, self._opened_stamp = None, {}, ()

    def current(self) -> Build:
        """The newest open build; a newer publication, if there is one, is opened soon.

        Raises:
            RefusedError: 503, nothing was published yet.
        """
        stamp = self._stamp()
        if stamp not in {self._opened_stamp, self._failed_stamp}:
            self._wake.set()
        if self.newest is None:
            raise RefusedError(503, "nothing is published yet: run `warehouse run`, then try again")
        return self.newest

    def by_id(self, build_id: str) -> Build:
        """The build of a cursor.

        Raises:
            RefusedError: 410, it is no longer open; 503, nothing was published yet.
        """
        current = self.current()
        if current.id == build_id:
            return current
        if build_id in self._kept_open:
            return self._kept_open[build_id][0]
        detail = "the build of this cursor is no longer open: start again without the cursor"
        raise RefusedError(410, detail)

    async def other_than(self, build_id: str) -> Build:
        """The newest build, once it is not this one."""
        while self.newest is None or self.newest.id == build_id:
            await self._taken_over.wait()
        return self.newest

    def keep_open(self, build: Build) -> None:
        """Keep a build open, because a client got a cursor of it."""
        self._kept_open.pop(build.id, None)
        self._kept_open[build.id] = (build, self._monotonic() + KEEP_OPEN_SECONDS)
        others = [name for name in self._kept_open if not self._is_newest(name)]
        for name in others[:-MAX_OPEN_BUILDS]:
            self._release(name)

    async def refresh(self) -> None:
        """Open a newer publication, if there is one; on failure the current build stays."""
        async with self._refreshing:
            self._expire()
            stamp = self._stamp()
            if stamp in {self._opened_stamp, ()}:
                return
            try:
                build = await asyncio.to_thread(
                    open_build,
                    self._folder,
                    memory_limit=self._memory_limit,
                    current=self.newest,
                    popular=self._popular_requests(),
                )
            except (OSError, ValueError, KeyError, TypeError, duckdb.Error) as error:
                if stamp != self._failed_stamp:
                    logger.warning("the newest publication cannot be opened: %s", error)
                self._failed_stamp = stamp
                return
            self._opened_stamp = stamp
            if build is not None:
                self._take_over(build)

    def _take_over(self, build: Build) -> None:
        before, self.newest = self.newest, build
        logger.info("serving build %s", build.id)
        self._taken_over.set()
        self._taken_over = asyncio.Event()
        if build.id in self._kept_open:
            # After a rollback to a build that a cursor keeps open, the one just opened replaces it.
            kept_open, until = self._kept_open[build.id]
            self._kept_open[build.id] = (build, until)
            kept_open.retire()
        if before is not None and before.id not in self._kept_open:
            before.retire()

    def _popular_requests(self) -> list[ChartRequest]:
        return list(self.newest.recent) if self.newest else []

    async def _follow(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
            self._wake.clear()
            await self.refresh()

    def _stamp(self) -> tuple[int, ...]:
        """Changes with each publication; empty if there is none."""
        try:
            found = os.stat(self._folder / MANIFEST)  # noqa: PTH116 - at every request
        except OSError:
            return ()
        return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)

    def _expire(self) -> None:
        now = self._monotonic()
        for name in [name for name, (_, until) in self._kept_open.items() if until < now]:
            self._release(name)

    def _release(self, name: str) -> None:
        build, _ = self._kept_open.pop(name)
        if not self._is_newest(name):
            build.retire()

    def _is_newest(self, name: str) -> bool:
        return self.newest is not None and self.newest.id == name
