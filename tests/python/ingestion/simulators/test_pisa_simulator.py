"""The simulated databases: what the service does, and what the submissions look like."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psycopg2
import pytest
from sqlalchemy import NullPool, create_engine, text

from ingestion.core.errors import WarehouseError
from ingestion.core.registry import find_source
from ingestion.simulators.pisa.draw import draw, moments
from ingestion.simulators.pisa.profiles import BY_DEFAULT, PROFILES
from ingestion.simulators.pisa.servers import PostgresServer
from ingestion.simulators.pisa.survey import spread
from ingestion.simulators.process import running
from ingestion.simulators.serving import serving
from ingestion.simulators.simulator import Options, unsuitable
from tests.support.postgres import Postgres
from tests.support.sources.pisa import NOW


def number(url: str) -> int:
    # SQLAlchemy itself would take another driver.
    url = url.replace("postgresql:", "postgresql+psycopg2:")
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return int(connection.execute(text("select count(*) from responses")).scalar_one())


def soon(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not holds() and time.monotonic() < until:
        time.sleep(0.1)
    return holds()


def test_it_fills_files_and_keeps_inserting(tmp_path: Path) -> None:
    with running(
        "pisa", countries=("alb", "FRA"), rows=61, rate=40, folder=tmp_path / "databases"
    ) as address:
        databases = json.loads(address)
        assert list(databases) == ["alb", "fra"]
        assert soon(lambda: sum(map(number, databases.values())) > 90)
    before = {country: number(url) for country, url in databases.items()}
    assert min(before.values()) > 30
    # Existing files are continued, and not filled again.
    with serving("pisa", countries=("alb", "fra"), rows=61, rate=0, folder=tmp_path / "databases"):
        assert {country: number(url) for country, url in databases.items()} == before


def test_it_makes_databases_on_a_server_and_outlives_one_that_is_dropped(
    postgres: Postgres,
) -> None:
    server = PostgresServer(postgres.url)
    with serving("pisa", countries=("esp", "ita"), rows=20, rate=60, postgres=postgres.url) as urls:
        databases = json.loads(urls)
        assert number(databases["esp"]) >= 10
        server.drop("ESP")
        count = number(databases["ita"])
        assert soon(lambda: number(databases["ita"]) > count + 20)
    server.drop("ITA")


def test_files_without_a_folder_go_with_the_simulator() -> None:
    with serving("pisa", countries=("alb",), rows=5, rate=0) as urls:
        url = json.loads(urls)["alb"]
        file = Path(url.removeprefix("sqlite:///"))
        assert file.is_file()
    assert not file.exists()


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"countries": ("atlantis",)}, "--countries names 'ATLANTIS'"),
        ({"rate": -1.0}, "--rate is -1"),
        ({"postgres": "mysql://u:geheim@h"}, "--postgres is not a URL of a PostgreSQL server"),
        ({"postgres": "postgresql://u:geheim@127.0.0.1:1/x"}, "the PostgreSQL server refuses"),
    ],
)
def test_what_it_cannot_do_is_one_clear_line(choices: Any, message: str) -> None:
    with pytest.raises(WarehouseError, match=message) as failed, serving("pisa", **choices):
        pass
    assert "geheim" not in str(failed.value)
    assert "\n" not in str(failed.value)


def test_options_of_other_sources_are_refused() -> None:
    assert unsuitable("pisa", Options(routes="one")) == (
        "--routes is for store-sensors only; pisa does not take it"
    )
    assert unsuitable("chicago-crime", Options(rate=1)) == (
        "--rate is for pisa only; chicago-crime does not take it"
    )
    assert find_source("pisa").address_variable == "SOURCES__PISA__DATABASES"
    assert find_source("store-sensors").address_variable == "SOURCES__STORE_SENSORS__BASE_URL"


@pytest.mark.parametrize("country", ["ALB", "JPN", "MEX"])
def test_means_are_near_the_country_s_own(country: str) -> None:
    cells = draw(42, country, range(1, 20_001)).cells
    profile = PROFILES[country]
    for column, factor, mean in (
        (1, 1, profile.early_years),
        (2, 1, profile.belonging),
        (3, 1, profile.escs),
        (4, 60, profile.hours),
    ):
        numbers = np.array([_number(row[column]) for row in cells])
        valid = numbers[np.abs(numbers) < 90 * factor]
        assert abs(valid.mean() / factor - mean) < 0.1 + 0.01 * factor
        assert 0.8 * len(cells) < len(valid) < len(cells)


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def test_cells_do_not_depend_on_how_ids_are_asked_for() -> None:
    whole = draw(1, "ALB", range(1, 21))
    parts = [draw(1, "ALB", [id_]) for id_ in range(1, 21)]
    assert [cell for part in parts for cell in part.cells] == whole.cells
    assert draw(2, "ALB", range(1, 21)).cells != whole.cells
    assert draw(1, "FRA", range(1, 21)).cells != whole.cells


def test_moments_are_in_order_and_end_now() -> None:
    times = moments(1000, NOW, 3)
    assert times == sorted(times)
    assert times[-1] == NOW
    assert (NOW - times[0]).days == 2


def test_rows_are_spread_over_the_countries() -> None:
    assert spread(7, ["ALB", "FRA", "ITA"]) == {"ALB": 3, "FRA": 2, "ITA": 2}
    assert len(BY_DEFAULT) == 20


def test_a_column_of_the_table_is_text_but_for_the_key(postgres: Postgres) -> None:
    server = PostgresServer(postgres.url)
    with serving("pisa", countries=("nld",), rows=3, rate=0, postgres=postgres.url):
        connection = server.connect("NLD")
        with connection.cursor() as cursor:
            cursor.execute(
                "select data_type, count(*) from information_schema.columns "
                "where table_name = 'responses' group by 1 order by 2"
            )
            assert dict(cursor.fetchall()) == {
                "bigint": 1,
                "timestamp with time zone": 1,
                # The last says that the rows are made up.
                "text": 1_098 + 1,
            }
            # As after a night's vacuum: a count looks into an index alone.
            cursor.execute(
                "select relallvisible = relpages from pg_class where relname = 'responses'"
            )
            assert cursor.fetchall() == [(True,)]
            with pytest.raises(psycopg2.errors.UniqueViolation):
                cursor.execute("insert into responses (id, created_at) values (1, now())")
        connection.close()
    server.drop("NLD")
