"""Crimes in Chicago: the city's Socrata portal."""

from ingestion.core.source import Options, Source
from ingestion.sources.chicago_crime.datasets import (
    CRIME_DATASETS,
    IUCR_CODES,
    RAW_TABLES,
    RESIDENTS,
)

SOURCE = Source(
    name="chicago-crime",
    domain="crime",
    tables=RAW_TABLES,
    changed_at={
        dataset.table: "socrata_updated_at"
        for dataset in (*CRIME_DATASETS.values(), IUCR_CODES, RESIDENTS)
    },
    accounted=("crimes", "crimes_last_year", "file_crimes"),
    accounts=("fct_crimes", "rejected_crimes", "superseded_crimes", "deleted_crimes"),
    settings="ingestion.sources.chicago_crime.settings:ChicagoCrimeSettings",
    load="ingestion.sources.chicago_crime.load:load_chicago_crime",
    reconcile="ingestion.sources.chicago_crime.load:reconcile_chicago_crime",
    load_options=Options(since=True, until=True, files=True, accept_shrink=True),
    simulator="ingestion.simulators.chicago_crime.simulator:SIMULATOR",
)
