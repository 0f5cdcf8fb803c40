"""Secrets of twenty shapes reach no file and no line of output in ten kinds of failure."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import pytest

from ingestion.core.process.secrets import SHORTEST
from ingestion.simulators.serving import serving
from tests.support.secrets import SHAPES
from tests.support.warehouse import Warehouse

NOWHERE = "127.0.0.1:1"
BASE_URL, DATABASES = "SOURCES__STORE_SENSORS__BASE_URL", "SOURCES__PISA__DATABASES"
TOKEN, ALERTS = "SOURCES__CHICAGO_CRIME__APP_TOKEN", "WAREHOUSE_ALERT_URLS"
LOAD_PISA, LOAD_SENSORS = ("--debug", "load", "pisa"), ("load", "store-sensors")


def databases(url: str) -> dict[str, str]:
    return {DATABASES: json.dumps({"alb": url})}


# By kind of failure: the command, and the environment with a secret in it.
FAILURES: Mapping[str, tuple[tuple[str, ...], Callable[[str], dict[str, str]]]] = {
    "a token that the portal refuses": (("run", "chicago-crime"), lambda s: {TOKEN: s}),
    "the same with a traceback": (("--debug", "load", "chicago-crime"), lambda s: {TOKEN: s}),
    "an address that cannot be parsed": (
        LOAD_SENSORS,
        lambda s: {BASE_URL: f"http://user:{s}@[::1/"},
    ),
    "an address with a raw password": (
        LOAD_SENSORS,
        lambda s: {BASE_URL: f"http://user:{s}@{NOWHERE}"},
    ),
    "a database that cannot be reached": (
        LOAD_PISA,
        lambda s: databases(f"postgresql://survey:{quote(s, safe='')}@{NOWHERE}/x"),
    ),
    "a database URL with a raw password": (
        ("load", "pisa"),
        lambda s: databases(f"postgresql://survey:{s}@{NOWHERE}/x"),
    ),
    "a database without a driver": (
        LOAD_PISA,
        lambda s: databases(f"nodriver://survey:{quote(s, safe='')}@host/x"),
    ),
    "databases that are not JSON": (LOAD_PISA, lambda s: {DATABASES: f'{{"alb": "{s}'}),
    "an alert that cannot be delivered": (
        ("alerts",),
        lambda s: {ALERTS: f"json://user:{quote(s, safe='')}@{NOWHERE}/{quote(s, safe='')}"},
    ),
    "an alert of no service": (("--debug", "alerts"), lambda s: {ALERTS: f"nowhere://{s}"}),
    "a proxy that cannot be used": (
        LOAD_SENSORS,
        lambda s: {BASE_URL: "http://sensors.invalid", "HTTP_PROXY": f"foo://user:{s}@proxy:1"},
    ),
}
ROTATION = [*zip(SHAPES, cycle(FAILURES), strict=False)]


def forms(secret: str) -> set[bytes]:
    """How the secret may be written, with its line ends or without."""
    core = secret.strip()
    texts = {core, quote(core, safe=""), json.dumps(core)[1:-1], repr(core)[1:-1]}
    texts.add(base64.b64encode(f"user:{core}".encode()).decode())
    return {text.encode() for text in texts if len(text) >= SHORTEST}


def holders(folder: Path, secret: str) -> list[str]:
    """The files that hold it; one that is shorter than others is looked for within URLs."""
    found = forms(secret) or {f":{secret}@".encode()}
    texts = ((path, path.read_bytes()) for path in folder.rglob("*") if path.is_file())
    return [path.name for path, text in texts if any(form in text for form in found)]


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    with serving("chicago-crime", rows=20, app_tokens=["another"]) as url:
        yield url


def plant(warehouse: Warehouse, shape: str, failure: str, portal: str) -> None:
    arguments, environment = FAILURES[failure]
    secret = SHAPES[shape]
    fixed = {"SOURCES__CHICAGO_CRIME__BASE_URL": portal, "SOURCES__STORE_SENSORS__TIMEOUT": "1"}
    command = warehouse.start(*arguments, **fixed, **environment(secret))
    code = command.end()
    # An alert is sent only if there is something to say.
    assert code == 1 or arguments[-1] == "alerts", command.output
    if "--debug" not in arguments and code:
        assert len(re.findall("^warehouse: ", command.output, re.M)) == 1, command.output
    warehouse("status")
    assert holders(warehouse.data.parent, secret) == [], (shape, failure)


@pytest.mark.parametrize(("shape", "failure"), ROTATION)
def test_a_secret_of_a_shape_is_said_nowhere(
    shape: str, failure: str, tmp_path: Path, portal: str
) -> None:
    plant(Warehouse(tmp_path / "data"), shape, failure, portal)


@pytest.mark.long
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_secret_of_any_shape_is_said_nowhere(
    shape: str, failure: str, tmp_path: Path, portal: str
) -> None:
    plant(Warehouse(tmp_path / "data"), shape, failure, portal)
