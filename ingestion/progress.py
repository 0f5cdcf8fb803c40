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
    """One piece of work that counts rows."""

    def advance(self, n: int) -> None:
        """Count `n` more rows as done."""

    def total(self, n: int) -> None:
        """Say how many rows there will be, once that is known."""


class Progress(Protocol):
    """Where tasks are shown."""

    def task(self, description: str, total: int | None = None) -> AbstractContextManager[Task]:
        """Show a task until its block ends."""


class _BarTask:
    def __init__(self, bar: RichProgress, task_id: TaskID) -> None:
        self._bar = bar
        self._id = task_id

    def advance(self, n: int) -> None:
        self._bar.advance(self._id, n)
        task = self._bar.tasks[0]
        self._bar.update(self._id, rows=_rows_and_rate(int(task.completed), task.elapsed or 0.0))

    def total(self, n: int) -> None:
        self._bar.update(self._id, total=n)


class BarProgress:
    """A bar with rows and rate, for a terminal."""

    def __init__(self, stream: IO[str]) -> None:
        self._console = Console(file=stream)

    @contextmanager
    def task(self, description: str, total: int | None = None) -> Iterator[Task]:
        """Show a task as a bar until its block ends."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[rows]}"),
            TimeElapsedColumn(),
        )
        with RichProgress(*columns, console=self._console) as bar:
            yield _BarTask(bar, bar.add_task(description, total=total, rows=""))


class _LineTask:
    def __init__(self, description: str, total: int | None, clock: Callable[[], float]) -> None:
        self._description = description
        self._total = total
        self._clock = clock
        self._began = self._said = clock()
        self._rows = 0
        logger.info("%s: started%s", description, f", {total:,} rows" if total else "")

    def advance(self, n: int) -> None:
        self._rows += n
        if self._clock() - self._said >= SECONDS_BETWEEN_LINES:
            self._said = self._clock()
            of = f" of {self._total:,}" if self._total else ""
            logger.info("%s: %s%s", self._description, self._so_far(), of)

    def total(self, n: int) -> None:
        self._total = n

    def end(self, outcome: str) -> None:
        logger.info("%s: %s, %s", self._description, outcome, self._so_far())

    def _so_far(self) -> str:
        return _rows_and_rate(self._rows, self._clock() - self._began)


class LineProgress:
    """A line when a task starts, every five seconds, and when it ends, by `logging`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock

    @contextmanager
    def task(self, description: str, total: int | None = None) -> Iterator[Task]:
        """Log a task until its block ends."""
        task = _LineTask(description, total, self._clock)
        try:
            yield task
        except BaseException:
            task.end("stopped")
            raise
        task.end("done")


def progress_for(stream: IO[str]) -> Progress:
    """Return bars where `stream` is a terminal, lines elsewhere."""
    return BarProgress(stream) if stream.isatty() else LineProgress()


def _rows_and_rate(rows: int, seconds: float) -> str:
    rate = f" ({rows / seconds:,.0f} rows/s)" if seconds > 0 and rows else ""
    return f"{rows:,} rows{rate}"
