"""Every setting is declared once, documented from there, and refused where it is mistyped."""

import json
import re
from pathlib import Path

import pytest

from dbt_project.cli.settings import declared, page, require_known_settings
from dbt_project.paths import ROOT
from ingestion.core.errors import WarehouseError
from ingestion.core.warehouse_settings import Setting
from tests.support.warehouse import Warehouse

SETTINGS = {one.variable: one for settings in declared().values() for one in settings}
TOKEN = "tok-4711-hush"


def test_the_page_of_settings_is_written_from_the_code() -> None:
    assert (ROOT / "docs/settings.md").read_text() == page(), (
        "run: python -m dbt_project.cli.settings > docs/settings.md"
    )


def test_every_setting_has_a_meaning() -> None:
    assert [name for name, one in SETTINGS.items() if not one.description] == []


def test_the_example_has_every_setting_and_its_default() -> None:
    lines = re.findall(r"^# ([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M)
    example = dict(lines)
    assert example.keys() == SETTINGS.keys()
    plain = {name: one.default for name, one in SETTINGS.items() if " " not in one.default}
    assert {name: example[name] for name, default in plain.items() if default} == {
        name: default for name, default in plain.items() if default
    }


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("WAREHOUSE_DATADIR", "WAREHOUSE_DATA_DIR"),
        ("WAREHOUSE_DATA_DIRS", "WAREHOUSE_DATA_DIR"),
        ("warehouse_data_dir", "WAREHOUSE_DATA_DIR"),
        ("WAREHOUSE_KEEP_BUILD", "WAREHOUSE_KEEP_BUILDS"),
        ("WAREHOUSE_API_PROT", "WAREHOUSE_API_PORT"),
        ("WAREHOUSE_FRESHNESS_HOURS__PIZA", "WAREHOUSE_FRESHNESS_HOURS__PISA"),
        ("SOURCES__CHICAGO_CRIME__APP_TOKN", "SOURCES__CHICAGO_CRIME__APP_TOKEN"),
        ("SOURCES__CHICAGO_CRIMES__APP_TOKEN", "SOURCES__CHICAGO_CRIME__APP_TOKEN"),
        ("sources__pisa__workers", "SOURCES__PISA__WORKERS"),
        ("SOURCES__TIMEOUT", "SOURCES__PISA__TIMEOUT"),
    ],
)
def test_a_mistyped_name_is_refused_with_the_nearest_one(name: str, meant: str) -> None:
    with pytest.raises(WarehouseError, match=f"^{name} is not a setting: did you mean {meant}[?]"):
        require_known_settings({name: "x"})


def test_a_name_that_is_like_no_setting_is_refused_too() -> None:
    with pytest.raises(WarehouseError, match=r"^WAREHOUSE_4_2_4_2 is not a setting: unset it"):
        require_known_settings({"WAREHOUSE_4_2_4_2": "x"})


def test_every_setting_is_accepted() -> None:
    require_known_settings(dict.fromkeys(SETTINGS, "x"))
    require_known_settings({"PATH": "x", "SOURCE": "x", "WAREHOUSES": "x"})


def write_configuration(folder: Path, config: str, secrets: str = "") -> None:
    (folder / ".dlt").mkdir()
    (folder / ".dlt/config.toml").write_text(config)
    (folder / ".dlt/secrets.toml").write_text(secrets)


def test_a_mistyped_name_in_a_file_is_refused(tmp_path: Path) -> None:
    write_configuration(tmp_path, "[sources.chicago_crime]\ndata_set = 'x2n5-8w5q'\n")
    assert Warehouse(tmp_path / "data").fails("config") == (
        "warehouse: config.toml has sources.chicago_crime.data_set, which is not a setting: "
        "correct it to one of base_url, app_token, dataset, since, page_size, timeout"
    )


def test_config_shows_what_is_in_force_and_where_it_comes_from(tmp_path: Path) -> None:
    write_configuration(
        tmp_path,
        "[sources.chicago_crime]\npage_size = 77\ndataset = 'x2n5-8w5q'\n",
        f"[sources.chicago_crime]\napp_token = '{TOKEN}'\n"
        "[sources.pisa.databases]\nalb = 'postgresql://survey:hidden-word@host/pisa_alb'\n",
    )
    warehouse = Warehouse(tmp_path / "data", {"SOURCES__CHICAGO_CRIME__DATASET": "ijzp-q8t2"})
    environment = {
        "WAREHOUSE_ALERT_URLS": "json://hooks.example/key-of-a-service",
        "WAREHOUSE_FRESHNESS_HOURS__PISA": "5.50",
        "WAREHOUSE_MEMORY_LIMIT": "2GiB",
        "WAREHOUSE_API_MAX_ROWS": "",
    }
    text = warehouse("config", "--json", **environment)
    found = {one["variable"]: Setting(**one) for one in json.loads(text)}
    assert found.keys() == SETTINGS.keys()
    assert {name: (one.value, one.origin) for name, one in found.items()}.items() >= {
        "WAREHOUSE_DATA_DIR": (str(tmp_path / "data"), "environment"),
        "WAREHOUSE_CACHE_DIR": (str(tmp_path / "data/cache"), "default"),
        "WAREHOUSE_MEMORY_LIMIT": ("2147MB", "environment"),
        "WAREHOUSE_KEEP_BUILDS": ("3", "default"),
        "WAREHOUSE_FRESHNESS_HOURS__PISA": ("5.5", "environment"),
        "WAREHOUSE_FRESHNESS_HOURS__CHICAGO_CRIME": ("72", "default"),
        "WAREHOUSE_API_MAX_ROWS": ("10000", "default"),
        "SOURCES__CHICAGO_CRIME__PAGE_SIZE": ("77", "config.toml"),
        "SOURCES__CHICAGO_CRIME__DATASET": ("ijzp-q8t2", "environment"),
        "SOURCES__CHICAGO_CRIME__APP_TOKEN": ("***", "secrets.toml"),
        "SOURCES__PISA__TIMEOUT": ("30", "default"),
        "WAREHOUSE_ALERT_URLS": ("***", "environment"),
    }.items()
    assert found["SOURCES__PISA__DATABASES"].origin == "secrets.toml"
    printed = text + warehouse("config", **environment)
    for secret in (TOKEN, "hidden-word", "key-of-a-service"):
        assert secret not in printed
    assert "[secrets.toml]" in printed
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("WAREHOUSE_KEEP_BUILDS", "some", "set it to a whole number of 1 or more"),
        ("WAREHOUSE_REJECTED_LIMIT", "-1", "set it to a whole number of rows, 0 or more"),
        ("WAREHOUSE_FRESHNESS_HOURS__PISA", "soon", "set it to a number of hours above 0"),
        ("WAREHOUSE_ROWS_PER_INCREMENT", "1e6", "set it to a whole number of rows"),
    ],
)
def test_a_wrong_value_stops_any_command(
    name: str, value: str, advice: str, tmp_path: Path
) -> None:
    warehouse = Warehouse(tmp_path / "data")
    line = warehouse.fails("status", **{name: value})
    assert line.startswith(f"warehouse: {name} is {value!r}: {advice}")
    assert not (tmp_path / "data").exists()


def test_the_settings_that_are_secret_are_known() -> None:
    assert {name for name, one in SETTINGS.items() if one.is_secret} == {
        "SOURCES__CHICAGO_CRIME__APP_TOKEN",
        "WAREHOUSE_ALERT_URLS",
        "WAREHOUSE_DAGSTER_POSTGRES_URL",
        "WAREHOUSE_POSTGRES_URL",
        "OPENLINEAGE_API_KEY",
    }
