"""A client of the API: which routes it has, its stores, and streams of readings.

Failures: throttling, server errors, time-outs, cut connections and streams that are no whole CSV
    are tried again; what the API refuses ends at once with its own words.
"""

import logging
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx
import pyarrow as pa
import pyarrow.csv as pacsv
import tenacity

from ingestion.errors import LoadError
from ingestion.sources.store_sensors.hours import Span, text_of
from ingestion.sources.store_sensors.words import (
    NOT_THERE,
    OK,
    TRIES,
    host_of,
    is_passing,
    said,
)

logger = logging.getLogger(__name__)

COLUMNS = ("store_name", "sensor_id", "read_at_local", "visits")


class StoreError(LoadError):
    """One store's readings cannot be had now; others may."""


class _TransientError(Exception):
    """Worth another try."""

    def __init__(self, reason: str, *, is_unreachable: bool = False) -> None:
        super().__init__(reason)
        self.is_unreachable = is_unreachable


class Client:
    """Asks the API, over one kept-alive connection.

    Args:
        base_url: the API, without a path.
        timeout: seconds to wait for its next bytes.
        sleep: waits between tries; tests pass their own.
    """

    def __init__(
        self, base_url: str, *, timeout: float, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.host = host_of(base_url)
        self._http = httpx.Client(base_url=base_url, timeout=timeout, follow_redirects=False)
        self._retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(TRIES),
            wait=tenacity.wait_exponential(multiplier=0.25, max=10),
            retry=tenacity.retry_if_exception_type(_TransientError),
            before_sleep=self._say_again,
            sleep=sleep,
            reraise=True,
        )

    def has_readings(self) -> bool:
        """Tell whether the API streams readings.

        Asked without a store, `/readings` refuses with 422 where it is there.
        """
        return self._get("/readings", {}).status_code not in NOT_THERE

    def stores(self) -> Any | None:
        """Return what `/stores` answers; None where the API has no such route.

        Raises:
            LoadError: it refused, or answered no JSON.
        """
        answer = self._get("/stores", {})
        if answer.status_code in NOT_THERE:
            return None
        try:
            if answer.status_code == OK:
                return answer.json()
            why = said(answer.status_code, answer.text)
        except ValueError:
            why = "its answer is no JSON"
        msg = f"{self.host} refused /stores: {why}; nothing was loaded, see the API's /docs"
        raise LoadError(msg)

    def readings(self, store: str, span: Span) -> pa.Table:
        """Return the readings of every door of a store, as streamed.

        Returns:
            Columns store_name, sensor_id, read_at_local, visits, every one text as received.

        Raises:
            StoreError: the API refused, or no whole answer came in some tries.
            LoadError: the API cannot be reached.
        """
        params = {"store_name": store, "from": text_of(span.since), "to": text_of(span.until)}
        try:
            table: pa.Table = self._retrying(self._try_readings, params)
        except _TransientError as error:
            raise self._gave_up(store, error) from error
        return table

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _get(self, path: str, params: dict[str, str]) -> httpx.Response:
        try:
            answer: httpx.Response = self._retrying(self._try, path, params)
        except _TransientError as error:
            msg = (
                f"{self.host} did not answer {path} in {TRIES} tries: {error}; check "
                "SOURCES__STORE_SENSORS__BASE_URL, or load again later"
            )
            raise LoadError(msg) from error
        return answer

    def _try(self, path: str, params: dict[str, str]) -> httpx.Response:
        try:
            answer = self._http.get(path, params=params)
        except httpx.TransportError as error:
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            is_unreachable = isinstance(error, httpx.ConnectError)
            raise _TransientError(reason, is_unreachable=is_unreachable) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            msg = f"{self.host} cannot be asked for {path}: {type(error).__name__}: {error}"
            raise LoadError(msg) from error
        if is_passing(answer.status_code):
            raise _TransientError(said(answer.status_code, answer.text))
        return answer

    def _try_readings(self, params: dict[str, str]) -> pa.Table:
        answer = self._try("/readings", params)
        if answer.status_code != OK:
            msg = f"{self.host} refused its readings: {said(answer.status_code, answer.text)}"
            raise StoreError(msg)
        return read_csv(answer.content)

    def _gave_up(self, store: str, error: _TransientError) -> LoadError:
        if error.is_unreachable:
            msg = (
                f"{self.host} cannot be reached for the readings of {store}: {error}; what was "
                "loaded stays, load again later"
            )
            return LoadError(msg)
        return StoreError(f"no whole answer in {TRIES} tries: {error}")

    def _say_again(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        wait = state.next_action.sleep if state.next_action else 0.0
        logger.warning("%s: %s; try %d in %.1f s", self.host, error, state.attempt_number + 1, wait)


def read_csv(body: bytes) -> pa.Table:
    """Return a stream of readings as a table of text.

    Raises:
        _TransientError: it is no whole CSV of readings.
    """
    if not body.endswith(b"\n"):
        reason = "its answer is cut off"
        raise _TransientError(reason)
    try:
        table = pacsv.read_csv(
            pa.py_buffer(body),
            read_options=pacsv.ReadOptions(use_threads=False),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(COLUMNS, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        reason = f"its answer is no whole CSV: {str(error)[:120]}"
        raise _TransientError(reason) from error
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        reason = f"its answer has no column {', '.join(missing)}"
        raise _TransientError(reason)
    return table.select(COLUMNS)
