"""What the routes do: find the build, validate the request, answer from the cache or by a query."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import duckdb

from reports.api.data.build import Build
from reports.api.data.builds import Builds
from reports.api.data.charts import ChartRequest, render_chart
from reports.api.data.etag import Answer
from reports.api.data.pages import Cursor, Format, Page, read_page
from reports.api.data.queries import Queries
from reports.api.data.run_history import RunHistoryFile
from reports.api.data.selection import Selection
from reports.api.errors import RefusedError
from reports.api.settings import Settings

LISTED_COUNTRIES = 40
DEFAULT_ROWS = 1000


@dataclass(frozen=True)
class PageRequest:
    """A request for a page of a mart.

    Attributes:
        name: full name of the mart.
        filters: filter parameters, names and values.
        select: comma-separated columns; None for all.
        order: comma-separated columns to sort by; None for the order of the file.
        is_counted: whether to count all rows that satisfy the filters.
        limit: largest number of rows; None for the default.
        cursor: from the previous page.
        form: of the answer.
    """

    name: str
    filters: Sequence[tuple[str, str]]
    select: str | None
    order: str | None
    is_counted: bool
    limit: int | None
    cursor: str | None
    form: Format


@dataclass(frozen=True)
class PageQuery:
    """A validated request for a page.

    Attributes:
        build: to read.
        fingerprint: of its selection.
        request: as requested.
        read: reads the page, given a cursor of the build's connection.
    """

    build: Build
    fingerprint: str
    request: PageRequest
    read: Callable[[duckdb.DuckDBPyConnection], Page]


@dataclass(frozen=True)
class PageAnswer:
    """A page as it is sent.

    Attributes:
        body: JSON or CSV.
        next_cursor: of the next page; None if this is the last.
        total: rows of the selection, if they were to be counted.
    """

    body: bytes
    next_cursor: str | None
    total: int | None


class Service:
    """Answers requests about what is published.

    Args:
        settings: limits.
        builds: the open ones.
        run_history: what the last runs left.
        now: the clock, UTC.
    """

    def __init__(
        self,
        settings: Settings,
        builds: Builds,
        run_history: RunHistoryFile,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.builds = builds
        self.run_history = run_history
        self.max_rows = settings.max_rows
        self.default_rows = min(DEFAULT_ROWS, settings.max_rows)
        self.now = now
        # Separate, so that a dashboard never waits for a client that reads a large mart.
        self._charts = Queries("charts", workers=2, timeout=settings.timeout)
        self._marts = Queries("marts", workers=2, timeout=settings.timeout)
        self._rendering: dict[tuple[str, ChartRequest], asyncio.Task[Answer]] = {}

    def close(self) -> None:
        """Accept no more requests that need a query."""
        self._charts.close()
        self._marts.close()

    def age_seconds(self, build: Build) -> float:
        """How long ago a build was published."""
        return max(0.0, (self.now() - build.catalogue.published_at).total_seconds())

    async def chart(self, build: Build, request: ChartRequest) -> Answer:
        """The answer to a chart's request; simultaneous requests share one query.

        Raises:
            RefusedError: 404, the build lacks the mart; 503, see `Queries.run`.
        """
        build.recent[request] = True
        found: Answer | None = build.answers.get(request)
        if found is not None:
            return found
        key = (build.id, request)
        task = self._rendering.get(key)
        if task is None:
            task = self._rendering[key] = asyncio.create_task(self._render(build, request))
            task.add_done_callback(lambda _: self._rendering.pop(key, None))
        return await asyncio.shield(task)

    async def _render(self, build: Build, request: ChartRequest) -> Answer:
        body = await self._charts.run(
            build, lambda cursor: render_chart(request, cursor, build.catalogue)
        )
        answer = Answer.of(body, build.id, build.catalogue.headers)
        build.answers[request] = answer
        return answer

    def page(self, request: PageRequest) -> PageQuery:
        """Validate a request for a page, without a query.

        Raises:
            RefusedError: 404, 410 or 422; the detail gives the reason.
        """
        limit = self.default_rows if request.limit is None else request.limit
        if not 1 <= limit <= self.max_rows:
            raise RefusedError(422, f"limit={limit} is not a number from 1 to {self.max_rows}")
        build = self.builds.current()
        selection = _select(build, request)
        after = -1
        if request.cursor is not None:
            cursor = Cursor.read(request.cursor, selection.fingerprint)
            build, after = self.builds.by_id(cursor.build_id), cursor.position
            # The columns may be different in the cursor's build.
            selection = _select(build, request)
        read = partial(
            read_page,
            selection=selection,
            after=after,
            limit=limit,
            form=request.form,
            is_counted=request.is_counted,
        )
        return PageQuery(build, selection.fingerprint, request, read)

    async def read(self, page: PageQuery) -> PageAnswer:
        """Read a page.

        Raises:
            RefusedError: 503, see `Queries.run`.
        """
        found = await self._marts.run(page.build, page.read)
        next_cursor = None
        if found.last is not None:
            next_cursor = Cursor(page.build.id, page.fingerprint, found.last).text()
            self.builds.keep_open(page.build)
        if page.request.form == "csv":
            return PageAnswer(found.body, next_cursor, found.total)
        head = json.dumps({"mart": page.request.name, "build_id": page.build.id})[:-1]
        after = {"next_cursor": next_cursor, "total": found.total}
        tail = "], " + json.dumps(after)[1:]
        body = head.encode() + b', "rows": [' + found.body + tail.encode()
        return PageAnswer(body, next_cursor, found.total)


def _select(build: Build, request: PageRequest) -> Selection:
    return Selection.read(
        build.catalogue.mart(request.name),
        filters=request.filters,
        select=request.select,
        order=request.order,
    )


def parse_countries(build: Build, texts: Sequence[str]) -> tuple[str, ...]:
    """The distinct countries of a filter, sorted; empty means all.

    Args:
        build: has the known codes.
        texts: the values of `countries`, comma-separated codes in upper or lower case.

    Raises:
        RefusedError: 422, a code is unknown.
    """
    given = {code.strip() for text in texts for code in text.split(",")} - {""}
    known = build.catalogue.countries
    codes = {code.upper() for code in given}
    if unknown := sorted(code for code in given if code.upper() not in known):
        shown = ", ".join(code[:12] for code in unknown[:5]) + (", …" if unknown[5:] else "")
        some = sorted(known)[:LISTED_COUNTRIES] if len(known) <= LISTED_COUNTRIES else []
        use = f"use some of {', '.join(some)}" if some else "use ISO codes such as GBR,FRA"
        raise RefusedError(422, f"countries: {shown} is unknown; {use}")
    return tuple(sorted(codes))
