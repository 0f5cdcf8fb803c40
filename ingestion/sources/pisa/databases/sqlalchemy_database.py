"""A country's database in SQLite, or in whatever else SQLAlchemy has a driver for."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, CursorResult, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from ingestion.core.raw.text_tables import text_columns
from ingestion.sources.pisa.databases.database import (
    COLUMNS,
    Database,
    DatabaseError,
    Page,
    in_one_line,
)
from ingestion.sources.pisa.databases.digests import LETTERS_OF_HOUR, Hours, hours_of

IN_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class SqlAlchemyDatabase(Database):
    """Reads in one transaction, through rows of Python values."""

    _connection: Connection | None = None
    _is_sqlite = False

    def open(self) -> None:
        """Connect; a missing file is not created."""
        self._is_sqlite = self.url.get_backend_name() == "sqlite"
        if self._is_sqlite and self.url.database and not Path(self.url.database).is_file():
            msg = f"there is no file {self.url.database}"
            raise DatabaseError(msg)
        try:
            options = {"timeout": self.timeout} if self._is_sqlite else {}
            engine = create_engine(self.url, poolclass=NullPool, connect_args=options)
            self._connection = engine.connect()
            if self._is_sqlite:
                # Its driver begins no transaction for what only reads.
                self._connection.exec_driver_sql("begin")
        except ImportError as error:
            msg = f"the driver of {self.url.drivername} is not installed ({error.name})"
            raise DatabaseError(msg) from error
        except SQLAlchemyError as error:
            raise DatabaseError(in_one_line(error, self.url)) from error

    def end(self) -> None:
        """End the transaction."""
        assert self._connection is not None  # noqa: S101
        self._connection.rollback()

    def close(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            self._connection.close()

    def columns(self) -> Sequence[str]:
        """Return the table's columns."""
        with self._answer("select * from responses where 1 = 0", {}) as answer:
            return list(answer.keys())

    def rows(self, query: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Return a small answer."""
        with self._answer(query, values) as answer:
            return [tuple(row) for row in answer.fetchall()]

    def page(self, query: str, values: Mapping[str, Any], full: int) -> Page:
        """Return a page."""
        select = f"select {', '.join(self.names[name] for name in COLUMNS)} {query}"
        rows = self.rows(select, values)
        columns = [*zip(*rows, strict=True)] or [()] * len(COLUMNS)
        if any(not isinstance(value, int) for value in columns[0]):
            msg = "its column id is of another type than bigint"
            raise DatabaseError(msg)
        last = (rows[-1][1], rows[-1][0]) if len(rows) == full else None
        texts = [_times(column) if n == 1 else _texts(column) for n, column in enumerate(columns)]
        table = text_columns(**dict(zip(COLUMNS, texts, strict=True)))
        return Page(table, last if last and last[0] is not None else None)

    def hours(self) -> Hours:
        """Return the hours; these databases compute no checksums, so the rows are read."""
        there = self.summary()
        return hours_of(self.between(there.least, there.most))

    def of_hours(self, hours: Collection[str]) -> Iterator[pa.Table]:
        """Yield pages: times are written in many forms, so all rows are read and a part is kept."""
        there = self.summary()
        wanted = pa.array(hours, pa.string())
        for page in self.between(there.least, there.most):
            moments = pc.fill_null(page["created_at"], "")
            hour = pc.utf8_slice_codeunits(moments, 0, LETTERS_OF_HOUR)
            yield page.filter(pc.is_in(hour, wanted))

    def mark(self, name: str) -> str:
        """Return SQLAlchemy's mark."""
        return f":{name}"

    def moment_mark(self, name: str) -> str:
        """Return the mark: moments are compared as the database gives them."""
        return f":{name}"

    def created_from(self, since: datetime) -> tuple[str, dict[str, Any]]:
        """Return a condition; where times are text it serves both forms, `T` and space."""
        at = self.names["created_at"]
        if not self._is_sqlite:
            return f"{at} >= :since", {"since": since.replace(tzinfo=None)}
        # The first half is wider, and an index serves it.
        return f"({at} >= :day and replace({at}, ' ', 'T') >= :since)", {
            "day": since.strftime("%Y-%m-%d"),
            "since": since.strftime("%Y-%m-%dT%H:%M:%S"),
        }

    def quoted(self, name: str) -> str:
        """Return a name as the dialect quotes it."""
        assert self._connection is not None  # noqa: S101
        return str(self._connection.dialect.identifier_preparer.quote(name))

    @contextmanager
    def _answer(self, query: str, values: Mapping[str, Any]) -> Iterator[CursorResult[Any]]:
        assert self._connection is not None  # noqa: S101
        try:
            with self._connection.execute(text(query), dict(values)) as answer:
                yield answer
        except SQLAlchemyError as error:
            raise DatabaseError(in_one_line(error, self.url)) from error


def _texts(values: Sequence[Any]) -> list[str | None]:
    return [None if value is None else _text(value) for value in values]


def _text(value: Any) -> str:
    # Bytes as PostgreSQL writes them.
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def _times(values: Sequence[Any]) -> list[str | None]:
    """Return times in UTC in raw's form; as received where a value is not a time."""
    return [None if value is None else _time(value) for value in values]


def _time(value: Any) -> str:
    if isinstance(value, str) and IN_FORM.fullmatch(value):
        return value
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return _text(value)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
