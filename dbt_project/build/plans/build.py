"""Build nodes from a plan if one is valid; otherwise let dbt build them, and record a plan."""

from dataclasses import dataclass, replace
from uuid import uuid4

import duckdb

from dbt_project.build.audit import PASSED, WARNED, DbtReport
from dbt_project.build.plans.catalog import definitions
from dbt_project.build.plans.composition import Recording, compose
from dbt_project.build.plans.connection import Profile, UnplannableError, read_profile
from dbt_project.build.plans.execution import Execution, execute
from dbt_project.build.plans.invocation import Invocation
from dbt_project.build.plans.plan import Plan, forget_plan, read_plan, write_plan
from dbt_project.build.plans.recording import recording
from dbt_project.build.plans.validity import plan_key
from dbt_project.log_file import events
from dbt_project.paths import Paths
from ingestion.core.progress import Progress

# What dbt builds or tests; it counts the project's hooks as models.
NODES = ("model", "seed", "snapshot", "test")


@dataclass(frozen=True)
class _State:
    """The state of the working files before a build."""

    profile: Profile
    relations: dict[str, str]
    key: str


def planned_build(
    paths: Paths, invocation: Invocation, *, progress: Progress, ask_dbt: bool = False
) -> DbtReport:
    """Build and test nodes of the project on the working file.

    A valid plan is executed without dbt, which is not even imported. If it fails, dbt does the
    rest, so that messages are always dbt's.

    Args:
        paths: of the warehouse.
        invocation: of dbt.
        progress: where to show the work.
        ask_dbt: always let dbt build, and record a new plan.

    Raises:
        WarehouseError: dbt could not start the build (a project that does not parse, a
            selection that it does not understand).
    """
    try:
        profile = read_profile(paths.project, invocation.environ(paths))
        with profile.connect() as connection:
            relations = definitions(connection)
            state = _State(profile, relations, plan_key(paths, invocation, relations))
            plan = None if ask_dbt else read_plan(paths, state.key)
            done = _execute_plan(plan, state, connection, progress) if plan else None
    except (UnplannableError, duckdb.Error) as error:
        events.info("dbt builds without a plan: %s", error)
        return _ask_dbt(paths, invocation, progress)
    if done is None:
        return _record(paths, invocation, state, progress)
    if done.why is None:
        events.info("the plan of %s nodes was executed", len(done.done))
        return _report(done)
    events.info("dbt continues after %s nodes of the plan: %s", len(done.done), done.why)
    forget_plan(paths, state.key)
    return _continue(paths, invocation, done, progress)


def _execute_plan(
    plan: Plan, state: _State, connection: duckdb.DuckDBPyConnection, progress: Progress
) -> Execution:
    with progress.task("dbt build", sum(bool(node.kind) for node in plan.nodes), "nodes") as task:
        return execute(plan, state.profile, connection, task)


def _ask_dbt(paths: Paths, invocation: Invocation, progress: Progress) -> DbtReport:
    # dbt takes seconds to import.
    from dbt_project.build.dbt_runner import ask_dbt  # noqa: PLC0415

    return ask_dbt(paths, invocation, progress=progress).report


def _record(paths: Paths, invocation: Invocation, state: _State, progress: Progress) -> DbtReport:
    """Let dbt build, and keep the plan for the next time."""
    from dbt_project.build.dbt_runner import ask_dbt  # noqa: PLC0415

    with recording() as sent:
        answer = ask_dbt(paths, invocation, progress=progress)
    report = answer.report
    if report.failures:
        return report
    try:
        with state.profile.connect() as connection:
            recorded = Recording(
                sent=sent,
                outcomes=answer.outcomes,
                invocation_id=report.invocation_id,
                before=state.relations,
                after=definitions(connection),
            )
            write_plan(paths, state.key, compose(recorded, connection))
    except (UnplannableError, duckdb.Error) as error:
        events.info("no plan was recorded: %s", error)
    return report


def _continue(
    paths: Paths, invocation: Invocation, done: Execution, progress: Progress
) -> DbtReport:
    """Let dbt build the nodes that a plan did not, and report all of them."""
    names = [f"fqn:{node.fqn}" for node in done.left if node.kind in NODES]
    # Only these, not their tests that the invocation excludes.
    environment = {**invocation.environment, "DBT_INDIRECT_SELECTION": "empty"}
    left = replace(invocation, select=tuple(names), exclude=(), environment=environment)
    theirs, ours = _ask_dbt(paths, left, progress), _report(done)
    return replace(
        theirs,
        marts=sorted({*ours.marts, *theirs.marts}),
        built=sorted({*ours.built, *theirs.built}),
        models=ours.models + theirs.models,
        tests=ours.tests + theirs.tests,
        passed=ours.passed + theirs.passed,
        warned=ours.warned + theirs.warned,
        test_seconds=ours.test_seconds + theirs.test_seconds,
        verdicts=ours.verdicts | theirs.verdicts,
    )


def _report(done: Execution) -> DbtReport:
    """What dbt would have reported of these nodes."""
    # Hooks run again where dbt continues.
    models = (*NODES, "operation") if done.why is None else NODES
    marts = sorted(node.mart for node in done.done if node.mart)
    tests = sum(node.kind == "test" for node in done.done)
    return DbtReport(
        invocation_id=str(uuid4()),
        marts=marts,
        built=marts,
        models=sum(node.kind in models for node in done.done) - tests,
        tests=tests,
        passed=tests - len(done.warned),
        warned=len(done.warned),
        verdicts={
            node.fqn: WARNED if node.fqn in done.warned else PASSED
            for node in done.done
            if node.kind == "test"
        },
        test_seconds=done.test_seconds,
    )
