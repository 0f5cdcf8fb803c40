"""An API of one store and a database of one student, both of which a test changes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sources import pisa, sensors
from tests.support.sources.hostile import Served, hostile_server
from tests.support.sources.small_api import HEADER, SmallApi, every_reading


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallApi]:
    api = SmallApi(readings=Served(HEADER, every_reading()).answer())
    monkeypatch.setattr("ingestion.sources.store_sensors.api.client.TRIES", 1)
    with hostile_server(api.answer) as url:
        sensors.use(sensors.Sensors(url), monkeypatch)
        yield api


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    pisa.configure(monkeypatch, None, alb=f"sqlite:///{tmp_path}/alb.sqlite")
    with sqlite3.connect(tmp_path / "alb.sqlite") as database:
        names = "id, created_at, cnt, durecec, belong, escs, tmins, w_fstuwt"
        database.execute(f"create table responses ({names})")
        values = "1, '2026-06-17T10:00:00.000000Z', 'ALB', '3', '0.5', '0.1', '900', '1.5'"
        database.execute(f"insert into responses values ({values})")
        database.commit()
        yield database
    database.close()
