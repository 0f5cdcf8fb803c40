"""The settings of the source."""

from datetime import date
from typing import ClassVar, Optional

from dlt.common.configuration import configspec
from dlt.common.typing import TSecretStrValue

from ingestion.core.settings import Probe, SourceSettings
from ingestion.core.source import Source
from ingestion.sources.chicago_crime.datasets import CRIME_DATASETS, Dataset
from ingestion.sources.chicago_crime.source import SOURCE


@configspec
class ChicagoCrimeSettings(SourceSettings):
    """What the source can be configured with.

    Attributes:
        base_url: the portal, without a path.
        app_token: sent in a header; without one the portal throttles.
        dataset: which data set of crimes to load.
        since: where the first backfill begins when no day is asked for.
        page_size: rows per page.
        timeout: seconds to wait for the portal's next bytes.
    """

    source: ClassVar[Source] = SOURCE
    base_url: str = "https://data.cityofchicago.org"
    app_token: Optional[TSecretStrValue] = None  # noqa: UP045 -- dlt reads the annotation
    dataset: str = "ijzp-q8t2"
    since: str = "2001-01-01"
    page_size: int = 50_000
    timeout: float = 60.0

    def check(self) -> None:
        """Refuse invalid values."""
        if self.dataset not in CRIME_DATASETS:
            known = " or ".join(CRIME_DATASETS)
            self.refuse("dataset", f"is {self.dataset!r}, which is not loaded: set it to {known}")
        self.require_web_address()
        self.require_at_least(page_size=1)
        self.require_day("since")

    def probe(self) -> Probe:
        """Return a request for one row, which the portal refuses with a wrong token."""
        headers = {"X-App-Token": str(self.app_token)} if self.app_token else {}
        return Probe(f"/resource/{self.dataset}.json", {"$limit": "1"}, headers)

    @property
    def crimes(self) -> Dataset:
        """The data set of crimes."""
        return CRIME_DATASETS[self.dataset]

    @property
    def first_day(self) -> date:
        """The day on which the first backfill begins."""
        return self.require_day("since")
