"""Databases that stay open from one load to the next, and are opened again when they break."""

from collections.abc import Iterator
from contextlib import contextmanager

from ingestion.sources.pisa.databases import Database, DatabaseError
from ingestion.sources.pisa.place import Place


class OpenDatabases:
    """Gives each country's database for one read at a time; a read that failed closes it."""

    def __init__(self) -> None:
        self._idle: dict[str, Database] = {}

    @contextmanager
    def reading(self, place: Place) -> Iterator[Database]:
        """Yield a database whose answers are of one moment, from here to the end of the block.

        Raises:
            DatabaseError: it cannot be opened.
        """
        database = self._reused(place) or self._opened(place)
        try:
            yield database
            database.end()
        except BaseException:
            database.close()
            raise
        if database.stays_open:
            self._idle[place.country] = database
        else:
            database.close()

    def keep(self) -> None:
        """Note that raw holds what was read: the next reads bring what changed after them."""
        for database in self._idle.values():
            database.keep()

    def forget(self) -> None:
        """Read everything again that is asked for: raw does not hold what was read."""
        for database in self._idle.values():
            database.forget()

    def close(self) -> None:
        """Close the databases that nobody reads."""
        while self._idle:
            self._idle.popitem()[1].close()

    def _reused(self, place: Place) -> Database | None:
        """Return the database that was left open, if it still answers as it did."""
        database = self._idle.pop(place.country, None)
        if database is None:
            return None
        try:
            if (database.url, database.timeout) == (place.url, place.timeout) and database.begin():
                return database
        except DatabaseError:
            # Broken meanwhile; what is wrong, if anything still is, the new connection says.
            pass
        database.close()
        return None

    def _opened(self, place: Place) -> Database:
        database = place.connect()
        try:
            database.open()
            database.names = database.find_names()
        except BaseException:
            database.close()
            raise
        return database
