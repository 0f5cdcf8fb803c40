"""Comparing countries' databases with raw by hour of submission, and repairing what differs.

Flow: counts and checksums an hour, at the source and in raw -> hours that differ are read again,
    whole -> what raw has of them and did not come is noted in response_deletions. The
    source's counts go to hour_counts.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date
from functools import partial

import pyarrow as pa

from ingestion.core.fetching.fetch_ahead import FetchAhead, Finished
from ingestion.core.progress import Task
from ingestion.core.raw.reconciliation import ReconciliationNotes, utc_text
from ingestion.core.raw.store import RawStore
from ingestion.core.raw.text_tables import text_table, with_text
from ingestion.core.source import LoadResult, Request
from ingestion.sources.pisa.databases.database_ref import DatabaseRef
from ingestion.sources.pisa.databases.digests import Hour, Hours
from ingestion.sources.pisa.databases.open_databases import OpenDatabases
from ingestion.sources.pisa.databases.reading import differing_hours, read_differing
from ingestion.sources.pisa.raw_state import LoadedResponses
from ingestion.sources.pisa.settings import PisaSettings
from ingestion.sources.pisa.source import SOURCE
from ingestion.sources.pisa.writer import Writer

# Other texts are of rows without a time, which marts reject.
IN_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d")
# In hour_counts, where a key cannot be null: rows without a time.
NO_HOUR = "none"


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
            work.compare(task, accept_shrink=request.options.accept_shrink)
        work.end()
        return raw.result


class _Reconciliation:
    def __init__(self, settings: PisaSettings, raw: RawStore, request: Request) -> None:
        self.result = raw.result
        self.databases = OpenDatabases()
        raw.origins.read = self.databases.origins.copy
        self._settings = settings
        self._urls = settings.urls()
        self._raw = raw
        self._now = now = request.clock().astimezone(UTC)
        self._days = request.options.days
        self._loaded = LoadedResponses(raw.connection)
        self._writer = Writer(raw, self._loaded.countries(now), now)
        self._hours = self._loaded.hours()
        self._there: dict[str, Hours] = {}
        self._ids: dict[str, list[pa.Table]] = {}

    def compare(self, task: Task, *, accept_shrink: bool) -> None:
        """Read what differs of every country, and write what is new of it."""
        settings = self._settings
        reads = {}
        for country, url in self._urls.items():
            loaded = self._hours.get(country, {})
            rows = 0 if accept_shrink else sum(hour.rows for hour in loaded.values())
            ref = DatabaseRef(country, url, settings.timeout, loaded=rows)
            reads[country] = partial(read_differing, self.databases, ref, loaded, self._is_asked)
        for country, item in FetchAhead(reads, settings.workers, max_waiting=settings.workers):
            if isinstance(item, pa.Table):
                self._writer.add_page(country, item)
                self._ids.setdefault(country, []).append(item.select(["id"]))
                task.advance(item.num_rows)
            elif not isinstance(item, Finished):
                self._there[country] = item
            elif item.failure is not None:
                self.result.failures[country] = str(item.failure)
        self._writer.filter_new_rows()
        self._writer.commit()

    def end(self) -> None:
        """Note what was deleted and what was counted, in one package.

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
        notes = ReconciliationNotes(SOURCE, "hour_counts", self._loaded, self._now, self._days)
        periods = {
            country: (
                len({*there, *self._hours.get(country, {})}),
                len(self._differing(country, there)),
            )
            for country, there in done.items()
        }
        self._writer.commit(
            self._deleted(done)
            | notes.changed_counts(self._counts(done))
            | notes.reconciliation_rows(periods)
        )

    def _is_asked(self, hour: str) -> bool:
        if self._days.is_all:
            return True
        try:
            return date.fromisoformat(hour[:10]) in self._days
        except ValueError:
            return False

    def _differing(self, country: str, there: Hours) -> list[str]:
        hours = differing_hours(there, self._hours.get(country, {}))
        return [hour for hour in hours if self._is_asked(hour)]

    def _deleted(self, done: dict[str, Hours]) -> dict[str, pa.Table]:
        """Return the keys that were deleted at the source, by raw table."""
        deleted: list[pa.Table] = []
        for country, there in sorted(done.items()):
            if differing := self._differing(country, there):
                ids = self._ids.get(country) or [text_table(["id"], [])]
                keys = self._loaded.deleted(country, differing, pa.concat_tables(ids))
                if keys.num_rows:
                    self.result.notes.append(f"{country}: {keys.num_rows:,} rows are deleted.")
                    deleted.append(with_text(keys, "detected_at", utc_text(self._now)))
        return {"response_deletions": pa.concat_tables(deleted)} if deleted else {}

    def _counts(self, done: dict[str, Hours]) -> Iterator[tuple[object, ...]]:
        """Yield what was counted of the hours that are over: rows still come in the others."""
        running = utc_text(self._now)[:13]
        for country, there in done.items():
            for hour in {*there, *self._hours.get(country, {})}:
                if IN_FORM.fullmatch(hour) and hour < running and self._is_asked(hour):
                    yield country, hour, there.get(hour, Hour()).rows
            if self._days.is_all:
                yield from self._without_a_time(country, there)

    def _without_a_time(self, country: str, there: Hours) -> Iterator[tuple[object, ...]]:
        timeless = [
            hour for hour in {*there, *self._hours.get(country, {})} if not IN_FORM.fullmatch(hour)
        ]
        if timeless:
            yield country, NO_HOUR, sum(there.get(hour, Hour()).rows for hour in timeless)
