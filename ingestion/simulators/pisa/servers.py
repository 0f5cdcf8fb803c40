"""Where the databases lie: a PostgreSQL server, or a folder of SQLite files."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import errors
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ingestion.core.errors import WarehouseError
from ingestion.core.simulated import COLUMN
from ingestion.simulators.pisa.columns import COLUMNS, KEY, OTHERS, READ

TABLE = "responses"
MADE_UP = f"{COLUMN} text default 'true'"
HEADS = (*KEY, *READ, "bank")
INDEX = f"create index if not exists {TABLE}_created_at on {TABLE} (created_at, id)"
# The bank's rows are joined to the cells that differ, in the database: no wide row is sent twice.
FILL = (
    f"insert into {TABLE} ({', '.join((*KEY, *READ, *OTHERS))}) "
    f"select {', '.join(f'heads.{name}' for name in (*KEY, *READ))}, {', '.join(OTHERS)} "
    "from heads cross join bank where bank.n = heads.bank"
)


def database_of(country: str) -> str:
    """Return the name of a country's database."""
    return f"pisa_{country.lower()}"


class Server(ABC):
    """Makes, opens and drops the databases."""

    mark: str
    types: tuple[str, str]
    options = ""

    def table(self) -> str:
        """Return the statement that makes the table."""
        id_type, time_type = self.types
        kinds = {"id": f"{id_type} primary key", "created_at": f"{time_type} not null"}
        given = ", ".join(f"{name} {kinds.get(name, 'text')}" for name in COLUMNS)
        return f"create table if not exists {TABLE} ({given}, {MADE_UP}){self.options}"

    def prepare(self, connection: Any, bank: Sequence[Sequence[str]]) -> None:
        """Make the table, and what `fill` joins to."""
        cursor = connection.cursor()
        cursor.execute(self.table())
        cursor.execute(f"select * from {TABLE} limit 0")
        if COLUMN not in [column[0] for column in cursor.description]:
            # A database that was made before its rows said what they are.
            cursor.execute(f"alter table {TABLE} add column {MADE_UP}")
        cursor.execute(INDEX)
        others = ", ".join(f"{name} text" for name in OTHERS)
        cursor.execute(f"create temp table bank (n integer primary key, {others})")
        marks = ", ".join([self.mark] * (len(OTHERS) + 1))
        cursor.executemany(
            f"insert into bank values ({marks})", [(n, *row) for n, row in enumerate(bank)]
        )
        connection.commit()

    @abstractmethod
    def analyze(self, connection: Any) -> None:
        """Do after many rows what a server does by itself after a while."""

    @abstractmethod
    def create(self, country: str) -> None:
        """Make a country's database, unless it is there."""

    @abstractmethod
    def drop(self, country: str) -> None:
        """Take it away, whoever uses it."""

    @abstractmethod
    def url(self, country: str) -> str:
        """Return where SQLAlchemy finds it."""

    @abstractmethod
    def connect(self, country: str) -> Any:
        """Return a connection of Python's database interface."""

    @abstractmethod
    def fill(self, connection: Any, heads: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows of `HEADS`, their other answers from the bank."""


class PostgresServer(Server):
    """Databases on a PostgreSQL server.

    Args:
        url: where it is, with a user who may make databases.

    Raises:
        WarehouseError: it cannot be reached, or the URL is none of PostgreSQL's.
    """

    mark = "%s"
    types = ("bigint", "timestamptz")
    # Statistics of a thousand columns, gathered in the background, would take whole minutes.
    options = " with (autovacuum_analyze_threshold = 2147483647)"

    def __init__(self, url: str) -> None:
        message = (
            "--postgres is not a URL of a PostgreSQL server: write postgresql://user@host:5432"
        )
        try:
            self._url = make_url(url)
        except (ArgumentError, ValueError):
            raise WarehouseError(message) from None
        if self._url.get_backend_name() != "postgresql":
            raise WarehouseError(message)
        if not self._url.database:
            self._url = self._url.set(database="postgres")
        self._run("select 1")

    def create(self, country: str) -> None:
        """Make a country's database, unless it is there."""
        try:
            self._run(f"create database {database_of(country)}")
        except errors.DuplicateDatabase:
            return

    def drop(self, country: str) -> None:
        """Take it away, whoever uses it."""
        self._run(f"drop database if exists {database_of(country)} with (force)")

    def url(self, country: str) -> str:
        """Return where SQLAlchemy finds it."""
        url = self._url.set(database=database_of(country))
        return url.render_as_string(hide_password=False)

    def connect(self, country: str) -> Any:
        """Return a connection."""
        connection = self._connect(database_of(country))
        with connection.cursor() as cursor:
            cursor.execute("set synchronous_commit = off; set timezone = 'UTC'; set jit = off")
        connection.commit()
        return connection

    def fill(self, connection: Any, heads: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows of `HEADS`, their other answers from the bank."""
        lines = StringIO("".join("\t".join(map(str, head)) + "\n" for head in heads))
        columns = ", ".join(
            f"{name} {kind}"
            for name, kind in zip(
                HEADS, (*self.types, *(["text"] * len(READ)), "integer"), strict=True
            )
        )
        with connection.cursor() as cursor:
            cursor.execute(f"create temp table if not exists heads ({columns}); truncate heads")
            cursor.copy_expert("copy heads from stdin", lines)
            cursor.execute(FILL)

    def analyze(self, connection: Any) -> None:
        """Make the answers to counts quick."""
        connection.autocommit = True
        with connection.cursor() as cursor:
            # Only what is known to be on disk counts as seen by all, and answers from an index.
            cursor.execute("set synchronous_commit = on")
            # All columns' statistics would take longer than the rows did.
            cursor.execute(f"analyze {TABLE} ({', '.join(KEY)})")
            cursor.execute(f"vacuum {TABLE}")
            cursor.execute("set synchronous_commit = off")
        connection.autocommit = False

    def _connect(self, database: str) -> Any:
        arguments = self._url.set(database=database).translate_connect_args(
            username="user", database="dbname"
        )
        try:
            return psycopg2.connect(**arguments | dict(self._url.query), connect_timeout=10)
        except psycopg2.OperationalError as error:
            why = str(error).strip().splitlines()[0]
            message = f"the PostgreSQL server refuses: {why}; start it or correct --postgres"
            raise WarehouseError(message) from None

    def _run(self, statement: str) -> None:
        connection = self._connect(str(self._url.database))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()


class SqliteFolder(Server):
    """Databases as files of a folder, which is made where it is not there."""

    mark = "?"
    types = ("integer", "text")

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._folder.mkdir(parents=True, exist_ok=True)

    def create(self, country: str) -> None:
        """Do nothing: connecting makes the file."""

    def drop(self, country: str) -> None:
        """Remove the file."""
        for end in ("", "-wal", "-shm"):
            self._file(country).with_name(self._file(country).name + end).unlink(missing_ok=True)

    def url(self, country: str) -> str:
        """Return where SQLAlchemy finds it."""
        return f"sqlite:///{self._file(country)}"

    def connect(self, country: str) -> Any:
        """Return a connection; readers do not wait for it, nor it for them."""
        connection = sqlite3.connect(self._file(country), timeout=30, check_same_thread=False)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = off")
        return connection

    def fill(self, connection: Any, heads: Iterable[tuple[Any, ...]]) -> None:
        """Insert rows of `HEADS`, their other answers from the bank."""
        connection.execute(f"create temp table if not exists heads ({', '.join(HEADS)})")
        connection.execute("delete from heads")
        marks = ", ".join("?" * len(HEADS))
        connection.executemany(f"insert into heads values ({marks})", heads)
        connection.execute(FILL)

    def analyze(self, connection: Any) -> None:
        """Do nothing: a file needs none."""

    def _file(self, country: str) -> Path:
        return self._folder / f"{database_of(country)}.sqlite"
