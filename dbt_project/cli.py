"""The command line: `warehouse --help`.

What takes long to import is imported by the command that needs it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dbt_project.paths import Paths
from ingestion.errors import WarehouseError

if TYPE_CHECKING:
    from dbt_project.run import Run

AVAILABLE = ("chicago-crime",)
PLANNED = ("store-sensors", "pisa")

app = typer.Typer(
    help="Load, build, audit and publish the warehouse.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


def _source(name: str) -> str:
    if name in AVAILABLE:
        return name
    if name in PLANNED:
        msg = f"{name} is not available in this version; available: {', '.join(AVAILABLE)}"
    else:
        msg = f"there is no source {name!r}; available: {', '.join(AVAILABLE)}"
    raise typer.BadParameter(msg)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is not a day: write it as 2012-01-31"
        raise typer.BadParameter(msg) from None


Source = Annotated[str, typer.Argument(parser=_source, metavar="SOURCE", help="A source's name.")]
Sources = Annotated[
    list[str] | None,
    typer.Argument(parser=_source, metavar="SOURCE", help="Sources; all without one."),
]
Since = Annotated[
    date | None, typer.Option(parser=_day, metavar="DAY", help="First day, of the source's rows.")
]
Until = Annotated[
    date | None, typer.Option(parser=_day, metavar="DAY", help="The day after the last one.")
]
AcceptShrink = Annotated[
    bool, typer.Option("--accept-shrink", help="Load even where the source lost many rows.")
]
FullRefresh = Annotated[
    bool, typer.Option("--full-refresh", help="Build every mart anew, from all of raw.")
]


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    context.obj = debug
    # Progress comes as log lines where stderr is no terminal.
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    for name in ("ingestion", "dbt_project"):
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.INFO)
        logging.getLogger(name).propagate = False  # dbt gives the root a handler of its own


@app.command()
def simulate(
    context: typer.Context,
    *,
    source: Source,
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.")] = 8000,
    data: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Serve this file's rows.")
    ] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="How many rows to make.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same rows.")] = 42,
) -> None:
    """Serve a source system on this machine until Ctrl-C."""
    if data and rows:
        msg = "--rows makes rows and --data reads them: give one of the two"
        raise typer.BadParameter(msg)
    with _failures_in_one_line(context):
        from ingestion.simulators.serving import DEFAULT_ROWS, serve  # noqa: PLC0415

        def ready(base_url: str) -> None:
            typer.echo(f"{source} at {base_url}; Ctrl-C ends it. To load from it:")
            typer.echo(f"export SOURCES__{source.replace('-', '_').upper()}__BASE_URL={base_url}")
            sys.stdout.flush()

        serve(source, port=port, data=data, rows=rows or DEFAULT_ROWS, seed=seed, ready=ready)


@app.command()
def load(
    context: typer.Context,
    *,
    sources: Sources = None,
    since: Since = None,
    until: Until = None,
    accept_shrink: AcceptShrink = False,
) -> None:
    """Load what is new at the sources into raw."""
    _check_window(since, until)
    with _run(context, "load") as run:
        run.load(sources or AVAILABLE, since=since, until=until, accept_shrink=accept_shrink)
        _summary(run)


@app.command()
def build(
    context: typer.Context,
    *,
    full_refresh: FullRefresh = False,
    select: Annotated[
        list[str] | None,
        typer.Option(help="dbt's selection, for example +crime_by_ward; publishes nothing."),
    ] = None,
) -> None:
    """Build the marts on a working copy and audit them."""
    with _run(context, "build") as run:
        run.build(full_refresh=full_refresh, select=" ".join(select or ()).split())
        _summary(run)


@app.command()
def publish(context: typer.Context) -> None:
    """Publish the last build, if its audit passed."""
    with _run(context, "publish") as run:
        run.publish()
        _summary(run)


@app.command(name="run")
def run_all(
    context: typer.Context,
    *,
    sources: Sources = None,
    since: Since = None,
    until: Until = None,
    accept_shrink: AcceptShrink = False,
    full_refresh: FullRefresh = False,
) -> None:
    """Load, build, audit and publish."""
    _check_window(since, until)
    with _run(context, "run") as run:
        run.load(sources or AVAILABLE, since=since, until=until, accept_shrink=accept_shrink)
        run.build(full_refresh=full_refresh)
        run.publish()
        _summary(run)


@app.command()
def demo(context: typer.Context) -> None:
    """Do the whole way from simulated sources, on this machine."""
    with _run(context, "demo") as run:
        from dbt_project.demo import demo as run_demo  # noqa: PLC0415

        run_demo(run)
        _summary(run)
        published = run.paths.published
        typer.echo("\nNext:")
        # Paths in full: the virtual environment need not be activated.
        python = Path(sys.executable)
        typer.echo(f"  {python.with_name('warehouse')} status")
        typer.echo(f"  duckdb -readonly {published / 'marts.duckdb'}")
        typer.echo(
            f"  {python} -c \"import duckdb; duckdb.connect('"
            f"{published / 'marts.duckdb'}', read_only=True)"
            ".sql('from crime.crime_by_district limit 5').show()\""
        )


@app.command()
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show the last loads, rows, freshness, pending work and the published build."""
    with _failures_in_one_line(context):
        from dbt_project import status as standing  # noqa: PLC0415
        from dbt_project.run import utc_now  # noqa: PLC0415

        found = standing.status(Paths.from_env(os.environ), now=utc_now())
        if as_json:
            typer.echo(json.dumps(found, indent=2))
        else:
            for line in standing.lines(found):
                typer.echo(line)


def _check_window(since: date | None, until: date | None) -> None:
    if since and until and since >= until:
        msg = f"--since {since} is not before --until {until}"
        raise typer.BadParameter(msg)


@contextmanager
def _run(context: typer.Context, command: str) -> Iterator[Run]:
    with _failures_in_one_line(context):
        from dbt_project.run import running  # noqa: PLC0415
        from ingestion.progress import progress_for  # noqa: PLC0415

        paths = Paths.from_env(os.environ)
        with running(paths, command, progress_for(sys.stderr)) as run:
            yield run


def _summary(run: Run) -> None:
    for source, tables in run.rows.items():
        rows = ", ".join(f"{table} {count:,}" for table, count in tables.items())
        typer.echo(f"loaded     {source}: {rows or 'nothing new'}")
    for note in run.notes:
        typer.echo(f"           {note}")
    if run.tests:
        warned = f", {run.tests['warned']} warned" if run.tests["warned"] else ""
        typer.echo(f"audit      {run.tests['passed']} of {run.tests['tests']} tests passed{warned}")
    if run.build_id:
        typer.echo(f"published  {run.build_id} in {run.paths.published}")
    steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in run.steps.items())
    typer.echo(f"took       {steps}")


@contextmanager
def _failures_in_one_line(context: typer.Context) -> Iterator[None]:
    """End with exit code 1 and one line on stderr, whatever went wrong."""
    try:
        yield
    except (typer.Exit, typer.BadParameter):
        raise
    except BrokenPipeError:
        # Whoever read our output has enough, as `| head` does; the exit must not flush it either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("warehouse: stopped; the next run cleans up", err=True)
        raise typer.Exit(130) from None
    except Exception as error:
        if context.obj:
            raise
        typer.echo(f"warehouse: {_one_line(error)}", err=True)
        raise typer.Exit(1) from None


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, WarehouseError):
        return text
    if isinstance(error, OSError):
        return f"{text}: free or unlock what it names, then run again"
    return f"{type(error).__name__}: {text}; run with `warehouse --debug` to see where"


def main() -> None:
    """Run the command line."""
    app(prog_name="warehouse")
