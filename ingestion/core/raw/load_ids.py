"""Load ids: they order everything that was loaded, so they only ever grow.

dlt takes the time as a package's load id. After a clock that was ahead, the next loads would count
as older than what they correct. A load id here is the time too, unless raw has one as late: then it
is the next number after that.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dlt.extract.storage
import duckdb

from ingestion.core.clock import Clock
from ingestion.core.errors import LoadError
from ingestion.core.raw.sql import literal

SECOND = 1_000_000_000
YEAR_1970 = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds since 1970 and nanoseconds, always in as many digits: their order is that of the texts.
DIGITS = 10
LOAD_ID = re.compile(rf"[0-9]{{{DIGITS}}}(\.[0-9]{{1,9}})?")


def next_load_id(last: str | None, now: datetime) -> str:
    """Return a load id that is greater than the last one, as a number and as a text.

    Args:
        last: the greatest load id so far; None before the first.
        now: the moment, with its zone.

    Raises:
        LoadError: the last one is none, or the next one is beyond the year 2286.
    """
    number = (now - YEAR_1970) // timedelta(microseconds=1) * 1000
    if last is not None:
        if not LOAD_ID.fullmatch(last):
            msg = (
                f"{last!r} is not a load id ({DIGITS} digits, a point, digits); "
                "load into another data folder"
            )
            raise LoadError(msg)
        seconds, _, fraction = last.partition(".")
        number = max(number, int(seconds) * SECOND + int(fraction.ljust(9, "0")) + 1)
    if not 0 <= number < SECOND * 10**DIGITS:
        msg = f"the clock says {now:%Y-%m-%d}, which is not between 1970 and 2286; set it"
        raise LoadError(msg)
    return f"{number // SECOND:0{DIGITS}d}.{number % SECOND:09d}"


class LoadIds:
    """Gives the load ids of one source's packages.

    Args:
        connection: to raw.
        file: raw, for messages.
        schema: the source's.
        clock: the moment, with its zone.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, file: Path, schema: str, clock: Clock
    ) -> None:
        self._connection = connection
        self._file = file
        self._schema = schema
        self._clock = clock
        self._last: str | None = None

    def next(self) -> str:
        """Return a load id greater than all that raw has, and than those given before.

        Raises:
            LoadError: raw has something else where load ids are; names it and what to do.
        """
        last = self._last or self._greatest()
        try:
            self._last = next_load_id(last, self._clock())
        except LoadError as error:
            msg = f"{self._file}, {self._schema}: {error}"
            raise LoadError(msg) from error
        return self._last

    def _greatest(self) -> str | None:
        """Return the greatest load id: of ended loads, or of rows that a killed one left."""
        columns = self._connection.execute(
            "select table_name, column_name from duckdb_columns() "
            f"where schema_name = {literal(self._schema)} and (column_name = '_dlt_load_id' "
            "or (table_name = '_dlt_loads' and column_name = 'load_id'))"
        ).fetchall()
        each = [
            f'select max({column}) as load_id from {self._schema}."{table}"'
            for table, column in columns
        ]
        if not each:
            return None
        greatest = f"select max(load_id) from ({' union all '.join(each)}) as each_table"
        found: list[tuple[str | None]] = self._connection.execute(greatest).fetchall()
        return found[0][0]


@contextmanager
def packages_with(load_id: str) -> Iterator[None]:
    """Give a load id to the package that dlt extracts meanwhile.

    dlt has no parameter for it. It calls this function of its own, whose documentation asks for ids
    that increase; the caller checks that the package got the id.
    """
    storage = vars(dlt.extract.storage)
    given_by_dlt = storage["create_load_id"]
    storage["create_load_id"] = lambda: load_id
    try:
        yield
    finally:
        storage["create_load_id"] = given_by_dlt
