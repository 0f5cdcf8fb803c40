"""What the loads of one process keep between them: open databases, and what raw has."""

from collections.abc import Mapping
from datetime import datetime

from ingestion.sources.pisa.databases.open_databases import OpenDatabases
from ingestion.sources.pisa.raw_state import LoadedCountry, LoadedResponses


class Memory:
    """Keeps databases open, and what raw has of them while nothing else changes raw.

    Attributes:
        databases: to be read.
    """

    def __init__(self) -> None:
        self.databases = OpenDatabases()
        self._newest_load: str | None = None
        self._countries: Mapping[str, LoadedCountry] = {}

    def countries(self, loaded: LoadedResponses, now: datetime) -> dict[str, LoadedCountry]:
        """Return what raw has by country; raw is asked if it is not as it was kept."""
        newest_load = loaded.newest_load()
        if self._newest_load is None or newest_load != self._newest_load:
            self.databases.forget()
            return loaded.countries(now)
        return dict(self._countries)

    def keep(self, loaded: LoadedResponses, countries: Mapping[str, LoadedCountry]) -> None:
        """Keep what raw has once everything that was read is committed."""
        self._newest_load, self._countries = loaded.newest_load(), dict(countries)
        self.databases.keep()

    def close(self) -> None:
        """Close the databases."""
        self.databases.close()
