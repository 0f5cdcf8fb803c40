"""A country's database on a PostgreSQL server: COPY as CSV, into Arrow."""

import os
import socket
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from typing import Any

import psycopg2
import pyarrow as pa
from psycopg2.extensions import connection as Connection  # noqa: N812
from pyarrow import csv as pacsv

from ingestion.core.fetching.text_csv import one_block
from ingestion.core.raw.text_tables import text_table
from ingestion.sources.pisa.columns import ANSWERS
from ingestion.sources.pisa.databases.database import (
    COLUMNS,
    Database,
    DatabaseError,
    Page,
    in_one_line,
)
from ingestion.sources.pisa.databases.digests import (
    BETWEEN,
    DIGITS,
    LETTERS_OF_HOUR,
    NOTHING,
    TEXTS,
    Hours,
    summed,
)

# The name of our connections in the server's list.
NAME = "warehouse"
# The types' numbers are part of PostgreSQL's protocol.
INTEGERS = {20, 21, 23}
WITH_ZONE, WITHOUT_ZONE = 1184, 1114
FORM = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
# The server itself ends what takes too long; a server that hangs is cut off a little later.
SECONDS_OF_GRACE = 2.0
# So many rows at a time have their checksums made well within the time for an answer.
ROWS_PER_SUM = 200_000

_PARSE = pacsv.ParseOptions(newlines_in_values=True)
# COPY writes a null as nothing, and an empty text in quotes.
_CONVERT = pacsv.ConvertOptions(
    column_types=dict.fromkeys(COLUMNS, pa.string()),
    null_values=[""],
    strings_can_be_null=True,
    quoted_strings_can_be_null=False,
)


# The oldest transaction under way (only a plain table keeps track of who wrote its rows), and the
# columns with their types and table: what is read otherwise, or is another table, shows there.
MOMENT = """
select
    case
        when relkind = 'r' then txid_snapshot_xmin(txid_current_snapshot()) %% 4294967296
    end,
    (
        select array_agg(attname || ' ' || atttypid || ' ' || attrelid order by attname)
        from pg_attribute
        where attrelid = pg_class.oid and attname = any(%(names)s) and not attisdropped
    )
from pg_class
where oid = cast('responses' as regclass)
"""


class PostgresDatabase(Database):
    """Reads in one transaction of one snapshot."""

    modulo = "%%"
    stays_open = True
    _connection: Connection | None = None
    _has_zone = True
    _is_cut = False
    _plain_names: Sequence[str] = ()
    _types: Sequence[str] | None = None

    def open(self) -> None:
        """Connect."""
        options = {"connect_timeout": max(2, round(self.timeout)), "application_name": NAME}
        options |= self.url.translate_connect_args(username="user", database="dbname")
        with self._in_one_line():
            # The URL's own options override ours.
            self._connection = psycopg2.connect(**options | dict(self.url.query))
            self._connection.set_client_encoding("UTF8")
            self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        milliseconds = round(self.timeout * 1000)
        # Compiling a query over a thousand columns takes longer than running it.
        self._run(f"set statement_timeout = {milliseconds}; set datestyle = 'ISO'; set jit = off")

    def begin(self) -> bool:
        """Begin another transaction; False where the columns' types are not as they were."""
        ((moment, types),) = self.rows(MOMENT, {"names": [*self._plain_names]})
        is_same = self._types in (None, types)
        self.moment, self._types = moment, types
        return is_same

    def end(self) -> None:
        """End the transaction; what was set for the connection stays."""
        assert self._connection is not None  # noqa: S101
        with self._in_one_line():
            self._connection.commit()

    def close(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            self._connection.close()

    def columns(self) -> Sequence[str]:
        """Return the columns of the table that the search path finds."""
        with self._answer("select * from responses limit 0") as cursor:
            described = [(column.name, column.type_code) for column in cursor.description]
        types = {name.lower(): code for name, code in described}
        if types.get("id", 20) not in INTEGERS:
            msg = "its column id is of another type than bigint"
            raise DatabaseError(msg)
        if types.get("created_at", WITH_ZONE) not in (WITH_ZONE, WITHOUT_ZONE):
            msg = "its column created_at is of another type than timestamptz"
            raise DatabaseError(msg)
        self._has_zone = types.get("created_at") == WITH_ZONE
        self._plain_names = [name for name, _ in described if name.lower() in COLUMNS]
        self.begin()
        return [name for name, _ in described]

    def rows(self, query: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Return a small answer."""
        with self._answer(query, values) as cursor:
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def page(self, query: str, values: Mapping[str, Any], full: int) -> Page:
        """Return a page."""
        answers = ", ".join(f"cast({self.names[name]} as text)" for name in ANSWERS)
        # Without a name of its own the text would be called created_at, and be ordered by.
        select = f"select {self.names['id']}, {self._moment()} as moment, {answers} {query}"
        body = BytesIO()
        with self._cursor() as cursor:
            bound = cursor.mogrify(select, values).decode()
            cursor.copy_expert(f"copy ({bound}) to stdout (format csv)", body)
        if not body.tell():
            return Page(text_table(COLUMNS, []), None)
        try:
            read = one_block(body.tell(), COLUMNS)
            rows = pacsv.read_csv(pa.py_buffer(body.getbuffer()), read, _PARSE, _CONVERT)
        except pa.ArrowInvalid as error:
            msg = f"its answer cannot be read: {in_one_line(error, self.url)}"
            raise DatabaseError(msg) from error
        if rows["id"].null_count:
            msg = "its column id has no value in some rows"
            raise DatabaseError(msg)
        last = rows["created_at"][-1].as_py(), int(rows["id"][-1].as_py())
        return Page(rows, last if rows.num_rows == full and last[0] is not None else None)

    def hours(self) -> Hours:
        """Return the hours; the server makes the checksums."""
        there = self.summary()
        width = (there.most - there.least) // (there.rows // ROWS_PER_SUM + 1) + 1
        at = self.names["id"]
        texts = {name: f"cast({self.names[name]} as text)" for name in ANSWERS}
        texts["created_at"] = self._moment()
        cells = ", ".join(f"coalesce({texts[name]}, {NOTHING})" for name in TEXTS)
        # Over bytes of UTF-8, whatever the database's own encoding is.
        digest = f"md5(convert_to(concat_ws({BETWEEN}, {at}, {cells}), 'UTF8'))"
        select = (
            f"select {self._hour()}, count(*), "
            f"sum(cast(cast('x0' || left({digest}, {DIGITS}) as bit(64)) as bigint)) "
            f"from responses where {at} between %(first)s and %(last)s group by 1"
        )
        return summed(
            part
            for first in range(there.least, there.most + 1, width)
            for part in self.rows(select, {"first": first, "last": first + width - 1})
        )

    def of_hours(self, hours: Collection[str]) -> Iterator[pa.Table]:
        """Yield pages; the server looks for the hours."""
        there = self.summary()
        only = f"{self._hour()} = any(%(hours)s)"
        return self.between(there.least, there.most, only, {"hours": [*hours]})

    def _moment(self) -> str:
        """Return when a row was submitted as raw has it."""
        at = self.names["created_at"]
        utc = f"{at} at time zone 'UTC'" if self._has_zone else at
        return f"case when isfinite({at}) then to_char({utc}, '{FORM}') else cast({at} as text) end"

    def _hour(self) -> str:
        return f"left(coalesce({self._moment()}, ''), {LETTERS_OF_HOUR})"

    def mark(self, name: str) -> str:
        """Return psycopg2's mark."""
        return f"%({name})s"

    def moment_mark(self, name: str) -> str:
        """Return the mark as a moment of the column's type."""
        return f"cast(%({name})s as {'timestamptz' if self._has_zone else 'timestamp'})"

    def created_from(self, since: datetime) -> tuple[str, dict[str, Any]]:
        """Return a condition that an index on the column serves."""
        return f"{self.names['created_at']} >= {self.moment_mark('since')}", {
            "since": since.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        }

    def changed_from(self, mark: str) -> str:
        """Return a condition: whoever wrote the row had not ended at that moment.

        A moment is the oldest transaction that was under way. Numbers of transactions start again
        from the beginning some day; their ages do not.
        """
        return f"age(xmin) <= age(cast(cast(%({mark})s as text) as xid))"

    def quoted(self, name: str) -> str:
        """Return a name in quotes."""
        return '"' + name.replace('"', '""').replace("%", "%%") + '"'

    def _run(self, query: str) -> None:
        with self._answer(query):
            pass

    @contextmanager
    def _answer(self, query: str, values: Mapping[str, Any] | None = None) -> Iterator[Any]:
        with self._cursor() as cursor:
            cursor.execute(query, values)
            yield cursor

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """Give a cursor whose answer comes within the time, or not at all."""
        assert self._connection is not None  # noqa: S101
        watch = threading.Timer(self.timeout + SECONDS_OF_GRACE, self._cut)
        watch.daemon = True
        watch.start()
        try:
            with self._in_one_line(), self._connection.cursor() as cursor:
                yield cursor
        finally:
            watch.cancel()

    def _cut(self) -> None:
        """Close the line to a server that hangs; whoever waits for it wakes up."""
        self._is_cut = True
        if self._connection is not None and not self._connection.closed:
            with socket.socket(fileno=os.dup(self._connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def _in_one_line(self) -> Iterator[None]:
        try:
            yield
        except psycopg2.errors.QueryCanceled as error:
            msg = f"it took longer than {self.timeout:g} s to answer"
            raise DatabaseError(msg) from error
        except psycopg2.Error as error:
            why = f"it gave no answer in {self.timeout:g} s"
            why = why if self._is_cut else in_one_line(error, self.url)
            raise DatabaseError(why) from error
