"""Where everything is: the project's root, and the run-time files in the data folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingestion.core.errors import WarehouseError

ROOT = Path(__file__).resolve().parents[1]
KEEP_BUILDS = 3


@dataclass(frozen=True)
class Paths:
    """Every path of a warehouse, absolute.

    Attributes:
        data: the data folder; everything that a run writes is in it.
        project: the dbt project's root.
        keep_builds: how many published builds stay on disk, including the newest.
    """

    data: Path
    project: Path = ROOT
    keep_builds: int = KEEP_BUILDS

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Paths:
        """Read WAREHOUSE_DATA_DIR, WAREHOUSE_KEEP_BUILDS and dbt's own DBT_PROJECT_DIR.

        Raises:
            WarehouseError: WAREHOUSE_KEEP_BUILDS is not a whole number of 1 or more.
        """
        project = Path(env.get("DBT_PROJECT_DIR") or ROOT).resolve()
        keep = env.get("WAREHOUSE_KEEP_BUILDS") or str(KEEP_BUILDS)
        if not keep.isdecimal() or int(keep) < 1:
            msg = f"WAREHOUSE_KEEP_BUILDS is {keep!r}: set it to a whole number of 1 or more"
            raise WarehouseError(msg)
        data = Path(env.get("WAREHOUSE_DATA_DIR") or project / "data").absolute()
        return cls(data=data, project=project, keep_builds=int(keep))

    @property
    def raw(self) -> Path:
        """The pipeline's own file: raw rows, dlt's state, staging and intermediate."""
        return self.data / "raw.duckdb"

    @property
    def work(self) -> Path:
        """The folder that a run may discard."""
        return self.data / "work"

    @property
    def work_marts(self) -> Path:
        """The copy of the marts that dbt builds in."""
        return self.work / "marts.duckdb"

    @property
    def audit(self) -> Path:
        """The audit of the working file by the last build; absent while a build runs."""
        return self.work / "audit.json"

    @property
    def published(self) -> Path:
        """The link to the build that readers see."""
        return self.data / "published"

    @property
    def history(self) -> Path:
        """Which history the working file is taking."""
        return self.work / "history.json"

    @property
    def rolled_back(self) -> Path:
        """Names the newest publication while readers see an older one; see `rollback`."""
        return self.data / "rolled_back.json"

    @property
    def builds(self) -> Path:
        """The published builds, a folder each."""
        return self.data / "builds"

    @property
    def lock(self) -> Path:
        """The file that one run at a time locks."""
        return self.data / ".lock"

    @property
    def holder(self) -> Path:
        """The run that has the lock; left behind by a run that was killed."""
        return self.data / ".lock.json"

    @property
    def runs(self) -> Path:
        """One line of JSON per run."""
        return self.data / "runs.jsonl"

    @property
    def runs_before(self) -> Path:
        """The older lines, once there are many."""
        return self.data / "runs.1.jsonl"

    @property
    def alerts(self) -> Path:
        """What was sent already, to which service."""
        return self.data / "alerts.json"

    @property
    def private(self) -> tuple[Path, ...]:
        """What holds raw rows, or errors and logs about the sources: for the user alone."""
        write_ahead = self.raw.with_name(f"{self.raw.name}.wal")
        files = (self.raw, write_ahead, self.runs, self.runs_before, self.alerts, self.origin)
        return (*files, self.work, self.target, self.logs, self.plans)

    @property
    def origin(self) -> Path:
        """Whether the rows came from the real sources or from simulators."""
        return self.data / "origin.json"

    @property
    def target(self) -> Path:
        """The target folder of dbt: its manifest and compiled SQL."""
        return self.data / "target"

    @property
    def plans(self) -> Path:
        """The statements of earlier builds, to be executed without dbt."""
        return self.data / "plans"

    @property
    def logs(self) -> Path:
        """The log folder of dbt."""
        return self.data / "logs"
