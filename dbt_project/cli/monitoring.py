"""`warehouse status`, `alerts`, `doctor`, `accept-clock`: what is the case, and what is wrong."""

import json
import os
from dataclasses import asdict
from typing import Annotated

import typer

from dbt_project.cli.support import Wait, failures_in_one_line, open_warehouse
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Show the last loads, rows, freshness, pending work and the published build."""
    with failures_in_one_line(context):
        from dbt_project.monitoring import status as standing  # noqa: PLC0415
        from ingestion.core.clock import utc_now  # noqa: PLC0415

        found = standing.status(open_warehouse(os.environ), now=utc_now())
        if as_json:
            typer.echo(json.dumps(found, indent=2))
        else:
            for line in standing.lines(found):
                typer.echo(line)


def alerts(context: typer.Context) -> None:
    """Report new problems to the services in WAREHOUSE_ALERT_URLS."""
    with failures_in_one_line(context):
        from dbt_project.monitoring.alert_settings import Limits, read_urls  # noqa: PLC0415
        from dbt_project.monitoring.alerts import send_alerts  # noqa: PLC0415
        from ingestion.core.clock import utc_now  # noqa: PLC0415

        paths = open_warehouse(os.environ)
        sent = send_alerts(
            paths,
            now=utc_now(),
            urls=read_urls(os.environ),
            limits=Limits.from_env(os.environ, paths.project),
            echo=typer.echo,
        )
        typer.echo(f"alerts     {len(sent) or 'nothing'} new")


def accept_clock(context: typer.Context, *, wait: Wait = 0) -> None:
    """Go on after a publication by a clock that was ahead, once the clock is right."""
    with failures_in_one_line(context):
        from dbt_project.data_version import stamp  # noqa: PLC0415
        from dbt_project.runs import clock  # noqa: PLC0415
        from dbt_project.runs.lock import run_lock  # noqa: PLC0415
        from ingestion.core.clock import utc_now  # noqa: PLC0415

        paths = open_warehouse(os.environ)
        with run_lock(paths, wait=wait):
            stamp(paths)
            build_id = clock.accept_clock(paths, utc_now())
        typer.echo(f"clock      runs go on after {build_id}; `warehouse run`")


def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Check this machine, the data folder and the sources, and say what to do."""
    with failures_in_one_line(context):
        from dbt_project.monitoring.doctor import FAILED, examine  # noqa: PLC0415
        from ingestion.core.clock import utc_now  # noqa: PLC0415

        found = []
        for finding in examine(Paths.from_env(os.environ), utc_now()):
            found.append(finding)
            if not as_json:
                typer.echo(f"{finding.state:8} {finding.subject}: {finding.text}")
        if as_json:
            typer.echo(json.dumps([asdict(finding) for finding in found], indent=2))
        failed = [finding.subject for finding in found if finding.state == FAILED]
        if failed:
            msg = f"{len(failed)} of {len(found)} checks failed: {', '.join(failed)}"
            raise WarehouseError(msg)
