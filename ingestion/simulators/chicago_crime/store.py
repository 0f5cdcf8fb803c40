"""The portal's tables in DuckDB: pages out, edits in.

A large data set lies in a temporary DuckDB file, a small one in memory. Rows lie in the order of
their dates, so that a window of dates reads its own row groups alone.
"""

import tempfile
import threading
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingestion.simulators.chicago_crime.datasets import DATASETS, SYSTEM_COLUMNS, Dataset, quoted
from ingestion.simulators.chicago_crime.expressions import Typed
from ingestion.simulators.chicago_crime.soql import Query, condition
from ingestion.simulators.chicago_crime.tokens import token_sql, tokens

Ids = NDArray[np.int64]

IN_MEMORY_ROWS = 600_000
_LOCATION_TEXT = (
    "case when latitude is not null and longitude is not null "
    "then concat(chr(10), ',  ', chr(10), '(', latitude, ', ', longitude, ')') end"
)


class Store:
    """The data sets and the portal's clock. Reading is safe from any thread; edits take turns."""

    def __init__(self, *, rows: int | None = None, memory_limit: str = "1200MB") -> None:
        """Open an empty store.

        Args:
            rows: how many rows are expected; many go to a temporary file. None: unknown, so many.
            memory_limit: DuckDB's, for the whole store.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="portal-")
        small = rows is not None and rows <= IN_MEMORY_ROWS
        self.path = ":memory:" if small else str(Path(self._folder.name) / "portal.duckdb")
        self._connection = duckdb.connect(self.path)
        self._connection.execute(f"set memory_limit = '{memory_limit}'")
        self._connection.execute(f"set temp_directory = '{self._folder.name}/spill'")
        # Packing text costs two thirds of the loading; the file lives as long as the process.
        self._connection.execute("set disabled_compression_methods = 'dictionary,fsst,zstd'")
        for dataset in DATASETS.values():
            self._connection.execute(dataset.create_sql())
        self._writing = threading.Lock()
        self._now = datetime(2000, 1, 1, tzinfo=UTC)
        self._operations = 0
        self.modified_at = self._now

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store and remove its file."""
        self._connection.close()
        self._folder.cleanup()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of one's own to the store."""
        return self._connection.cursor()

    def seal(self) -> None:
        """End loading: no file is opened from here on; the clock stands after the newest row."""
        newest = self._now
        for dataset in DATASETS.values():
            sql = f'select max("t::updated_at") from {dataset.table}'
            found = self._connection.execute(sql).fetchone()
            if found and found[0]:
                newest = max(newest, found[0].replace(tzinfo=UTC))
        self._now = self.modified_at = newest + timedelta(minutes=1)
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set lock_configuration = true")

    def version(self) -> str:
        """Return what changes with every edit: the state that a page was read from."""
        return f"{self._operations}-{self.modified_at.timestamp():.3f}"

    def page(self, query: Query) -> pa.Table:
        """Return the rows asked for: text columns under the names asked for."""
        seed = _seed(query)
        with self.cursor() as cursor:
            cursor.begin()
            table = (
                _grouped(cursor, query, seed) if query.is_aggregate else _rows(cursor, query, seed)
            )
            cursor.commit()
        return table.rename_columns([name for name, _ in query.select])

    def edit(
        self,
        dataset: Dataset,
        where: str,
        values: Mapping[str, str | None],
        *,
        recreate: bool = False,
        updated_at: str | None = None,
    ) -> int:
        """Set columns of the rows that match; returns how many. `recreate` gives a new `:id`."""
        with self._writing:
            stamp = self._tick(updated_at)
            assignments: dict[str, str] = {":version": self._token("rv")}
            if recreate:
                assignments |= {":id": self._token("row"), ":created_at": "cast($stamp as varchar)"}
            known = set(dataset.stored) - set(SYSTEM_COLUMNS)
            names = self._known(values, known)
            assignments |= {name: f"cast($v{i} as varchar)" for i, name in enumerate(names)}
            bound = {f"v{i}": values[name] for i, name in enumerate(names)}
            return self._update(dataset, where, assignments, stamp, bound)

    def restamp(self, dataset: Dataset, where: str, *, updated_at: str | None = None) -> int:
        """Give all rows that match one same new `:updated_at`, and change nothing else."""
        with self._writing:
            return self._update(dataset, where, {}, self._tick(updated_at), {})

    def add(
        self, dataset: Dataset, rows: list[dict[str, str | None]], *, updated_at: str | None = None
    ) -> int:
        """Add rows; columns not given are null, system columns are made."""
        with self._writing:
            stamp = _iso(self._tick(updated_at))
            for row in rows:
                self._known(row, set(dataset.stored))
            made = {":created_at": stamp, ":updated_at": stamp}
            columns: dict[str, list[str | None]] = {
                name: [(made | row).get(name) for row in rows] for name in dataset.stored
            }
            for name, prefix in ((":id", "row"), (":version", "rv")):
                new = tokens(prefix, len(rows), f"{prefix} added {self._operations}").to_pylist()
                columns[name] = [given or n for given, n in zip(columns[name], new, strict=True)]
            with self.cursor() as cursor:
                texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
                cursor.register("incoming", pa.table(texts))
                cursor.execute(dataset.insert_sql("incoming"))
            return len(rows)

    def delete(self, dataset: Dataset, where: str) -> int:
        """Delete the rows that match; returns how many."""
        with self._writing, self.cursor() as cursor:
            self._tick(None)
            sql, parameters = condition(dataset, where)
            done = cursor.execute(f"delete from {dataset.table} where {sql}", parameters).fetchone()
            return int(done[0]) if done else 0

    def _update(
        self,
        dataset: Dataset,
        where: str,
        assignments: dict[str, str],
        stamp: datetime,
        bound: Mapping[str, str | None],
    ) -> int:
        sql, parameters = condition(dataset, where)
        text = {":updated_at": "cast($stamp as varchar)"} | assignments
        helpers = {
            name: expression.replace(quoted(source), value)
            for name, expression in dataset.helpers().items()
            for source, value in text.items()
            if name[2:] == source
        }
        changes = ", ".join(f"{value} as {quoted(n)}" for n, value in (text | helpers).items())
        values = {**bound, "stamp": _iso(stamp)}
        with self.cursor() as cursor:
            # Taken out and put back at the end: what changed lately lies together, and finding it
            # again does not cost more in a longer history.
            cursor.begin()
            cursor.execute(
                "create or replace temp table edited as "
                f"select rowid as place, * from {dataset.table} where {sql}",
                parameters,
            )
            cursor.execute(f"delete from {dataset.table} where rowid in (select place from edited)")
            done = cursor.execute(
                f"insert into {dataset.table} "
                f"select * exclude (place) replace ({changes}) from edited",
                values,
            ).fetchone()
            cursor.execute("drop table edited")
            cursor.commit()
        return int(done[0]) if done else 0

    def _token(self, prefix: str) -> str:
        key = f"""concat('{prefix} edited {self._operations}|', ":id", '|', place)"""
        return token_sql(prefix, key)

    def _tick(self, explicit: str | None) -> datetime:
        """Move the clock; every operation has a time of its own unless it asks for one."""
        stamp = datetime.fromisoformat(explicit) if explicit else self._now + timedelta(seconds=1)
        stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
        self._now = max(self._now, stamp.astimezone(UTC))
        self._operations += 1
        self.modified_at = self._now
        return stamp.astimezone(UTC)

    @staticmethod
    def _known(names: Mapping[str, object], known: set[str]) -> list[str]:
        unknown = sorted(set(names) - known)
        if unknown:
            message = f"no such column: {', '.join(unknown)}; give {', '.join(sorted(known))}"
            raise ValueError(message)
        return list(names)


def _iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def _seed(query: Query) -> int:
    """Return a number that differs between requests, and not between runs."""
    parts = (query.where, query.order, query.limit, query.offset, sorted(query.parameters.items()))
    return zlib.crc32(repr(parts).encode())


def _grouped(cursor: duckdb.DuckDBPyConnection, query: Query, seed: int) -> pa.Table:
    columns = [f"{typed.text_sql} as c{i}" for i, (_, typed) in enumerate(query.select)]
    shuffle = ", ".join([str(seed), *(typed.text_sql for _, typed in query.select)])
    sql = " ".join(
        [
            f"select {', '.join(columns)} from {query.dataset.table}",
            f"where {query.where}" if query.where else "",
            f"group by {', '.join(query.group)}" if query.group else "",
            f"having {query.having}" if query.having else "",
            f"order by {', '.join([*query.order, f'hash({shuffle})'])}",
            f"limit {query.limit} offset {query.offset}",
        ]
    )
    return cursor.execute(sql, query.parameters).to_arrow_table()


def _rows(cursor: duckdb.DuckDBPyConnection, query: Query, seed: int) -> pa.Table:
    """Find the page's row ids first, then fetch its columns: sorting moves 8 bytes a row."""
    where = f"where {query.where}" if query.where else ""
    sql = f"select rowid from {query.dataset.table} {where}"
    if query.order:
        # What the order leaves open comes in another order in every request, as there.
        ties = [] if query.total_order else [f"hash(rowid + {seed})"]
        order = ", ".join(query.order + ties)
        sql += f" order by {order} limit {query.limit} offset {query.offset}"
    found = cursor.execute(sql, query.parameters).fetchnumpy()["rowid"]
    assert isinstance(found, np.ndarray)  # noqa: S101
    return _fetched(cursor, query, found if query.order else _shuffled(found, query, seed))


def _fetched(cursor: duckdb.DuckDBPyConnection, query: Query, ids: Ids) -> pa.Table:
    """Return the rows of these ids in their order; DuckDB sorts wide rows slowly."""
    columns = [f"{_served(typed)} as c{i}" for i, (_, typed) in enumerate(query.select)]
    table = query.dataset.table
    sql = f"select {table}.rowid as page_row, {', '.join(columns)} from {table}"
    low, high = (int(ids.min()), int(ids.max())) if len(ids) else (0, 0)
    if high - low < 2 * len(ids):
        sql += f" where rowid between {low} and {high}"
    else:
        cursor.register("page", pa.table({"wanted": ids}))
        sql += f" join page on {table}.rowid = page.wanted"
    fetched = cursor.execute(sql).to_arrow_table()
    place = np.zeros(high - low + 1, np.int64)
    place[fetched["page_row"].to_numpy() - low] = np.arange(fetched.num_rows)
    wanted = pa.array(place[ids - low])
    return fetched.drop_columns(["page_row"]).combine_chunks().take(wanted)


def _shuffled(ids: Ids, query: Query, seed: int) -> Ids:
    """Without an order the rows turn by a step that differs between requests."""
    count = max(0, min(query.limit, len(ids) - query.offset))
    turn = seed % max(1, len(ids))
    places = (np.arange(query.offset, query.offset + count) + turn) % max(1, len(ids))
    page: Ids = ids[places]
    np.random.default_rng(seed).shuffle(page)
    return page


def _served(typed: Typed) -> str:
    """Return the SQL of a listed value's text: a column as it is stored, the rest computed."""
    if typed.kind == "location":
        return _LOCATION_TEXT
    return quoted(typed.column) if typed.column else typed.text_sql
