"""`warehouse status` and `alerts`: what is the case, and what is wrong."""

import json
import os
from typing import Annotated

import typer

from dbt_project.cli.support import failures_in_one_line, open_warehouse


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
