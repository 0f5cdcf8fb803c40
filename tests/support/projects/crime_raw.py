"""Crimes in raw, and the marts that dbt builds of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import duckdb

from dbt_project.build.scope import PREVIOUS
from dbt_project.paths import Paths
from ingestion.core.loading import LoadReport, load
from ingestion.core.progress import LineProgress
from ingestion.core.source import LoadOptions
from ingestion.sources.chicago_crime.datasets import RAW_TABLES
from tests.support.projects.building import build
from tests.support.projects.raw_project import RawProject

# What is built of crimes, without the aggregates.
CRIME = (
    *("path:seeds/crime", "path:seeds/core", "dim_country", "dim_date", "dim_holiday"),
    *("path:models/staging/chicago_crime", PREVIOUS, "path:models/intermediate/crime"),
    *("fct_crimes", "rejected_crimes", "superseded_crimes", "deleted_crimes"),
    *("crime_load_reconciliation", "crime_source_reconciliation"),
    *("crime_changes", "dim_police_district", "dim_ward", "dim_community_area", "dim_crime_type"),
    *("crime_by_district_daily", "dim_ward_map", "crime_location_wards"),
)

MODELS = tuple(f"{n},resource_type:model" if n.startswith("path:models") else n for n in CRIME)


class Crimes(RawProject):
    """A data folder with a raw file of crimes, and the marts built of it."""

    raw_schema, raw_tables = "raw_chicago_crime", RAW_TABLES
    domain = "crime"
    domain_marts: ClassVar[Sequence[str]] = (
        *("fct_crimes", "rejected_crimes", "superseded_crimes"),
        "crime_location_wards",
    )

    def build(self, *, tests: bool = True, full_refresh: bool = False) -> None:
        """Build the marts, and test them: every test has to pass."""
        build(self.paths, CRIME if tests else MODELS, full_refresh=full_refresh)


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
