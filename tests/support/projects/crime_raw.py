"""Crimes in raw, and the marts that dbt builds of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.build.scope import PREVIOUS
from dbt_project.paths import Paths
from ingestion.core.loading import LoadReport, load
from ingestion.core.progress import LineProgress
from ingestion.core.source import LoadOptions
from tests.support.projects.building import build

# What is built of crimes, without the aggregates.
CRIME = (
    *("path:seeds/crime", "path:seeds/core", "dim_date", "dim_holiday"),
    *("path:models/staging/chicago_crime", PREVIOUS, "path:models/intermediate/crime"),
    *("fct_crimes", "rejected_crimes", "superseded_crimes", "deleted_crimes"),
    *("crime_load_reconciliation", "crime_source_reconciliation"),
    *("crime_changes", "dim_police_district", "dim_ward", "dim_community_area", "dim_crime_type"),
)


class CrimeFiles:
    """A data folder into which files of crimes are loaded, and the marts of them."""

    def __init__(self, data: Path) -> None:
        self.paths = Paths(data=data)
        self.paths.work.mkdir(parents=True)

    def load(self, *files: Path, columns: Sequence[str] = ()) -> LoadReport:
        options = LoadOptions(files=files, columns=tuple(columns))
        return load("chicago-crime", options, data_dir=self.paths.data, progress=LineProgress())

    def build(self) -> None:
        """Build what depends on crimes; its tests have to pass."""
        build(self.paths, CRIME)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.paths.work_marts) as marts:
            marts.execute("set TimeZone = 'UTC'")
            return marts.execute(sql).fetchall()

    def raw(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.paths.raw) as raw:
            raw.execute("use raw_chicago_crime")
            return raw.execute(sql).fetchall()
