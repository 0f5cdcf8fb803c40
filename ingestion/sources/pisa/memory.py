"""What the loads of one process keep between them: open databases, and what raw holds."""

from collections.abc import Mapping
from datetime import datetime

from ingestion.sources.pisa.holdings import Held, Holdings
from ingestion.sources.pisa.open_databases import OpenDatabases


class Memory:
    """Keeps databases open, and what raw holds for as long as nothing else changes raw.

    Attributes:
        databases: to be read.
    """

    def __init__(self) -> None:
        self.databases = OpenDatabases()
        self._newest_load: str | None = None
        self._held: Mapping[str, Held] = {}

    def held(self, holdings: Holdings, now: datetime) -> dict[str, Held]:
        """Return what raw holds by country; raw is asked if it is not as it was kept."""
        newest_load = holdings.newest_load()
        if self._newest_load is None or newest_load != self._newest_load:
            self.databases.forget()
            return holdings.countries(now)
        return dict(self._held)

    def keep(self, holdings: Holdings, held: Mapping[str, Held]) -> None:
        """Keep what raw holds once everything that was read is committed."""
        self._newest_load, self._held = holdings.newest_load(), dict(held)
        self.databases.keep()

    def close(self) -> None:
        """Close the databases."""
        self.databases.close()
