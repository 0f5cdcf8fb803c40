"""dbt alone obeys the memory setting too; `test_runner.py` tests what it starts from."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb

from dbt_project.paths import Paths
from ingestion.core.memory import BUILD_SHARE, available_memory, default_limit
from tests.support.projects.sample_project import add_orders, write_project

MEBIBYTE = 2**20


def limit_of_bare_dbt(paths: Paths, **env: str) -> float:
    """The limit in MiB under which dbt builds a model that says it."""
    settings = os.environ | {"WAREHOUSE_DATA_DIR": str(paths.data)} | env
    settings = {name: value for name, value in settings.items() if value}
    done = subprocess.run(
        [Path(sys.executable).with_name("dbt"), "run", "--select", "limits"],
        cwd=paths.project,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    with duckdb.connect(paths.work_marts, read_only=True) as connection:
        ((text,),) = connection.execute("select memory_limit from shop.limits").fetchall()
    number, unit = str(text).split()
    return float(number) * {"MiB": 1, "GiB": 1024}[unit]


def test_bare_dbt_has_the_setting_and_its_default(tmp_path: Path) -> None:
    paths = Paths(data=tmp_path / "data", project=tmp_path / "project")
    write_project(paths.project)
    model = paths.project / "models/marts/limits.sql"
    model.write_text("select current_setting('memory_limit') as memory_limit")
    paths.work.mkdir(parents=True)
    add_orders(paths.raw, "values ('1', '10', '2024-01-01')", "1.1")
    # A small setting is used whole, a larger one leaves a share to what DuckDB does not count.
    assert limit_of_bare_dbt(paths, WAREHOUSE_MEMORY_LIMIT="300MB") == 286.1
    assert limit_of_bare_dbt(paths, WAREHOUSE_MEMORY_LIMIT="1GB") == 667.5
    default = default_limit(available_memory()) * BUILD_SHARE / MEBIBYTE
    assert abs(limit_of_bare_dbt(paths, WAREHOUSE_MEMORY_LIMIT="") - default) < default / 10
