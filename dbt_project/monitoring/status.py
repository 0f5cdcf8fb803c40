"""The state of the warehouse, read without the lock, so that it answers during a run."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from dbt_project.build.audit import read_audit
from dbt_project.build.raw import RawInUseError, source_states
from dbt_project.freshness import read_max_ages
from dbt_project.monitoring.differences import find_differences
from dbt_project.paths import Paths
from dbt_project.published import kept_builds, newest_published, published_manifest, read_manifest
from dbt_project.publishing.postgres.server_state import ServerState
from dbt_project.publishing.publish import leftovers
from dbt_project.run_records import last_checks, last_failures, last_run, records
from dbt_project.runs.lock import holder
from ingestion.core.memory import SETTING, available_memory, memory_limit, size_text

MINUTE, HOUR, DAY = 60, 3600, 86400


def status(paths: Paths, *, now: datetime) -> dict[str, Any]:
    """Gather what `warehouse status` shows.

    Args:
        paths: of the warehouse; nothing need exist yet.
        now: UTC; ages count to it.

    Returns:
        `data_dir`; `memory` (bytes: the `limit` of DuckDB, what is `available`, and whether the
        limit `is_default`); `run` in progress and `killed` run (pid, command, since) or None;
        `last_run` that ended, as it was recorded, or None; `raw_in_use`; `sources` (loads, rows,
        freshness, `last_checked_at`, `age_seconds` since then, `max_age_hours` of sources.yml,
        `pending_loads`) by name, empty while raw is in use; `failures` of each source's last load,
        by source or part; `published` (build_id, published_at, age_seconds, rows by mart,
        `made_up_notice` or None, `data_through` by source) or None;
        `differences` of what is published, see `find_differences`;
        `postgres`: the `build_id` that the server has, since when (`at`), whether it `is_current`,
        and the `error` of the last attempt with its time, `failed_at`; None without a server;
        `builds` that are kept (build_id, published_at, is_published, is_rolled_back), newest first;
        `audit` of the working file or None; `leftovers` of a killed run.

    Raises:
        WarehouseError: the memory setting is not a size, or what is published cannot be read.
    """
    last = holder(paths)
    manifest = published_manifest(paths)
    in_progress = last is not None and last.alive()
    sources = None if in_progress else _sources(paths, manifest, now)
    audit = read_audit(paths)
    run = {"pid": last.pid, "command": last.command, "since": last.since} if last else None
    return {
        "data_dir": str(paths.data),
        "memory": _memory(),
        "run": run if in_progress else None,
        "killed": None if in_progress else run,
        "raw_in_use": sources is None,
        "sources": sources or {},
        "last_run": last_run(paths),
        "failures": {one.part: one.why for one in last_failures(records(paths)) if one.part},
        "published": _published(manifest, now),
        "differences": find_differences(paths.published.resolve()),
        "postgres": _postgres(paths, manifest),
        "builds": _builds(paths),
        "audit": audit and {key: getattr(audit, key) for key in ("built_at", "full", "succeeded")},
        "leftovers": [] if in_progress else [str(path) for path in leftovers(paths)],
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The lines that show what `status` gathered."""
    yield f"data       {found['data_dir']}"
    yield _memory_line(**found["memory"])
    if run := found["run"]:
        who = f"process {run['pid']} ({run['command']})"
        yield f"run        in progress: {who}, since {run['since']}"
    if killed := found["killed"]:
        who = f"{killed['command']} of {killed['since']}"
        yield f"run        {who} was killed; the next one cleans up"
    if last := found["last_run"]:
        took = f" in {last['seconds']:.1f} s" if last.get("seconds") is not None else ""
        outcome = f"{last.get('outcome')}{took}"
        yield f"last run   {last.get('command')} of {last.get('start')}: {outcome}"
    if found["raw_in_use"]:
        yield "sources    raw.duckdb is in use, so its loads cannot be read now"
    elif not found["sources"]:
        yield "sources    nothing was loaded yet: run `warehouse demo` or `warehouse load`"
    for name, state in found["sources"].items():
        rows = ", ".join(f"{table} {count:,}" for table, count in state["rows"].items())
        age = _words(state["age_seconds"])
        limit = f"; limit {state['max_age_hours']:g} hours" if state["max_age_hours"] else ""
        yield f"{name}: last checked {state['last_checked_at'] or 'never'} ({age}{limit})"
        yield f"           last new rows {state['last_loaded_at'] or 'never'}"
        yield f"           newest change at the source {state['newest_change'] or 'unknown'}"
        yield f"           rows: {rows}"
        if state["pending_loads"]:
            yield f"           loads not published yet: {state['pending_loads']}; `warehouse run`"
    for part, why in found["failures"].items():
        yield f"failed     {part}: {why}"
    if found["audit"] and not found["audit"]["succeeded"]:
        yield f"audit      failed at {found['audit']['built_at']}: what was published before stays"
    yield from _published_lines(found)


def _published_lines(found: dict[str, Any]) -> Iterator[str]:
    if not found["published"]:
        yield "published  nothing yet"
        return
    build = found["published"]
    yield f"published  {build['build_id']} ({_words(build['age_seconds'])})"
    if build["made_up_notice"]:
        yield f"           {build['made_up_notice']}"
    for name, day in build["data_through"].items():
        yield f"           {name}: data through {day or 'no day'}"
    for mart, count in build["rows"].items():
        yield f"           {mart} {count:,}"
    for one in found["differences"] or ():
        yield f"differs    {one['source']}, {one['part']}: {one['text']}; see {one['mart']}"
    if found["postgres"]:
        yield _postgres_line(**found["postgres"])
    for kept in found["builds"]:
        newer = "rolled back" if kept["is_rolled_back"] else "before"
        state = "published" if kept["is_published"] else newer
        yield f"kept       {kept['build_id']} of {kept['published_at']}: {state}"


def _sources(
    paths: Paths, manifest: dict[str, Any] | None, now: datetime
) -> dict[str, dict[str, Any]] | None:
    """What raw holds of each source, and what of it is pending; None while raw is in use."""
    try:
        sources = source_states(paths)
    except RawInUseError:
        return None
    included = manifest["freshness"] if manifest else {}
    max_ages = read_max_ages(paths.project)
    checked = last_checks(records(paths))
    for name, state in sources.items():
        # A load that found nothing new leaves no trace in raw, and yet the rows are current.
        times = [at for at in (checked.get(name), state["last_loaded_at"]) if at]
        state["last_checked_at"] = max(times, key=datetime.fromisoformat, default=None)
        state["age_seconds"] = _age(state["last_checked_at"], now)
        state["max_age_hours"] = max_ages.get(name)
        state["pending_loads"] = state["loads"] - included.get(name, {}).get("loads", 0)
    return sources


def _memory() -> dict[str, int | bool]:
    return {
        "limit": memory_limit(os.environ),
        "available": available_memory(),
        "is_default": not os.environ.get(SETTING),
    }


def _memory_line(limit: int, available: int, *, is_default: bool) -> str:
    why = "the default" if is_default else SETTING
    return f"memory     {size_text(limit)} for DuckDB, of {size_text(available)} ({why})"


def _builds(paths: Paths) -> list[dict[str, Any]]:
    current = paths.published.resolve()
    return [
        {
            "build_id": build.name,
            "published_at": (read_manifest(build) or {}).get("published_at"),
            "is_published": build.resolve() == current,
            "is_rolled_back": current.name < build.name <= newest_published(paths),
        }
        for build in reversed(kept_builds(paths))
    ]


def _published(manifest: dict[str, Any] | None, now: datetime) -> dict[str, Any] | None:
    if manifest is None:
        return None
    return {
        "build_id": manifest["build_id"],
        "published_at": manifest["published_at"],
        "age_seconds": _age(manifest["published_at"], now),
        "rows": {name: table["rows"] for name, table in manifest["tables"].items()},
        # A build of an older version does not say.
        "made_up_notice": manifest.get("made_up_notice"),
        "data_through": {
            name: source["data_through_date"]
            for name, source in manifest.get("sources", {}).items()
        },
    }


def _postgres(paths: Paths, manifest: dict[str, Any] | None) -> dict[str, Any] | None:
    state = ServerState.read(paths)
    if state is None:
        return None
    return asdict(state) | {"is_current": state.build_id == (manifest or {}).get("build_id")}


def _postgres_line(build_id: str | None, error: str | None, *, is_current: bool, **_: Any) -> str:
    has = f"has {build_id}" if build_id else "has no build"
    if is_current and not error:
        return f"postgres   {has}"
    why = f": {error}" if error else ""
    return f"postgres   {has}, not what is published{why}; the next run tries again"


def _age(then: str | None, now: datetime) -> int | None:
    if then is None:
        return None
    return int((now - datetime.fromisoformat(then).astimezone(UTC)).total_seconds())


def _words(seconds: int | None) -> str:
    if seconds is None:
        return "unknown age"
    for size, unit in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{max(seconds, 0)} seconds ago"
