"""The two ways to ask for readings; both yield the same batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingestion.sources.store_sensors.api.client import Client
from ingestion.sources.store_sensors.api.errors import StoreError
from ingestion.sources.store_sensors.api.per_reading_route import PerReadingRoute
from ingestion.sources.store_sensors.plan import GAP_WORTH_READING, Batch, Plan
from ingestion.sources.store_sensors.settings import StoreSensorsSettings

READINGS_PER_WINDOW = 250_000


@dataclass
class StreamRoute:
    """`GET /readings`: every door's hours of a window in one stream."""

    client: Client
    failures: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def batches(self, plans: Sequence[Plan]) -> Iterator[Batch]:
        """Yield a batch for each window."""
        for plan in plans:
            hours = max(1, READINGS_PER_WINDOW // max(1, len(plan.store.sensors)))
            try:
                for span in plan.windows(hours, GAP_WORTH_READING):
                    answers = self.client.readings(plan.store.name, span)
                    yield Batch(plan.store, (span,), plan.grid(span), answers)
            except StoreError as error:
                self.failures[plan.store.name] = str(error)


# A way to ask; its `batches` yields what plans ask for. A store that fails is left, with the reason
# in `failures`, and the next one is read; `notes` are for the reader of the load's result.
Route = StreamRoute | PerReadingRoute


def route_of(client: Client, settings: StoreSensorsSettings) -> Route:
    """Return the way that the API has.

    Raises:
        LoadError: the API cannot be reached.
    """
    return StreamRoute(client) if client.has_readings() else PerReadingRoute(settings)
