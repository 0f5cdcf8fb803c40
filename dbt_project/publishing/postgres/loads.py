"""Load rows beside what the server's readers see: DuckDB writes them, the server reads them.

Both ends of a pipe are this process: DuckDB's postgres extension writes PostgreSQL's binary form
into it, and the session that will swap the build copies from it. So nothing but that session needs
the address and the password, and a killed publication leaves nothing on the server.
"""

import fcntl
import importlib.util
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dbt_project.publishing.postgres.changes import Change
from dbt_project.publishing.postgres.connection import BUFFER, Server, ServerError
from dbt_project.publishing.postgres.relations import Column, listed, quote, short_name
from ingestion.core.errors import WarehouseError
from ingestion.core.progress import Task
from ingestion.core.raw.sql import literal

EXTENSION = "duckdb_extension_postgres_scanner"
# PostgreSQL has no NUL in a text; this is Unicode's picture of one.
PICTURE_OF_NUL = "\u2400"
NEXT = "__next"


@dataclass(frozen=True)
class Loaded:
    """Rows of a change, on the server.

    Attributes:
        change: what they are for.
        rows: the table that has them, quoted; of a new table the table itself.
        sent: how many rows.
        removed: the table of keys of rows to delete; None where there is none.
        keys: how many keys.
    """

    change: Change
    rows: str
    sent: int
    removed: str | None = None
    keys: int = 0


def load_extension(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection write PostgreSQL's form; the extension is a package, nothing is downloaded.

    Raises:
        WarehouseError: the package is missing.
    """
    found = importlib.util.find_spec(EXTENSION)
    if found is None or found.origin is None:
        msg = f"the package {EXTENSION} is missing: install what requirements.lock lists"
        raise WarehouseError(msg)
    folder = Path(found.origin).parent / "extensions" / f"v{duckdb.__version__}"
    try:
        connection.execute(f"load {literal(str(folder / 'postgres_scanner.duckdb_extension'))}")
    except duckdb.Error as error:
        why = " ".join(str(error).split())
        msg = f"DuckDB's postgres extension does not load ({why}): install requirements.lock again"
        raise WarehouseError(msg) from error
    connection.execute(f"set global pg_null_byte_replacement = '{PICTURE_OF_NUL}'")
    connection.execute("set global preserve_insertion_order = false")


class Loader:
    """Loads the rows of changes.

    Args:
        connection: to the build's database, with the extension.
        server: where they go.
        task: counts the rows.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, server: Server, task: Task) -> None:
        self._connection, self._server, self._task = connection, server, task
        self._tables = 0

    def load(self, change: Change) -> Loaded:
        """Load the rows of a change, into a table of their own.

        Raises:
            ServerError: the server took them not, or they cannot be sent.
        """
        try:
            return self._load(change)
        except ServerError as error:
            msg = f"{change.relation.name}: {error}"
            raise ServerError(msg) from error

    def _load(self, change: Change) -> Loaded:
        relation = change.relation
        if change.is_new:
            return Loaded(change, *self._new_table(change))
        rows, sent = self._copy(relation.columns, change.rows)
        if change.removed is None:
            return Loaded(change, rows, sent)
        key = [column for column in relation.columns if column.name in relation.key]
        return Loaded(change, rows, sent, *self._copy(key, change.removed))

    def _new_table(self, change: Change) -> tuple[str, int]:
        """Create the table under another name, with all of its rows."""
        relation = change.relation
        name = f"{quote(relation.schema)}.{quote(next_name(relation.table))}"
        columns = [
            f"{quote(one.name)} {one.type}{' not null' if one.is_required else ''}"
            for one in relation.columns
        ]
        self._server.run(f"create table {name} ({', '.join(columns)})")
        if all(one.type == one.arrives_as for one in relation.columns):
            return name, self._send(change.rows, name, relation.names)
        rows, sent = self._copy(relation.columns, change.rows)
        self._server.run(f"insert into {name} select {arrived(relation.columns)} from {rows}")
        return name, sent

    def _copy(self, columns: Sequence[Column], query: str) -> tuple[str, int]:
        """Copy rows into a temporary table, which ends with the session."""
        self._tables += 1
        name = f'pg_temp."warehouse_{self._tables}"'
        types = ", ".join(f"{quote(one.name)} {one.arrives_as}" for one in columns)
        self._server.run(f"create temporary table {name.partition('.')[2]} ({types})")
        sent = self._send(query, name, [one.name for one in columns])
        self._server.run(f"analyze {name}")
        return name, sent

    def _send(self, query: str, table: str, names: Sequence[str]) -> int:
        reads, writes = os.pipe()
        # Linux only: elsewhere a pipe is as large as it is.
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, BUFFER)
        refused: ServerError | None = None
        arrived_rows = 0
        with ThreadPoolExecutor(1) as pool:
            with open(reads, "rb", buffering=0) as source:  # noqa: PTH123 -- a pipe
                written = pool.submit(self._write, query, writes)
                try:
                    arrived_rows = self._server.copy(table, listed(names), source)
                except ServerError as error:
                    refused = error
            # With the pipe closed DuckDB has ended, or ends now.
            failure = written.exception()
        if failure is not None and "Broken pipe" not in str(failure):
            msg = f"its rows cannot be sent: {' '.join(str(failure).split())}"
            raise ServerError(msg) from failure
        if refused is not None:
            raise refused
        return self._counted(written, arrived_rows, table)

    def _counted(self, written: Future[int], arrived_rows: int, table: str) -> int:
        """The number of rows that were sent and arrived."""
        if written.result() != arrived_rows:
            msg = f"{written.result():,} rows were sent to {table}, and {arrived_rows:,} arrived"
            raise ServerError(msg)
        self._task.advance(arrived_rows)
        return arrived_rows

    def _write(self, query: str, writes: int) -> int:
        """Write the rows of a query into the pipe, and close it; returns how many."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("set TimeZone = 'UTC'")
                found = cursor.execute(
                    f"copy ({query}) to '/dev/fd/{writes}'"
                    " (format postgres_binary, use_tmp_file false)"
                )
                return int(found.fetchall()[0][0])
        finally:
            os.close(writes)


def next_name(table: str) -> str:
    """The name of a table while it is loaded."""
    return short_name(f"{table}{NEXT}")


def arrived(columns: Sequence[Column], prefix: str = "") -> str:
    """The values of columns of a temporary table, in the types of the table itself."""
    return ", ".join(
        f"{prefix}{quote(one.name)}" + ("" if one.type == one.arrives_as else f"::{one.type}")
        for one in columns
    )
