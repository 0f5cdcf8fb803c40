"""Configuration of the source, by dlt: environment, `.dlt/config.toml`, `.dlt/secrets.toml`."""

from dataclasses import dataclass
from datetime import date
from typing import Optional

from dlt.common.configuration import configspec, resolve_configuration
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from ingestion.core.errors import LoadError
from ingestion.core.http import is_web_address
from ingestion.sources.chicago_crime.datasets import CRIME_DATASETS, Dataset

PREFIX = "SOURCES__CHICAGO_CRIME__"


@configspec
class _Spec(BaseConfiguration):
    base_url: str = "https://data.cityofchicago.org"
    app_token: Optional[TSecretStrValue] = None  # noqa: UP045 -- dlt reads the annotation
    dataset: str = "ijzp-q8t2"
    since: str = "2001-01-01"
    page_size: int = 50_000
    timeout: float = 60.0


@dataclass(frozen=True)
class Config:
    """What the source is told.

    Attributes:
        base_url: the portal, without a path.
        app_token: sent in a header; None works, throttled.
        dataset: which data set of crimes to load.
        since: where the first backfill begins when no day is asked for.
        page_size: rows a page.
        timeout: seconds to wait for the portal's next bytes.
    """

    base_url: str
    app_token: str | None
    dataset: Dataset
    since: date
    page_size: int
    timeout: float


def resolve_config() -> Config:
    """Return the configuration.

    Raises:
        LoadError: a value is not what it must be; names the variable.
    """
    try:
        spec = resolve_configuration(_Spec(), sections=("sources", "chicago_crime"))
    except ConfigurationException as error:
        first_line = str(error).strip().splitlines()[0]
        msg = f"the configuration of chicago-crime cannot be read: {first_line} (see .env.example)"
        raise LoadError(msg) from error
    dataset = CRIME_DATASETS.get(spec.dataset)
    if dataset is None:
        known = " or ".join(CRIME_DATASETS)
        msg = f"{PREFIX}DATASET is {spec.dataset!r}, which is not loaded here: set it to {known}"
        raise LoadError(msg)
    if not is_web_address(spec.base_url):
        msg = f"{PREFIX}BASE_URL is no web address: write it as https://host, without a password"
        raise LoadError(msg)
    if spec.page_size < 1:
        msg = f"{PREFIX}PAGE_SIZE is {spec.page_size}: set it to 1 or more"
        raise LoadError(msg)
    try:
        since = date.fromisoformat(str(spec.since))
    except ValueError as error:
        msg = f"{PREFIX}SINCE is {spec.since!r}, no day: write it as 2001-01-01"
        raise LoadError(msg) from error
    return Config(
        base_url=spec.base_url.rstrip("/"),
        app_token=spec.app_token or None,
        dataset=dataset,
        since=since,
        page_size=spec.page_size,
        timeout=spec.timeout,
    )
