"""The environment of Dagster's processes; imports nothing of Dagster."""

from collections.abc import Mapping

from dbt_project.paths import Paths
from ingestion.core.warehouse_settings import WarehouseSettings, variable

POSTGRES = variable("dagster_postgres_url")
# The same URL for Dagster's processes, with the driver that is installed: SQLAlchemy takes another.
STORAGE, DRIVER = "DAGSTER_WAREHOUSE_STORAGE", "postgresql+psycopg2"


def dagster_environment(paths: Paths, env: Mapping[str, str]) -> dict[str, str]:
    """The environment of Dagster's processes."""
    own = {"DAGSTER_HOME": str(paths.dagster), "DAGSTER_DISABLE_TELEMETRY": "1"}
    if url := WarehouseSettings.from_env(env, "dagster_postgres_url").dagster_postgres_url:
        own[STORAGE] = f"{DRIVER}://{url.partition('://')[2]}"
    return {**env, **own}
