"""`GET /`: one reading a request, many requests in flight over kept-alive connections.

Failures: a reading that fails is tried again, then not received; many in a row end the load, for
    then the API is away, and its silence says nothing of the readings.
"""

import asyncio
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote_plus

import pyarrow as pa

from ingestion.errors import LoadError
from ingestion.sources.store_sensors.client import StoreError
from ingestion.sources.store_sensors.config import Config
from ingestion.sources.store_sensors.link import Link, LinkError
from ingestion.sources.store_sensors.plan import Batch, Plan
from ingestion.sources.store_sensors.words import OK, host_of, is_passing, said

logger = logging.getLogger(__name__)

READINGS_A_BATCH = 5_000
WAITS = (0.1, 0.4, 1.6)
# Failures in a row that mean that the API is away.
MOST_FAILURES = 64
# Fewer readings refused than this say nothing about the whole store.
ENOUGH_TO_JUDGE = 48

Asked = Sequence[tuple[int, str]]


class _RefusedError(Exception):
    """The API refused one reading; the message is its own words."""


@dataclass
class SingleRoute:
    """Asks for readings one by one.

    Attributes:
        config: address, connections, time-out.
        failures: why a store was given up, by store.
        notes: what a reader should know.
    """

    config: Config
    failures: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    _failed_in_a_row: int = 0
    _reason: str = ""

    def batches(self, plans: Sequence[Plan]) -> Iterator[Batch]:
        """Yield a batch for every few thousand readings."""
        links = [Link(self.config.base_url, self.config.timeout) for _ in self._workers()]
        with asyncio.Runner() as runner:
            try:
                for plan in plans:
                    yield from self._batches_of(plan, links, runner)
            finally:
                runner.run(_close(links))

    def _workers(self) -> range:
        return range(self.config.connections)

    def _batches_of(
        self, plan: Plan, links: Sequence[Link], runner: asyncio.Runner
    ) -> Iterator[Batch]:
        try:
            for spans, asked in plan.chunks(READINGS_A_BATCH):
                answers = runner.run(self._ask(links, plan.store.name, asked))
                yield Batch(plan.store, spans, _table(asked), _table(asked, answers))
        except StoreError as error:
            self.failures[plan.store.name] = str(error)

    async def _ask(self, links: Sequence[Link], store: str, asked: Asked) -> list[str | None]:
        """Return the answers, in the order asked; None: not received.

        Raises:
            StoreError: the API refused every one.
            LoadError: the API is away.
        """
        answers: list[str | None] = [None] * len(asked)
        refused: list[str] = []
        waiting = iter(enumerate(asked))

        name = quote_plus(store)

        async def work(link: Link) -> None:
            for n, (sensor, hour) in waiting:
                if self._failed_in_a_row >= MOST_FAILURES:
                    return
                try:
                    answers[n] = await self._reading(link, name, sensor, hour)
                except _RefusedError as error:
                    self._failed_in_a_row = 0
                    refused.append(f"door {sensor} at {hour}: {error}")

        await asyncio.gather(*(work(link) for link in links))
        nothing = bool(asked) and all(answer is None for answer in answers)
        if self._failed_in_a_row >= MOST_FAILURES or (nothing and not refused):
            msg = (
                f"{host_of(self.config.base_url)} did not answer {self._failed_in_a_row} readings "
                f"in a row, the last with {self._reason}; what was loaded stays, load again later"
            )
            raise LoadError(msg)
        if nothing and len(refused) >= ENOUGH_TO_JUDGE:
            msg = f"every reading was refused, the first of {refused[0]}"
            raise StoreError(msg)
        if refused:
            self._note(store, refused)
        return answers

    def _note(self, store: str, refused: list[str]) -> None:
        if not any(note.startswith(f"{store} refused") for note in self.notes):
            self.notes.append(f"{store} refused readings, the first of {refused[0]}")

    async def _reading(self, link: Link, name: str, sensor: int, hour: str) -> str | None:
        """Return an answer's text; None where none came in all tries."""
        year, month, day, clock = int(hour[:4]), int(hour[5:7]), int(hour[8:10]), int(hour[11:13])
        target = (
            f"/?store_name={name}&year={year}&month={month}&day={day}&hour={clock}"
            f"&sensor_id={sensor}"
        )
        for wait in (*WAITS, None):
            try:
                answer = _text_of(*await link.get(target))
            except LinkError as error:
                self._reason = str(error)
            else:
                self._failed_in_a_row = 0
                return answer
            if wait is not None:
                await asyncio.sleep(wait)
        self._failed_in_a_row += 1
        logger.info("%s: %s", target, self._reason)
        return None


async def _close(links: Sequence[Link]) -> None:
    for link in links:
        link.close()


def _text_of(status: int, content: bytes) -> str | None:
    """Return a JSON answer as a stream's cell would have it: texts without quotes, null as none.

    Raises:
        LinkError: the answer is worth another try.
        _RefusedError: it is not.
    """
    body = content.decode(errors="replace").strip()
    if is_passing(status) or (status == OK and not body):
        raise LinkError(said(status, body) if body else f"{status} and nothing else")
    if status != OK:
        raise _RefusedError(said(status, body))
    if body.startswith('"'):
        with suppress(ValueError):
            return str(json.loads(body))
    return None if body == "null" else body


def _table(asked: Asked, answers: Sequence[str | None] | None = None) -> pa.Table:
    columns: dict[str, list[str]] = {
        "sensor_id": [str(sensor) for sensor, _ in asked],
        "read_at_local": [hour for _, hour in asked],
    }
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    if answers is None:
        return table
    return table.append_column("visits", pa.array(answers, pa.string())).filter(
        pa.array([answer is not None for answer in answers], pa.bool_())
    )
