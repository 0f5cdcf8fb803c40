"""Execute a plan on DuckDB, without dbt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import duckdb

from dbt_project.plans.connection import Profile
from dbt_project.plans.plan import PASSED, Node, Plan, Step, digest
from ingestion.progress import Task


@dataclass(frozen=True)
class Execution:
    """What was executed of a plan.

    Attributes:
        done: the nodes that are as dbt would have left them.
        left: those after them, of which nothing was done: dbt is to be asked.
        why: what stopped it; None where nothing did.
        test_seconds: how long the data tests took.
    """

    done: Sequence[Node]
    left: Sequence[Node]
    why: str | None
    test_seconds: float


class UnexpectedResultError(Exception):
    """A result is another one than when the plan was recorded, or a test did not pass."""


def execute(
    plan: Plan, profile: Profile, connection: duckdb.DuckDBPyConnection, task: Task
) -> Execution:
    """Execute the nodes of a plan, each in a transaction of its own, up to one that fails.

    Dbt can go on from there, as if it had done the nodes itself.
    """
    seconds = 0.0
    for place, node in enumerate(plan.nodes):
        begun = perf_counter()
        try:
            if node.steps:
                _execute(node.steps, profile, connection)
        except (duckdb.Error, UnexpectedResultError) as error:
            why = f"{node.fqn}: {' '.join(str(error).split())}"
            return Execution(plan.nodes[:place], plan.nodes[place:], why, seconds)
        if node.kind == "test":
            seconds += perf_counter() - begun
        if node.kind:
            task.advance(1)
    return Execution(plan.nodes, (), None, seconds)


def _execute(
    steps: Sequence[Step], profile: Profile, connection: duckdb.DuckDBPyConnection
) -> None:
    """Execute all statements of a node, or none of them."""
    with profile.cursor(connection) as cursor:
        try:
            cursor.begin()
            for step in steps:
                cursor.execute(step.sql)
                if step.expect:
                    _check(step, cursor.fetchall())
            cursor.commit()
        except RuntimeError as error:
            # DuckDB hides it: a user's Ctrl-C.
            if isinstance(error.__context__, KeyboardInterrupt):
                raise error.__context__ from None
            raise


def _check(step: Step, rows: list[tuple[object, ...]]) -> None:
    if step.expect == PASSED:
        ((failures, warns, fails),) = rows
        if warns or fails:
            msg = f"{failures} failures"
            raise UnexpectedResultError(msg)
    elif digest(rows) != step.expect:
        msg = f"another result of {' '.join(step.sql.split())[:80]}"
        raise UnexpectedResultError(msg)
