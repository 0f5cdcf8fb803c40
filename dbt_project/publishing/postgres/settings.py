"""Where the server is, and who may read there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import psycopg2
from psycopg2.extensions import parse_dsn

from ingestion.core.errors import WarehouseError
from ingestion.core.process.secrets import remember

URL, READERS, TIMEOUT = (
    "WAREHOUSE_POSTGRES_URL",
    "WAREHOUSE_POSTGRES_READERS",
    "WAREHOUSE_POSTGRES_TIMEOUT",
)
# Without `user@`, which would be masked wherever this is shown.
EXAMPLE = "postgresql://host/database?user=name&sslmode=verify-full"
SCHEMES = ("postgresql://", "postgres://")
SECRETS = ("password", "sslpassword")
# PostgreSQL cuts a longer name off.
MAX_NAME_BYTES = 63
SECONDS = 600.0


@dataclass(frozen=True)
class PostgresSettings:
    """The server to publish to.

    Attributes:
        options: libpq's, from the URL; they may contain a password, and are shown nowhere.
        readers: a role that may read every mart; created where it is missing. None for no role.
        timeout: seconds that the server may take for a statement, or for the next rows of one.
    """

    options: Mapping[str, str] = field(repr=False)
    readers: str | None = None
    timeout: float = SECONDS

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self | None:
        """Read the settings; None where no server is set.

        Raises:
            WarehouseError: a value is invalid; the URL is never quoted.
        """
        url = env.get(URL, "").strip()
        if not url:
            return None
        return cls(_options(url), _readers(env.get(READERS, "")), _timeout(env.get(TIMEOUT, "")))


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


def _readers(name: str) -> str | None:
    name = name.strip()
    if not name.isprintable() or len(name.encode()) > MAX_NAME_BYTES:
        msg = f"{READERS} is {name!r}: set it to the name of one role, such as warehouse_readers"
        raise WarehouseError(msg)
    return name or None


def _timeout(text: str) -> float:
    try:
        seconds = float(text or SECONDS)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 86_400:  # noqa: PLR2004 -- a day
        msg = f"{TIMEOUT} is {text!r}: set it to a number of seconds, 1 or more"
        raise WarehouseError(msg)
    return seconds
