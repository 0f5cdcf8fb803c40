"""dbt as a user calls it, without our command line around it."""

import duckdb

from dbt_project.paths import Paths
from tests.support.projects.never_loaded import NeverLoaded, dbt
from tests.support.projects.sample_project import Warehouse


def test_bare_dbt_starts_from_what_was_published(warehouse: Warehouse, built: Paths) -> None:
    warehouse("publish", data=built.data, project=built.project)
    dbt("test", data=built.data, project=built.project)
    with duckdb.connect(built.published / "marts.duckdb", read_only=True) as published:
        assert published.execute("select orders from shop.totals").fetchone() == (2,)


def test_the_unit_tests_of_the_models_pass(never_loaded: NeverLoaded) -> None:
    results = never_loaded.results("unit_test")
    assert results.keys() == never_loaded.artifact("manifest.json")["unit_tests"].keys()
    assert len(results) > 60
    assert set(results.values()) == {"pass"}
