"""Configuration of the source, by dlt: environment, `.dlt/config.toml`, `.dlt/secrets.toml`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.configuration.specs import BaseConfiguration
from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ingestion.core.errors import LoadError
from ingestion.sources.pisa.countries import COUNTRIES, known_countries

PREFIX = "SOURCES__PISA__"
EXAMPLE = '{"alb": "postgresql://user:password@host/pisa_alb"}'


@configspec
class _Spec(BaseConfiguration):
    # Any: what dlt cannot make a type of, it quotes, and this holds passwords.
    databases: Optional[Any] = None  # noqa: UP045 -- dlt reads the annotation
    look_back_minutes: float = 10.0
    workers: int = 4
    timeout: float = 30.0


@dataclass(frozen=True)
class Config:
    """What the source is told.

    Attributes:
        databases: by upper-case code of the country.
        look_back: how long before the newest row held each load reads again.
        workers: databases that are read at a time.
        timeout: seconds to wait for a connection, or for one answer of a database.
    """

    databases: Mapping[str, URL]
    look_back: timedelta
    workers: int
    timeout: float


def is_configured() -> bool:
    """Tell whether there are databases to load from."""
    return bool(_spec().databases)


def resolve_config() -> Config:
    """Return the configuration.

    Raises:
        LoadError: a value is missing or not what it must be; names the variable, and never
            quotes a URL, for it may hold a password.
    """
    spec = _spec()
    if not spec.databases:
        msg = f"pisa has no databases: set {PREFIX}DATABASES, for example to {EXAMPLE}"
        raise LoadError(msg)
    for name, value, least in (
        ("LOOK_BACK_MINUTES", spec.look_back_minutes, 0),
        ("WORKERS", spec.workers, 1),
        ("TIMEOUT", spec.timeout, 1),
    ):
        if not value >= least:
            msg = f"{PREFIX}{name} is {value}: set it to {least} or more"
            raise LoadError(msg)
    return Config(
        databases=_databases(spec.databases),
        look_back=timedelta(minutes=spec.look_back_minutes),
        workers=spec.workers,
        timeout=spec.timeout,
    )


def _spec() -> _Spec:
    try:
        return resolve_configuration(_Spec(), sections=("sources", "pisa"))
    except ConfigurationException as error:
        first_line = str(error).strip().splitlines()[0]
        msg = f"the configuration of pisa cannot be read: {first_line} (see .env.example)"
        raise LoadError(msg) from error


def _databases(value: Any) -> dict[str, URL]:
    databases: dict[str, URL] = {}
    for name, text in _pairs(value):
        country = name.strip().upper()
        if country not in known_countries():
            msg = (
                f"{PREFIX}DATABASES names {name!r}, which is no code of a country: use the three "
                f"letters of seeds/core/{COUNTRIES.name}"
            )
            raise LoadError(msg)
        if country in databases:
            msg = f"{PREFIX}DATABASES names {country} twice: leave one"
            raise LoadError(msg)
        try:
            databases[country] = make_url(str(text))
        except (ArgumentError, ValueError):
            msg = f"{PREFIX}DATABASES has no URL of a database for {country}: write {EXAMPLE}"
            raise LoadError(msg) from None
    return databases


def _pairs(value: Any) -> list[tuple[str, Any]]:
    """Return the pairs of a JSON object, or of a table of the configuration's file."""
    if isinstance(value, str):
        try:
            value = json.loads(value, object_pairs_hook=list)
        except ValueError:
            value = None
        pairs = value if isinstance(value, list) else []
    else:
        pairs = [*value.items()] if isinstance(value, Mapping) else []
    if not pairs or not all(isinstance(pair, tuple) for pair in pairs):
        msg = f"{PREFIX}DATABASES is no JSON object of country and URL: write {EXAMPLE}"
        raise LoadError(msg)
    return pairs
