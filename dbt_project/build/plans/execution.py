"""Execute a plan on DuckDB, without dbt."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import duckdb

from dbt_project.build.plans.connection import Profile
from dbt_project.build.plans.plan import PASSED, VERDICT, Node, Plan, Step, digest
from ingestion.core.progress import Task


@dataclass(frozen=True)
class Execution:
    """The outcome of executing a plan.

    Attributes:
        done: the nodes that are as dbt would leave them.
        left: the remaining nodes, for dbt to build.
        why: what stopped it; None if nothing did.
        warned: the tests among them that warned, as when the plan was recorded, by full name.
        test_seconds: how long the data tests took.
    """

    done: Sequence[Node]
    left: Sequence[Node]
    why: str | None
    warned: Sequence[str]
    test_seconds: float


class UnexpectedResultError(Exception):
    """A result differs from the one recorded, or a test did not pass."""


def execute(
    plan: Plan, profile: Profile, connection: duckdb.DuckDBPyConnection, task: Task
) -> Execution:
    """Execute the nodes of a plan, each in a transaction of its own, up to one that fails.

    Dbt can continue from there, as if it had built the nodes itself.
    """
    warned: list[str] = []
    seconds = 0.0
    for place, node in enumerate(plan.nodes):
        begun = perf_counter()
        try:
            if node.steps and _execute(node.steps, profile, connection):
                warned.append(node.fqn)
        except (duckdb.Error, UnexpectedResultError) as error:
            why = f"{node.fqn}: {' '.join(str(error).split())}"
            return Execution(plan.nodes[:place], plan.nodes[place:], why, warned, seconds)
        seconds += perf_counter() - begun if node.kind == "test" else 0
        if node.kind:
            task.advance(1)
    return Execution(plan.nodes, (), None, warned, seconds)


def _execute(
    steps: Sequence[Step], profile: Profile, connection: duckdb.DuckDBPyConnection
) -> bool:
    """Execute all statements of a node, or none of them; whether a test warned."""
    warned = False
    with profile.cursor(connection) as cursor:
        try:
            cursor.begin()
            for step in steps:
                cursor.execute(step.sql)
                if step.expect is not None:
                    warned |= _is_warning(step.sql, step.expect, cursor.fetchall())
            cursor.commit()
        except RuntimeError as error:
            # DuckDB hides a Ctrl-C of the user in it.
            if isinstance(error.__context__, KeyboardInterrupt):
                raise error.__context__ from None
            raise
    return warned


def _is_warning(sql: str, expect: str, rows: list[tuple[Any, ...]]) -> bool:
    """Compare a result with the recorded one; whether it is that of a test that warned."""
    if not expect.startswith("verdict "):
        if digest(rows) != expect:
            msg = f"a different result of {' '.join(sql.split())[:80]}"
            raise UnexpectedResultError(msg)
        return False
    ((failures, warns, fails),) = rows
    found = VERDICT.format(bool(warns), bool(fails))
    if found not in (PASSED, expect):
        msg = f"{failures} failures"
        raise UnexpectedResultError(msg)
    return found != PASSED
