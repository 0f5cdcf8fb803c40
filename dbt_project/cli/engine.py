"""`warehouse engine start`, `stop` and `status`: a Spark cluster on this machine."""

import os
from pathlib import Path
from typing import Annotated

import typer

from dbt_project.cli.support import failures_in_one_line
from dbt_project.paths import Paths
from ingestion.core.warehouse_settings import WarehouseSettings, read_size

engine = typer.Typer(
    help="Run a Spark cluster on this machine, for trying out.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def _memory(text: str) -> int:
    try:
        return read_size(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@engine.command()
def start(
    context: typer.Context,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Processes that execute.")] = 2,
    memory: Annotated[
        int,
        typer.Option(
            parser=_memory, metavar="SIZE", help="Memory of the server and of each worker."
        ),
    ] = "2GB",  # type: ignore[assignment]  # the parser reads it
) -> None:
    """Start the cluster, or what is missing of it."""
    with failures_in_one_line(context):
        from dbt_project.engine import cluster  # noqa: PLC0415
        from dbt_project.engine.configuration import LOOPBACK, Cluster  # noqa: PLC0415
        from dbt_project.engine.requirements import installation, lake_folder  # noqa: PLC0415

        port = WarehouseSettings.from_env(os.environ, "spark_port").spark_port
        asked = Cluster(_folder(), lake_folder(os.environ), port, workers, memory)
        started = cluster.start(asked, installation(os.environ), os.environ)
        typer.echo(f"started    {', '.join(started) or 'nothing: it runs already'}")
        typer.echo(f"server     {LOOPBACK}:{port}, tables in {asked.lake / 'warehouse'}")


@engine.command()
def stop(context: typer.Context) -> None:
    """Stop the cluster; its tables stay."""
    with failures_in_one_line(context):
        from dbt_project.engine import cluster  # noqa: PLC0415

        typer.echo(f"stopped    {', '.join(cluster.stop(_folder())) or 'nothing: it did not run'}")


@engine.command()
def status(context: typer.Context) -> None:
    """Show which processes of the cluster run."""
    with failures_in_one_line(context):
        from dbt_project.engine import cluster  # noqa: PLC0415

        found = cluster.status(_folder())
        for name, is_running in found:
            typer.echo(f"{'runs' if is_running else 'ended':10} {name}")
        if not found:
            typer.echo("stopped")


def _folder() -> Path:
    return Paths.from_env(os.environ).engine
