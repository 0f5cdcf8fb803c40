"""How long work shows itself: a bar on a terminal, plain lines in a log.

Run: `with progress_for(sys.stderr).task("crimes", total=335_921) as task: task.advance(50_000)`
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO, Protocol

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 5.0


class Task(Protocol):
    """One piece of work that counts what it has done."""

    def advance(self, n: int) -> None:
        """Count `n` more as done."""

    def total(self, n: int) -> None:
        """Say how many there will be, once that is known."""


class Progress(Protocol):
    """Where tasks are shown."""

    def task(
        self, description: str, total: int | None = None, unit: str = "rows"
    ) -> AbstractContextManager[Task]:
        """Show a task until its block ends; without a unit it counts nothing but its seconds."""


class _BarTask:
    def __init__(self, bar: RichProgress, task_id: TaskID, unit: str) -> None:
        self._bar = bar
        self._id = task_id
        self._unit = unit

    def advance(self, n: int) -> None:
        self._bar.advance(self._id, n)
        task = self._bar.tasks[0]
        done = _count_and_rate(int(task.completed), task.elapsed or 0.0, self._unit)
        self._bar.update(self._id, done=done)

    def total(self, n: int) -> None:
        self._bar.update(self._id, total=n)


class BarProgress:
    """A bar with count and rate, for a terminal."""

    def __init__(self, stream: IO[str]) -> None:
        self._console = Console(file=stream)

    @contextmanager
    def task(
        self, description: str, total: int | None = None, unit: str = "rows"
    ) -> Iterator[Task]:
        """Show a task as a bar until its block ends."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[done]}"),
            TimeElapsedColumn(),
        )
        with RichProgress(*columns, console=self._console) as bar:
            yield _BarTask(bar, bar.add_task(description, total=total, done=""), unit)


class _LineTask:
    def __init__(
        self, description: str, total: int | None, unit: str, clock: Callable[[], float]
    ) -> None:
        self._description = description
        self._total = total
        self._unit = unit
        self._clock = clock
        self._began = self._said = clock()
        self._done = 0
        logger.info("%s: started%s", description, f", {total:,} {unit}" if total else "")

    def advance(self, n: int) -> None:
        self._done += n
        if self._clock() - self._said >= SECONDS_BETWEEN_LINES:
            self._said = self._clock()
            of = f" of {self._total:,}" if self._total else ""
            logger.info("%s: %s%s", self._description, self._so_far(), of)

    def total(self, n: int) -> None:
        self._total = n

    def end(self, outcome: str) -> None:
        logger.info("%s: %s, %s", self._description, outcome, self._so_far())

    def _so_far(self) -> str:
        seconds = self._clock() - self._began
        if not self._unit:
            return f"{seconds:.1f} s"
        return _count_and_rate(self._done, seconds, self._unit)


class LineProgress:
    """A line when a task starts, every five seconds, and when it ends, by `logging`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock

    @contextmanager
    def task(
        self, description: str, total: int | None = None, unit: str = "rows"
    ) -> Iterator[Task]:
        """Log a task until its block ends."""
        task = _LineTask(description, total, unit, self._clock)
        try:
            yield task
        except BaseException:
            task.end("stopped")
            raise
        task.end("done")


class Silent:
    """Shows nothing, for work that is done again every second."""

    @contextmanager
    def task(
        self, description: str, total: int | None = None, unit: str = "rows"
    ) -> Iterator[Task]:
        """Count nothing."""
        del description, total, unit
        yield _SilentTask()


class _SilentTask:
    def advance(self, n: int) -> None:
        pass

    def total(self, n: int) -> None:
        pass


def progress_for(stream: IO[str]) -> Progress:
    """Return bars where `stream` is a terminal, lines elsewhere."""
    return BarProgress(stream) if stream.isatty() else LineProgress()


def _count_and_rate(done: int, seconds: float, unit: str) -> str:
    rate = f" ({done / seconds:,.0f} {unit}/s)" if seconds > 0 and done else ""
    return f"{done:,} {unit}{rate}"
