"""What the commands share: options, the run they work in, how they end."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime, time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dbt_project.data_version import VERSION, require_usable
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError
from ingestion.core.process.environment import prepare_environment, require_current_folder
from ingestion.core.process.secrets import mask, mask_everything_said, remember_environment
from ingestion.core.process.signals import Stopped, exit_code, raise_if_stopped, stop_on_signals
from ingestion.core.registry import find_source, sources

if TYPE_CHECKING:
    from dbt_project.log_file import LogFile
    from dbt_project.runs.run import Run


INTERRUPTED = 130
# DuckDB's messages for a disk that is full or cannot be written.
DISK = ("Could not write file", "No space left on device", "Read-only file system")


def prepare_process() -> None:
    """Prepare what a command works in: its signals, its environment, the secrets in it.

    Raises:
        WarehouseError: the current folder was deleted.
    """
    stop_on_signals()
    require_current_folder()
    remember_environment()
    mask_everything_said()
    prepare_environment()


def exit_if_stopped() -> None:
    """End the process by its signal, if one came, without waiting for any thread."""
    code = exit_code()
    if code is not None:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        # Whatever the threads of libraries are doing may end anywhere, as after a kill.
        os._exit(code)


def show_version(*, asked: bool) -> None:
    """Show the version and end, if it was asked for."""
    if asked:
        typer.echo(f"warehouse {version('warehouse')}, data folder layout {VERSION}")
        raise typer.Exit


def source_named(name: str) -> str:
    """Return a source's name; anything else is wrong usage."""
    try:
        return find_source(name).name
    except WarehouseError as error:
        raise typer.BadParameter(str(error)) from None


def complete_source(typed: str) -> list[str]:
    """The sources whose names begin so, for the shell."""
    return [name for name in sources() if name.startswith(typed)]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is not a day: write it as 2012-01-31"
        raise typer.BadParameter(msg) from None


def seconds(text: str) -> float:
    """Read a time such as 1s, 500ms or 5m; anything else is wrong usage."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h)", str(text))
    if found is None:
        msg = f"{text!r} is not a time: write it as 1s, 500ms, 5m or 1h"
        raise typer.BadParameter(msg)
    return float(found[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[found[2]]


def time_of_day(text: str) -> time:
    """Read a time of day such as 01:40; anything else is wrong usage."""
    try:
        return datetime.strptime(text, "%H:%M").time()
    except ValueError:
        msg = f"{text!r} is not a time of day: write it as 01:40"
        raise typer.BadParameter(msg) from None


Source = Annotated[
    str,
    typer.Argument(
        parser=source_named,
        metavar="SOURCE",
        autocompletion=complete_source,
        help="A source's name.",
    ),
]
Sources = Annotated[
    list[str] | None,
    typer.Argument(
        parser=source_named,
        metavar="SOURCE",
        autocompletion=complete_source,
        help="Sources; all configured ones by default.",
    ),
]
Since = Annotated[
    date | None,
    typer.Option(parser=_day, metavar="DAY", help="First day of the source's rows to load."),
]
Until = Annotated[
    date | None,
    typer.Option(parser=_day, metavar="DAY", help="The day after the last one to load."),
]
Files = Annotated[
    list[Path] | None,
    typer.Option(help="Load this file, folder or pattern instead of the API; may be repeated."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(metavar="THEIRS=OURS,…", help="What columns of the files are, by our names."),
]
AcceptShrink = Annotated[
    bool, typer.Option("--accept-shrink", help="Load even if the source lost many rows.")
]
FullRefresh = Annotated[
    bool, typer.Option("--full-refresh", help="Rebuild every mart from all of raw.")
]
Wait = Annotated[
    float,
    typer.Option(min=0, metavar="SECONDS", help="How long to wait for another run to end."),
]
ToPostgres = Annotated[
    bool,
    typer.Option("--to-postgres", help="Send all of what is published to PostgreSQL again."),
]
AskDbt = Annotated[
    bool,
    typer.Option(
        "--ask-dbt", help="Let dbt execute the build even where a recorded plan is valid."
    ),
]


def check_window(since: date | None, until: date | None) -> None:
    """Refuse an empty range of days."""
    if since and until and since >= until:
        msg = f"--since {since} is not before --until {until}"
        raise typer.BadParameter(msg)


def open_warehouse(env: Mapping[str, str]) -> Paths:
    """Find the data folder, and refuse one that this version cannot read.

    Raises:
        WarehouseError: a setting cannot be used, or the folder has another layout.
    """
    paths = Paths.from_env(env)
    require_usable(paths)
    return paths


@contextmanager
def run_context(context: typer.Context, command: str, *, wait: float) -> Iterator[Run]:
    """Lock the data folder for a command; any failure is reported in one line.

    Args:
        context: of the command.
        command: its name.
        wait: seconds to wait for another run to end.
    """
    with failures_in_one_line(context):
        from dbt_project.orchestration.reporting import create_reporter  # noqa: PLC0415
        from dbt_project.runs.run import running  # noqa: PLC0415
        from ingestion.core.progress import progress_for  # noqa: PLC0415

        paths = open_warehouse(os.environ)
        report = create_reporter(os.environ)
        with running(paths, command, progress_for(sys.stderr), wait=wait, report=report) as run:
            yield run


@contextmanager
def locked_data_dir(context: typer.Context, *, wait: float) -> Iterator[tuple[Paths, LogFile]]:
    """Lock the data folder for a command with many runs; `wait` as for `run_context`."""
    with failures_in_one_line(context):
        from dbt_project.runs.run import exclusive_access  # noqa: PLC0415

        paths = open_warehouse(os.environ)
        with exclusive_access(paths, wait=wait) as log:
            yield paths, log


def summary(run: Run) -> None:
    """Print what a run did."""
    for source, tables in run.rows.items():
        rows = ", ".join(f"{table} {count:,}" for table, count in tables.items())
        typer.echo(f"loaded     {source}: {rows or 'nothing new'}")
    for note in run.notes:
        typer.echo(f"           {mask(note)}")
    if run.tests:
        warned = f", {run.tests['warned']} warned" if run.tests["warned"] else ""
        typer.echo(f"audit      {run.tests['passed']} of {run.tests['tests']} tests passed{warned}")
    if run.new_rows is not None:
        said = [str(new) for new in run.new_rows if new.received]
        for line in said or ["0 of 0 new rows"]:
            typer.echo(f"rejected   {line}")
    if run.build_id:
        typer.echo(f"published  {run.build_id} in {run.paths.published}")
    if run.landed:
        typer.echo(f"postgres   {run.landed}")
    steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in run.steps.items())
    typer.echo(f"took       {steps}")


@contextmanager
def failures_in_one_line(context: typer.Context) -> Iterator[None]:
    """End with exit code 1 and one line on stderr, whatever went wrong."""
    try:
        yield
    except (typer.Exit, typer.BadParameter):
        raise
    except KeyboardInterrupt as stopped:
        raise _stopped(stopped) from None
    except Exception as error:
        try:
            # A library may have made an error of it.
            raise_if_stopped()
        except Stopped as stopped:
            raise _stopped(stopped) from None
        if context.obj:
            raise
        typer.echo(f"warehouse: {_one_line(error)}", err=True)
        raise typer.Exit(1) from None


def _stopped(stopped: KeyboardInterrupt) -> typer.Exit:
    with suppress(OSError):
        what = str(stopped) or "stopped"
        typer.echo(f"warehouse: {what}; run it again to go on", err=True)
    return typer.Exit(exit_code() or INTERRUPTED)


def _one_line(error: Exception) -> str:
    text = " ".join(mask(str(error)).split())
    if isinstance(error, WarehouseError):
        return text
    if isinstance(error, OSError) or any(said in text for said in DISK):
        return f"{text}: free or unlock what it names, then run again"
    return f"{type(error).__name__}: {text}; run with `warehouse --debug` to see where"
