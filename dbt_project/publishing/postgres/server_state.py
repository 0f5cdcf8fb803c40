"""How the last publication to the server ended: what status, alerts and the next run go by.

Asking the server itself would make them wait for it.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

import duckdb

from dbt_project.files import read_json, remove, write_json
from dbt_project.paths import Paths
from dbt_project.publishing.postgres.connection import ServerError
from dbt_project.publishing.postgres.publication import Landed, publish_to_server
from dbt_project.publishing.postgres.settings import PostgresSettings
from ingestion.core.errors import WarehouseError
from ingestion.core.process.secrets import mask
from ingestion.core.process.signals import raise_if_stopped
from ingestion.core.progress import Progress

# `watch` leaves a server that failed alone for so long.
SECONDS_BETWEEN_ATTEMPTS = 60.0


@dataclass(frozen=True)
class ServerState:
    """What is known of the server.

    Attributes:
        build_id: the build that it has; None before the first publication.
        at: when it got that, UTC, ISO.
        error: why the last attempt failed; None if it did not.
        failed_at: when that was, UTC, ISO.
    """

    build_id: str | None = None
    at: str | None = None
    error: str | None = None
    failed_at: str | None = None

    @classmethod
    def read(cls, paths: Paths) -> Self | None:
        """Read the state; None where nothing was ever published to a server."""
        found = read_json(paths.postgres)
        return cls(**found) if found else None

    def should_wait(self, now: datetime) -> bool:
        """Whether the last attempt failed a moment ago."""
        if not self.error or not self.failed_at:
            return False
        passed = (now - datetime.fromisoformat(self.failed_at)).total_seconds()
        return 0 <= passed < SECONDS_BETWEEN_ATTEMPTS


def forget_server(paths: Paths) -> None:
    """Forget a server that is not a place of publication any more."""
    remove(paths.postgres)


def update_server(
    paths: Paths,
    settings: PostgresSettings,
    *,
    now: datetime,
    progress: Progress,
    everything: bool = False,
) -> Landed:
    """Bring the server to the published build, and remember how that ended.

    Raises:
        WarehouseError: the server has what it had before; see `publish_to_server`.
    """
    before = ServerState.read(paths) or ServerState()
    at = now.isoformat(timespec="seconds")
    try:
        landed = publish_to_server(paths, settings, progress=progress, everything=everything)
    except (WarehouseError, duckdb.Error) as error:
        raise_if_stopped()
        why = mask(" ".join(str(error).split()))
        write_json(paths.postgres, asdict(ServerState(before.build_id, before.at, why, at)))
        raise ServerError(why) from error
    if before.error or before.build_id != landed.build_id:
        write_json(paths.postgres, asdict(ServerState(landed.build_id, at)))
    return landed
