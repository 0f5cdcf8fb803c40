"""`warehouse orchestrate`: Dagster's web server and daemon."""

import os
from typing import Annotated

import typer

from dbt_project.cli.support import failures_in_one_line, open_warehouse


def orchestrate(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Of the web server, on this machine only.")] = 3000,
) -> None:
    """Run everything on schedules, with a page that shows it, until Ctrl-C (needs Dagster)."""
    with failures_in_one_line(context):
        from dbt_project.orchestration.installed import require_installed  # noqa: PLC0415

        require_installed()
        # Dagster takes seconds to import.
        from dbt_project.orchestration.processes import orchestrate as run  # noqa: PLC0415

        paths = open_warehouse(os.environ)
        run(
            paths,
            os.environ,
            port=port,
            ready=lambda url: typer.echo(f"dagster    {url}; press Ctrl-C to stop"),
        )
