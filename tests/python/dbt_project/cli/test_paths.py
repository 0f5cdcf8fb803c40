"""The data folder is where it is configured, and has either live or simulated rows."""

from pathlib import Path

import pytest

from dbt_project.paths import ROOT, Paths
from dbt_project.runs.origin import LIVE, SIMULATED, assert_same_origin, classify_addresses
from ingestion.core.errors import WarehouseError
from tests.support.projects.sample_project import add_orders


def test_the_data_folder_is_in_the_root_unless_it_is_moved(tmp_path: Path) -> None:
    assert Paths.from_env({}).data == ROOT / "data"
    moved = Paths.from_env({"WAREHOUSE_DATA_DIR": str(tmp_path), "WAREHOUSE_KEEP_BUILDS": "7"})
    assert (moved.data, moved.keep_builds) == (tmp_path, 7)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("new\nline", "has a control character"),
        ("line-end\r", "has a control character"),
        ("\udcff", "is not UTF-8"),
        ("x/" * 2_000, "is longer than"),
        ("~nobody-of-this-name/x", "there is no such home"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path, name: str, why: str) -> None:
    data = name if name.startswith("~") else f"{tmp_path}/{name}"
    with pytest.raises(WarehouseError, match=f"WAREHOUSE_DATA_DIR is .*{why}"):
        Paths.from_env({"WAREHOUSE_DATA_DIR": data})
    assert not any(tmp_path.iterdir())


def test_a_tilde_is_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Paths.from_env({"WAREHOUSE_DATA_DIR": "~/x/"}).data == tmp_path / "x"
    monkeypatch.chdir(tmp_path)
    assert Paths.from_env({"WAREHOUSE_DATA_DIR": "./x"}).data == tmp_path / "x"


def test_a_question_mark_is_in_the_name_of_a_link_only(tmp_path: Path) -> None:
    data = Paths.from_env({"WAREHOUSE_DATA_DIR": str(tmp_path / "a?b")}).data
    assert data == tmp_path / "a?b"
    assert "?" not in str(data.resolve(strict=True))
    assert Paths.from_env({"WAREHOUSE_DATA_DIR": str(data)}).data == data
    inner = tmp_path / "c?d"
    inner.mkdir()
    for refused in (inner, inner / "data"):
        with pytest.raises(WarehouseError, match="DuckDB takes what follows"):
            Paths.from_env({"WAREHOUSE_DATA_DIR": str(refused)})
    assert not any(inner.iterdir())


@pytest.mark.parametrize("keep", ["0", "-1", "many"])
def test_an_invalid_number_of_builds_is_refused(keep: str) -> None:
    with pytest.raises(WarehouseError, match="WAREHOUSE_KEEP_BUILDS is"):
        Paths.from_env({"WAREHOUSE_KEEP_BUILDS": keep})


@pytest.mark.parametrize(
    ("addresses", "kind"),
    [
        ([], LIVE),
        (["https://data.cityofchicago.org"], LIVE),
        (["https://192.0.2.1:8443/x"], LIVE),
        (["http://localhost:8000"], SIMULATED),
        (["http://127.0.0.1:41234"], SIMULATED),
        (["http://[::1]:8000"], SIMULATED),
        (["sqlite:////survey/alb.sqlite", "postgresql://u@127.0.0.1/pisa_arg"], SIMULATED),
        (["postgresql://u@127.0.0.1/pisa_alb", "postgresql://u@db.example/pisa_arg"], LIVE),
    ],
)
def test_a_source_on_this_machine_is_a_simulator(addresses: list[str], kind: str) -> None:
    assert classify_addresses(addresses) == kind


@pytest.mark.parametrize(("first", "second"), [(LIVE, SIMULATED), (SIMULATED, LIVE)])
def test_real_and_simulated_rows_are_not_mixed(paths: Paths, first: str, second: str) -> None:
    assert_same_origin(paths, "shop", first)
    assert_same_origin(paths, "shop", second)  # nothing was loaded yet
    assert_same_origin(paths, "shop", first)
    add_orders(paths.raw, "values ('1', '10', '2024-01-01')", "1.1")
    assert_same_origin(paths, "shop", first)
    with pytest.raises(WarehouseError, match=f"has {first} rows of shop"):
        assert_same_origin(paths, "shop", second)
