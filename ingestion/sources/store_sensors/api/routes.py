"""The two ways to ask for readings; both yield the same batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ingestion.sources.store_sensors.api.client import Client
from ingestion.sources.store_sensors.api.errors import StoreError
from ingestion.sources.store_sensors.api.per_reading_route import PerReadingRoute
from ingestion.sources.store_sensors.plan import GAP_WORTH_READING, Batch, Plan
from ingestion.sources.store_sensors.settings import StoreSensorsSettings

READINGS_PER_WINDOW = 250_000


class Route(Protocol):
    """A way to ask.

    Attributes:
        failures: why a store was given up, by store.
        notes: what a reader should know, a sentence each.
    """

    failures: dict[str, str]
    notes: list[str]

    def batches(self, plans: Sequence[Plan]) -> Iterator[Batch]:
        """Yield what the plans ask for; a store that fails is left, and the next one read.

        Raises:
            LoadError: the API cannot be reached.
        """


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


def route_of(client: Client, settings: StoreSensorsSettings) -> Route:
    """Return the way that the API has.

    Raises:
        LoadError: the API cannot be reached.
    """
    return StreamRoute(client) if client.has_readings() else PerReadingRoute(settings)
