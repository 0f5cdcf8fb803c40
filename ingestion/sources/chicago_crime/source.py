"""Crimes in Chicago: the city's Socrata portal."""

from typing import TYPE_CHECKING

from ingestion.core.source import LoadResult, Options, Request, Source
from ingestion.sources.chicago_crime.datasets import CRIME_DATASETS, IUCR_CODES, RAW_TABLES

if TYPE_CHECKING:
    from ingestion.simulators.simulator import Simulator
    from ingestion.sources.chicago_crime.settings import ChicagoCrimeSettings


def _settings() -> "type[ChicagoCrimeSettings]":
    from ingestion.sources.chicago_crime.settings import ChicagoCrimeSettings

    return ChicagoCrimeSettings


def _load(request: Request) -> LoadResult:
    from ingestion.sources.chicago_crime.load import load_chicago_crime

    return load_chicago_crime(request)


def _reconcile(request: Request) -> LoadResult:
    from ingestion.sources.chicago_crime.load import reconcile_chicago_crime

    return reconcile_chicago_crime(request)


def _simulator() -> "Simulator":
    from ingestion.simulators.chicago_crime.simulator import SIMULATOR

    return SIMULATOR


SOURCE = Source(
    name="chicago-crime",
    domain="crime",
    tables=RAW_TABLES,
    changed_at={
        dataset.table: "socrata_updated_at" for dataset in (*CRIME_DATASETS.values(), IUCR_CODES)
    },
    settings=_settings,
    load=_load,
    reconcile=_reconcile,
    load_options=Options(since=True, until=True, accept_shrink=True),
    simulator=_simulator,
)
