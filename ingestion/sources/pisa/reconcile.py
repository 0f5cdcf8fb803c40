"""Comparing countries' databases with raw by hour of submission, and mending what differs.

Flow: counts and checksums an hour, at the source and in raw -> hours that differ are read again,
    whole -> what raw still holds of them and did not come is noted in response_deletions. The
    source's counts go to hour_counts.
"""

import re
from contextlib import closing
from datetime import UTC, date
from functools import partial

import pyarrow as pa

from ingestion.core.progress import Task
from ingestion.core.raw_store import RawStore
from ingestion.core.reconciliation import counted, reconciled, utc_text
from ingestion.core.source import LoadResult, Request
from ingestion.sources.pisa.digests import Hour, Hours
from ingestion.sources.pisa.holdings import Holdings
from ingestion.sources.pisa.open_databases import OpenDatabases
from ingestion.sources.pisa.place import Place
from ingestion.sources.pisa.pool import Ended, Pool
from ingestion.sources.pisa.reading import differing_hours, read_differing
from ingestion.sources.pisa.settings import PisaSettings
from ingestion.sources.pisa.source import SOURCE
from ingestion.sources.pisa.tables import HOUR_COUNTS, RAW_TABLES, SCHEMA
from ingestion.sources.pisa.writer import Writer

# Other texts are of rows without a time, which marts reject.
IN_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d")


def reconcile_pisa(request: Request) -> LoadResult:
    """Make the requested days of submission (UTC) in raw agree with the databases.

    Returns:
        What was read again and what was deleted; a country that failed is in its `failures`.

    Raises:
        LoadError: no country could be read, or see the message; what was committed stays.
    """
    settings = PisaSettings.read_checked()
    with RawStore.for_request(request) as raw:
        raw.make_tables()
        work = _Reconciliation(settings, raw, request)
        with (
            closing(work.databases),
            request.progress.task("submissions of hours that differ") as task,
        ):
            work.compare(task, accept_shrink=request.accept_shrink)
        work.end()
        return raw.result


class _Reconciliation:
    def __init__(self, settings: PisaSettings, raw: RawStore, request: Request) -> None:
        self.result = raw.result
        self.databases = OpenDatabases()
        self._settings = settings
        self._urls = settings.urls()
        self._raw = raw
        self._now = now = request.clock().astimezone(UTC)
        self._days = request.days
        self._holdings = Holdings(raw.connection)
        self._writer = Writer(raw, self._holdings.countries(now), now)
        self._held = self._holdings.hours()
        self._there: dict[str, Hours] = {}
        self._ids: dict[str, list[pa.Table]] = {}

    def compare(self, task: Task, *, accept_shrink: bool) -> None:
        """Read what differs of every country, and write what is new of it."""
        settings = self._settings
        reads = {}
        for country, url in self._urls.items():
            held = self._held.get(country, {})
            rows = 0 if accept_shrink else sum(hour.rows for hour in held.values())
            place = Place(country, url, settings.timeout, held=rows)
            reads[country] = partial(read_differing, self.databases, place, held, self._is_asked)
        pool: Pool[Hours | pa.Table] = Pool(reads, settings.workers)
        for country, item in pool:
            if isinstance(item, pa.Table):
                self._writer.add(country, item)
                self._ids.setdefault(country, []).append(item.select(["id"]))
                task.advance(item.num_rows)
            elif not isinstance(item, Ended):
                self._there[country] = item
            elif item.why is not None:
                self.result.failures[country] = item.why
        self._writer.commit()

    def end(self) -> None:
        """Note what is gone and what was counted, in one package.

        Raises:
            LoadError: no country could be read.
        """
        failures = self.result.failures
        self.result.note_failures(
            len(self._urls),
            note="{part} was not reconciled: {reason}; the next reconciliation tries again.",
            error=(
                "no database of pisa could be compared; {part}: {reason}; fix it or "
                f"{SOURCE.address_variable}, then reconcile again"
            ),
        )
        done = {country: there for country, there in self._there.items() if country not in failures}
        tables = {
            "response_deletions": self._gone(done),
            "hour_counts": self._counts(done),
            "reconciliations": self._notes(done),
        }
        rows = {name: [table] for name, table in tables.items() if table.num_rows}
        if rows:
            self._raw.commit(rows, {})

    def _is_asked(self, hour: str) -> bool:
        if self._days.is_all:
            return True
        try:
            return date.fromisoformat(hour[:10]) in self._days
        except ValueError:
            return False

    def _differing(self, country: str, there: Hours) -> list[str]:
        hours = differing_hours(there, self._held.get(country, {}))
        return [hour for hour in hours if self._is_asked(hour)]

    def _gone(self, done: dict[str, Hours]) -> pa.Table:
        columns = RAW_TABLES["response_deletions"].columns
        gone = [pa.table({name: pa.array([], pa.string()) for name in columns[:2]})]
        for country, there in sorted(done.items()):
            if differing := self._differing(country, there):
                ids = self._ids.get(country) or [gone[0].select(["id"])]
                keys = self._holdings.gone(country, differing, pa.concat_tables(ids))
                if keys.num_rows:
                    self.result.notes.append(f"{country}: {keys.num_rows:,} rows are deleted.")
                gone.append(keys)
        keys = pa.concat_tables(gone)
        at = pa.array([utc_text(self._now)] * keys.num_rows, pa.string())
        return keys.append_column(columns[2], at)

    def _counts(self, done: dict[str, Hours]) -> pa.Table:
        """Return what was counted of the hours that are over: rows still come in the others."""
        running = utc_text(self._now)[:13]
        counts = [
            (country, hour, there.get(hour, Hour()).rows)
            for country, there in done.items()
            for hour in {*there, *self._held.get(country, {})}
            if IN_FORM.fullmatch(hour) and hour < running and self._is_asked(hour)
        ]
        held = f"{SCHEMA}.hour_counts"
        narrow = not self._days.is_all
        connection = self._raw.connection
        return counted(connection, held, HOUR_COUNTS, counts, self._now, unchanged=narrow)

    def _notes(self, done: dict[str, Hours]) -> pa.Table:
        if not self._days.is_all:
            return reconciled({}, self._now)
        return reconciled(
            {
                country: (
                    len({*there, *self._held.get(country, {})}),
                    len(self._differing(country, there)),
                )
                for country, there in done.items()
            },
            self._now,
        )
