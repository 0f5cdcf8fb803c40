"""A connection to the server, whose errors are one line, and which a hanging server cannot hold."""

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import connection as PgConnection  # noqa: N812

from dbt_project.publishing.postgres.settings import TIMEOUT, URL, PostgresSettings
from ingestion.core.errors import WarehouseError
from ingestion.core.process.secrets import mask
from ingestion.core.process.signals import raise_if_stopped

# A line that goes dead is noticed in about a minute. Options of the URL override these.
DEFAULTS = {
    "connect_timeout": "10",
    "application_name": "warehouse",
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "4",
    "tcp_user_timeout": "60000",
}
UTF8 = {"client_encoding": "UTF8"}
# One publication at a time: a lock by a number that is ours.
LOCK = 0x77617265
SECONDS_FOR_ANOTHER = 5
SECONDS_FOR_A_LOCK = 60
BUFFER = 2**20
Values = Sequence[object] | Mapping[str, object] | None
# A time zone of its own: the server's must not change what is written.
SESSION = f"""
set lock_timeout = '{SECONDS_FOR_A_LOCK}s';
set statement_timeout = 0;
set idle_in_transaction_session_timeout = 0;
set time zone 'UTC';
set work_mem = '64MB';
set maintenance_work_mem = '256MB';
set search_path = pg_catalog, pg_temp;
"""


class ServerError(WarehouseError):
    """The build did not land on the server; what it had before stays."""


class Server:
    """A session with the server.

    Args:
        connection: open; every statement is in its transaction.
        timeout: seconds for a statement, or for the next rows of one.
    """

    def __init__(self, connection: PgConnection, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self._is_cut = False
        self._watch = _Watch(timeout, self._cut)

    def close(self) -> None:
        """Disconnect; what was not committed is rolled back."""
        self._watch.end()
        with suppress(psycopg2.Error):
            self._connection.close()

    @property
    def version(self) -> int:
        """The server's version: 150018 for 15.18."""
        return int(self._connection.server_version)

    def run(self, sql: str, values: Values = None) -> int:
        """Execute a statement; returns how many rows it changed.

        Raises:
            ServerError: it failed, or took too long.
        """
        with self._cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.rowcount)

    def rows(self, sql: str, values: Values = None) -> list[tuple[Any, ...]]:
        """Return a small answer.

        Raises:
            ServerError: it failed, or took too long.
        """
        with self._cursor() as cursor:
            cursor.execute(sql, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def copy(self, table: str, columns: str, source: Any) -> int:
        """Copy rows into a table.

        Args:
            table: its quoted name.
            columns: their quoted names.
            source: an open file of rows in PostgreSQL's binary form.

        Returns:
            How many rows.

        Raises:
            ServerError: it failed, or took no more rows.
        """
        reader = _Reader(source, self._watch)
        with self._cursor() as cursor:
            cursor.copy_expert(
                f"copy {table} ({columns}) from stdin (format binary)", reader, BUFFER
            )
            return int(cursor.rowcount)

    def commit(self) -> None:
        """Commit: from now on the server's readers see what was done.

        Raises:
            ServerError: it failed; the server has either all of it or nothing.
        """
        with self._in_one_line():
            self._connection.commit()

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with self._in_one_line(), self._connection.cursor() as cursor:
            yield cursor

    @contextmanager
    def _in_one_line(self) -> Iterator[None]:
        self._watch.restart()
        try:
            yield
        except psycopg2.Error as error:
            if self._is_cut:
                msg = f"it gave no answer in {self._timeout:g} s ({TIMEOUT})"
                raise ServerError(msg) from None
            raise ServerError(_why(error)) from error
        finally:
            self._watch.pause()

    def _cut(self) -> None:
        """Close the line to a server that hangs; whoever waits for it wakes up."""
        self._is_cut = True
        with suppress(psycopg2.Error, OSError):
            line = socket.socket(fileno=os.dup(self._connection.fileno()))
            with line:
                line.shutdown(socket.SHUT_RDWR)


class _Watch:
    """Cuts a line on which nothing happens for too long."""

    def __init__(self, seconds: float, cut: Callable[[], None]) -> None:
        self._seconds, self._cut = seconds, cut
        self._until: float | None = None
        self._ended = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def restart(self) -> None:
        """Something happened: count from now."""
        self._until = monotonic() + self._seconds

    def pause(self) -> None:
        """Nothing is awaited of the server."""
        self._until = None

    def end(self) -> None:
        self._ended.set()

    def _look(self) -> None:
        while not self._ended.wait(min(1.0, self._seconds / 4)):
            until = self._until
            if until is not None and monotonic() > until:
                self._cut()
                return


class _Reader:
    """A file whose reader is seen to go on, and ends when a signal came."""

    def __init__(self, source: Any, watch: _Watch) -> None:
        self._source, self._watch = source, watch

    def read(self, size: int = BUFFER) -> bytes:
        raise_if_stopped()
        self._watch.restart()
        found: bytes = self._source.read(size)
        self._watch.restart()
        return found


@contextmanager
def connect(settings: PostgresSettings) -> Iterator[Server]:
    """Open a session and its transaction, of which there is one at a time; closed without a commit.

    Raises:
        ServerError: the server is unreachable or refuses, or another publication is under way.
    """
    try:
        connection = psycopg2.connect(**DEFAULTS | dict(settings.options) | UTF8)
    except psycopg2.Error as error:
        msg = f"no connection: {_why(error)}; check {URL} and the server"
        raise ServerError(msg) from error
    server = Server(connection, settings.timeout)
    try:
        server.run(SESSION)
        server.commit()
        _lock(server)
        yield server
    finally:
        server.close()


def _lock(server: Server) -> None:
    """Be the only publication until the transaction ends; a killed one ends a little later."""
    server.run(f"set local lock_timeout = '{SECONDS_FOR_ANOTHER}s'")
    try:
        server.rows("select pg_advisory_xact_lock(%s)", [LOCK])
    except ServerError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable):
            msg = "another publication to this database is under way"
            raise ServerError(msg) from error
        raise
    server.run(f"set local lock_timeout = '{SECONDS_FOR_A_LOCK}s'")


def _why(error: psycopg2.Error) -> str:
    """One line; the server's own message where it gave one."""
    said = (error.diag.message_primary, error.diag.message_detail)
    text = "; ".join(part for part in said if part) or str(error)
    line = mask(" ".join(text.split())) or "it closed the connection"
    if isinstance(error, errors.InsufficientPrivilege):
        return f"{line}: give the role the rights that docs/operators.md lists"
    if isinstance(error, errors.LockNotAvailable):
        return f"{line}: something has had one of the tables locked for {SECONDS_FOR_A_LOCK} s"
    return line
