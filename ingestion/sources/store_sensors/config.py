"""Configuration of the source, by dlt: environment, `.dlt/config.toml`, `.dlt/secrets.toml`."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.configuration.specs import BaseConfiguration

from ingestion.core.errors import LoadError
from ingestion.core.http import is_web_address

PREFIX = "SOURCES__STORE_SENSORS__"
DAYS_BY_DEFAULT = 400
# The system's select(), which libcurl's multi interface waits with, knows 1,024 files.
MOST_CONNECTIONS = 500


@configspec
class _Spec(BaseConfiguration):
    base_url: Optional[str] = None  # noqa: UP045 -- dlt reads the annotation
    since: Optional[str] = None  # noqa: UP045
    look_back_hours: int = 48
    timeout: float = 10.0
    connections: int = 32


@dataclass(frozen=True)
class Config:
    """What the source is told.

    Attributes:
        base_url: the API, without a path.
        since: where the first load begins when no day is asked for.
        look_back_hours: how far back each load reads again.
        timeout: seconds to wait for an answer, or for the next bytes of a stream.
        connections: requests in flight where readings are asked for one by one.
    """

    base_url: str
    since: date
    look_back_hours: int
    timeout: float
    connections: int


def is_configured() -> bool:
    """Tell whether there is an API to load from."""
    return bool(_spec().base_url)


def resolve_config(today: date) -> Config:
    """Return the configuration.

    Args:
        today: what the default of `since` is counted from.

    Raises:
        LoadError: a value is missing or not what it must be; names the variable.
    """
    spec = _spec()
    if not spec.base_url:
        msg = (
            f"store-sensors has no address: set {PREFIX}BASE_URL to the API of the stores' sensors "
            "(see .env.example)"
        )
        raise LoadError(msg)
    if not is_web_address(spec.base_url):
        msg = f"{PREFIX}BASE_URL is no web address: write it as https://host, without a password"
        raise LoadError(msg)
    if spec.look_back_hours < 0:
        msg = f"{PREFIX}LOOK_BACK_HOURS is {spec.look_back_hours}: set it to 0 or more"
        raise LoadError(msg)
    if not 1 <= spec.connections <= MOST_CONNECTIONS:
        msg = f"{PREFIX}CONNECTIONS is {spec.connections}: set it to 1 to {MOST_CONNECTIONS}"
        raise LoadError(msg)
    if spec.timeout <= 0:
        msg = f"{PREFIX}TIMEOUT is {spec.timeout}: set it to more than 0 seconds"
        raise LoadError(msg)
    return Config(
        base_url=spec.base_url.rstrip("/"),
        since=_since(spec.since, today),
        look_back_hours=spec.look_back_hours,
        timeout=spec.timeout,
        connections=spec.connections,
    )


def _spec() -> _Spec:
    try:
        return resolve_configuration(_Spec(), sections=("sources", "store_sensors"))
    except ConfigurationException as error:
        first_line = str(error).strip().splitlines()[0]
        msg = f"the configuration of store-sensors cannot be read: {first_line} (see .env.example)"
        raise LoadError(msg) from error


def _since(text: str | None, today: date) -> date:
    if not text:
        return today - timedelta(days=DAYS_BY_DEFAULT)
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        msg = f"{PREFIX}SINCE is {text!r}, no day: write it as 2024-01-01"
        raise LoadError(msg) from error
