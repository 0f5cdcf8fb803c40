"""Whether the extra is installed; imports nothing of it."""

from importlib.util import find_spec

from ingestion.core.errors import WarehouseError

MISSING = (
    "Dagster is not installed: run `make install-dagster`, or"
    " `pip install --no-deps --require-hashes -r requirements-dagster.lock`"
)


def require_installed() -> None:
    """Fail without the extra.

    Raises:
        WarehouseError: says how to install it.
    """
    if any(find_spec(name) is None for name in ("dagster", "dagster_webserver", "dagster_dbt")):
        raise WarehouseError(MISSING)
