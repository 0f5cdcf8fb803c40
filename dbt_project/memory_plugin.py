"""Gives dbt the memory setting, which a profile cannot compute; named in `profiles.yml`."""

from __future__ import annotations

import os
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin

from ingestion.memory import memory_limit, size_text


class Plugin(BasePlugin):
    """Bounds DuckDB's memory, also where dbt is run without `warehouse`."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Set the memory limit with which dbt opens the working file.

        Raises:
            WarehouseError: the setting's value is not a size.
        """
        del creds
        config["memory_limit"] = size_text(memory_limit(os.environ))
