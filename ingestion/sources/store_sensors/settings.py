"""The settings of the source."""

from datetime import date, timedelta
from typing import ClassVar

from dlt.common.configuration import configspec

from ingestion.core.settings import SourceSettings
from ingestion.core.source import Source
from ingestion.sources.store_sensors.source import SOURCE

DEFAULT_DAYS = 400
# The system's select(), which libcurl's multi interface waits with, knows 1,024 files.
MAX_CONNECTIONS = 500


@configspec
class StoreSensorsSettings(SourceSettings):
    """What the source can be configured with.

    Attributes:
        base_url: the API, without a path.
        since: where the first load begins when no day is asked for.
        look_back_hours: how far back each load reads again.
        timeout: seconds to wait for an answer, or for the next bytes of a stream.
        connections: requests in flight where readings are requested one by one.
    """

    source: ClassVar[Source] = SOURCE
    base_url: str = ""
    since: str = ""
    look_back_hours: int = 48
    timeout: float = 10.0
    connections: int = 32

    def check(self) -> None:
        """Refuse invalid values."""
        self.require_web_address()
        self.require_at_least(look_back_hours=0, connections=1)
        if self.connections > MAX_CONNECTIONS:
            self.refuse("connections", f"is {self.connections}: set it to 1 to {MAX_CONNECTIONS}")
        if self.timeout <= 0:
            self.refuse("timeout", f"is {self.timeout}: set it to more than 0 seconds")
        if self.since:
            self.require_day("since")

    def first_day(self, today: date) -> date:
        """Return where the first load begins when no day is asked for."""
        return self.require_day("since") if self.since else today - timedelta(days=DEFAULT_DAYS)
