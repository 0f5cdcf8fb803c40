"""Find what is wrong now, from what was published and recorded, never from the working file."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.build.audit import Audit, read_audit
from dbt_project.monitoring.alert_settings import Limits
from dbt_project.monitoring.differences import SOURCES, find_differences
from dbt_project.monitoring.status import HOUR, status
from dbt_project.paths import Paths
from dbt_project.published import read_manifest
from dbt_project.run_records import last_checks, last_failures, records
from ingestion.core.errors import WarehouseError
from ingestion.core.warehouse_settings import freshness_variable

MAX_LENGTH = 500
SENSOR_HEALTH = "footfall.sensor_health"
# Rows set aside do not count towards a domain's size.
SET_ASIDE = ("rejected_", "superseded_", "deleted_")


@dataclass(frozen=True)
class Alert:
    """A condition to report.

    Attributes:
        kind: what sort of condition; one of the keys of what `find_alerts` returns.
        subject: what it is about; with the kind it identifies the condition.
        title: a few words.
        text: the figures and what to do, one line.
        size: of a condition that grows: it is reported again when it has doubled. 0 for one that
            is there or not.
    """

    kind: str
    subject: str
    title: str
    text: str
    size: int = 0

    @property
    def key(self) -> str:
        """The condition's name in the memory of what was sent."""
        return f"{self.kind}/{self.subject}"


def find_alerts(paths: Paths, *, now: datetime, limits: Limits) -> dict[str, list[Alert] | None]:
    """Everything that is wrong now, by kind; None where that is unknown at present.

    Raises:
        WarehouseError: the published file cannot be read.
    """
    found = status(paths, now=now)
    # One build throughout, even if another one is published meanwhile.
    build = paths.published.resolve()
    manifest = read_manifest(build) or {}
    audit = read_audit(paths)
    return {
        "sensor": _find_failing_sensors(build, manifest),
        "unchecked": _find_unloaded(_last_checked(paths, found, manifest), now, limits),
        "unchanged": None if found["raw_in_use"] else _find_unchanged(found, manifest, now, limits),
        "rejected": _find_rejected(manifest, limits) if manifest else None,
        "difference": _find_differences(find_differences(build)),
        "audit": None if audit is None else _find_failed_audit(audit),
        "run": _find_failed_runs(paths),
        "postgres": _find_old_server(found),
        "killed": None if found["run"] else _find_killed_run(found),
    }


def _find_failing_sensors(build: Path, manifest: dict[str, Any]) -> list[Alert] | None:
    if SENSOR_HEALTH not in manifest.get("tables", {}):
        return None
    try:
        with duckdb.connect(build / "marts.duckdb", read_only=True) as connection:
            rows = connection.execute(
                "select store_name, sensor_id, failure_rate_pct, age_days, replacement_reason"
                f" from {SENSOR_HEALTH} where needs_replacement order by store_name, sensor_id"
            ).fetchall()
    except duckdb.Error as error:
        msg = (
            f"{SENSOR_HEALTH} of {build} cannot be read ({_line(error)}):"
            " build and publish again with `warehouse run`"
        )
        raise WarehouseError(msg) from error
    return [
        Alert(
            "sensor",
            f"{store}/{sensor}",
            f"{_line(store)}: sensor {sensor} needs replacement",
            f"failure rate {_number(rate, '.1f')} %, age {_number(age, ',.0f')} days;"
            f" {_line(reason or 'no reason given')}",
        )
        for store, sensor, rate, age, reason in rows
    ]


def _last_checked(
    paths: Paths, found: dict[str, Any], manifest: dict[str, Any]
) -> dict[str, str | None]:
    """When each source was last read to its end; a run that is stuck must not hide its age."""
    if not found["raw_in_use"]:
        return {name: state["last_checked_at"] for name, state in found["sources"].items()}
    published = {
        name: state["last_loaded_at"] for name, state in manifest.get("freshness", {}).items()
    }
    return published | last_checks(records(paths))


def _find_unloaded(checked: dict[str, str | None], now: datetime, limits: Limits) -> list[Alert]:
    return [
        Alert(
            "unchecked",
            source,
            f"{source}: not loaded for {hours:,.0f} hours",
            f"last read to its end at {at}, the limit is {limits.hours(source):g} hours"
            f" ({freshness_variable(source)}); run `warehouse run {source}`",
        )
        for source, at in checked.items()
        if (hours := _hours(at, now)) > limits.hours(source)
    ]


def _find_unchanged(
    found: dict[str, Any], manifest: dict[str, Any], now: datetime, limits: Limits
) -> list[Alert]:
    """Sources that answer, but have nothing new."""
    published = manifest.get("sources", {})
    return [
        Alert(
            "unchanged",
            source,
            f"{source}: no change at the source for {hours:,.0f} hours",
            f"its newest change is of {state['newest_change']}, the limit is"
            f" {limits.hours(source):g} hours ({freshness_variable(source)});"
            " ask those who run the source",
        )
        for source, state in found["sources"].items()
        # Made-up rows keep the age with which they were made.
        if published.get(source, {}).get("made_up") != "all"
        and (hours := _hours(state["newest_change"], now)) > limits.hours(source)
    ]


def _find_rejected(manifest: dict[str, Any], limits: Limits) -> list[Alert]:
    alerts: list[Alert] = []
    largest: dict[str, int] = {}
    rows = {name: table["rows"] for name, table in manifest["tables"].items()}
    for name, count in rows.items():
        domain, _, mart = name.partition(".")
        if not mart.startswith(SET_ASIDE):
            largest[domain] = max(count, largest.get(domain, 0))
    for name, count in rows.items():
        domain, _, mart = name.partition(".")
        limit = limits.rejected_rows(largest.get(domain, 0))
        if mart.startswith("rejected_") and count > limit:
            title = f"{name}: {count:,} rejected rows"
            text = (
                f"the limit is {limit:,} (WAREHOUSE_REJECTED_LIMIT);"
                f" see `select reason, count(*) from {name} group by all`"
            )
            alerts.append(Alert("rejected", name, title, text, size=count))
    return alerts


def _find_differences(found: list[dict[str, Any]] | None) -> list[Alert] | None:
    if found is None:
        return None
    return [
        Alert(
            "difference",
            f"{one['mart']}/{one['source']}/{one['part']}",
            f"{one['source']}, {_line(one['part'])}: {_what_differs(one['mart'])}",
            f"{one['text']}; see {one['mart']}; `warehouse reconcile {one['source']}` compares"
            " and reads again what differs",
            size=one["size"],
        )
        for one in found
    ]


def _what_differs(mart: str) -> str:
    return "differs from the source" if mart == SOURCES else "rows are unaccounted for"


def _find_failed_audit(audit: Audit) -> list[Alert]:
    if audit.succeeded:
        return []
    # How many rows failed, and how many nodes were skipped, changes from build to build.
    nodes = {" ".join(failure.split()[:2]) for failure in audit.dbt.failures}
    names = sorted(name for name in nodes if not name[:1].isdigit())
    text = (
        f"at {audit.built_at}, so the previous publication stays:"
        f" {_line('; '.join(audit.dbt.failures))}"
    )
    title = "The build failed" if audit.dbt.errors else "The audit failed"
    return [Alert("audit", _digest(*names), title, text)]


def _find_failed_runs(paths: Paths) -> list[Alert]:
    """What failed when it was last tried; an audit, and the server, have alerts of their own."""
    alerts = []
    for failure in last_failures(records(paths)):
        what = f"load of {failure.part}" if failure.part else failure.step
        if what not in ("audit", "postgres"):
            subject = f"{what}/{_same_words(failure.why)}"
            title = f"`warehouse {failure.command}` failed: {what}"
            alerts.append(Alert("run", subject, title, f"at {failure.at}: {_line(failure.why)}"))
    return alerts


def _find_old_server(found: dict[str, Any]) -> list[Alert] | None:
    """A PostgreSQL server that does not have what is published here."""
    server = found["postgres"]
    if server is None or (server["is_current"] and not server["error"]):
        return []
    if found["run"] and not server["error"]:
        # It may be about to get it.
        return None
    published = (found["published"] or {}).get("build_id")
    why = f" ({_line(server['error'])})" if server["error"] else ""
    text = (
        f"it has {server['build_id'] or 'none'}, and {published} is published{why};"
        " the next run tries again, as does `warehouse publish`"
    )
    return [Alert("postgres", "server", "PostgreSQL does not have the published build", text)]


def _find_killed_run(found: dict[str, Any]) -> list[Alert]:
    killed = found["killed"]
    if not killed:
        return []
    text = f"begun at {killed['since']}; what was published stays, the next run cleans up"
    return [Alert("killed", "run", f"`{_line(killed['command'])}` was killed", text)]


def _hours(at: str | None, now: datetime) -> float:
    """Hours since then; 0 without a readable time."""
    try:
        then = datetime.fromisoformat(at or "")
    except ValueError:
        return 0.0
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return (now - then).total_seconds() / HOUR


def _same_words(error: str) -> str:
    """Equal for errors that differ only in numbers, ids and times."""
    return _digest(*(word for word in error.split() if not any(map(str.isdigit, word))))


def _digest(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


def _number(value: float | None, form: str) -> str:
    return "unknown" if value is None else format(value, form)


def _line(text: object) -> str:
    """One line of bounded length, whatever the text."""
    line = " ".join(str(text).split())
    return line if len(line) <= MAX_LENGTH else f"{line[: MAX_LENGTH - 1]}…"
