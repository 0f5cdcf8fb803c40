"""DuckDB as dlt's destination, with less to read for each package."""

from typing import Any

import dlt
from dlt.common.destination.client import LoadJob
from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration
from dlt.destinations.impl.duckdb.duck import DuckDbClient, DuckDbCopyJob

from ingestion.core.raw.sql import file_literal


class _CopyJob(DuckDbCopyJob):
    """Copies a Parquet file into a table, wherever it is: dlt takes its path for SQL."""

    def run(self) -> None:
        """Copy it."""
        self._sql_client = self._job_client.sql_client
        table = self._sql_client.make_qualified_table_name(self.load_table_name)
        # A folder named `a=b` is not a column.
        self._sql_client.native_connection.execute(
            f"insert into {table} by name select * from "
            f"read_parquet({file_literal(self._file_path)}, "
            "union_by_name = true, hive_partitioning = false)"
        )


class _Client(DuckDbClient):
    def create_load_job(
        self, table: Any, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        job = super().create_load_job(table, file_path, load_id, restore)
        return _CopyJob(file_path) if type(job) is DuckDbCopyJob else job


class RawDestination(dlt.destinations.duckdb):
    """DuckDB, whose configuration is read once for each data set.

    dlt makes some ten clients for each package, asks for each what DuckDB is capable of, and reads
    its whole configuration for each answer: a fifth of the time of a small load.
    """

    _partial: DuckDbClientConfiguration | None = None
    _whole: DuckDbClientConfiguration | None = None

    @property
    def destination_type(self) -> str:
        """As dlt names it, as the state in the database has it."""
        return "dlt.destinations.duckdb"

    @property
    def client_class(self) -> type[DuckDbClient]:
        """What writes packages."""
        return _Client

    def configuration(
        self, initial_config: DuckDbClientConfiguration, accept_partial: bool = False
    ) -> DuckDbClientConfiguration:
        """Return the configuration; it does not change while a store is open.

        The partial one describes capabilities, the whole one is of a data set.
        """
        if not accept_partial:
            names = (initial_config.dataset_name, initial_config.default_schema_name)
            whole = self._whole
            if whole is None or (whole.dataset_name, whole.default_schema_name) != names:
                whole = self._whole = super().configuration(initial_config)
            return whole
        if self._partial is None:
            self._partial = super().configuration(initial_config, accept_partial=True)
            # It says what it lacks by an exception, whose traceback would keep the rows of the
            # package that asked.
            if self._partial.__exception__ is not None:
                self._partial.__exception__.__traceback__ = None
        return self._partial
