"""The audit of the working file, kept beside it: only a build that passed is published."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.build.completeness import unaccounted_rows
from dbt_project.build.raw import describe_sources
from dbt_project.files import read_json, write_json
from dbt_project.paths import Paths
from ingestion.core.clock import utc_now
from ingestion.core.errors import WarehouseError
from ingestion.core.memory import build_limit, memory_limit, out_of_memory_advice

SHOWN = 5
# What a test found; where it failed, its line among the failures stands instead.
PASSED, WARNED, SKIPPED = "passed", "warned", "skipped"


@dataclass(frozen=True)
class DbtReport:
    """The outcome of a `dbt build`.

    Attributes:
        invocation_id: dbt's id of the build.
        marts: the tables that belong in the published file, as `schema.name`.
        built: those of them that this build wrote; the others are as published before.
        models: models and seeds that were built.
        tests: data tests selected; passed, failed, warned and skipped add up to it.
        failures: a line for each node that failed.
        errors: those that could not be executed, as `name: why`.
        test_seconds: how long the data tests took.
        verdicts: what each data test found, by its full name in dbt: `PASSED`, `WARNED`, `SKIPPED`,
            or a line that says how it failed.
    """

    invocation_id: str
    marts: list[str]
    models: int = 0
    tests: int = 0
    passed: int = 0
    failed: int = 0
    warned: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    built: list[str] = field(default_factory=list)
    test_seconds: float = 0.0
    verdicts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Audit:
    """The audit of one exact state of the working file.

    Attributes:
        size: of the working file, in bytes.
        mtime_ns: of the working file; with the size it shows whether the file changed since.
        full: the build covered the whole project, or everything changed since the publication.
        built_at: UTC, ISO.
        dbt: what was built and tested.
        sources: the state of raw when the build ended, by source.
        project: the fingerprint of the project that was built.
        scope: the sources on which what was built depends; None: everything was built.
        based_on: the published build that the working file started as.
    """

    size: int
    mtime_ns: int
    full: bool
    built_at: str
    dbt: DbtReport
    sources: dict[str, dict[str, Any]]
    project: str = ""
    scope: list[str] | None = None
    based_on: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether every model was built, and no test failed or was skipped."""
        return not self.dbt.failures

    def covers(self, file: Path) -> bool:
        """Whether the file is still as it was audited."""
        if not file.exists() or _wal(file).exists():
            return False
        found = file.stat()
        return (self.size, self.mtime_ns) == (found.st_size, found.st_mtime_ns)

    def require_passed(self) -> None:
        """Fail if the build failed, naming what did.

        Raises:
            WarehouseError: a model or a test failed.
        """
        if self.dbt.errors:
            shown = _shown(self.dbt.errors)
            limit = memory_limit(os.environ)
            advice = out_of_memory_advice(shown, limit) or "fix the model, then build again"
            msg = f"the build failed and nothing new was published: {shown}; {advice}"
            raise WarehouseError(msg)
        if self.dbt.failures:
            msg = (
                "the audit failed and nothing new was published: "
                f"{_shown(self.dbt.failures)}; fix the model or the rows, then build again"
            )
            raise WarehouseError(msg)


def _shown(lines: Sequence[str]) -> str:
    more = f"; and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return "; ".join(lines[:SHOWN]) + more


def read_audit(paths: Paths) -> Audit | None:
    """The audit of the last build that ended; None during a build or after one was killed."""
    found = read_json(paths.audit)
    return Audit(**(found | {"dbt": DbtReport(**found["dbt"])})) if found else None


def record_audit(
    paths: Paths,
    report: DbtReport,
    *,
    full: bool,
    scope: list[str] | None,
    project: str,
    based_on: str | None = None,
) -> Audit:
    """Checkpoint the files that a build wrote, and record its audit.

    Raises:
        WarehouseError: something else has one of the files open.
    """
    with checkpointed(paths.raw) as raw, checkpointed(paths.work_marts) as marts:
        sources = describe_sources(raw, paths)
        if full and not report.failures:
            report = replace(report, failures=[*unaccounted_rows(raw, marts)])
        if full and not report.failures:
            drop_all_but(marts, set(report.marts))
    found = paths.work_marts.stat()
    audit = Audit(
        size=found.st_size,
        mtime_ns=found.st_mtime_ns,
        full=full,
        scope=scope,
        project=project,
        based_on=based_on,
        built_at=utc_now().isoformat(timespec="seconds"),
        dbt=report,
        sources=sources,
    )
    write_json(paths.audit, asdict(audit))
    return audit


@contextmanager
def checkpointed(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a file that nobody has open; at the end its write-ahead log is written into it.

    Copying the file then copies everything.

    Raises:
        WarehouseError: something else has it open.
    """
    config: dict[str, Any] = {"memory_limit": build_limit(os.environ)}
    with duckdb.connect(file, config=config) as connection:
        yield connection
        connection.execute("force checkpoint")
    if _wal(file).exists():
        msg = (
            f"{_wal(file)} is still there after a checkpoint: close what else has {file.name} open"
        )
        raise WarehouseError(msg)


def drop_all_but(connection: duckdb.DuckDBPyConnection, keep: set[str]) -> None:
    """Drop views, tables of removed models and empty schemas; keep tables, as `schema.name`."""
    for kind in ("view", "table"):
        found = connection.execute(
            f"select schema_name, {kind}_name from duckdb_{kind}s() where not internal"
        ).fetchall()
        for schema, name in found:
            if kind == "view" or f"{schema}.{name}" not in keep:
                connection.execute(f'drop {kind} "{schema}"."{name}"')
    wanted = {name.partition(".")[0] for name in keep} | {"main"}
    schemas = connection.execute(
        "select schema_name from duckdb_schemas()"
        " where not internal and database_name = current_database()"
    ).fetchall()
    for (schema,) in schemas:
        if schema not in wanted:
            connection.execute(f'drop schema "{schema}" cascade')


def _wal(file: Path) -> Path:
    return file.with_name(f"{file.name}.wal")
