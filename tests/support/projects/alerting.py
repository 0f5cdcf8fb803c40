"""What tests of alerts share: a receiver of messages, and warehouses with something wrong."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import duckdb

from dbt_project.build.audit import DbtReport, record_audit
from dbt_project.monitoring.alert_conditions import Alert
from dbt_project.monitoring.alert_settings import Limits
from dbt_project.monitoring.alerts import send_alerts
from dbt_project.paths import Paths
from dbt_project.run_records import append
from tests.support.projects.publications import NOW, publish
from tests.support.projects.sample_project import add_orders


@dataclass
class Receiver:
    """A web service that keeps what apprise posts to it."""

    port: int
    received: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    status: int = 200
    before_answer: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/"

    def titles(self) -> list[str]:
        """The titles that came since the last call."""
        titles = [message["title"] for message in self.received]
        self.received.clear()
        return titles


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve a receiver on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.paths.append(self.path)
            receiver.before_answer()
            if receiver.status == 200:
                receiver.received.append(body)
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            server.shutdown()


def send(
    paths: Paths, *urls: str, now: datetime = NOW, limits: Limits | None = None
) -> list[Alert]:
    """Send alerts; what is printed is ignored."""
    return send_alerts(
        paths, now=now, urls=urls, limits=limits or Limits({"shop": 48}), echo=lambda _line: None
    )


def publish_marts(paths: Paths, **tables: str) -> None:
    """Publish marts of the schema footfall, each made by a query."""
    write_work(paths, **tables)
    publish(paths)


def publish_sensors(paths: Paths, *worn: int, doors: int = 8) -> None:
    """Publish doors of Paris, of which some need replacement."""
    publish_marts(
        paths,
        sensor_health=(
            "select 'Paris' as store_name, cast(range as integer) as sensor_id,"
            " 18.234 as failure_rate_pct, 3210 as age_days,"
            f" list_contains({list(worn)}, range) as needs_replacement,"
            " case when needs_replacement then 'fails too often' end as replacement_reason"
            f" from range({doors})"
        ),
    )


def write_work(paths: Paths, *failures: str, **tables: str) -> None:
    """Write a working file with its audit, which passed unless there are failures.

    Args:
        paths: of the warehouse.
        failures: of the audit.
        tables: queries by mart of footfall, or of core where the name begins with `core_`.
    """
    paths.work.mkdir(parents=True, exist_ok=True)
    if not paths.raw.exists():
        add_orders(paths.raw, "values ('1', '10', '2024-01-02')", "1.1")
    with duckdb.connect(paths.work_marts) as connection:
        for schema in ("core", "footfall"):
            connection.execute(f"drop schema if exists {schema} cascade; create schema {schema}")
        marts = {_mart(name): query for name, query in tables.items()}
        for mart, query in marts.items():
            connection.execute(f"create table {mart} as {query}")
    report = DbtReport(uuid4().hex, [*marts], failures=list(failures))
    record_audit(paths, report, full=True, scope=None, project="")


def _mart(name: str) -> str:
    return f"core.{name[5:]}" if name.startswith("core_") else f"footfall.{name}"


def add_run(paths: Paths, command: str, error: str | None = None, **differing: Any) -> None:
    """Add a run's line to the records."""
    record = {
        "command": command,
        "start": "2024-01-02T04:00:00+00:00",
        "end": "2024-01-02T04:01:00+00:00",
        "steps": {command: 1.0},
        "rows": {},
        "failures": {},
        "tests": {},
        "build_id": None,
        "outcome": "failed" if error else "done",
        "error": error,
    }
    append(paths, record | differing)
