"""What the pages show of the build itself: its age, tests and loads, and what failed since."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from reports.site_builder.sources import Export

HISTORY = "runs.json"
# The steps between a load and a publication.
STEPS = ("build", "audit", "publish")

BUILD = (
    "build_id varchar, published_at timestamp, built_at timestamp, models integer, tests integer,"
    " passed integer, warned integer, failed integer, versions varchar,"
    " later_failure_at timestamp, rolled_back_at timestamp, rolled_back_published_at timestamp,"
    " made_up_notice varchar"
)
SOURCES = (
    "source varchar, subject varchar, made_up varchar, data_through varchar, time_zone varchar,"
    " read_at timestamp"
)
LOADS = (
    "source varchar, raw_table varchar, row_count bigint, loads integer,"
    " last_loaded_at timestamp, last_read_at timestamp, newest_change varchar,"
    " is_last_load_failed boolean"
)
MARTS = "subject varchar, mart varchar, row_count bigint, bytes bigint"
RUNS = (
    "command varchar, started_at timestamp, ended_at timestamp, seconds double, outcome varchar,"
    " problem varchar, tests integer, passed integer, failed integer, warned integer,"
    " build_id varchar"
)
STATUS = (
    "subject varchar, source varchar, marts varchar, missing_or_empty varchar, row_count bigint,"
    " state varchar"
)


def write_build_metadata(export: Export, build: Path, manifest: dict[str, Any]) -> None:
    """Write the tables of the schema `site`.

    `build` has one row, `sources` one a source, `loads` one a source and raw table, `marts` one a
    published table, `runs` the last runs, `status` one a table of the site: `ok`, `empty` or
    `missing`. Times are UTC.

    Args:
        export: writes the tables.
        build: the published build's folder; its `runs.json` says how runs ended.
        manifest: of the build.
    """
    history: dict[str, Any] = json.loads((build / HISTORY).read_text(encoding="utf-8"))
    export.write_rows("build", BUILD, [_build(manifest, history)])
    export.write_rows("sources", SOURCES, list(_sources(manifest)))
    export.write_rows("loads", LOADS, list(_loads(manifest, history)))
    marts = [
        {"subject": name.partition(".")[0], "mart": name.partition(".")[2]}
        | {"row_count": table["rows"], "bytes": table.get("bytes")}
        for name, table in sorted(manifest["tables"].items())
    ]
    export.write_rows("marts", MARTS, marts)
    export.write_rows("runs", RUNS, [_run(run) for run in history["runs"]])
    export.write_rows("status", STATUS, export.status)


def _build(manifest: dict[str, Any], history: dict[str, Any]) -> dict[str, Any]:
    audit = manifest.get("audit", {})
    rolled_back = history.get("rolled_back") or {}
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
        "later_failure_at": _utc(_later_failure(manifest, history)),
        "rolled_back_at": _utc(rolled_back.get("at")),
        "rolled_back_published_at": _utc(rolled_back.get("published_at")),
        # A build of an older version does not say.
        "made_up_notice": manifest.get("made_up_notice"),
    }


def _sources(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, source in manifest.get("sources", {}).items():
        day = source["data_through_date"]
        yield {
            "source": name,
            "subject": source["domain"],
            "made_up": source["made_up"],
            "data_through": f"{date.fromisoformat(day):%-d %b %Y}" if day else None,
            "time_zone": source["time_zone"],
            "read_at": _utc(source["read_at"]),
        }


def _later_failure(manifest: dict[str, Any], history: dict[str, Any]) -> str | None:
    """When a later run failed to publish; None where none did."""
    later = (
        str(failure["at"])
        for failure in history["failures"]
        if failure["step"] in STEPS and _at(failure["at"]) >= _at(manifest["published_at"])
    )
    return next(later, None)


def _loads(manifest: dict[str, Any], history: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each raw table."""
    failed = {one["source"] for one in history["failures"]}
    sources = history["sources"]
    for source, state in sorted(manifest.get("freshness", {}).items()):
        for table, rows in state["rows"].items():
            yield {
                "source": source,
                "raw_table": table,
                "row_count": rows,
                "loads": state["loads"],
                "last_loaded_at": _utc(state["last_loaded_at"]),
                "last_read_at": _utc(sources.get(source, {}).get("last_read_at")),
                "newest_change": state["newest_change"],
                "is_last_load_failed": source in failed,
            }


def _run(run: dict[str, Any]) -> dict[str, Any]:
    tests = run["tests"]
    return {
        "command": run["command"],
        "started_at": _utc(run["start"]),
        "ended_at": _utc(run["end"]),
        "seconds": run.get("seconds", sum(run["steps"].values())),
        "outcome": run["outcome"],
        "problem": run["problem"],
        **{name: tests.get(name) for name in ("tests", "passed", "failed", "warned")},
        "build_id": run["build_id"],
    }


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _utc(text: str | None) -> datetime | None:
    """A UTC time without zone, as the database in the page stores times."""
    return _at(text).astimezone(UTC).replace(tzinfo=None) if text else None
