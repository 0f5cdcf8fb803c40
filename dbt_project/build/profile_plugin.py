"""What a profile cannot compute; named in `profiles.yml`, so that plain dbt uses it too."""

import os
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin

from dbt_project.build.working_copy import begin_work
from dbt_project.paths import Paths
from ingestion.core.memory import build_limit


class Plugin(BasePlugin):
    """Limits DuckDB's memory, and lets plain dbt start from what is published."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Set the memory limit with which dbt opens the working file, and create that file.

        A publication takes the working file over; `warehouse build` copies it before dbt starts.

        Raises:
            WarehouseError: the setting's value is not a size.
            OSError: the disk is full, or the folder cannot be written.
        """
        config["memory_limit"] = build_limit(os.environ)
        paths = Paths(data=Path(creds.path).absolute().parents[1])
        if paths.published.exists() and not paths.work_marts.exists():
            begin_work(paths)
