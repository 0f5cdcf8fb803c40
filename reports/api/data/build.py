"""One open published build: a read-only connection, a catalogue, and cached answers."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
from cachetools import LRUCache

from reports.api.data.catalogue import Catalogue, read_catalogue
from reports.api.data.charts import CHARTS, ChartRequest, render_chart
from reports.api.data.etag import Answer
from reports.api.errors import RefusedError

MANIFEST = "manifest.json"
MAX_ANSWERS, MAX_RECENT = 512, 16


class Build:
    """An open build; used from the event loop's thread, its queries from others.

    Attributes:
        catalogue: what it contains.
        path: of its file, resolved.
        answers: of charts.
        requests: the same answers, by the raw path and query string of the request.
        recent: the charts requested last, which the next build is to have ready.
    """

    def __init__(
        self, path: Path, connection: duckdb.DuckDBPyConnection, catalogue: Catalogue
    ) -> None:
        self.path = path
        self.catalogue = catalogue
        self.answers: LRUCache[ChartRequest, Answer] = LRUCache(MAX_ANSWERS)
        self.requests: LRUCache[tuple[str, bytes], Answer] = LRUCache(MAX_ANSWERS)
        self.recent: LRUCache[ChartRequest, bool] = LRUCache(MAX_RECENT)
        self._connection = connection
        self._users = 0
        self._retired = False

    @property
    def id(self) -> str:
        """The build's name."""
        return self.catalogue.build_id

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Another connection to the same open file."""
        return self._connection.cursor()

    def acquire(self) -> None:
        """Count a running query: the build stays open until it is done."""
        self._users += 1

    def release(self) -> None:
        """Count a query as done."""
        self._users -= 1
        self._close_when_unused()

    def retire(self) -> None:
        """Close now, or after the last running query."""
        self._retired = True
        self._close_when_unused()

    def _close_when_unused(self) -> None:
        if self._retired and not self._users:
            self._connection.close()

    def warm(self, requests: Iterable[ChartRequest]) -> None:
        """Cache answers before they are requested; charts that the build lacks are skipped."""
        cursor, of_data = self.cursor(), self.catalogue.headers
        for request in requests:
            with suppress(RefusedError):
                if self.catalogue.countries.issuperset(request.countries):
                    body = render_chart(request, cursor, self.catalogue)
                    self.answers[request] = Answer.of(body, self.id, of_data)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a build's folder.

    Raises:
        OSError: there is none.
        ValueError: it is not a JSON object with a build id.
    """
    manifest = json.loads((folder / MANIFEST).read_bytes())
    if not isinstance(manifest, dict) or not manifest.get("build_id"):
        msg = f"{folder / MANIFEST} has no build id"
        raise ValueError(msg)
    return manifest


def open_build(
    folder: Path,
    *,
    memory_limit: str,
    current: Build | None = None,
    popular: Iterable[ChartRequest] = (),
) -> Build | None:
    """Open what is published now.

    Args:
        folder: the link to the newest build.
        memory_limit: of DuckDB.
        current: the build that is open now; it is not opened twice.
        popular: requests to cache answers for, besides those for all countries.

    Returns:
        The build, warm; None if it is the one that is open.

    Raises:
        OSError, ValueError, KeyError, TypeError: the folder is not a build.
        duckdb.Error: its file cannot be read.
    """
    # Resolved, so that manifest and file belong to one build even if the link changes.
    folder = folder.resolve(strict=True)
    manifest = read_manifest(folder)
    if current is not None and manifest["build_id"] == current.id:
        return None
    path = (folder / manifest["database"]["path"]).resolve(strict=True)
    if current is not None and path == current.path:
        # DuckDB returns the file that it has open.
        msg = f"{path} was changed in place: publish a new build and replace the link"
        raise ValueError(msg)
    connection = duckdb.connect(path, read_only=True, config=_restricted_config(memory_limit))
    try:
        build = Build(path, connection, read_catalogue(connection, manifest))
        build.warm([*map(ChartRequest, CHARTS), *popular])
    except BaseException:
        connection.close()
        raise
    return build


def _restricted_config(memory_limit: str) -> dict[str, str | bool | int | float | list[str]]:
    """Settings that restrict a connection to reading its own file."""
    return {
        "memory_limit": memory_limit,
        "threads": 2,
        "max_temp_directory_size": "0B",  # nothing is written
        "enable_external_access": "false",
        "autoload_known_extensions": "false",
        "autoinstall_known_extensions": "false",
        "lock_configuration": "true",
    }
