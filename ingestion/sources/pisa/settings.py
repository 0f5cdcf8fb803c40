"""The settings of the source."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Optional

from dlt.common.configuration import configspec
from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from ingestion.core.process.secrets import remember, remember_urls
from ingestion.core.settings import SourceSettings
from ingestion.core.source import Source
from ingestion.sources.pisa.countries import COUNTRIES, known_countries
from ingestion.sources.pisa.source import SOURCE

EXAMPLE = '{"alb": "postgresql://user:password@host/pisa_alb"}'


@configspec
class PisaSettings(SourceSettings):
    """What the source can be configured with.

    Attributes:
        databases: URLs by country, as JSON or as a table of the configuration file; never quoted in
            a message, for they may contain passwords.
        look_back_minutes: how long before the newest loaded row each load reads again.
        workers: databases that are read at the same time.
        timeout: seconds to wait for a connection, or for one answer of a database.
    """

    source: ClassVar[Source] = SOURCE
    address_example: ClassVar[str] = EXAMPLE
    # Any: dlt quotes what it cannot convert to a type, and this may contain passwords.
    databases: Optional[Any] = None  # noqa: UP045 -- dlt reads the annotation
    look_back_minutes: float = 10.0
    workers: int = 4
    timeout: float = 30.0

    def check(self) -> None:
        """Refuse invalid values."""
        self.require_at_least(look_back_minutes=0, workers=1, timeout=1)
        self.urls()

    @property
    def look_back(self) -> timedelta:
        """How long before the newest loaded row each load reads again."""
        return timedelta(minutes=self.look_back_minutes)

    def addresses(self) -> list[str]:
        """Return where the databases are."""
        return [str(url) for url in self.urls().values()]

    def urls(self) -> dict[str, URL]:
        """Return the databases by upper-case country code."""
        urls: dict[str, URL] = {}
        for name, text in self._pairs():
            country = name.strip().upper()
            if country not in known_countries():
                why = (
                    f"names {name!r}, which is not a country code: use the three letters of "
                    f"seeds/core/{COUNTRIES.name}"
                )
                self.refuse("databases", why)
            if country in urls:
                self.refuse("databases", f"names {country} twice: leave one")
            url = _parsed(str(text))
            if url is None:
                self.refuse("databases", f"has no database URL for {country}: write {EXAMPLE}")
            urls[country] = url
        return urls

    def _pairs(self) -> list[tuple[str, Any]]:
        """Return the pairs of a JSON object, or of a table of the configuration file."""
        value = self.databases
        if isinstance(value, str):
            try:
                value = json.loads(value, object_pairs_hook=list)
            except ValueError:
                value = None
            pairs = value if isinstance(value, list) else []
        else:
            pairs = [*value.items()] if isinstance(value, Mapping) else []
        if not pairs or not all(isinstance(pair, tuple) for pair in pairs):
            self.refuse("databases", f"is not a JSON object of country and URL: write {EXAMPLE}")
        return pairs


def _parsed(text: str) -> URL | None:
    text = text.strip()
    remember_urls(text)
    # The error quotes the URL, so no error of ours may be chained to it.
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        return None
    remember(str(url.password or ""))
    # A part of a password that was taken for the host would be quoted as one.
    is_torn = url.host is not None and "@" in f"{url.host}{url.database}"
    return None if is_torn or not text.isprintable() else url
