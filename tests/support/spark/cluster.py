"""A real Spark cluster for tests, and builds of the project on it.

Where Java or the extra is missing, tests skip, and `NOT_CHECKED` is what the end of the test run
says loudly.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.engine.requirements import installation
from dbt_project.paths import ROOT
from ingestion.core.errors import WarehouseError

NOT_CHECKED = (
    "NO SPARK: the models were NOT checked on Spark. Install Java 17 (Debian: apt-get install"
    " openjdk-17-jre-headless) and requirements-spark.lock."
)


def is_there() -> bool:
    """Whether this machine has what a cluster needs."""
    try:
        installation(os.environ)
    except WarehouseError:
        return False
    return True


@dataclass(frozen=True)
class Spark:
    """A cluster that runs, and the folder of its lake.

    Attributes:
        data: the data folder that the cluster was started in.
        lake: where raw and the tables lie.
        port: of the Thrift server.
    """

    data: Path
    lake: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "WAREHOUSE_DATA_DIR": str(self.data),
            "WAREHOUSE_LAKE": str(self.lake),
            "WAREHOUSE_SPARK_PORT": str(self.port),
            # A table for each test takes most of a build's time.
            "WAREHOUSE_STORE_FAILURES": "False",
        }

    def on(self, lake: Path) -> "Spark":
        """The same cluster, on the raw tables of another lake."""
        return replace(self, lake=lake)

    def engine(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `warehouse engine`."""
        command = [sys.executable, "-m", "dbt_project", "engine", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )

    def dbt(self, *arguments: str, project: Path = ROOT) -> "subprocess.CompletedProcess[str]":
        """Run dbt on the cluster."""
        folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
        folders += ["--target-path", str(self.data / "target"), "--target", "spark"]
        folders += ["--log-path", str(self.data / "logs")]
        program = Path(sys.executable).with_name("dbt")
        return subprocess.run(
            [str(program), "--no-use-colors", *arguments, *folders],
            cwd=project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def build(self, *arguments: str) -> None:
        """Build: everything has to pass."""
        done = self.dbt("build", *arguments)
        assert done.returncode == 0, done.stdout[-6_000:]

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        """Execute statements in one session; returns the rows of the last."""
        from pyhive import hive  # noqa: PLC0415  # of the extra

        with closing(hive.connect("127.0.0.1", self.port)) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            # PyHive cannot fetch the nothing that another statement returns.
            has_rows = statements[-1].startswith(("select", "describe", "show"))
            return cursor.fetchall() if has_rows else []

    def land(self, raw: Path) -> None:
        """Write the tables of a raw file as a lake has them, all by one load."""
        with duckdb.connect(raw, read_only=True) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables()"
                " where starts_with(schema_name, 'raw_') and not starts_with(table_name, '_')"
            ).fetchall()
            for schema in {schema for schema, _ in tables}:
                files = []
                for table in (table for of, table in tables if of == schema):
                    file = self.lake / "raw" / schema / table / "1.0.parquet"
                    file.parent.mkdir(parents=True, exist_ok=True)
                    connection.execute(f"copy {schema}.{table} to '{file}' (format parquet)")
                    files.append(f"{table}/{file.name}")
                self.record(schema, "1", files)

    def record(self, schema: str, load_id: str, files: Sequence[str]) -> None:
        """Write the record of a load, by which its files count."""
        record = {"load_id": load_id, "files": [{"path": path, "rows": 1} for path in files]}
        place = self.lake / "raw" / schema / f"_dlt_loads/{schema}__{load_id}.jsonl"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(record) + "\n")

    def export(self, mart: str) -> Path:
        """Write a mart as Parquet; returns the folder."""
        folder = self.data / "export" / mart
        self.execute(
            f"insert overwrite directory '{folder}' using parquet"
            f" select /*+ coalesce(1) */ * from {mart}"
        )
        return folder


@contextmanager
def running_spark(folder: Path) -> Iterator[Spark]:
    """Start a cluster in a folder, and stop it."""
    spark = Spark(folder / "data", folder / "lake", _free_port())
    started = spark.engine("start", "--memory", "1536MB")
    assert started.returncode == 0, started.stderr
    try:
        yield spark
    finally:
        spark.engine("stop")


def _free_port() -> int:
    """A port that is free, as the next one is."""
    while True:
        with socket.socket() as one, socket.socket() as next_one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                next_one.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
