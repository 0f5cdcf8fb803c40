"""Follow the publications: the newest build serves, the one before closes after its last query.

A cursor of a page holds its build, so that somebody who pages through a mart sees one build to
the end, whatever is published meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb

from reports.api.data.build import MANIFEST, Build, Question, open_build
from reports.api.errors import RefusedError

EVERY = 0.25  # seconds between two looks
HELD_SECONDS = 60.0  # after the last cursor of a build was given
HELD_BUILDS = 4
WARM_QUESTIONS = 16
logger = logging.getLogger(__name__)


class Builds:
    """The builds that are open.

    Args:
        folder: the link to the newest build.
        memory_limit: of DuckDB, for each build.
        monotonic: seconds that never run back.
    """

    def __init__(
        self, folder: Path, memory_limit: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.newest: Build | None = None
        self._folder = folder
        self._memory_limit = memory_limit
        self._monotonic = monotonic
        self._held: dict[str, tuple[Build, float]] = {}
        self._seen: tuple[int, ...] = ()
        self._complained: tuple[int, ...] = (0,)
        self._look = asyncio.Event()
        self._looking = asyncio.Lock()
        self._follower: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open what is published, and follow."""
        await self.refresh()
        self._follower = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Follow no more; close each build after its last query."""
        if self._follower is not None:
            self._follower.cancel()
            with suppress(asyncio.CancelledError):
                await self._follower
        held = [build for build, _ in self._held.values()]
        for build in {*held, *([self.newest] if self.newest else [])}:
            build.retire()
        self.newest, self._held, self._seen = None, {}, ()

    def current(self) -> Build:
        """The newest build that is open; a newer publication, if there is one, is opened soon.

        Raises:
            RefusedError: 503, nothing was published yet.
        """
        stamp = self._stamp()
        if stamp not in {self._seen, self._complained}:
            self._look.set()
        if self.newest is None:
            raise RefusedError(503, "nothing is published yet: run `warehouse run`, then ask again")
        return self.newest

    def named(self, build_id: str) -> Build:
        """The build that a cursor belongs to.

        Raises:
            RefusedError: 410, it is open no more; 503, nothing was published yet.
        """
        current = self.current()
        if current.id == build_id:
            return current
        if build_id in self._held:
            return self._held[build_id][0]
        detail = "the build of this cursor is no longer open: start again without the cursor"
        raise RefusedError(410, detail)

    def hold(self, build: Build) -> None:
        """Keep a build open, because somebody was given a cursor of it."""
        self._held.pop(build.id, None)
        self._held[build.id] = (build, self._monotonic() + HELD_SECONDS)
        others = [name for name in self._held if not self._is_newest(name)]
        for name in others[:-HELD_BUILDS]:
            self._let_go(name)

    async def refresh(self) -> None:
        """Open a newer publication, if there is one; on failure the open build stays."""
        async with self._looking:
            self._expire()
            stamp = self._stamp()
            if stamp in {self._seen, ()}:
                return
            try:
                build = await asyncio.to_thread(
                    open_build,
                    self._folder,
                    memory_limit=self._memory_limit,
                    current=self.newest,
                    asked=self._questions(),
                )
            except (OSError, ValueError, KeyError, TypeError, duckdb.Error) as error:
                if stamp != self._complained:
                    logger.warning("the newest publication cannot be opened: %s", error)
                self._complained = stamp
                return
            self._seen = stamp
            if build is not None:
                self._take_over(build)

    def _take_over(self, build: Build) -> None:
        before, self.newest = self.newest, build
        logger.info("serving build %s", build.id)
        if build.id in self._held:
            # Publications went back to a build that a cursor holds: the one just opened takes over.
            held, until = self._held[build.id]
            self._held[build.id] = (build, until)
            held.retire()
        if before is not None and before.id not in self._held:
            before.retire()

    def _questions(self) -> list[Question]:
        return self.newest.answers.newest(WARM_QUESTIONS) if self.newest else []

    async def _follow(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), EVERY)
            self._look.clear()
            await self.refresh()

    def _stamp(self) -> tuple[int, ...]:
        """Changes with each publication; empty where there is none."""
        try:
            found = os.stat(self._folder / MANIFEST)  # noqa: PTH116 - at every request
        except OSError:
            return ()
        return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)

    def _expire(self) -> None:
        now = self._monotonic()
        for name in [name for name, (_, until) in self._held.items() if until < now]:
            self._let_go(name)

    def _let_go(self, name: str) -> None:
        build, _ = self._held.pop(name)
        if not self._is_newest(name):
            build.retire()

    def _is_newest(self, name: str) -> bool:
        return self.newest is not None and self.newest.id == name
