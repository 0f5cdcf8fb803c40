"""A simulated source with its control routes, and a raw database to load it into."""

import os
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import httpx
import pytest

from ingestion.core.loading import LoadReport, load
from ingestion.core.progress import LineProgress, Progress
from ingestion.core.source import LoadOptions

OPTIONS = fields(LoadOptions)


@dataclass
class Simulated:
    """A simulated source and its control routes."""

    url: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def control(self, verb: str, /, **body: Any) -> dict[str, Any]:
        return control(self.http, f"{self.url}/control/{verb}", **body)

    def requests(self) -> list[dict[str, Any]]:
        """Every request that it was sent, with its path and query."""
        answer: dict[str, list[dict[str, Any]]] = self.http.get(
            f"{self.url}/control/requests"
        ).json()
        return answer["requests"]


def control(client: httpx.Client, route: str, /, **body: object) -> dict[str, Any]:
    """Post to a control route, which has to take it."""
    answer = client.post(route, json=body)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


@dataclass
class RawLoader:
    """Loads a source into a raw database of its own."""

    source: ClassVar[str]

    folder: Path
    progress: Progress = field(default_factory=LineProgress, kw_only=True)

    def options(self) -> dict[str, Any]:
        """What every load of this source is given."""
        return {}

    def start_anew(self, number: int) -> None:
        """Load into an empty folder from now on: the numbered one beside the folder so far."""
        self.folder = self.folder.with_name(f"data-{number}")

    def load(self, since: str | None = None, until: str | None = None, **more: Any) -> LoadReport:
        if "file" in more:
            more["files"] = (more.pop("file"),)
        first, end = (date.fromisoformat(day) if day else None for day in (since, until))
        asked = {field.name: more.pop(field.name) for field in OPTIONS if field.name in more}
        given: dict[str, Any] = {"progress": self.progress} | self.options() | more
        return load(self.source, LoadOptions(first, end, **asked), data_dir=self.folder, **given)

    def reconcile(self, **more: Any) -> LoadReport:
        return self.load(reconcile=True, **more)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "raw.duckdb"), read_only=True) as connection:
            connection.execute(f"use raw_{self.source.replace('-', '_')}")
            return connection.execute(sql).fetchall()


def set_only(monkeypatch: pytest.MonkeyPatch, source: str, **settings: object) -> None:
    """Give a source these settings, whatever the developer's own environment says."""
    prefix = f"SOURCES__{source}__"
    for name in [name for name in os.environ if name.startswith(prefix)]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(f"{prefix}{name}", str(value))
