"""The step of a run that publishes to a PostgreSQL server, where one is set."""

from __future__ import annotations

from dataclasses import dataclass

from dbt_project.published import published_manifest
from dbt_project.publishing.postgres.server_state import (
    ServerState,
    forget_server,
    update_server,
)
from dbt_project.publishing.postgres.settings import URL
from dbt_project.runs.state import RunState
from ingestion.core.errors import WarehouseError
from ingestion.core.process.secrets import mask


@dataclass
class ServerStep(RunState):
    """What a run does with the server."""

    def publish_to_server(self, *, everything: bool = False) -> None:
        """Bring the PostgreSQL server, where one is set, to what is published here.

        A failure delays only the server: it is in `server_error`, and the next run tries again.
        Call `require_all_done` in the end.

        Args:
            everything: send every row, whatever the server says it has.
        """
        self.server_error = None
        if self.server is None:
            forget_server(self.paths)
            return
        known = ServerState.read(self.paths) or ServerState()
        if self.is_watch_iteration and known.should_wait(self.clock()):
            self.server_error = self._server_lags(known.error)
            return
        if self.is_watch_iteration and known.build_id == self.build_id and not known.error:
            return
        with self.step("postgres"):
            try:
                landed = update_server(
                    self.paths,
                    self.server,
                    now=self.clock(),
                    progress=self.progress,
                    everything=everything,
                )
            except WarehouseError as error:
                self.server_error = self._server_lags(mask(str(error)))
                return
        self.landed = f"{landed.build_id}: {landed.tables} tables, {landed.rows:,} rows sent"

    def _server_lags(self, why: str | None) -> str:
        return f"PostgreSQL did not get build {self.build_id}: {why}; the next run tries again"

    def publish_again_to_server(self) -> None:
        """Send every row of what is published to the PostgreSQL server.

        Raises:
            WarehouseError: no server is set, or nothing is published.
        """
        published = published_manifest(self.paths)
        if self.server is None or published is None:
            missing = f"{URL} is not set" if self.server is None else "nothing is published yet"
            advice = "set it" if self.server is None else "run `warehouse run` first"
            msg = f"there is nothing to publish to PostgreSQL: {missing}; {advice}"
            raise WarehouseError(msg)
        self.build_id = published["build_id"]
        self.publish_to_server(everything=True)
