"""Door sensors of a chain of stores: hourly visits by door, from an API or from files."""

from typing import TYPE_CHECKING

from ingestion.core.source import LoadResult, Options, Request, Source
from ingestion.sources.store_sensors.tables import RAW_TABLES

if TYPE_CHECKING:
    from ingestion.simulators.simulator import Simulator
    from ingestion.sources.store_sensors.settings import StoreSensorsSettings


def _settings() -> "type[StoreSensorsSettings]":
    from ingestion.sources.store_sensors.settings import StoreSensorsSettings

    return StoreSensorsSettings


def _load(request: Request) -> LoadResult:
    from ingestion.sources.store_sensors.load import load_store_sensors

    return load_store_sensors(request)


def _reconcile(request: Request) -> LoadResult:
    from ingestion.sources.store_sensors.reconcile import reconcile_store_sensors

    return reconcile_store_sensors(request)


def _simulator() -> "Simulator":
    from ingestion.simulators.store_sensors.simulator import SIMULATOR

    return SIMULATOR


SOURCE = Source(
    name="store-sensors",
    domain="footfall",
    tables=RAW_TABLES,
    changed_at={"readings": "read_at_local"},
    settings=_settings,
    load=_load,
    reconcile=_reconcile,
    load_options=Options(since=True, until=True, file=True),
    simulator=_simulator,
)
