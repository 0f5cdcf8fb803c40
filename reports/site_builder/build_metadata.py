"""What the pages say of the build itself: its age, its tests, its loads, what went wrong since."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reports.site_builder.sources import Export

SHOWN_RUNS = 50

BUILD = (
    "build_id varchar, published_at timestamp, built_at timestamp, models integer, tests integer,"
    " passed integer, warned integer, failed integer, versions varchar,"
    " later_failure varchar, later_failure_at timestamp"
)
LOADS = (
    "source varchar, raw_table varchar, row_count bigint, loads integer,"
    " last_loaded_at timestamp, last_read_at timestamp, newest_change varchar, failure varchar"
)
MARTS = "subject varchar, mart varchar, row_count bigint, bytes bigint"
RUNS = (
    "command varchar, started_at timestamp, ended_at timestamp, seconds double, outcome varchar,"
    " error varchar, tests integer, passed integer, failed integer, warned integer,"
    " build_id varchar"
)
STATUS = (
    "subject varchar, source varchar, marts varchar, missing_or_empty varchar, row_count bigint,"
    " state varchar"
)


def write_build_metadata(export: Export, data_dir: Path, manifest: dict[str, Any]) -> None:
    """Write the tables of the schema `site`.

    `build` has one row, `loads` one a source and raw table, `marts` one a published table,
    `runs` the last runs, `status` one a table of the site: `ok`, `empty` or `missing`. Times
    are UTC.
    """
    # Where there were many runs, the lines before lie in a file of their own.
    files = [data_dir / name for name in ("runs.1.jsonl", "runs.jsonl")]
    runs = [run for file in files for run in _runs(file)]
    export.write_rows("build", BUILD, [_build(manifest, runs)])
    export.write_rows("loads", LOADS, list(_loads(manifest, runs)))
    marts = [
        {"subject": name.partition(".")[0], "mart": name.partition(".")[2]}
        | {"row_count": table["rows"], "bytes": table.get("bytes")}
        for name, table in sorted(manifest["tables"].items())
    ]
    export.write_rows("marts", MARTS, marts)
    export.write_rows("runs", RUNS, [_run(run) for run in runs[-SHOWN_RUNS:]])
    export.write_rows("status", STATUS, export.status)


def _runs(file: Path) -> Iterator[dict[str, Any]]:
    if not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            with suppress(ValueError):  # a full disk may have cut a line short
                yield json.loads(line)


def _build(manifest: dict[str, Any], runs: list[dict[str, Any]]) -> dict[str, Any]:
    audit = manifest.get("audit", {})
    failed = _later_failure(manifest, runs)
    return {
        "build_id": manifest["build_id"],
        "published_at": _utc(manifest["published_at"]),
        "built_at": _utc(manifest.get("built_at")),
        **{name: audit.get(name) for name in ("models", "tests", "passed", "warned", "failed")},
        "versions": ", ".join(
            f"{name} {version}"
            for name, version in manifest.get("versions", {}).items()
            if version and name != "warehouse"
        ),
        "later_failure": failed["error"] if failed else None,
        "later_failure_at": _utc(failed["end"]) if failed else None,
    }


def _later_failure(manifest: dict[str, Any], runs: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The last run that built, if it failed after the publication; None where it did not."""
    built = [run for run in runs if "build" in run["steps"]]
    if not built or built[-1]["outcome"] != "failed":
        return None
    return built[-1] if _at(built[-1]["end"]) >= _at(manifest["published_at"]) else None


def _loads(manifest: dict[str, Any], runs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row for each raw table; failures are those of the last run that asked the source."""
    read_at: dict[str, str] = {}
    failures: dict[str, str | None] = {}
    for run in runs:
        for source in run["rows"]:
            read_at[source] = run["end"]
            failures[source] = None
        for name, why in run.get("failures", {}).items():
            failures[name.partition(",")[0]] = why
    for source, state in sorted(manifest.get("freshness", {}).items()):
        for table, rows in state["rows"].items():
            yield {
                "source": source,
                "raw_table": table,
                "row_count": rows,
                "loads": state["loads"],
                "last_loaded_at": _utc(state["last_loaded_at"]),
                "last_read_at": _utc(read_at.get(source)),
                "newest_change": state["newest_change"],
                "failure": failures.get(source),
            }


def _run(run: dict[str, Any]) -> dict[str, Any]:
    tests = run["tests"]
    return {
        "command": run["command"],
        "started_at": _utc(run["start"]),
        "ended_at": _utc(run["end"]),
        "seconds": run.get("seconds", sum(run["steps"].values())),
        "outcome": run["outcome"],
        "error": run["error"],
        **{name: tests.get(name) for name in ("tests", "passed", "failed", "warned")},
        "build_id": run["build_id"],
    }


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _utc(text: str | None) -> datetime | None:
    """A time without its zone, in UTC, as the database in the page knows times."""
    return _at(text).astimezone(UTC).replace(tzinfo=None) if text else None
