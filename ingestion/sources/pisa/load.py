"""One load: what is new in every database, then what raw still lacks.

Flow: databases in parallel -> pages -> what raw lacks or holds otherwise -> packages, one thread.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path

import pyarrow as pa

from ingestion.core.errors import LoadError
from ingestion.core.progress import Progress, Task
from ingestion.core.raw_store import RawStore
from ingestion.core.reconciliation import utc_text
from ingestion.core.results import LoadResult
from ingestion.sources.pisa.config import PREFIX, Config, resolve_config
from ingestion.sources.pisa.databases import Summary
from ingestion.sources.pisa.holdings import Held, Holdings
from ingestion.sources.pisa.memory import Memory
from ingestion.sources.pisa.place import Place
from ingestion.sources.pisa.pool import Ended, Pool
from ingestion.sources.pisa.reading import read_missing, read_new, width_of
from ingestion.sources.pisa.tables import RAW_TABLES, SOURCE
from ingestion.sources.pisa.writer import Writer

NOTHING = Held(Summary(0, 0))
LOADED = "loaded"


def load_pisa(
    data_dir: Path,
    *,
    since: date | None,
    accept_shrink: bool,
    progress: Progress,
    clock: Callable[[], datetime],
    memory: Memory,
) -> LoadResult:
    """Bring the submissions in `data_dir`/raw.duckdb up to what the databases have now.

    Args:
        data_dir: the folder of run-time files.
        since: read again, and compare, everything that was submitted on this day (UTC) or later.
        accept_shrink: load also from a database that lost more than a fifth of the rows held.
        progress: where to show the work.
        clock: the moment, with its zone.
        memory: what is kept from one load to the next; the caller closes it.

    Returns:
        What was loaded; a country that could not be read is in its `failures`.

    Raises:
        LoadError: no country could be read, or see the message; what was committed stays.
    """
    config = resolve_config()
    with RawStore(data_dir, SOURCE, RAW_TABLES) as raw:
        raw.make_tables()
        load = _Load(config, raw, memory, clock().astimezone(UTC), accept_shrink=accept_shrink)
        with progress.task("submissions") as task:
            load.new_rows(since, task)
            load.missing_rows(task)
        load.end()
        return load.result


class _Load:
    def __init__(
        self, config: Config, raw: RawStore, memory: Memory, now: datetime, *, accept_shrink: bool
    ) -> None:
        self.result = LoadResult()
        self._memory = memory
        self._config = config
        self._now = now
        self._holdings = Holdings(raw.connection)
        self._writer = Writer(raw, self.result, memory.held(self._holdings, now), now)
        self._there: dict[str, Summary] = {}
        self._places = {
            country: Place(
                country,
                url,
                config.timeout,
                held=0 if accept_shrink else self._held(country).rows.rows,
            )
            for country, url in config.databases.items()
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
            self._config.workers,
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
        self._take(Pool(reads, self._config.workers), task, there_now)
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
        failures = self.result.failures
        self.result.notes += [
            f"{country} was not loaded: {why}; the next load tries again."
            for country, why in sorted(failures.items())
        ]
        if len(failures) == len(self._places):
            country, why = min(failures.items())
            msg = (
                f"no database of pisa could be read; {country}: {why}; mend it or "
                f"{PREFIX}DATABASES, then load again"
            )
            raise LoadError(msg)
        newest = [held.newest for held in self._writer.held.values() if held.newest]
        if newest:
            self.result.newest_at = utc_text(max(newest))

    def _held(self, country: str) -> Held:
        return self._writer.held.get(country, NOTHING)

    def _since(self, country: str, asked: datetime | None) -> datetime | None:
        newest = self._held(country).newest
        if newest is None:
            return None
        since = newest.astimezone(UTC) - self._config.look_back
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
