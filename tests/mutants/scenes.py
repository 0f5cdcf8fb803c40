"""Builds to be repeated without dbt: the statements that it sent, and the files they were for."""

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.build.plans.recording import Sent
from ingestion.core.raw.sql import literal

HEAD = re.compile(r"^(\s|/\*.*?\*/)*", re.DOTALL)
LEFT_OUT = ("comment on",)
# What differs from run to run.
NOT_COMPARED = ("core.warehouse_runs",)
CONFIG: dict[str, str | int | float | list[str]] = {
    "threads": 1,
    "preserve_insertion_order": False,
    "memory_limit": "1GB",
}


class ContractError(Exception):
    """The columns are not those of the contract."""


@dataclass(frozen=True)
class Relation:
    """A model or seed as a build makes it.

    Attributes:
        node_id: dbt's id of it.
        name: `database.schema.name`.
        is_mart: whether it is a table that is published.
        has_contract: whether its columns are declared and checked.
        statements: what makes it.
    """

    node_id: str
    name: str
    is_mart: bool
    has_contract: bool
    statements: Sequence[str]


@dataclass
class Scene:
    """A build that is repeated with other SQL.

    Attributes:
        files: the folder of the working files from which it starts.
        result: the marts that it makes.
        full_refresh: whether it builds incremental models anew.
        texts: what dbt compiled of each model and test.
        relations: in the order in which dbt built them.
        tests: the statement of each data test.
        columns: the types of the columns of each model with a contract.
        expected: a hash of each mart's rows.
    """

    files: Path
    result: Path
    full_refresh: bool
    texts: Mapping[str, str]
    relations: Sequence[Relation]
    tests: Mapping[str, str]
    columns: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, Any] = field(default_factory=dict)

    def start(self, folder: Path) -> duckdb.DuckDBPyConnection:
        """Open a copy of the files."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.files, folder)
        return connect(folder)

    def build(
        self, connection: duckdb.DuckDBPyConnection, models: Iterable[str], texts: Mapping[str, str]
    ) -> None:
        """Build models, some of them with other SQL.

        Raises:
            duckdb.Error: a statement failed.
            ContractError: the columns are not as declared.
        """
        chosen = set(models)
        for relation in self.relations:
            if relation.node_id not in chosen:
                continue
            old = self.texts.get(relation.node_id, "")
            new = texts.get(relation.node_id, old)
            declared = self.columns.get(relation.node_id)
            if declared and columns(connection, new) != declared:
                raise ContractError(relation.name)
            for statement in relation.statements:
                connection.execute(statement.replace(old, new) if new != old else statement)

    def marts(self, connection: duckdb.DuckDBPyConnection, models: Iterable[str]) -> dict[str, Any]:
        chosen = set(models)
        return {
            relation.name: content(connection, relation.name)
            for relation in self.relations
            if relation.is_mart and relation.node_id in chosen
        }

    def fails(
        self, connection: duckdb.DuckDBPyConnection, test: str, texts: Mapping[str, str]
    ) -> bool:
        """Whether a data test fails, or cannot be executed."""
        statement = self.tests[test]
        if test in texts:
            statement = statement.replace(self.texts[test], texts[test])
        found = connection.execute(statement).fetchone()
        return bool(found and found[2])


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(folder / "marts.duckdb", config=CONFIG)
    connection.execute(f"attach {literal(str(folder / 'raw.duckdb'))} as raw")
    connection.execute("set TimeZone = 'UTC'")
    return connection


def content(connection: duckdb.DuckDBPyConnection, name: str) -> Any:
    """Number of rows and a hash of them."""
    return connection.execute(f"select count(*), sum(hash(rows)) from {name} as rows").fetchone()


def columns(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Any]:
    """Names and types of a query's columns."""
    return [row[:2] for row in connection.execute(f"describe ({sql})").fetchall()]


def rows_that_differ(connection: duckdb.DuckDBPyConnection, expected: Path, name: str) -> int:
    """How many rows a mart has that it should not have, and lacks."""
    connection.execute(f"attach if not exists {literal(str(expected))} as expected (read_only)")
    right = f"expected.{name.split('.', 1)[1]}"
    found = connection.execute(
        f"select (select count(*) from (from {name} except all from {right}))"
        f" + (select count(*) from (from {right} except all from {name}))"
    ).fetchone()
    return int(found[0]) if found else 0


def relations(sent: Sequence[Sent], outcomes: Sequence[Any]) -> list[Relation]:
    """What a build made, from what dbt sent."""
    return [
        Relation(
            node_id=node.unique_id,
            name=f"{node.database}.{node.schema}.{node.alias}",
            is_mart=node.database == "marts"
            and node.config.materialized != "view"
            and f"{node.schema}.{node.alias}" not in NOT_COMPARED,
            has_contract=node.resource_type == "model" and bool(node.config.contract.enforced),
            statements=[*_changing(s.sql for s in sent if s.node == node.unique_id)],
        )
        for node in (outcome.node for outcome in outcomes)
        if node.resource_type == "model"
    ]


def tests(sent: Sequence[Sent]) -> dict[str, str]:
    """The statement of each data test."""
    return {
        statement.node: _text(statement.sql)
        for statement in sent
        if statement.node.startswith("test.") and "should_error" in statement.sql
    }


def _changing(statements: Iterable[str]) -> Iterable[str]:
    """The statements that change something."""
    unchanging = {duckdb.StatementType.SELECT, duckdb.StatementType.TRANSACTION}
    for statement in statements:
        text = _text(statement)
        kinds = {found.type for found in duckdb.extract_statements(text)}
        if not kinds <= unchanging and not text.lower().startswith(LEFT_OUT):
            yield text


def _text(sql: str) -> str:
    return HEAD.sub("", sql, count=1).rstrip()
