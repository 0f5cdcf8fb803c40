"""A small project whose builds are recorded, and their messages."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.build.audit import DbtReport
from dbt_project.build.plans.build import planned_build
from dbt_project.build.plans.invocation import Invocation
from dbt_project.log_file import events
from dbt_project.paths import Paths
from ingestion.core.progress import Silent
from tests.support.projects.sample_project import write_project

EXTRA_MODELS = {
    # What a second execution of the same node would double.
    "entries": """
        {{ config(materialized='incremental', incremental_strategy='append') }}
        select order_id from {{ ref('orders') }}""",
    "settings": """
        select '{{ var("currency") }}' as currency, '{{ env_var("SHOP_NAME", "corner") }}' as name,
            current_setting('memory_limit') as memory, current_setting('TimeZone') as zone""",
    "largest": """
        {%- set query = 'select max(amount) from ' ~ ref('orders') -%}
        select {{ run_query(query).columns[0].values()[0] if execute else 0 }} as amount""",
}
EXTRA_YML = """
version: 2
models:
  - name: largest
    columns:
      - name: amount
        data_tests:
          - accepted_values:
              name: largest__amount_is_small
              arguments: {values: [1, 2, 3], quote: false}
              config: {severity: warn}
  - name: entries
    columns:
      - name: order_id
        data_tests:
          - not_null: {name: entries__order_is_known}
"""


def write_recorded_project(project: Path) -> None:
    """Write the project's files."""
    write_project(project)
    for name, sql in EXTRA_MODELS.items():
        (project / f"models/marts/{name}.sql").write_text(sql)
    (project / "models/extra.yml").write_text(EXTRA_YML)
    (project / "seeds").mkdir()
    (project / "seeds/currencies.csv").write_text("code,name\nEUR,Euro\n")
    with (project / "dbt_project.yml").open("a") as settings:
        settings.write("seed-paths: [seeds]\nvars: {currency: EUR}\n")
        settings.write("seeds: {+database: raw, +schema: seeds}\n")


@dataclass
class RecordedProject:
    """A small project with every kind of node, its raw file, and the messages of its builds."""

    paths: Paths
    events_seen: list[str] = field(default_factory=list)

    def build(self, invocation: Invocation | None = None, **options: bool) -> DbtReport:
        """Build on what was built last."""
        self.events_seen.clear()
        invocation = invocation or Invocation()
        return planned_build(self.paths, invocation, progress=Silent(), **options)

    @property
    def used_plan(self) -> bool:
        """Whether the last build was by plan from its beginning to its end."""
        return any("was executed" in line for line in self.events_seen)

    @property
    def continued(self) -> bool:
        """Whether dbt took over from a plan that failed."""
        return any("dbt continues" in line for line in self.events_seen)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Execute SQL on the working files."""
        with duckdb.connect(self.paths.work_marts) as marts:
            marts.execute(f"attach '{self.paths.raw}' as raw")
            return marts.execute(sql).fetchall()

    def model(self, name: str) -> Path:
        return self.paths.project / f"models/marts/{name}.sql"

    def marts(self) -> dict[str, Any]:
        return content(self.paths.work_marts)


def content(file: Path) -> dict[str, Any]:
    """Each table of a file: its definition, comments and rows."""
    with duckdb.connect(file, read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name, sql, comment from duckdb_tables()"
        ).fetchall()
        comments = "select list(comment order by column_index) from duckdb_columns()"
        return {
            name: (
                *rest,
                connection.execute(
                    f"{comments} where schema_name || '.' || table_name = ?", [name]
                ).fetchall(),
                sorted(map(repr, connection.execute(f"from {name}").fetchall())),
            )
            for name, *rest in tables
            # It holds when the runs were.
            if name != "core.warehouse_runs"
        }


@contextmanager
def record_events(recorded: RecordedProject) -> Iterator[RecordedProject]:
    class EventRecorder(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            recorded.events_seen.append(record.getMessage())

    handler, level = EventRecorder(), events.level
    events.addHandler(handler)
    events.setLevel(logging.INFO)
    try:
        yield recorded
    finally:
        events.removeHandler(handler)
        events.setLevel(level)
