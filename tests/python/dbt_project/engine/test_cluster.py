"""The cluster itself: started, stopped, and with a process that was killed."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.spark.cluster import Spark

pytestmark = [pytest.mark.spark, pytest.mark.long, pytest.mark.xdist_group("spark")]
NAMES = ["master", "worker-1", "worker-2", "thrift-server"]
COUNT = "select count(*) from range(1000) as one cross join range(3000) as other"


def kill(spark: Spark, name: str) -> None:
    """Kill a process where it stands."""
    process = json.loads((spark.data / f"engine/pids/{name}.json").read_text())
    os.kill(process["pid"], signal.SIGKILL)
    end = time.monotonic() + 10
    while f"ended      {name}" not in spark.engine("status").stdout:
        assert time.monotonic() < end
        time.sleep(0.2)


def test_each_process_runs_and_starting_again_starts_nothing(spark: Spark) -> None:
    assert spark.engine("status").stdout.split() == [
        word for name in NAMES for word in ("runs", name)
    ]
    assert spark.engine("start").stdout.startswith("started    nothing: it runs already")


def test_it_listens_on_loopback_only(spark: Spark) -> None:
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    ]
    ports = {f"{port:04X}" for port in (spark.port, spark.port + 1)}
    addresses = {found.split(":")[0] for found in listening if found.split(":")[1] in ports}
    loopback = {"0100007F", "0000000000000000FFFF00000100007F"}
    assert addresses, "nothing listens"
    assert addresses <= loopback


def test_processes_get_nothing_of_the_environment_but_what_java_needs(spark: Spark) -> None:
    for name in NAMES:
        process = json.loads((spark.data / f"engine/pids/{name}.json").read_text())
        environment = Path(f"/proc/{process['pid']}/environ").read_text()
        assert "WAREHOUSE_" not in environment


def test_a_killed_worker_changes_no_answer_and_is_started_again(spark: Spark) -> None:
    kill(spark, "worker-1")
    assert spark.execute(COUNT) == [(3_000_000,)]
    assert spark.engine("start").stdout.startswith("started    worker-1\n")


def test_tables_outlive_a_killed_server(spark: Spark) -> None:
    spark.execute("create schema if not exists kept")
    spark.execute("create or replace table kept.numbers using iceberg as select * from range(7)")
    kill(spark, "thrift-server")
    assert spark.engine("start", "--memory", "1536MB").stdout.startswith("started    thrift-server")
    assert spark.execute("select count(*) from kept.numbers") == [(7,)]


def test_what_one_session_writes_another_reads_at_once(spark: Spark) -> None:
    """Iceberg's catalogue caches tables for each session, unless that is off."""
    from pyhive import hive  # noqa: PLC0415  # of the extra

    spark.execute("create schema if not exists shared")
    spark.execute("create or replace table shared.numbers using iceberg as select * from range(3)")
    reader = hive.connect("127.0.0.1", spark.port).cursor()
    reader.execute("select count(*) from shared.numbers")
    assert reader.fetchall() == [(3,)]
    spark.execute("insert into shared.numbers select * from range(4)")
    reader.execute("select count(*) from shared.numbers")
    assert reader.fetchall() == [(7,)]
