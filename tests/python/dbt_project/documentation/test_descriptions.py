"""What analysts and reviewers read about a mart: whole texts, and an example that works."""

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.support.examples import example_of, marts
from tests.support.projects.never_loaded import NeverLoaded

KINDS = ("nodes", "sources", "exposures", "macros", "unit_tests")


@pytest.fixture(scope="module")
def connection(never_loaded: NeverLoaded) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(never_loaded.paths.work_marts, read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("mart", marts())
def test_the_example_of_a_mart_is_a_query_of_its_columns(
    mart: str, connection: duckdb.DuckDBPyConnection
) -> None:
    example = example_of(mart)
    names = connection.get_table_names(example.sql, qualified=True)
    assert mart in {name.partition(" AS ")[0] for name in names}
    assert connection.sql(example.sql).columns


def test_no_description_ends_with_a_newline(never_loaded: NeverLoaded) -> None:
    manifest = never_loaded.artifact("manifest.json")
    assert [name for name, text in descriptions(manifest) if text != text.strip()] == []


def descriptions(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        for name, node in manifest[kind].items():
            yield name, node.get("description") or ""
            for column in node.get("columns", {}).values():
                yield f"{name}.{column['name']}", column["description"]
