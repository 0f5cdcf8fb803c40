"""A database of its own for each test, and the small warehouse that is published there."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from dbt_project.publishing.postgres.publication import Landed, publish_to_server
from dbt_project.publishing.postgres.settings import PostgresSettings
from ingestion.core.progress import Silent
from tests.support.postgres import Postgres
from tests.support.publishing.small_marts import SmallMarts

Ask = Callable[..., list[tuple[Any, ...]]]
Land = Callable[..., Landed]
_numbers = count(1)


@pytest.fixture
def url(postgres: Postgres) -> str:
    """A new database of the server."""
    name = f"marts_{next(_numbers)}"
    connection = psycopg2.connect(postgres.url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"create database {name}")
    connection.close()
    return postgres.url.replace("/postgres", f"/{name}")


@pytest.fixture
def ask(url: str) -> Iterator[Ask]:
    """Ask the database as its administrator; what is changed is committed."""
    connection = psycopg2.connect(url)
    connection.autocommit = True

    def answer(sql: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    yield answer
    connection.close()


@pytest.fixture
def marts(tmp_path: Path) -> SmallMarts:
    return SmallMarts(tmp_path)


@pytest.fixture
def land(marts: SmallMarts, url: str) -> Land:
    """Publish what is published here to the server."""

    def publish(address: str = url, *, everything: bool = False, **env: str) -> Landed:
        settings = PostgresSettings.from_env({"WAREHOUSE_POSTGRES_URL": address, **env})
        assert settings is not None
        return publish_to_server(marts.paths, settings, progress=Silent(), everything=everything)

    return publish
