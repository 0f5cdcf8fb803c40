"""`warehouse lake`: raw as Parquet files in a lake."""

import os
import sys
from typing import TYPE_CHECKING

import typer

from dbt_project.cli.support import Wait, failures_in_one_line, locked_data_dir
from ingestion.core.errors import WarehouseError
from ingestion.core.registry import sources as all_sources

if TYPE_CHECKING:
    from ingestion.core.lake.location import Lake

MB = 1e6
lake = typer.Typer(
    help="Raw as Parquet files in a lake: see docs/scale.md.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def _lake() -> "Lake":
    from ingestion.core.lake.location import SETTING, Lake  # noqa: PLC0415

    found = Lake.from_env(os.environ)
    if found is None:
        msg = f"{SETTING} is not set: set it to the lake's folder"
        raise WarehouseError(msg)
    return found


@lake.command()
def copy(context: typer.Context, *, wait: Wait = 0) -> None:
    """Copy what raw.duckdb has and the lake lacks into the lake, and compare it."""
    with locked_data_dir(context, wait=wait) as (paths, _):
        from ingestion.core.lake.copying import copy_source  # noqa: PLC0415
        from ingestion.core.progress import progress_for  # noqa: PLC0415

        into, progress = _lake(), progress_for(sys.stderr)
        if not paths.raw.exists():
            msg = f"there is no {paths.raw}: nothing to copy"
            raise WarehouseError(msg)
        copied = [
            table
            for source in all_sources().values()
            for table in copy_source(paths.data, source, into, progress)
        ]
        for table in copied:
            typer.echo(
                f"copied     {table.table}: {table.rows:,} rows, {table.files} files, "
                f"{table.size / MB:,.1f} MB"
            )
        if not copied:
            typer.echo(f"copied     nothing: {into.url} has every load of {paths.raw}")


@lake.command()
def views(context: typer.Context) -> None:
    """Write the SQL that lets DuckDB read raw's tables from the lake, without raw.duckdb."""
    with failures_in_one_line(context):
        from ingestion.core.lake.views import lake_views  # noqa: PLC0415

        for statement in lake_views(_lake(), all_sources()):
            typer.echo(statement)
