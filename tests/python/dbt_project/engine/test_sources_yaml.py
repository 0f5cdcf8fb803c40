"""The keys of raw tables are written down once more for Spark: they are those of the loaders."""

from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from dbt_project.paths import ROOT
from ingestion.core.registry import sources
from ingestion.core.source import ORIGINS

DECLARED = {
    (source["schema"], table["name"]): table
    for path in sorted((ROOT / "models/staging").glob("*/_*__sources.yml"))
    for source in yaml.safe_load(path.read_text())["sources"]
    for table in source["tables"]
}
KEYS = {
    (source.schema, name): table.key
    for source in sources().values()
    for name, table in {"origins": ORIGINS, **source.tables}.items()
}


@pytest.mark.parametrize("place", KEYS, ids=".".join)
def test_a_table_has_the_key_of_its_loader(place: tuple[str, str]) -> None:
    table: dict[str, Any] = DECLARED[place]
    assert tuple(table["config"]["meta"]["key"]) == KEYS[place]
