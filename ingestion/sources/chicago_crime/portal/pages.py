"""Pages of a data set: what to ask the portal, and its answer as raw rows."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.errors import LoadError
from ingestion.core.fetching.text_csv import invalid_name
from ingestion.sources.chicago_crime.datasets import SYSTEM_FIELDS, Dataset
from ingestion.sources.chicago_crime.portal.client import SocrataClient
from ingestion.sources.chicago_crime.portal.windows import DayInterval, Window
from ingestion.sources.chicago_crime.state import Watermark

T = TypeVar("T")

# Stars go first: the portal refuses them anywhere else.
EVERYTHING = ",".join(("*", *SYSTEM_FIELDS))
MAX_DAYS = 50_000
# What rows are paged by, and known by again.
ALWAYS_THERE = ("socrata_id", "socrata_updated_at", "socrata_version")
CLOCKS_DIFFER_BY = timedelta(days=1)
COUNT = re.compile("[0-9]{1,12}")


@dataclass
class Reader:
    """Reads one data set, page by page.

    Attributes:
        client: asks the portal.
        dataset: what to read.
        page_size: rows a page.
        extra_columns: columns seen that the data set did not have when this was written.
        now: the moment, with its zone.
    """

    client: SocrataClient
    dataset: Dataset
    page_size: int
    extra_columns: frozenset[str] = frozenset()
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def counts(self) -> dict[date | None, int]:
        """Return how many rows the portal has of each day; None: rows without a day."""
        answer = self.client.query(
            self.dataset.id,
            select=f"date_trunc_ymd({self.dataset.day_column}) as day,count(*) as n",
            group="day",
            order="day",
            limit=MAX_DAYS,
        )
        counts: dict[date | None, int] = {}
        for day, rows in zip(*self._columns(answer, "day", "n"), strict=True):
            try:
                key = date.fromisoformat(day[:10]) if day else None
            except ValueError:
                self._refuse(f"counts rows on {day[:40]!r}, which is not a day")
            if key in counts:
                self._refuse(f"counts {day[:40]!r} twice")
            counts[key] = self._count(rows)
        return counts

    def newest(self) -> Watermark | None:
        """Return the moment of the newest change; None where there are no rows."""
        answer = self.client.query(
            self.dataset.id, select=":updated_at", order=":updated_at desc", limit=1
        )
        (column,) = self._columns(answer, ":updated_at")
        self._moments(pa.chunked_array([column], pa.string()))
        return Watermark(column[0]) if column and column[0] else None

    def count_at(self, moment: str, where: str | None) -> int:
        """Return how many rows of a part of the data set changed at exactly that moment."""
        answer = self.client.query(
            self.dataset.id,
            select="count(*) as n",
            where=_both(f":updated_at = '{moment}'", where),
            limit=1,
        )
        (column,) = self._columns(answer, "n")
        return self._count(column[0] if column else None)

    def window(self, window: Window) -> Iterator[pa.Table]:
        """Yield the pages of a window, in the order of :id."""
        return self._by_id(window.where(str(self.dataset.day_column)))

    def at(self, moment: str, where: str | None) -> Iterator[pa.Table]:
        """Yield the pages of what changed at exactly one moment, in the order of :id."""
        return self._by_id(_both(f":updated_at = '{moment}'", where))

    def _by_id(self, here: str | None) -> Iterator[pa.Table]:
        last: str | None = None
        while True:
            page = self._page(_both(f":id > {_quoted(last)}" if last else None, here), ":id")
            if page.num_rows:
                yield page
            if page.num_rows < self.page_size:
                return
            last = self._after(last, page.column("socrata_id")[-1].as_py())

    def changed(self, after: Watermark | None, where: str | None) -> Iterator[pa.Table]:
        """Yield the pages of what changed after a watermark, in the order (:updated_at, :id).

        A row that is edited while its pages are read moves to the end and comes again.
        """
        while True:
            page = self._page(_both(_later(after), where), ":updated_at,:id")
            if page.num_rows:
                self._check_order(after, page)
                yield page
            if page.num_rows < self.page_size:
                return
            last = last_of(page)
            self._after(after and (after.at, after.id or ""), (last.at, last.id or ""))
            after = last

    def _page(self, where: str | None, order: str) -> pa.Table:
        page = self.client.query(
            self.dataset.id, select=EVERYTHING, where=where, order=order, limit=self.page_size
        )
        return self.raw(page)

    def raw(self, page: pa.Table) -> pa.Table:
        """Return a page as raw rows: system fields renamed, columns in the order of the table.

        Raises:
            LoadError: a required column is missing, or a row cannot be distinguished.
        """
        needed = (*SYSTEM_FIELDS, *self.dataset.columns)
        missing = [name for name in needed if name not in page.column_names]
        if missing:
            msg = (
                f"the portal's {self.dataset.id} has no column {', '.join(missing)} any more: "
                "nothing of this page was loaded, the source needs an update"
            )
            raise LoadError(msg)
        extra = tuple(name for name in page.column_names if name not in needed)
        self.extra_columns |= {*extra}
        page = page.select([*needed, *extra])
        names = [SYSTEM_FIELDS.get(name, name) for name in page.column_names]
        if invalid := invalid_name(names):
            self._refuse(f"has a column named {invalid[:40]!r}, which cannot be kept")
        page = page.rename_columns(names)
        if any(page[name].null_count for name in ALWAYS_THERE):
            self._refuse("gave a row without :id, :updated_at or :version")
        newest = pc.max(self._moments(page["socrata_updated_at"])).as_py()
        # A watermark there would hide every change until then.
        if newest and newest > self.now() + CLOCKS_DIFFER_BY:
            self._refuse(f"gave an :updated_at in the future, {newest:%Y-%m-%d}")
        return page

    def _check_order(self, after: Watermark | None, page: pa.Table) -> None:
        """Refuse a page in another order: what a watermark passes is not read again."""
        moments = self._moments(page["socrata_updated_at"])
        is_behind = after and moments[0].as_py() < self._moments(_one(after.at))[0].as_py()
        if is_behind or pc.any(pc.less(moments[1:], moments[:-1])).as_py():
            self._refuse("gave rows in another order than :updated_at")

    def _moments(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        try:
            return pc.cast(texts, pa.timestamp("us", tz="UTC"))
        except pa.ArrowInvalid:
            self._refuse("gave an :updated_at that is not a time in UTC")

    def _columns(self, answer: pa.Table, *names: str) -> list[list[Any]]:
        if missing := [name for name in names if name not in answer.column_names]:
            self._refuse(f"answered without {', '.join(missing)}")
        return [answer[name].to_pylist() for name in names]

    def _count(self, text: str | None) -> int:
        if not COUNT.fullmatch(text or ""):
            self._refuse(f"answered {(text or 'nothing')[:40]!r} for a count")
        return int(text or "")

    def _refuse(self, what: str) -> NoReturn:
        msg = (
            f"{self.client.host}: its {self.dataset.id} {what}: nothing of this answer was loaded; "
            "load again later, and where it stays so the source needs an update"
        )
        raise LoadError(msg)

    def _after(self, before: object, last: T) -> T:
        if last == before:
            msg = (
                f"the portal gave the same page of {self.dataset.id} twice ({last}): "
                "load again later"
            )
            raise LoadError(msg)
        return last


def last_of(page: pa.Table) -> Watermark:
    """Return the position of a page's last row."""
    at, row = page.column("socrata_updated_at")[-1].as_py(), page.column("socrata_id")[-1].as_py()
    return Watermark(at, row)


def within(column: str | None, intervals: Sequence[DayInterval], *, undated: bool) -> str | None:
    """Return the condition that a row is in some intervals; None: every row does."""
    if column is None:
        return None
    parts = [f"({Window(interval).where(column)})" for interval in intervals]
    return " or ".join([*parts, f"{column} is null"] if undated else parts)


def _one(text: str) -> pa.ChunkedArray:
    return pa.chunked_array([[text]], pa.string())


def _quoted(text: str | None) -> str:
    return "'" + (text or "").replace("'", "''") + "'"


def _later(mark: Watermark | None) -> str | None:
    if mark is None:
        return None
    if mark.id is None:
        return f":updated_at > '{mark.at}'"
    same = f":updated_at = '{mark.at}' and :id > {_quoted(mark.id)}"
    return f":updated_at > '{mark.at}' or ({same})"


def _both(one: str | None, other: str | None) -> str | None:
    parts = [part for part in (one, other) if part]
    return " and ".join(f"({part})" for part in parts) if parts else None
