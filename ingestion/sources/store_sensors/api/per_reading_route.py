"""`GET /`: one reading a request, many requests in flight over kept-alive connections.

Failures: a reading that fails is tried again, then not received; many in a row end the load, for
    then the API is unreachable, and its silence says nothing about the readings.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote_plus

import pyarrow as pa

from ingestion.core.errors import LoadError
from ingestion.core.fetching.concurrent_client import ConcurrentFetcher, FailedRequest
from ingestion.core.fetching.http import OK, TransientError, host_of, is_transient
from ingestion.core.raw.text_tables import text_table
from ingestion.sources.store_sensors.api.errors import StoreError, error_detail
from ingestion.sources.store_sensors.plan import Batch, Plan
from ingestion.sources.store_sensors.settings import StoreSensorsSettings

logger = logging.getLogger(__name__)

READINGS_PER_BATCH = 5_000
# Failures in a row that mean that the API is unreachable.
MAX_FAILURES_IN_A_ROW = 64
# Fewer readings refused than this say nothing about the whole store.
MIN_REFUSALS = 48

Asked = Sequence[tuple[int, str]]


@dataclass(frozen=True)
class _Refused:
    """The API refused one reading; `why` is its own message."""

    why: str


# A reading's text (empty: the API answered that it has none), or why it is refused.
Reading = str | _Refused


@dataclass
class PerReadingRoute:
    """Asks for readings one by one.

    Attributes:
        settings: address, connections, time-out.
        failures: why a store was given up, by store.
        notes: what a reader should know.
    """

    settings: StoreSensorsSettings
    failures: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _failed_in_a_row: int = 0

    def batches(self, plans: Sequence[Plan]) -> Iterator[Batch]:
        """Yield a batch for every few thousand readings."""
        with fetching(self.settings) as fetcher:
            for plan in plans:
                yield from self._batches_of(plan, fetcher)

    def _batches_of(self, plan: Plan, fetcher: ConcurrentFetcher[Reading]) -> Iterator[Batch]:
        try:
            for spans, asked in plan.chunks(READINGS_PER_BATCH):
                answers = self._ask(fetcher, plan.store.name, asked)
                yield Batch(
                    plan.store, spans, _table(asked), _answers_table(asked, answers), is_whole=False
                )
        except StoreError as error:
            self.failures[plan.store.name] = str(error)

    def _ask(
        self, fetcher: ConcurrentFetcher[Reading], store: str, asked: Asked
    ) -> list[str | None]:
        """Return the answers, in the order asked; None: not received.

        Raises:
            StoreError: the API refused every one.
            LoadError: the API is unreachable.
        """
        answers: list[str | None] = [None] * len(asked)
        refused: dict[int, str] = {}
        failure, has_any = "", False
        for n, answer in fetcher.fetch(targets(store, asked)):
            if isinstance(answer, FailedRequest):
                failure = answer.reason
                logger.info("%s: %s", answer.target, failure)
                self._failed_in_a_row += 1
                if self._failed_in_a_row >= MAX_FAILURES_IN_A_ROW:
                    raise self._unreachable(failure)
                continue
            self._failed_in_a_row = 0
            if isinstance(answer, _Refused):
                refused[n] = answer.why
            else:
                answers[n], has_any = answer, True
        if refused:
            first = min(refused)
            sensor, hour = asked[first]
            what = f"the first of door {sensor} at {hour}: {refused[first]}"
            if not has_any and len(refused) >= MIN_REFUSALS:
                msg = f"every reading was refused, {what}"
                raise StoreError(msg)
            self._note(store, what)
        elif failure and not has_any:
            raise self._unreachable(failure)
        return answers

    def _unreachable(self, reason: str) -> LoadError:
        return LoadError(
            f"{host_of(self.settings.base_url)} did not answer {self._failed_in_a_row} readings in "
            f"a row, the last with {reason}; what was loaded stays, load again later"
        )

    def _note(self, store: str, what: str) -> None:
        if not any(note.startswith(f"{store} refused") for note in self.notes):
            self.notes.append(f"{store} refused readings, {what}")


def targets(store: str, asked: Sequence[tuple[int | None, str]]) -> Iterator[str]:
    """Yield the path and query of each reading, or (without a sensor) of an hour's sum."""
    name, last, when = quote_plus(store), "", ""
    for sensor, hour in asked:
        if hour != last:
            year, month, day, clock = hour[:4], hour[5:7], hour[8:10], hour[11:13]
            when = f"year={year}&month={int(month)}&day={int(day)}&hour={int(clock)}"
            last = hour
        which = "" if sensor is None else f"&sensor_id={sensor}"
        yield f"/?store_name={name}&{when}{which}"


def fetching(settings: StoreSensorsSettings) -> ConcurrentFetcher[Reading]:
    """Return what asks the API for many readings at a time."""
    return ConcurrentFetcher(
        settings.base_url,
        reading_of,
        timeout=settings.timeout,
        connections=settings.connections,
    )


def reading_of(status: int, content: bytes) -> Reading:
    """Return a JSON answer as a stream's cell would have it: texts without quotes, null empty.

    Raises:
        TransientError: the answer is worth another try.
    """
    body = content.decode(errors="replace").strip()
    if is_transient(status) or (status == OK and not body):
        raise TransientError(error_detail(status, body) if body else f"{status} and nothing else")
    if status != OK:
        return _Refused(error_detail(status, body))
    if body.startswith('"'):
        with suppress(ValueError):
            text = str(json.loads(body))
            # Half a character can be written in JSON, and kept nowhere.
            text.encode()
            return text
    return "" if body == "null" else body


def refusal_of(reading: Reading) -> str | None:
    """Return why a reading was refused, in the API's own message; None where it was not."""
    return reading.why if isinstance(reading, _Refused) else None


def _table(asked: Asked) -> pa.Table:
    return text_table(("sensor_id", "read_at_local"), asked)


def _answers_table(asked: Asked, answers: Sequence[str | None]) -> pa.Table:
    received = (
        (*reading, answer)
        for reading, answer in zip(asked, answers, strict=True)
        if answer is not None
    )
    return text_table(("sensor_id", "read_at_local", "visits"), received)
