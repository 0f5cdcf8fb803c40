"""One load: what is new in every database, then what raw still lacks.

Flow: databases in parallel -> pages -> what raw lacks or holds otherwise -> packages, one thread.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import partial

import pyarrow as pa

from ingestion.core.progress import Task
from ingestion.core.raw_store import RawStore
from ingestion.core.reconciliation import utc_text
from ingestion.core.source import LoadResult, Request
from ingestion.sources.pisa.databases import Summary
from ingestion.sources.pisa.holdings import Held, Holdings
from ingestion.sources.pisa.memory import Memory
from ingestion.sources.pisa.place import Place
from ingestion.sources.pisa.pool import Ended, Pool
from ingestion.sources.pisa.reading import read_missing, read_new, width_of
from ingestion.sources.pisa.settings import PisaSettings
from ingestion.sources.pisa.source import SOURCE
from ingestion.sources.pisa.tables import RAW_TABLES
from ingestion.sources.pisa.writer import Writer

NOTHING = Held(Summary(0, 0))
LOADED = "loaded"


def load_pisa(request: Request) -> LoadResult:
    """Bring the submissions in raw up to what the databases have now.

    With a first day, everything that was submitted on it (UTC) or later is read again and compared.

    Returns:
        What was loaded; a country that could not be read is in its `failures`.

    Raises:
        LoadError: no country could be read, or see the message; what was committed stays.
    """
    settings = PisaSettings.read_checked()
    with RawStore.for_request(request) as raw:
        raw.make_tables()
        load = _Load(settings, raw, request)
        with request.progress.task("submissions") as task:
            load.new_rows(request.days.since, task)
            load.missing_rows(task)
        load.end()
        return raw.result


class _Load:
    def __init__(self, settings: PisaSettings, raw: RawStore, request: Request) -> None:
        now = request.clock().astimezone(UTC)
        self.result = raw.result
        self._memory = memory = request.session.kept("pisa", Memory)
        self._settings = settings
        self._now = now
        self._holdings = Holdings(raw.connection)
        self._writer = Writer(raw, memory.held(self._holdings, now), now)
        self._there: dict[str, Summary] = {}
        self._places = {
            country: Place(
                country,
                url,
                settings.timeout,
                held=0 if request.accept_shrink else self._held(country).rows.rows,
            )
            for country, url in settings.urls().items()
        }

    def new_rows(self, since: date | None, task: Task) -> None:
        """Read what was submitted since the newest rows held, and a while before."""
        asked = datetime.combine(since, time(), UTC) if since else None
        pool: Pool[Summary | pa.Table] = Pool(
            {
                country: partial(
                    read_new, self._memory.databases, place, self._since(country, asked)
                )
                for country, place in self._places.items()
            },
            self._settings.workers,
        )
        self._take(pool, task, self._there)
        self._writer.settle()

    def missing_rows(self, task: Task) -> None:
        """Read what is at a source and, older than that, not in raw: it came very late."""
        differing = {
            country: there
            for country, there in self._there.items()
            if country not in self.result.failures and not there.is_of(self._held(country).rows)
        }
        if not differing:
            return
        # Buckets are of what is committed.
        self._writer.commit()
        reads = {
            country: partial(
                read_missing,
                self._memory.databases,
                self._places[country],
                there,
                self._holdings.buckets(country, width_of(there), there.most),
            )
            for country, there in differing.items()
        }
        there_now: dict[str, Summary] = {}
        self._take(Pool(reads, self._settings.workers), task, there_now)
        self._writer.settle()
        self._tell_what_is_gone(there_now)
        self._tell_what_is_missing(there_now)

    def end(self) -> None:
        """Commit what is left with what is to be known of the databases, and tell.

        Raises:
            LoadError: no country could be read.
        """
        self._writer.commit(self._holdings.new_checks(self._checks()))
        self._memory.keep(self._holdings, self._writer.held)
        self.result.note_failures(
            len(self._places),
            note="{part} was not loaded: {reason}; the next load tries again.",
            error=(
                "no database of pisa could be read; {part}: {reason}; fix it or "
                f"{SOURCE.address_variable}, then load again"
            ),
        )
        newest = [held.newest for held in self._writer.held.values() if held.newest]
        if newest:
            self.result.newest_at = utc_text(max(newest))

    def _held(self, country: str) -> Held:
        return self._writer.held.get(country, NOTHING)

    def _since(self, country: str, asked: datetime | None) -> datetime | None:
        newest = self._held(country).newest
        if newest is None:
            return None
        since = newest.astimezone(UTC) - self._settings.look_back
        return min(since, asked) if asked else since

    def _take(self, pool: Pool[Summary | pa.Table], task: Task, there: dict[str, Summary]) -> None:
        """Give pages to the writer; keep what is there, and what failed."""
        for country, item in pool:
            if isinstance(item, Summary):
                there[country] = item
            elif isinstance(item, Ended):
                if item.why is not None:
                    self.result.failures[country] = item.why
            else:
                self._writer.add(country, item)
                task.advance(item.num_rows)

    def _tell_what_is_gone(self, there: Mapping[str, Summary]) -> None:
        for country, now in sorted(there.items()):
            gone = self._held(country).rows.rows - now.rows
            if gone > 0 and country not in self.result.failures:
                self.result.notes.append(
                    f"{country}: {gone:,} rows that were loaded are gone at the source; `warehouse "
                    "reconcile pisa` marks them deleted."
                )

    def _tell_what_is_missing(self, there: Mapping[str, Summary]) -> None:
        for country, now in sorted(there.items()):
            missing = now.rows - self._held(country).rows.rows
            if missing > 0 and country not in self.result.failures:
                self.result.failures[country] = (
                    f"{missing:,} of its {now.rows:,} rows are not here though all were read: "
                    "an id is there more than once"
                )

    def _checks(self) -> pa.Table:
        rows = [
            {
                "database_country": country,
                "checked_at": utc_text(self._now),
                "outcome": self.result.failures.get(country, LOADED),
                "rows_at_source": str(there.rows) if there else None,
            }
            for country in self._places
            for there in (self._there.get(country),)
        ]
        schema = pa.schema([(name, pa.string()) for name in RAW_TABLES["database_checks"].columns])
        return pa.Table.from_pylist(rows, schema=schema)
