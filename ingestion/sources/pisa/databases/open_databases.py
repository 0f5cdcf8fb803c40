"""Databases that stay open from one load to the next, and are opened again when they break.

Failures: a database that failed is tried again beside the loads that follow, at longer and longer
    intervals, so that waiting for it delays no other country.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ingestion.sources.pisa.databases.database import Database, DatabaseError
from ingestion.sources.pisa.databases.database_ref import DatabaseRef

FIRST_WAIT, MAX_WAIT = 1.0, 60.0


@dataclass
class _Failed:
    """A database that could not be read: why, and when it is tried again."""

    ref: DatabaseRef
    why: str
    wait: float
    due: float
    is_tried: bool = False


class OpenDatabases:
    """Gives each country's database for one read at a time; a read that failed closes it.

    Attributes:
        origins: by country, whether its database calls its rows made up; of those read so far.
    """

    def __init__(self) -> None:
        self.origins: dict[str, bool] = {}
        self._idle: dict[str, Database] = {}
        self._failed: dict[str, _Failed] = {}
        self._is_closed = False

    @contextmanager
    def reading(self, ref: DatabaseRef) -> Iterator[Database]:
        """Yield a database whose answers are of one moment, from here to the end of the block.

        Raises:
            DatabaseError: it cannot be opened.
        """
        self._require_not_failed(ref)
        database: Database | None = None
        try:
            database = self._reused(ref) or ref.connect()
            self.origins[ref.country] = database.is_simulated
            yield database
            database.end()
        except BaseException as error:
            if isinstance(error, DatabaseError):
                self._note_failure(ref, error, FIRST_WAIT)
            if database is not None:
                database.close()
            raise
        self._leave_open(ref, database)

    def keep(self) -> None:
        """Note that raw has what was read: the next reads bring what changed after them."""
        for database in self._idle.values():
            database.keep()

    def forget(self) -> None:
        """Read everything again that is asked for: raw does not have what was read."""
        for database in self._idle.values():
            database.forget()

    def close(self) -> None:
        """Close the databases that are not being read."""
        self._is_closed = True
        while self._idle:
            self._idle.popitem()[1].close()

    def _reused(self, ref: DatabaseRef) -> Database | None:
        """Return the database that was left open, if it still answers as it did."""
        database = self._idle.pop(ref.country, None)
        if database is None:
            return None
        try:
            if (database.url, database.timeout) == (ref.url, ref.timeout) and database.begin():
                return database
        except DatabaseError:
            # Broken meanwhile; what is wrong, if anything still is, the new connection says.
            pass
        database.close()
        return None

    def _leave_open(self, ref: DatabaseRef, database: Database) -> None:
        if database.stays_open and not self._is_closed:
            self._idle[ref.country] = database
        else:
            database.close()

    def _require_not_failed(self, ref: DatabaseRef) -> None:
        """Refuse a database that failed before; once it is due, it is tried in a thread.

        Raises:
            DatabaseError: why it failed last.
        """
        failed = self._failed.get(ref.country)
        if failed is None or (failed.ref.url, failed.ref.timeout) != (ref.url, ref.timeout):
            return
        if not failed.is_tried and time.monotonic() >= failed.due:
            failed.is_tried = True
            threading.Thread(target=self._try_again, args=(failed,), daemon=True).start()
        raise DatabaseError(failed.why)

    def _try_again(self, failed: _Failed) -> None:
        try:
            database = failed.ref.connect()
            database.end()
        except DatabaseError as error:
            self._note_failure(failed.ref, error, min(2 * failed.wait, MAX_WAIT))
            return
        except Exception:  # noqa: BLE001 -- the next load meets it again, and reports it
            self._failed.pop(failed.ref.country, None)
            return
        self._leave_open(failed.ref, database)
        self._failed.pop(failed.ref.country, None)

    def _note_failure(self, ref: DatabaseRef, error: DatabaseError, wait: float) -> None:
        due = time.monotonic() + wait
        self._failed[ref.country] = _Failed(ref, str(error), wait, due)
