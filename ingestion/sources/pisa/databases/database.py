"""What a load asks a country's database, whatever its kind.

Paging: keyset, on (created_at, id) for what is new and on id for older gaps; a page is one answer.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import URL

from ingestion.core.errors import PartError
from ingestion.core.process.secrets import mask, remember
from ingestion.core.simulated import COLUMN
from ingestion.sources.pisa.columns import ANSWERS
from ingestion.sources.pisa.databases.digests import Hours

PAGE_ROWS = 50_000
TABLE = "responses"
COLUMNS = ("id", "created_at", *ANSWERS)
# Small, so that a sum of remainders overflows in no database.
PRIME = 1_000_003


class DatabaseError(PartError):
    """A country's database could not be read; the message is one line without a password."""


@dataclass(frozen=True)
class Summary:
    """Rows by number, and by a sum over their ids that differs between two sets of ids."""

    rows: int
    ids: int
    least: int = 0
    most: int = 0

    def is_of(self, other: "Summary") -> bool:
        """Return whether two summaries are of the same ids."""
        return (self.rows, self.ids) == (other.rows, other.ids)


@dataclass(frozen=True)
class Page:
    """Rows as text, columns as `COLUMNS`, and where the next page goes on; None after the last."""

    rows: pa.Table
    last: tuple[Any, int] | None


@dataclass(frozen=True)
class _Read:
    """Rows submitted since then were read as they were at a moment."""

    since: datetime
    moment: int


class Database(ABC):
    """A database; every answer between `open` or `begin` and `end` is of one moment.

    Args:
        country: whose it is.
        url: where it is.
        timeout: seconds to wait for a connection, or for one answer.

    Attributes:
        names: the columns' names as the database quotes them, by ours.
        is_simulated: whether the table calls its rows made up.
        stays_open: whether it may be read again without being opened again.
        moment: which moment it is, for `changed_from`; None where the database keeps no track of
            when its rows changed.

    Raises:
        DatabaseError: from every method.
    """

    modulo = "%"
    is_simulated = False
    stays_open = False
    moment: int | None = None

    def __init__(self, country: str, url: URL, timeout: float) -> None:
        self.country = country
        self.url = url
        self.timeout = timeout
        self.names: dict[str, str] = {}
        self._read: _Read | None = None
        self._kept: _Read | None = None

    def summary(self) -> Summary:
        """Return the rows that are there."""
        at = self.names["id"]
        asked = f"count(*), coalesce(sum({at} {self.modulo} {PRIME}), 0), min({at}), max({at})"
        ((rows, ids, least, most),) = self.rows(f"select {asked} from {TABLE}", {})
        if not isinstance(least or 0, int) or not isinstance(most or 0, int):
            msg = "its column id is of another type than bigint"
            raise DatabaseError(msg)
        return Summary(int(rows), int(ids), least or 0, most or 0)

    def buckets(self, width: int, most: int) -> dict[int, Summary]:
        """Return the rows up to an id by bucket of ids; a bucket is named by its multiple."""
        at = self.names["id"]
        rows = self.rows(
            f"select {at} - {at} {self.modulo} {width}, count(*), "
            f"sum({at} {self.modulo} {PRIME}) from {TABLE} where {at} <= {self.mark('most')} "
            f"group by {at} - {at} {self.modulo} {width}",
            {"most": most},
        )
        return {int(start): Summary(int(count), int(ids)) for start, count, ids in rows}

    def submitted_since(self, since: datetime | None) -> Iterator[pa.Table]:
        """Yield pages of rows that were created then or later, in order; all for None.

        What was read before, is kept and did not change since is left out.
        """
        key = f"{self.names['created_at']}, {self.names['id']}"
        where, values = ("true", {}) if since is None else self.created_from(since)
        kept = self._kept
        if since and kept and since >= kept.since:
            where = f"{where} and {self.changed_from('moment')}"
            values["moment"] = kept.moment
        page = self._page(where, key, values)
        while page.last:
            yield page.rows
            values["at"], values["id"] = page.last
            after = f"({key}) > ({self.moment_mark('at')}, {self.mark('id')})"
            page = self._page(f"{where} and {after}", key, values)
        yield page.rows
        if self.moment is not None:
            self._read = _Read(since or datetime.min.replace(tzinfo=UTC), self.moment)

    def keep(self) -> None:
        """Note that what `submitted_since` yielded is kept: it need not be read again."""
        self._kept = self._read

    def forget(self) -> None:
        """Read everything again that is asked for."""
        self._kept = self._read = None

    def between(
        self, first: int, last: int, only: str = "true", more: Mapping[str, Any] | None = None
    ) -> Iterator[pa.Table]:
        """Yield pages of rows by their ids, both ends included.

        Args:
            first: an id.
            last: another.
            only: a condition more.
            more: its values.
        """
        at = self.names["id"]
        values: dict[str, Any] = {"first": first, "last": last, **(more or {})}
        where = f"{at} between {self.mark('first')} and {self.mark('last')} and {only}"
        while True:
            page = self._page(where, at, values)
            yield page.rows
            if page.rows.num_rows < PAGE_ROWS:
                return
            values["first"] = int(page.rows["id"][-1].as_py()) + 1

    def _page(self, where: str, order: str, values: Mapping[str, Any]) -> Page:
        return self.page(
            f"from {TABLE} where {where} order by {order} limit {PAGE_ROWS}", values, PAGE_ROWS
        )

    def find_names(self) -> dict[str, str]:
        """Return the columns' names as the database quotes them, by ours; any case will do."""
        columns = self.columns()
        there = {name.lower(): name for name in columns}
        self.is_simulated = COLUMN in there
        ours = [name.lower() for name in columns if name.lower() in COLUMNS]
        if twice := [name for name in ours if ours.count(name) > 1]:
            msg = f"its table {TABLE} has column {twice[0]} twice, in another case"
            raise DatabaseError(msg)
        if missing := [name for name in COLUMNS if name not in there]:
            many = "columns" if len(missing) > 1 else "column"
            msg = f"its table {TABLE} has no {many} {', '.join(missing)}"
            raise DatabaseError(msg)
        return {name: self.quoted(there[name]) for name in COLUMNS}

    @abstractmethod
    def hours(self) -> Hours:
        """Return how many rows were submitted in each hour (UTC), and their checksums."""

    @abstractmethod
    def of_hours(self, hours: Collection[str]) -> Iterator[pa.Table]:
        """Yield pages of the rows that were submitted in these hours."""

    @abstractmethod
    def open(self) -> None:
        """Connect."""

    def begin(self) -> bool:
        """Begin another moment; False where the table is not as it was when it was opened."""
        return False

    def changed_from(self, mark: str) -> str:
        """Return a condition on rows that changed since the `moment` of that name."""
        raise NotImplementedError(mark)

    @abstractmethod
    def end(self) -> None:
        """End the moment; locks and snapshots go."""

    @abstractmethod
    def close(self) -> None:
        """Disconnect; nothing happens where it is not open."""

    @abstractmethod
    def columns(self) -> Sequence[str]:
        """Return the table's columns; refuses a type that cannot be paged by."""

    @abstractmethod
    def rows(self, query: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Return a small answer."""

    @abstractmethod
    def page(self, query: str, values: Mapping[str, Any], full: int) -> Page:
        """Return a page of `COLUMNS`; `query` begins at `from`, `full` rows have more behind."""

    @abstractmethod
    def mark(self, name: str) -> str:
        """Return what stands for a value in a query."""

    @abstractmethod
    def moment_mark(self, name: str) -> str:
        """Return what stands for a moment of `Page.last`."""

    @abstractmethod
    def created_from(self, since: datetime) -> tuple[str, dict[str, Any]]:
        """Return a condition on `created_at`, and its values."""

    @abstractmethod
    def quoted(self, name: str) -> str:
        """Return a column's name as it stands in a query."""


def in_one_line(error: BaseException, url: URL) -> str:
    """Return a database's own message in one line, without the password that it may quote."""
    remember(str(url.password or ""))
    # SQLAlchemy's error wraps the driver's.
    error = getattr(error, "orig", None) or error
    lines = [line.strip() for line in mask(str(error)).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]
