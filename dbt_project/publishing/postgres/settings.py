"""Where the server is, and who may read there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import psycopg2
from psycopg2.extensions import parse_dsn

from ingestion.core.errors import WarehouseError
from ingestion.core.process.secrets import remember
from ingestion.core.warehouse_settings import WarehouseSettings, variable

URL, TIMEOUT = variable("postgres_url"), variable("postgres_timeout")
# Without `user@`, which would be masked wherever this is shown.
EXAMPLE = "postgresql://host/database?user=name&sslmode=verify-full"
SCHEMES = ("postgresql://", "postgres://")
SECRETS = ("password", "sslpassword")


@dataclass(frozen=True)
class PostgresSettings:
    """The server to publish to.

    Attributes:
        options: libpq's, from the URL; they may contain a password, and are shown nowhere.
        readers: a role that may read every mart; created where it is missing. None for no role.
        timeout: seconds that the server may take for a statement, or to take more rows.
    """

    options: Mapping[str, str] = field(repr=False)
    readers: str | None
    timeout: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self | None:
        """Read the settings; None where no server is set.

        Raises:
            WarehouseError: a value is invalid; the URL is never quoted.
        """
        names = ("postgres_url", "postgres_readers", "postgres_timeout")
        found = WarehouseSettings.from_env(env, *names)
        if found.postgres_url is None:
            return None
        options = _options(found.postgres_url.strip())
        return cls(options, found.postgres_readers, found.postgres_timeout)


def _options(url: str) -> Mapping[str, str]:
    try:
        options = parse_dsn(url) if url.startswith(SCHEMES) else {}
    except psycopg2.ProgrammingError:
        # Its message quotes the URL.
        options = {}
    if not options.get("dbname"):
        msg = f"{URL} is not the URL of a database: write it as {EXAMPLE}"
        raise WarehouseError(msg)
    remember(*(options.get(name) for name in SECRETS))
    return dict(options)
