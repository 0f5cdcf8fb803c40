"""`warehouse backup` and `warehouse restore`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from dbt_project.cli.support import failures_in_one_line, open_warehouse
from dbt_project.paths import Paths

Folder = Annotated[Path, typer.Argument(file_okay=False, help="The folder of backups.")]
MB = 1e6


def backup(
    context: typer.Context,
    target: Folder,
    keep: Annotated[
        int | None, typer.Option(min=1, help="How many backups stay; all by default.")
    ] = None,
) -> None:
    """Back up raw and the publications into a folder, while runs go on; copies what is new."""
    with failures_in_one_line(context):
        from dbt_project.backups.backup import back_up  # noqa: PLC0415
        from ingestion.core.clock import utc_now  # noqa: PLC0415
        from ingestion.core.progress import progress_for  # noqa: PLC0415

        paths = open_warehouse(os.environ)
        done = back_up(paths, target, now=utc_now(), progress=progress_for(sys.stderr), keep=keep)
        typer.echo(
            f"backup     {done.name}: {done.files} files, {done.size / MB:,.1f} MB, of which "
            f"{done.new_bytes / MB:,.1f} MB are new in {target}"
        )


def restore(
    context: typer.Context,
    source: Folder,
    name: Annotated[
        str | None, typer.Option("--backup", metavar="NAME", help="The newest by default.")
    ] = None,
) -> None:
    """Restore a backup into an empty data folder."""
    with failures_in_one_line(context):
        from dbt_project.backups.restore import restore as restore_backup  # noqa: PLC0415
        from ingestion.core.progress import progress_for  # noqa: PLC0415

        paths = Paths.from_env(os.environ)
        done = restore_backup(paths, source, progress=progress_for(sys.stderr), name=name)
        typer.echo(f"restored   {done.name} into {paths.data}")
        typer.echo(f"published  {done.published or 'nothing'}")
        typer.echo("           the next `warehouse run` loads what is new since")
