"""The portal's tables in DuckDB: pages out, edits in.

A large data set lies in a temporary DuckDB file, a small one in memory. Rows lie in the order of
their dates, so that a window of dates reads its own row groups alone.
"""

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from ingestion.simulators.chicago_crime.datasets import DATASETS, SYSTEM_COLUMNS, Dataset, quoted
from ingestion.simulators.chicago_crime.soql.reading import group_rows, list_rows
from ingestion.simulators.chicago_crime.soql.translation import Query, condition
from ingestion.simulators.chicago_crime.tokens import token_sql, tokens

IN_MEMORY_ROWS = 600_000
ANSWERS_KEPT = 64


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
        # Counts edits when they are committed, `_operations` when they begin.
        self._edits = 0
        self._answers: dict[tuple[int, str], pa.Table] = {}
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

    def finish_loading(self) -> None:
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
        table = self._counted(query) if query.is_aggregate else self._listed(query)
        return table.rename_columns([name for name, _ in query.select])

    def _listed(self, query: Query) -> pa.Table:
        with self.cursor() as cursor:
            cursor.begin()
            table = list_rows(cursor, query)
            cursor.commit()
        return table

    def _counted(self, query: Query) -> pa.Table:
        """Return an aggregate, which goes over all rows only once between two edits."""
        key = (self._edits, repr(query))
        table = self._answers.get(key)
        if table is None:
            with self.cursor() as cursor:
                table = group_rows(cursor, query)
            if len(self._answers) >= ANSWERS_KEPT:
                self._answers.clear()
            self._answers[key] = table
        return table

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
        with self._editing():
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
        with self._editing():
            return self._update(dataset, where, {}, self._tick(updated_at), {})

    def add(
        self, dataset: Dataset, rows: list[dict[str, str | None]], *, updated_at: str | None = None
    ) -> int:
        """Add rows; columns not given are null, system columns are made."""
        with self._editing():
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
        with self._editing(), self.cursor() as cursor:
            self._tick(None)
            sql, parameters = condition(dataset, where)
            done = cursor.execute(f"delete from {dataset.table} where {sql}", parameters).fetchone()
            return int(done[0]) if done else 0

    @contextmanager
    def _editing(self) -> Iterator[None]:
        with self._writing:
            try:
                yield
            finally:
                self._edits += 1

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
