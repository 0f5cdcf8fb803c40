"""Build a history in increments of bounded size, by the code that builds a day.

A build reads at most WAREHOUSE_ROWS_PER_INCREMENT rows of new loads; the models leave the others
pending. While some are pending, the facts are built again; then everything is built once.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from dbt_project.build.audit import DbtReport
from dbt_project.build.plans.build import planned_build
from dbt_project.build.plans.invocation import Invocation
from dbt_project.build.raw import summaries
from dbt_project.build.scope import PREVIOUS
from dbt_project.build.working_copy import begin_history
from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from ingestion.core.progress import Progress
from ingestion.core.warehouse_settings import WarehouseSettings, variable

SETTING = variable("rows_per_increment")
AUDIT = "WAREHOUSE_AUDIT"
KINDS = ("model", "seed")
# Incremental models, and the marts that show which loads they have.
FACTS = ("+config.materialized:incremental", "+fqn:*_load_reconciliation")


@dataclass(frozen=True)
class Increments:
    """The builds of one scope.

    Attributes:
        paths: of the warehouse.
        select: dbt selection of the scope; everything if empty.
        progress: where to show the work.
        new_rows: estimated number of rows since the publication; the models know exactly.
        rebuild: a rebuild, for which no load was read before.
        ask_dbt: use no plan.
    """

    paths: Paths
    select: Sequence[str]
    progress: Progress
    new_rows: int
    rebuild: bool
    ask_dbt: bool

    def build(self) -> DbtReport:
        """Build and test the scope; returns the report of the last build, or of one that failed.

        Raises:
            WarehouseError: dbt could not start.
        """
        is_long = self.new_rows > rows_per_increment(os.environ)
        while True:
            if is_long and (failed := self._build_facts()):
                return failed
            # After several increments, only the last knows which rows it affected.
            audit = "everything" if is_long or not self.select else "affected"
            report = self._invoke(Invocation(select=tuple(self.select), environment={AUDIT: audit}))
            if report.failures or not pending_rows(self.paths):
                return report
            # There was more than estimated.
            is_long = True

    def _build_facts(self) -> DbtReport | None:
        """Build facts until no load is pending; returns a report if that failed."""
        begin_history(self.paths, rebuild=self.rebuild)
        with self.progress.task("history", self.new_rows) as task:
            if not _has_marts(self.paths):
                # Empty tables first: the first increment then finds what every other one does.
                empty = Invocation(select=tuple(self.select), resource_types=KINDS)
                report = self._invoke(empty, rows=0)
                if report.failures:
                    return report
            left, before = self.new_rows, None
            # A load that cannot be accounted for stays pending: the audit reports it.
            while left and left != before:
                report = self._invoke(Invocation(select=self._facts(), resource_types=KINDS))
                if report.failures:
                    return report
                before, left = left, pending_rows(self.paths)
                task.advance(max(before - left, 0))
        return None

    def _facts(self) -> tuple[str, ...]:
        scopes = [part for part in self.select if part.startswith("source:")] or [""]
        facts = [",".join(filter(None, (fact, scope))) for fact in FACTS for scope in scopes]
        return (*facts, PREVIOUS)

    def _invoke(self, invocation: Invocation, rows: int | None = None) -> DbtReport:
        rows = rows_per_increment(os.environ) if rows is None else rows
        bounded = Invocation(
            select=invocation.select,
            resource_types=invocation.resource_types,
            environment={**invocation.environment, SETTING: str(rows)},
        )
        return planned_build(self.paths, bounded, progress=self.progress, ask_dbt=self.ask_dbt)


def rows_per_increment(env: Mapping[str, str]) -> int:
    """How many rows of new loads a build reads at a time.

    Raises:
        WarehouseError: the setting is not a whole number above 0.
    """
    return WarehouseSettings.from_env(env, "rows_per_increment").rows_per_increment


def rows_to_read(paths: Paths, *, rebuild: bool) -> int:
    """The estimated number of new rows since the publication; the models know exactly."""
    manifest = None if rebuild else published_manifest(paths)
    published = (manifest or {}).get("freshness", {})
    before = sum(sum(state["rows"].values()) for state in published.values())
    return max(sum(found.rows for found in summaries(paths.raw).values()) - before, 0)


def pending_rows(paths: Paths) -> int:
    """How many rows the models left to later increments."""
    with duckdb.connect(paths.raw, read_only=True) as connection:
        states = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where schema_name = 'intermediate' and table_name like 'int_%__load_states'"
        ).fetchall()
        counts = [
            connection.execute(
                f"select coalesce(sum(rows_received), 0) from {name} where load_state = 'pending'"
            ).fetchone()
            for (name,) in states
        ]
    return sum(int(count[0]) for count in counts if count)


def _has_marts(paths: Paths) -> bool:
    with duckdb.connect(paths.work_marts, read_only=True) as connection:
        found = connection.execute("select count(*) from duckdb_tables()").fetchone()
    return bool(found and found[0])
