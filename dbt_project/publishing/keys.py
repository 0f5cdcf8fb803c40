"""Which columns make a row of a mart unique, and to which mart a column refers.

They are dbt's: tests of uniqueness, `relationships` tests, and constraints, as the YAML of the
models declares them. A test under a condition declares nothing, since other rows may break it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbt_project.project_yaml import read_yaml

REF = re.compile(r"ref\(['\"](\w+)['\"]\)")


@dataclass(frozen=True)
class Keys:
    """The keys of a mart.

    Attributes:
        key: its columns; those of the constraint, or of the first test, that says so. None of a
            mart with one row.
        unique: further columns that make a row unique together.
        references: by column, the model and its column that it refers to.
    """

    key: list[str] = field(default_factory=list)
    unique: list[list[str]] = field(default_factory=list)
    references: dict[str, tuple[str, str]] = field(default_factory=dict)


def read_keys(project: Path) -> dict[str, Keys]:
    """Read the keys of a dbt project's models, by model."""
    return {
        model["name"]: _keys(model)
        for _, content in read_yaml(project, "models")
        for model in content.get("models") or ()
    }


def _keys(model: dict[str, Any]) -> Keys:
    columns = model.get("columns") or ()
    uniques = [*_primary_keys(model)]
    uniques += [found["columns"] for found in _tests(model, "unique_combination_of_columns")]
    references = {}
    for column in columns:
        uniques += [[column["name"]] for _ in _tests(column, "unique")]
        for found in _tests(column, "relationships"):
            if refers := REF.fullmatch(str(found.get("to", "")).strip()):
                references[column["name"]] = refers[1], str(found["field"])
    distinct = [one for place, one in enumerate(uniques) if one not in uniques[:place]]
    return Keys(distinct[0] if distinct else [], distinct[1:], references)


def _primary_keys(model: dict[str, Any]) -> Iterator[list[str]]:
    """The columns of constraints, of the model and of its columns."""
    for constraint in model.get("constraints") or ():
        if constraint["type"] == "primary_key":
            yield [*constraint["columns"]]
    for column in model.get("columns") or ():
        if any(one["type"] == "primary_key" for one in column.get("constraints") or ()):
            yield [column["name"]]


def _tests(of: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The arguments of tests of a name, of a model or of a column."""
    for test in of.get("data_tests") or ():
        found = {} if test == name else test.get(name) if isinstance(test, dict) else None
        if found is not None and "where" not in {**found, **(found.get("config") or {})}:
            yield found.get("arguments") or found
