"""One load: what is new in every database, then what raw still lacks.

Flow: databases in parallel -> pages -> what raw lacks or has with other values -> packages, which
    one thread writes.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import partial

import pyarrow as pa

from ingestion.core.fetching.fetch_ahead import FetchAhead, Finished
from ingestion.core.progress import Task
from ingestion.core.raw.reconciliation import utc_text
from ingestion.core.raw.store import RawStore
from ingestion.core.raw.text_tables import text_table
from ingestion.core.source import LoadResult, Request
from ingestion.sources.pisa.databases.database import Summary
from ingestion.sources.pisa.databases.database_ref import DatabaseRef
from ingestion.sources.pisa.databases.reading import read_missing, read_new, width_of
from ingestion.sources.pisa.memory import Memory
from ingestion.sources.pisa.raw_state import LoadedResponses
from ingestion.sources.pisa.settings import PisaSettings
from ingestion.sources.pisa.source import SOURCE
from ingestion.sources.pisa.writer import Writer

LOADED = "loaded"
CHECKS = "database_checks"


def load_pisa(request: Request) -> LoadResult:
    """Bring the submissions in raw up to what the databases have now; or load files.

    With a first day, everything that was submitted on it (UTC) or later is read again and compared.

    Returns:
        What was loaded; a country that could not be read is in its `failures`.

    Raises:
        LoadError: no country could be read, or see the message; what was committed stays.
    """
    if request.options.files:
        # The readers of the survey's files take half a second to import.
        from ingestion.sources.pisa.survey.files import load_students  # noqa: PLC0415

        return load_students(request)
    settings = PisaSettings.read_checked()
    with RawStore.for_request(request) as raw:
        raw.make_tables()
        load = _Load(settings, raw, request)
        with request.progress.task("submissions") as task:
            load.new_rows(request.options.days.since, task)
            load.missing_rows(task)
        load.end()
        return raw.result


class _Load:
    def __init__(self, settings: PisaSettings, raw: RawStore, request: Request) -> None:
        now = request.clock().astimezone(UTC)
        self.result = raw.result
        self._memory = memory = request.session.kept(request.source.name, Memory)
        raw.origins.read = memory.databases.origins.copy
        self._settings = settings
        self._now = now
        self._loaded = LoadedResponses(raw.connection)
        self._writer = Writer(raw, memory.countries(self._loaded, now), now)
        self._there: dict[str, Summary] = {}
        accept_shrink = request.options.accept_shrink
        self._refs = {
            country: DatabaseRef(
                country,
                url,
                settings.timeout,
                loaded=0 if accept_shrink else self._writer.country(country).rows.rows,
            )
            for country, url in settings.urls().items()
        }

    def new_rows(self, since: date | None, task: Task) -> None:
        """Read what was submitted since the newest rows in raw, and a while before."""
        asked = datetime.combine(since, time(), UTC) if since else None
        reads = {
            country: partial(read_new, self._memory.databases, ref, self._since(country, asked))
            for country, ref in self._refs.items()
        }
        self._take(reads, task, self._there)

    def missing_rows(self, task: Task) -> None:
        """Read what is at a source and, older than that, not in raw: it came very late."""
        differing = {
            country: there
            for country, there in self._there.items()
            if country not in self.result.failures
            and not there.is_of(self._writer.country(country).rows)
        }
        if not differing:
            return
        # Buckets are of what is committed.
        self._writer.commit()
        reads = {
            country: partial(
                read_missing,
                self._memory.databases,
                self._refs[country],
                there,
                self._loaded.buckets(country, width_of(there), there.most),
            )
            for country, there in differing.items()
        }
        there_now: dict[str, Summary] = {}
        self._take(reads, task, there_now)
        self._note_deleted(there_now)
        self._note_missing(there_now)

    def end(self) -> None:
        """Commit what is left with what is to be known of the databases, and report.

        Raises:
            LoadError: no country could be read.
        """
        checks = self._loaded.changed_rows(CHECKS, self._checks(), ignoring=["checked_at"])
        self._writer.commit({CHECKS: checks})
        self._memory.keep(self._loaded, self._writer.countries)
        self.result.note_failures(
            len(self._refs),
            note="{part} was not loaded: {reason}; the next load tries again.",
            error=(
                "no database of pisa could be read; {part}: {reason}; fix it or "
                f"{SOURCE.address_variable}, then load again"
            ),
        )
        newest = [known.newest for known in self._writer.countries.values() if known.newest]
        if newest:
            self.result.newest_at = utc_text(max(newest))

    def _since(self, country: str, asked: datetime | None) -> datetime | None:
        newest = self._writer.country(country).newest
        if newest is None:
            return None
        since = newest.astimezone(UTC) - self._settings.look_back
        return min(since, asked) if asked else since

    def _take(
        self,
        reads: Mapping[str, Callable[[], Iterator[Summary | pa.Table]]],
        task: Task,
        there: dict[str, Summary],
    ) -> None:
        """Give pages to the writer; keep what is there, and what failed."""
        workers = self._settings.workers
        for country, item in FetchAhead(reads, workers, max_waiting=workers):
            if isinstance(item, Summary):
                there[country] = item
            elif isinstance(item, Finished):
                if item.failure is not None:
                    self.result.failures[country] = str(item.failure)
            else:
                self._writer.add_page(country, item)
                task.advance(item.num_rows)
        self._writer.filter_new_rows()

    def _note_deleted(self, there: Mapping[str, Summary]) -> None:
        for country, now in sorted(there.items()):
            deleted = self._writer.country(country).rows.rows - now.rows
            if deleted > 0 and country not in self.result.failures:
                self.result.notes.append(
                    f"{country}: {deleted:,} rows that were loaded were deleted at the source; "
                    "`warehouse reconcile pisa` marks them deleted."
                )

    def _note_missing(self, there: Mapping[str, Summary]) -> None:
        for country, now in sorted(there.items()):
            missing = now.rows - self._writer.country(country).rows.rows
            if missing > 0 and country not in self.result.failures:
                self.result.failures[country] = (
                    f"{missing:,} of its {now.rows:,} rows are not here though all were read: "
                    "an id is there more than once"
                )

    def _checks(self) -> pa.Table:
        rows = [
            (
                country,
                utc_text(self._now),
                self.result.failures.get(country, LOADED),
                self._there[country].rows if country in self._there else None,
            )
            for country in self._refs
        ]
        return text_table(SOURCE.tables[CHECKS].columns, rows)
