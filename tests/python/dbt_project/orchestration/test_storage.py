"""Dagster's storage on a PostgreSQL server, whose password is written nowhere."""

from pathlib import Path

import psycopg2
import pytest

from tests.support.orchestration.dagster import orchestrating
from tests.support.postgres import PASSWORD, Postgres
from tests.support.warehouse import Warehouse

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("dagster_installed")]
SETTING = "WAREHOUSE_DAGSTER_POSTGRES_URL"


def test_runs_are_kept_on_the_server_that_a_setting_names(
    postgres: Postgres, tmp_path: Path
) -> None:
    warehouse = Warehouse(tmp_path / "data")
    with orchestrating(warehouse, **{SETTING: postgres.url}) as dagster:
        run_id = dagster.trigger("alerts_every_quarter")
        dagster.succeeded(run_id)
        with psycopg2.connect(postgres.url) as connection, connection.cursor() as cursor:
            cursor.execute("select status from runs where run_id = %s", [run_id])
            assert cursor.fetchall() == [("SUCCESS",)]
        connection.close()
    files = [path for path in warehouse.data.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []
    assert list(warehouse.data.glob("dagster/history/*")) == []


def test_a_server_that_cannot_be_used_is_named_in_one_line(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "data")
    url = f"postgresql://survey:{PASSWORD}@127.0.0.1:1/none"
    line = warehouse.fails("orchestrate", "--port", "0", **{SETTING: url})
    assert f"cannot be used (DagsterPostgresException): check {SETTING}" in line
    assert PASSWORD not in line
