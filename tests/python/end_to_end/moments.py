"""Moments of a run at which tests kill it, told by what it says and what lies on the disk."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.python.end_to_end.warehouse import Command, Warehouse

# Whether a command that runs has come to some moment.
Moment = Callable[[Warehouse, Command], bool]


def says(text: str) -> Moment:
    return lambda _, command: text in command.said


def there_is(pattern: str) -> Moment:
    return lambda warehouse, _: any(warehouse.data.glob(pattern))


def writes_raw(warehouse: Warehouse, command: Command) -> bool:
    log = warehouse.data / "raw.duckdb.wal"
    return "crimes: changes: started" in command.said and log.exists() and log.stat().st_size > 0


def runs_sql_of(name: str) -> Moment:
    """Dbt writes what it runs beside its other output just before it runs it."""
    began = time.time()

    def is_new(path: Path) -> bool:
        return path.stat().st_mtime > began

    return lambda warehouse, _: any(
        is_new(path) for path in warehouse.data.glob(f"target/run/**/{name}.sql")
    )


LOAD = {
    "as it opens raw": there_is("work/dlt-*"),
    "as it writes what changed": writes_raw,
    "as it reads a day again": says("crimes: days that differ: started"),
    "as it has noted what is gone": says("dbt build: started"),
}
# Made when they are asked for: they count from then.
BUILD: dict[str, Callable[[], Moment]] = {
    "as dbt parses": lambda: says("dbt build: started"),
    "as it writes the fact": lambda: runs_sql_of("fct_crimes"),
    "in the midst of the audit": lambda: runs_sql_of("fct_crimes__one_row_per_crime*"),
    "as it publishes": lambda: there_is("builds/.*.partial"),
}
# Each lasts a moment only: the audit event and the path at which the process kills itself.
PUBLISH = {
    "as it copies": ("shutil.copyfile", "*.partial/marts.duckdb"),
    "as it writes parquet": ("open", "*.partial/parquet/crime/fct_crimes.parquet"),
    "as it makes the files durable": ("os.chmod", "*.partial/manifest.json"),
    "as it names the build": ("os.rename", "*.partial"),
    "as it shows the build": ("os.rename", "*/.published.new"),
}
