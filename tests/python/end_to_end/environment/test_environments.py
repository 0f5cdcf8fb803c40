"""Whatever is in the environment: the same marts, or one line that names the variable."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import Warehouse, contents

# Seen in shells, containers and CI of people: by name, values that they had.
SEEN = {
    "DBT_EMPTY": "true",
    "DBT_RESOURCE_TYPES": "model seed",
    "DBT_INDIRECT_SELECTION": "empty",
    "DBT_TARGET": "prod",
    "DBT_PROFILES_DIR": "/nowhere",
    "DBT_PROJECT_DIR": "/nowhere",
    "DBT_FULL_REFRESH": "true",
    "DBT_WARN_ERROR": "true",
    "DLT_DATA_DIR": "/nowhere",
    "DLT_PROJECT_DIR": "/nowhere",
    "RUNTIME__LOG_LEVEL": "SHOUT",
    "LOAD__WORKERS": "many",
    "NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS": "1",
    "DATA_WRITER__BUFFER_MAX_ITEMS": "0",
    "DESTINATION__DUCKDB__CREDENTIALS": "duckdb:////nowhere/x.duckdb",
    "SCHEMA__NAMING": "sql_cs_v1",
    "CREDENTIALS": "nothing",
    "TIMEOUT": "soon",
    "WORKERS": "none",
    "SINCE": "yesterday",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "NO_PROXY": "intern.example",
    "SSL_CERT_FILE": "/nowhere/ca.pem",
    "REQUESTS_CA_BUNDLE": "/nowhere/ca.pem",
    "SSLKEYLOGFILE": "/nowhere/keys",
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "PYTHONIOENCODING": "ascii",
    "PYTHONUTF8": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TZ": "Asia/Kathmandu",
    "LANG": "tr_TR.UTF-8",
    "LC_ALL": "C",
    "TMPDIR": "/nowhere",
    "COLUMNS": "1",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "CI": "true",
    "NETRC": "/nowhere/netrc",
    "PGHOST": "db.example",
    "PGSSLMODE": "verify-full",
    "PGOPTIONS": "-c search_path=nothing",
    "MOTHERDUCK_TOKEN": "nothing",
    "ARROW_DEFAULT_MEMORY_POOL": "nothing",
    "OMP_NUM_THREADS": "0",
    "WEB_CONCURRENCY": "many",
    "NODE_ENV": "production",
    "XDG_DATA_HOME": "/nowhere",
    "XDG_CONFIG_HOME": "/nowhere",
    "HOME": "/nowhere",
    "PGSERVICEFILE": "/nowhere/services",
    "PGPASSFILE": "/nowhere/passwords",
    "LD_PRELOAD": "/nowhere/faketime.so",
    "LD_AUDIT": "/nowhere/audit.so",
    "LD_LIBRARY_PATH": "/nowhere",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_CHECK_": "3",
    "GLIBC_TUNABLES": "glibc.malloc.perturb=1",
    "WAREHOUSE_DATADIR": "/nowhere",
    "WAREHOUSE_KEEP_BUILDS": "some",
    "WAREHOUSE_AUDIT": "affected",
}
# These are refused, by their names.
REFUSED = ("WAREHOUSE_DATADIR", "WAREHOUSE_KEEP_BUILDS")
READINGS = "date,hour,shop,sensor_id,count,units\n" + "".join(
    f"2025-11-{1 + n // 10:02},{8 + n % 10},Paris,1,{n},visits\n" for n in range(100)
)


@pytest.fixture(scope="module")
def expected(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("readings") / "readings.csv"
    file.write_text(READINGS)
    warehouse.env["READINGS"] = str(file)
    return marts(warehouse, {})


def marts(warehouse: Warehouse, environment: dict[str, str]) -> dict[str, Any]:
    """What is published of the readings, loaded, built and published in an environment."""
    warehouse.empty()
    warehouse("load", "store-sensors", "--file", warehouse.env["READINGS"], **environment)
    warehouse("build", **environment)
    warehouse("publish", **environment)
    return {
        name: found
        for name, found in contents(warehouse.build).items()
        if name.startswith("footfall.")
    }


def environments(seed: int) -> dict[str, str]:
    """Half of the variables that are not refused."""
    names = [name for name in SEEN if name not in REFUSED]
    return {name: SEEN[name] for name in random.Random(seed).sample(names, len(names) // 2)}


def test_there_are_fifty() -> None:
    assert len(SEEN) >= 50


@pytest.mark.parametrize("seed", [1])
def test_another_environment_gives_the_same_marts(
    seed: int, warehouse: Warehouse, expected: dict[str, Any]
) -> None:
    assert marts(warehouse, environments(seed)) == expected


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 40))
def test_any_environment_gives_the_same_marts(
    seed: int, warehouse: Warehouse, expected: dict[str, Any]
) -> None:
    assert marts(warehouse, environments(seed)) == expected


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("command", ["run", "build", "publish", "status", "alerts", "docs"])
def test_a_variable_that_cannot_be_right_is_named(name: str, command: str, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "data")
    refused = warehouse.start(command, **{name: SEEN[name]})
    assert name in refused.failure()
    assert not (tmp_path / "data").exists()
