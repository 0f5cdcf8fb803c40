"""Pages of a data set: what to ask the portal, and its answer as raw rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import pyarrow as pa

from ingestion.errors import LoadError
from ingestion.sources.chicago_crime.client import SocrataClient
from ingestion.sources.chicago_crime.datasets import SYSTEM_FIELDS, Dataset
from ingestion.sources.chicago_crime.intervals import Interval, Window
from ingestion.sources.chicago_crime.state import Watermark

T = TypeVar("T")

# Stars go first: the portal refuses them anywhere else.
EVERYTHING = ",".join(("*", *SYSTEM_FIELDS))
MOST_DAYS = 50_000


@dataclass
class Reader:
    """Reads one data set, page by page.

    Attributes:
        client: asks the portal.
        dataset: what to read.
        page_size: rows a page.
        extra_columns: columns seen that the data set did not have when this was written.
    """

    client: SocrataClient
    dataset: Dataset
    page_size: int
    extra_columns: tuple[str, ...] = ()

    def counts(self) -> dict[date | None, int]:
        """Return how many rows the portal has of each day; None: rows without a day."""
        answer = self.client.query(
            self.dataset.id,
            select=f"date_trunc_ymd({self.dataset.day_column}) as day,count(*) as n",
            group="day",
            order="day",
            limit=MOST_DAYS,
        )
        return {
            date.fromisoformat(row["day"][:10]) if row["day"] else None: int(row["n"])
            for row in answer.to_pylist()
        }

    def newest(self) -> Watermark | None:
        """Return the moment of the newest change; None where there are no rows."""
        answer = self.client.query(
            self.dataset.id, select=":updated_at", order=":updated_at desc", limit=1
        )
        at = answer.column(0).to_pylist()
        return Watermark(at[0]) if at and at[0] else None

    def count_at(self, moment: str, where: str | None) -> int:
        """Return how many rows of a part of the data set changed at exactly that moment."""
        answer = self.client.query(
            self.dataset.id,
            select="count(*) as n",
            where=_both(f":updated_at = '{moment}'", where),
            limit=1,
        )
        return int(answer.column("n")[0].as_py())

    def window(self, window: Window) -> Iterator[pa.Table]:
        """Yield the pages of a window, in the order of :id."""
        return self._by_id(window.where(str(self.dataset.day_column)))

    def at(self, moment: str, where: str | None) -> Iterator[pa.Table]:
        """Yield the pages of what changed at exactly one moment, in the order of :id."""
        return self._by_id(_both(f":updated_at = '{moment}'", where))

    def _by_id(self, here: str | None) -> Iterator[pa.Table]:
        last: str | None = None
        while True:
            page = self._page(_both(f":id > '{last}'" if last else None, here), ":id")
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
            LoadError: a column that is needed is not there.
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
        self.extra_columns = extra or self.extra_columns
        page = page.select([*needed, *extra])
        return page.rename_columns([SYSTEM_FIELDS.get(name, name) for name in page.column_names])

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


def within(column: str | None, intervals: Sequence[Interval], *, undated: bool) -> str | None:
    """Return the condition that a row lies in some intervals; None: every row does."""
    if column is None:
        return None
    parts = [f"({interval.where(column)})" for interval in intervals]
    return " or ".join([*parts, f"{column} is null"] if undated else parts)


def _later(mark: Watermark | None) -> str | None:
    if mark is None:
        return None
    if mark.id is None:
        return f":updated_at > '{mark.at}'"
    same = f":updated_at = '{mark.at}' and :id > '{mark.id}'"
    return f":updated_at > '{mark.at}' or ({same})"


def _both(one: str | None, other: str | None) -> str | None:
    parts = [part for part in (one, other) if part]
    return " and ".join(f"({part})" for part in parts) if parts else None
