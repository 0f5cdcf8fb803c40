"""Run dbt in this process, with progress, and failures in one line each."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt_common.invocation import get_invocation_id

from dbt_project.build.audit import PASSED, SKIPPED, WARNED, DbtReport
from dbt_project.build.completeness import tests_not_run
from dbt_project.build.plans.invocation import Invocation
from dbt_project.build.scope import fingerprint
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError
from ingestion.core.process.signals import raise_if_stopped
from ingestion.core.progress import Progress, Task

FAILED = {"error", "fail", "runtime error", "partial success"}
# dbt's output goes to its own log; what a user needs of it, into one line.
QUIET = ("--quiet", "--log-level", "none", "--log-level-file", "info", "--no-use-colors")
# Not dbt's manifest and results, which nobody reads here: writing them takes a second.
UNWRITTEN = ("--no-write-json",)
# The first line of an error of dbt: `Runtime Error in model fct_crimes (models/…)`.
DBT_HEADING = re.compile(r"^\w+ Error in \w+ \w+ \(")
VERDICTS = {"pass": PASSED, "warn": WARNED, "skipped": SKIPPED}


class _Parsed:
    """The manifest of the project, parsed once."""

    def __init__(self) -> None:
        self._manifest: Any = None
        self._of: tuple[Path, str] | None = None

    def manifest(self, paths: Paths) -> Any:
        """Dbt's manifest; parsed again if a file of the project changed.

        Raises:
            WarehouseError: the project does not parse.
        """
        of = paths.project, fingerprint(paths.project)
        if of != self._of:
            environment = Invocation().variables(paths)
            result = _invoke(paths, ["parse", *UNWRITTEN], environment=environment)
            self._manifest, self._of = _require_result(paths, result, result.result), of
        return self._manifest


# A process that builds several times parses the project once.
parsed = _Parsed()


@dataclass(frozen=True)
class Answer:
    """The result of an invocation of dbt.

    Attributes:
        report: for the audit.
        outcomes: dbt's result of each node, in the order of completion.
    """

    report: DbtReport
    outcomes: Sequence[Any]


def ask_dbt(paths: Paths, invocation: Invocation, *, progress: Progress) -> Answer:
    """Let dbt build and test nodes of the project on the working file.

    Rows that fail a test are kept.

    Raises:
        WarehouseError: dbt could not start the build (a project that does not parse, a
            selection that it does not understand).
    """
    manifest = parsed.manifest(paths)
    with progress.task("dbt build", unit="nodes") as task:
        result = _invoke(
            paths,
            [*invocation.arguments(), *UNWRITTEN],
            environment=invocation.variables(paths),
            callbacks=[_Nodes(task)],
            manifest=manifest,
        )
    outcomes = _outcomes(paths, result)
    invocation_id = get_invocation_id()
    failed = [found.node.name for found in outcomes if _is_failed_test(found)]
    if failed:
        environment = invocation.variables(paths, keep_failures=True)
        _invoke(paths, ["test", "--select", *failed], environment=environment)
    report = _report(paths, outcomes, invocation_id)
    ran = {found.node.unique_id for found in outcomes}
    if missing := tests_not_run(manifest, invocation, ran):
        report = replace(report, failures=[*report.failures, missing])
    return Answer(report, outcomes)


def dbt_docs(paths: Paths, desk: Paths) -> None:
    """Write dbt's own docs, as one page, into a target folder: `static_index.html`.

    Args:
        paths: where the project was parsed before; parsing it again takes as long as the rest.
        desk: where the tables to describe are, and the docs go.

    Raises:
        WarehouseError: dbt could not read the project or the tables.
    """
    manifest = parsed.manifest(paths)
    # Without a selection dbt would compile the tests too.
    arguments = ["docs", "generate", "--static", "--select"]
    arguments += [f"resource_type:{kind}" for kind in ("model", "seed", "source", "exposure")]
    environment = Invocation().variables(desk)
    result = _invoke(desk, arguments, environment=environment, manifest=manifest)
    _require_result(desk, result, result.result)


def _invoke(
    paths: Paths,
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    callbacks: Sequence[Callable[[Any], None]] = (),
    manifest: Any = None,
) -> dbtRunnerResult:
    folders = ["--project-dir", str(paths.project), "--profiles-dir", str(paths.project)]
    folders += ["--target-path", str(paths.target), "--log-path", str(paths.logs)]
    # dbt changes into its project; the caller stays where it was.
    raise_if_stopped()
    with chdir(paths.project), _environ(environment):
        try:
            runner = dbtRunner(manifest=manifest, callbacks=list(callbacks))
            result = runner.invoke([*QUIET, *arguments, *folders])
            raise_if_stopped()
            return result
        finally:
            # dbt leaves its file and the write-ahead log open in the process.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]


@contextmanager
def _environ(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables of the process, which dbt reads when it is invoked."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class _Nodes:
    """Turns dbt's events into progress; dbt calls it for each event."""

    def __init__(self, task: Task) -> None:
        self.task = task

    def __call__(self, event: Any) -> None:
        if event.info.name == "LogStartLine":
            self.task.total(event.data.total)
        elif event.info.name == "NodeFinished":
            self.task.advance(1)


def _outcomes(paths: Paths, result: dbtRunnerResult) -> list[Any]:
    outcomes: list[Any] = _require_result(paths, result, getattr(result.result, "results", None))
    return outcomes


def _require_result(paths: Paths, result: dbtRunnerResult, found: Any) -> Any:
    """Return what dbt produced.

    Raises:
        WarehouseError: dbt produced nothing.
    """
    if isinstance(result.exception, KeyboardInterrupt):
        raise result.exception
    if found is None:
        why = " ".join(str(result.exception or "dbt gave no reason").split())
        msg = f"dbt could not build {paths.project}: {why}; see {paths.logs / 'dbt.log'}"
        raise WarehouseError(msg)
    return found


def _is_failed_test(outcome: Any) -> bool:
    return outcome.node.resource_type == "test" and str(outcome.status) == "fail"


def _report(paths: Paths, outcomes: Sequence[Any], invocation_id: str) -> DbtReport:
    counts = dict.fromkeys(("models", "tests", "passed", "failed", "warned", "skipped"), 0)
    verdicts: dict[str, str] = {}
    failures: list[str] = []
    errors: list[str] = []
    marts: list[str] = []
    for outcome in outcomes:
        status, node = str(outcome.status), outcome.node
        if node.resource_type == "test":
            counts["tests"] += 1
            counts[VERDICTS.get(status, "failed")] += 1
            verdicts[".".join(node.fqn)] = VERDICTS.get(status) or _failure(paths, outcome)
        elif status == "success":
            counts["models"] += 1
            if node.database == "marts" and node.config.materialized != "view":
                marts.append(f"{node.schema}.{node.alias}")
        if status in FAILED:
            failures.append(_failure(paths, outcome))
            errors += [] if _is_failed_test(outcome) else [failures[-1]]
    skipped = sum(str(outcome.status) == "skipped" for outcome in outcomes)
    if skipped:
        failures.append(f"{skipped} nodes that depend on these were skipped")
    marts.sort()
    return DbtReport(
        invocation_id,
        marts,
        failures=failures,
        errors=errors,
        built=marts,
        verdicts=verdicts,
        test_seconds=sum(
            found.execution_time for found in outcomes if found.node.resource_type == "test"
        ),
        **counts,
    )


def _failure(paths: Paths, outcome: Any) -> str:
    """One line: what failed, and where the failing rows are or dbt's reason."""
    node = outcome.node
    if _is_failed_test(outcome):
        rows = f"test {node.name} found {outcome.failures} failing rows"
        return f"{rows} (kept as {node.schema}.{node.alias} in {paths.raw})"
    return f"{node.name}: {_why(str(outcome.message))}"


def _why(message: str) -> str:
    """Dbt's reason for an error, without its location, the SQL and DuckDB's general advice."""
    lines = [line.strip() for line in message.splitlines()]
    said = [line for line in lines if line and not DBT_HEADING.match(line)]
    return next((line for line in said), "dbt gave no reason")
