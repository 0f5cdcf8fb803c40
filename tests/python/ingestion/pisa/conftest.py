"""Countries' databases on a server, and a raw database to load them into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.simulators.pisa.servers import PostgresServer, Server, SqliteFolder
from ingestion.simulators.pisa.survey import Survey
from tests.support.postgres import Postgres
from tests.support.sources.pisa import COUNTRIES, ROWS, Loader, configure


@pytest.fixture
def loader(tmp_path: Path) -> Loader:
    return Loader(tmp_path / "data")


@pytest.fixture
def server(postgres: Postgres) -> Server:
    """Where the countries' databases are; a file that needs both kinds takes `either_server`."""
    return PostgresServer(postgres.url)


@pytest.fixture(params=["postgres", pytest.param("sqlite", marks=pytest.mark.slow)])
def either_server(request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    if request.param == "postgres":
        return PostgresServer(request.getfixturevalue("postgres").url)
    return SqliteFolder(tmp_path / "databases")


@pytest.fixture
def survey(server: Server, loader: Loader, monkeypatch: pytest.MonkeyPatch) -> Iterator[Survey]:
    survey = Survey(server, seed=7, clock=loader.clock)
    for country in COUNTRIES:
        survey.add_country(country, ROWS)
    configure(monkeypatch, survey)
    yield survey
    for country in survey.countries():
        survey.drop_country(country)
