"""DuckDB as dlt's destination, with less to read for each package."""

import dlt
from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration


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
