"""Where everything is: the project's root, and the run-time files in the data folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from dbt_project.plain_path import require_plain
from ingestion.core.warehouse_settings import WarehouseSettings

ROOT = Path(__file__).resolve().parents[1]
KEEP_BUILDS = int(WarehouseSettings.model_fields["keep_builds"].default)


class InData:
    """A path in the data folder, as an attribute of `Paths`."""

    def __init__(self, *parts: str) -> None:
        self._parts = parts
        self.name = parts[-1]

    def __get__(self, paths: "Paths", _: "type[Paths]") -> Path:
        return paths.data.joinpath(*self._parts)


@dataclass(frozen=True)
class Paths:
    """Every path of a warehouse, absolute.

    Attributes:
        data: the data folder; everything that a run writes is in it.
        project: the dbt project's root.
        keep_builds: how many published builds stay on disk, including the newest.
        raw: the pipeline's own file: raw rows, dlt's state, staging and intermediate.
        work: the folder that a run may discard.
        work_marts: the copy of the marts that dbt builds in.
        audit: the audit of the working file by the last build; absent while a build runs.
        history: which history the working file is taking.
        published: the link to the build that readers see.
        builds: the published builds, a folder each.
        rolled_back: names the newest publication while readers see an older one; see `rollback`.
        lock: the file that one run at a time locks.
        holder: the run that has the lock; left behind by a run that was killed.
        runs: one line of JSON per run.
        runs_before: the older lines, once there are many.
        alerts: what was sent already, to which service.
        postgres: how the last publication to a PostgreSQL server ended.
        origin: whether the rows came from the real sources or from simulators.
        stamp: the layout of the folder and the warehouse's id; see `data_version`.
        restoring: there while a backup is restored.
        clock: the publication whose time was wrong, as the operator said.
        changing: locked by a run within its steps, in which it changes files.
        backup_turn: locked by a backup that waits for the end of a step, or reads.
        target: the target folder of dbt: its manifest and compiled SQL.
        plans: the statements of earlier builds, to be executed without dbt.
        logs: the log folder of dbt.
        engine: the files of a Spark cluster on this machine, see `warehouse engine`.
        dagster: Dagster's own folder: its settings, its storage, and dbt's graph for it.
    """

    data: Path
    project: Path = ROOT
    keep_builds: int = KEEP_BUILDS

    raw = InData("raw.duckdb")
    work = InData("work")
    work_marts = InData("work", "marts.duckdb")
    audit = InData("work", "audit.json")
    history = InData("work", "history.json")
    published = InData("published")
    builds = InData("builds")
    rolled_back = InData("rolled_back.json")
    lock = InData(".lock")
    holder = InData(".lock.json")
    runs = InData("runs.jsonl")
    runs_before = InData("runs.1.jsonl")
    alerts = InData("alerts.json")
    postgres = InData("postgres.json")
    origin = InData("origin.json")
    stamp = InData("warehouse.json")
    restoring = InData(".restoring.json")
    clock = InData("clock.json")
    changing = InData(".changing.lock")
    backup_turn = InData(".backup.lock")
    target = InData("target")
    plans = InData("plans")
    logs = InData("logs")
    engine = InData("engine")
    dagster = InData("dagster")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read WAREHOUSE_DATA_DIR, WAREHOUSE_KEEP_BUILDS and WAREHOUSE_PROJECT_DIR.

        Raises:
            WarehouseError: WAREHOUSE_KEEP_BUILDS is not a whole number of 1 or more, or a folder's
                path cannot be used.
        """
        settings = WarehouseSettings.from_env(env, "data_dir", "project_dir", "keep_builds")
        project = (settings.project_dir or ROOT).resolve()
        data = settings.data_dir or project / "data"
        require_plain(data)
        return cls(data=data, project=project, keep_builds=settings.keep_builds)

    @property
    def private(self) -> tuple[Path, ...]:
        """What holds raw rows, or errors and logs about the sources: for the user alone."""
        write_ahead = self.raw.with_name(f"{self.raw.name}.wal")
        files = (self.raw, write_ahead, self.runs, self.runs_before, self.alerts, self.postgres)
        folders = (self.work, self.target, self.logs, self.plans, self.engine, self.dagster)
        return (*files, self.origin, *folders)
