"""Make a plan of what dbt sent: drop statements without effect, record what results must be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from dbt_project.build.plans.connection import UnplannableError
from dbt_project.build.plans.plan import VERDICT, Node, Plan, Step, digest

if TYPE_CHECKING:
    from dbt_project.build.plans.recording import Sent

GOOD = ("success", "pass", "warn", "no-op")
HEAD = re.compile(r"^(\s|/\*.*?\*/)*", re.DOTALL)
# What dbt reads of the catalog, which the plan's key covers. Any other read is repeated and
# compared, since later statements may depend on it.
COLUMNS_READ = re.compile(
    r"describe \(|select column_name, column_type as data_type, .*\(describe "
)
CATALOG = (
    "system.information_schema.",
    "duckdb_constraints()",
    "duckdb_databases()",
    "duckdb_indexes()",
    "version()",
)
IF_NOT_EXISTS = re.compile(r"create (schema|table) if not exists ", re.IGNORECASE)


@dataclass(frozen=True)
class Recording:
    """What dbt did in an invocation.

    Attributes:
        sent: its statements, in order.
        outcomes: its results of the nodes.
        invocation_id: its id of the invocation.
        before: the relations' definitions when it began.
        after: the same when it ended.
    """

    sent: Sequence[Sent]
    outcomes: Sequence[Any]
    invocation_id: str
    before: Mapping[str, str]
    after: Mapping[str, str]

    def is_unchanged(self, node: Any) -> bool:
        """Whether the relation of a node is defined as before."""
        name = f"{node.database}.{node.schema}.{node.alias}"
        return name in self.before and self.before[name] == self.after.get(name)


def compose(recorded: Recording, connection: duckdb.DuckDBPyConnection) -> Plan:
    """Make the plan of an invocation.

    Args:
        recorded: what dbt did.
        connection: to the files as dbt left them.

    Raises:
        UnplannableError: something failed, or a statement would differ the next time.
    """
    sent: dict[str, list[Sent]] = {}
    for statement in recorded.sent:
        sent.setdefault(statement.node, []).append(statement)
    nodes = [
        Node(fqn="", kind="", mart=None, steps=[step])
        for step in _steps(recorded, sent.pop("", []))
    ]
    outcomes = {outcome.node.unique_id: outcome for outcome in recorded.outcomes}
    if outcomes.keys() < sent.keys() or any(str(o.status) not in GOOD for o in recorded.outcomes):
        msg = "not everything passed"
        raise UnplannableError(msg)
    for node_id in {**sent, **outcomes}:
        nodes.append(_node(recorded, outcomes[node_id], sent.get(node_id, []), connection))
    return Plan(nodes)


def _node(
    recorded: Recording,
    outcome: Any,
    sent: Sequence[Sent],
    connection: duckdb.DuckDBPyConnection,
) -> Node:
    node = outcome.node
    materialized = getattr(node.config, "materialized", "")  # exposures have none
    has_hooks = bool(getattr(node.config, "pre_hook", ()) or getattr(node.config, "post_hook", ()))
    is_built = node.resource_type in ("model", "seed", "snapshot")
    if (
        is_built
        and materialized in ("view", "seed")
        and recorded.is_unchanged(node)
        and not has_hooks
    ):
        steps = [] if materialized == "view" else [_content(node, connection)]
    else:
        steps = [*_steps(recorded, sent)]
    is_mart = is_built and node.database == "marts" and materialized != "view"
    return Node(
        fqn=".".join(node.fqn),
        kind=str(node.resource_type),
        mart=f"{node.schema}.{node.alias}" if is_mart else None,
        steps=steps,
    )


def _content(node: Any, connection: duckdb.DuckDBPyConnection) -> Step:
    """Check the content of a table: if it is unchanged, there is nothing to do."""
    table = f'"{node.database}"."{node.schema}"."{node.alias}"'
    sql = f"select count(*), sum(hash(content)) from {table} as content"
    return Step(sql, digest(connection.execute(sql).fetchall()))


def _steps(recorded: Recording, sent: Sequence[Sent]) -> Iterator[Step]:
    """The statements of a node that have to be executed."""
    for statement in sent:
        text = _text(statement.sql)
        kinds = {found.type for found in duckdb.extract_statements(text)}
        is_read = kinds == {duckdb.StatementType.SELECT}
        if kinds == {duckdb.StatementType.TRANSACTION} or (is_read and _reads_catalog(text)):
            continue
        if IF_NOT_EXISTS.match(text) and recorded.before == recorded.after:
            continue
        if statement.has_bindings or recorded.invocation_id in text:
            msg = f"{statement.node} sends values that a plan does not keep"
            raise UnplannableError(msg)
        yield Step(text, _expected(statement) if is_read else None)


def _expected(statement: Sent) -> str | None:
    rows = statement.rows
    if rows is None:
        return None
    is_verdict = "should_error" in statement.sql and [len(row) for row in rows] == [3]
    if is_verdict and statement.node.startswith("test."):
        return VERDICT.format(bool(rows[0][1]), bool(rows[0][2]))
    return digest(rows)


def _text(sql: str) -> str:
    """A statement without dbt's leading comment."""
    return HEAD.sub("", sql, count=1).rstrip()


def _reads_catalog(text: str) -> bool:
    plain = " ".join(text.lower().split())
    if COLUMNS_READ.match(plain):
        return True
    return any(name in plain for name in CATALOG) and not duckdb.get_table_names(text)
