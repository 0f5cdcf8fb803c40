"""Submissions that keep coming: at a rate, some committed late, some edited afterwards."""

import heapq
import json
import logging
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg2

from ingestion.core.errors import WarehouseError
from ingestion.simulators.pisa.profiles import BY_DEFAULT
from ingestion.simulators.pisa.servers import PostgresServer, SqliteFolder
from ingestion.simulators.pisa.survey import Begun, Survey, spread
from ingestion.simulators.store_sensors.hashing import chance
from ingestion.sources.pisa.countries import known_countries

logger = logging.getLogger(__name__)

SECONDS_PER_TICK = 0.1
SHARE_LATE, SHARE_EDITED = 0.02, 0.01
MAX_WAIT = 60.0
# Edits are of submissions that came a little earlier.
EDITED_AGO = 20


@contextmanager
def databases(
    *,
    countries: Sequence[str],
    rows: int,
    rate: float,
    seed: int,
    postgres: str | None,
    folder: Path | None,
    now: str | None = None,
) -> Iterator["Service"]:
    """Make the databases and yield what keeps inserting; on a server they stay afterwards.

    Raises:
        WarehouseError: a country is unknown, or the server refuses.
    """
    codes = _codes(countries)
    if rate < 0:
        message = f"--rate is {rate:g}: give 0 or more submissions a second"
        raise WarehouseError(message)
    with tempfile.TemporaryDirectory(prefix="pisa-") as temporary:
        server = PostgresServer(postgres) if postgres else SqliteFolder(folder or Path(temporary))
        survey = Survey(server, seed, clock=_clock(now))
        try:
            for country, count in spread(rows, codes).items():
                survey.add_country(country, count)
            yield Service(survey, rate)
        finally:
            survey.close()


def _clock(now: str | None) -> Callable[[], datetime]:
    if now is None:
        return lambda: datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = f"--now is {now!r}: write a moment with its zone, as 2026-01-01T00:00:00Z"
        raise WarehouseError(message)
    return lambda: moment


def _codes(countries: Sequence[str]) -> Sequence[str]:
    codes = [*dict.fromkeys(code.strip().upper() for code in countries)] or BY_DEFAULT
    if unknown := [code for code in codes if code not in known_countries()]:
        message = f"--countries names {unknown[0]!r}, no code of a country: write alb,arg"
        raise WarehouseError(message)
    return codes


class Service:
    """Inserts until stopped; its address is the JSON for `SOURCES__PISA__DATABASES`."""

    def __init__(self, survey: Survey, rate: float) -> None:
        self._survey = survey
        self._rate = rate
        self._is_over = threading.Event()
        self._number = 0
        self._late: list[tuple[float, int, Begun]] = []
        self._lost: set[str] = set()

    def run(self, ready: Callable[[str], None]) -> None:
        """Insert until stopped or interrupted."""
        ready(json.dumps(self._survey.databases()))
        began = time.monotonic()
        while not self._is_over.wait(SECONDS_PER_TICK):
            elapsed = time.monotonic() - began
            self._insert(int(elapsed * self._rate) - self._number, elapsed)
            while self._late and self._late[0][0] <= elapsed:
                _, _, begun = heapq.heappop(self._late)
                self._do(begun.country, lambda begun=begun: self._survey.commit(begun))  # type: ignore[misc]

    def stop(self) -> None:
        """Make `run` return."""
        self._is_over.set()

    def _insert(self, count: int, elapsed: float) -> None:
        countries = [code for code in self._survey.countries() if code not in self._lost]
        due: dict[str, int] = {}
        for _ in range(count if countries else 0):
            self._number += 1
            number = self._number
            country = countries[int(chance(number, "country") * len(countries))]
            if chance(number, "late") < SHARE_LATE:
                wait = chance(number, "wait") * MAX_WAIT
                begun = self._survey.begin(country)
                heapq.heappush(self._late, (elapsed + wait, number, begun))
            else:
                due[country] = due.get(country, 0) + 1
            if chance(number, "edited") < SHARE_EDITED:
                self._edit(country, number)
        for country, rows in due.items():
            self._do(country, lambda c=country, n=rows: self._survey.insert(c, n))  # type: ignore[misc]

    def _edit(self, country: str, number: int) -> None:
        belonging = f"{chance(number, 'belonging') * 4 - 2:.4f}"

        def edit() -> None:
            last = self._survey.last_id(country)
            ago = int(chance(number, "ago") * EDITED_AGO)
            self._survey.edit(country, max(1, last - ago), belong=belonging)

        self._do(country, edit)

    def _do(self, country: str, action: Callable[[], object]) -> None:
        """Do something to a database; one that was dropped gets no more submissions."""
        try:
            action()
        except (psycopg2.Error, sqlite3.Error) as error:
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            logger.warning("%s gets no more submissions: %s", country, why)
            self._lost.add(country)
