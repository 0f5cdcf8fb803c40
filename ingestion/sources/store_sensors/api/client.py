"""A client of the API: which routes it has, its stores, and streams of readings.

Failures: throttling, server errors, time-outs, cut connections and streams that are not whole CSV
    are tried again; what the API refuses ends at once with its own message.
"""

import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.errors import LoadError
from ingestion.core.fetching.http import OK, RetryingClient, TransientError
from ingestion.core.fetching.text_csv import CsvError, invalid_name, read_text
from ingestion.sources.store_sensors.api.errors import StoreError, error_detail
from ingestion.sources.store_sensors.hours import Span, text_of
from ingestion.sources.store_sensors.raw_state import DayCount

TRIES = 4
MAX_WAIT = 10.0
MISSING_ROUTE = (404, 405)
COLUMNS = ("store_name", "sensor_id", "read_at_local", "visits")
DAY_NUMBERS = ("readings", "valid", "failed", "visits", "checksum")
DAY_COLUMNS = ("store_name", "date", *DAY_NUMBERS)


class Client(RetryingClient):
    """Asks the API, over one kept-alive connection.

    Args:
        base_url: the API, without a path.
        timeout: seconds to wait for its next bytes.
        sleep: waits between tries; tests pass their own.

    Attributes:
        extra_columns: columns of streams that were not there when this was written.
    """

    def __init__(
        self, base_url: str, *, timeout: float, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__(
            base_url,
            tries=TRIES,
            wait=lambda tries: 0.25 * 2.0 ** (tries - 1),
            max_wait=MAX_WAIT,
            timeout=timeout,
            sleep=sleep,
        )
        self.extra_columns: frozenset[str] = frozenset()

    def has_readings(self) -> bool:
        """Whether the API streams readings."""
        return self._has("/readings")

    def has_days(self) -> bool:
        """Whether the API adds up readings by day."""
        return self._has("/readings/days")

    def stores(self) -> Any | None:
        """Return what `/stores` answers; None where the API has no such route.

        Raises:
            LoadError: it refused, or did not answer JSON.
        """
        return self.get_json("/stores", {}, missing=MISSING_ROUTE)

    def opening_hours(self) -> Any | None:
        """Return what `/opening-hours` answers; None where the API has no such route.

        Raises:
            LoadError: it refused, or did not answer JSON.
        """
        return self.get_json("/opening-hours", {}, missing=MISSING_ROUTE)

    def readings(self, store: str, span: Span) -> pa.Table:
        """Return the readings of every door of a store, as streamed.

        Returns:
            Columns store_name, sensor_id, read_at_local, visits, and those that are new, every
            one text as received.

        Raises:
            StoreError: the API refused, no whole answer came in some tries, or it is of another
                store.
            LoadError: the API cannot be reached.
        """
        table = self._stream("/readings", COLUMNS, store, span)
        self.extra_columns |= {*table.column_names} - {*COLUMNS}
        return table

    def days(self, store: str, span: Span) -> dict[date, DayCount]:
        """Return what a store counted in each day that has an hour in a span.

        Raises:
            StoreError: the API refused, or no whole answer came in some tries.
            LoadError: the API cannot be reached.
        """
        table = self._stream("/readings/days", DAY_COLUMNS, store, span)
        try:
            return {
                date.fromisoformat(row["date"]): DayCount(*(int(row[n]) for n in DAY_NUMBERS))
                for row in table.to_pylist()
            }
        except (TypeError, ValueError) as error:
            msg = f"{self.host} counted days in what is not a day and numbers: {error}"
            raise StoreError(msg) from error

    def _stream(self, path: str, columns: Sequence[str], store: str, span: Span) -> pa.Table:
        params = {"store_name": store, "from": text_of(span.since), "to": text_of(span.until)}
        try:
            table = self.retry(self._try_stream, path, columns, params)
        except TransientError as error:
            raise self._gave_up(store, error) from error
        others = table.filter(pc.not_equal(table["store_name"], store))
        if others.num_rows:
            name = others["store_name"][0].as_py()[:40]
            msg = f"its answer has a reading of {name!r}, of which nothing was asked"
            raise StoreError(msg)
        return table

    def _has(self, path: str) -> bool:
        """Whether the API has a route; asked without a store, it refuses with 422 if it does."""
        return self.require(self.get, path, path, {}, path).status_code not in MISSING_ROUTE

    def reason(self, answer: httpx.Response) -> str:
        """Return the API's own message, in one line."""
        return error_detail(answer.status_code, answer.text)

    def _try_stream(self, path: str, columns: Sequence[str], params: dict[str, str]) -> pa.Table:
        answer = self.get(path, params, path)
        if answer.status_code != OK:
            msg = f"{self.host} refused its readings: {self.reason(answer)}"
            raise StoreError(msg)
        return read_csv(answer.content, columns)

    def _gave_up(self, store: str, error: TransientError) -> LoadError:
        if error.is_unreachable:
            msg = (
                f"{self.host} cannot be reached for the readings of {store}: {error}; what was "
                "loaded stays, load again later"
            )
            return LoadError(msg)
        return StoreError(f"no whole answer in {TRIES} tries: {error}")


def read_csv(body: bytes, columns: Sequence[str] = COLUMNS) -> pa.Table:
    """Return a stream of readings, or of days, as a table of text.

    Raises:
        TransientError: it is not whole CSV with these columns.
    """
    try:
        table = read_text(body, empty_is_null=False)
    except CsvError as error:
        reason = f"its answer is unusable: {error}"
        raise TransientError(reason) from error
    names = table.column_names
    if missing := [name for name in columns if name not in names]:
        reason = f"its answer has no column {', '.join(missing)}"
        raise TransientError(reason)
    if invalid := invalid_name(names):
        reason = f"its answer has a column named {invalid[:40]!r}, which cannot be kept"
        raise TransientError(reason)
    # A column without a value says nothing yet.
    new = [
        name
        for name in names
        if name not in columns and pc.any(pc.not_equal(table[name], "")).as_py()
    ]
    return table.select([*columns, *new])
