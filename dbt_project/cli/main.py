"""The command line: `warehouse --help`; slow imports are left to the command that needs them."""

import logging
import os
from typing import Annotated

import typer

from dbt_project.cli.backups import backup, restore
from dbt_project.cli.engine import engine
from dbt_project.cli.lake import lake
from dbt_project.cli.monitoring import accept_clock, alerts, doctor, status
from dbt_project.cli.orchestration import orchestrate
from dbt_project.cli.reports import certificate, report, serve, write_site
from dbt_project.cli.settings import config, require_known_settings
from dbt_project.cli.simulate import simulate
from dbt_project.cli.support import (
    AcceptShrink,
    AskDbt,
    Columns,
    Files,
    FullRefresh,
    Since,
    Sources,
    ToPostgres,
    Until,
    Wait,
    check_window,
    exit_if_stopped,
    failures_in_one_line,
    prepare_process,
    run_context,
    show_version,
    source_named,
    summary,
)
from dbt_project.cli.watch import watch
from dbt_project.published import published_manifest
from ingestion.core.process.environment import open_missing_streams, outlive_readers
from ingestion.core.process.signals import end_at_once_on_signals
from ingestion.core.source import LoadOptions
from ingestion.core.warehouse_settings import WarehouseSettings

app = typer.Typer(
    help="Load, build, audit and publish the warehouse.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=show_version),
    ] = False,
) -> None:
    del version  # shown by its callback
    context.obj = debug
    with failures_in_one_line(context):
        prepare_process()
        require_known_settings(os.environ)
        WarehouseSettings.from_env(os.environ)
    # Progress is written as log lines where stderr is not a terminal.
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    for name in ("ingestion", "dbt_project", "reports"):
        logging.getLogger(name).addHandler(handler)
        logging.getLogger(name).setLevel(logging.INFO)
        logging.getLogger(name).propagate = False  # dbt gives the root a handler of its own


@app.command()
def load(
    context: typer.Context,
    *,
    sources: Sources = None,
    since: Since = None,
    until: Until = None,
    accept_shrink: AcceptShrink = False,
    file: Files = None,
    columns: Columns = None,
    wait: Wait = 0,
) -> None:
    """Load what is new at the sources into raw."""
    check_window(since, until)
    if file and len(sources or ()) != 1:
        msg = "--file belongs to one source: name it, as in `warehouse load SOURCE --file F`"
        raise typer.BadParameter(msg)
    with run_context(context, "load", wait=wait) as run:
        options = LoadOptions(
            since, until, tuple(file or ()), tuple(columns or ()), accept_shrink=accept_shrink
        )
        run.load(sources or (), options)
        summary(run)
        run.require_all_loaded()


@app.command()
def build(
    context: typer.Context,
    *,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            parser=source_named,
            metavar="SOURCE",
            help="Build what depends on these and on others with new rows; everything by default.",
        ),
    ] = None,
    full_refresh: FullRefresh = False,
    select: Annotated[
        list[str] | None,
        typer.Option(help="dbt selection, for example +crime_by_ward; publishes nothing."),
    ] = None,
    ask_dbt: AskDbt = False,
    wait: Wait = 0,
) -> None:
    """Build the marts on a working copy and audit them."""
    if sources and select:
        msg = "sources and --select both choose what to build: give only one"
        raise typer.BadParameter(msg)
    with run_context(context, "build", wait=wait) as run:
        run.ask_dbt = ask_dbt
        run.build(full_refresh=full_refresh, select=" ".join(select or ()).split(), sources=sources)
        summary(run)
        run.require_all_loaded()


@app.command()
def publish(
    context: typer.Context,
    to: Annotated[
        str | None,
        typer.Option(metavar="BUILD", help="Roll back to a build that `warehouse status` lists."),
    ] = None,
    to_postgres: ToPostgres = False,
    wait: Wait = 0,
) -> None:
    """Publish the last build if its audit passed, or roll back to a retained build."""
    if to is not None and to_postgres:
        msg = "--to rolls the PostgreSQL server back too: give only one of --to and --to-postgres"
        raise typer.BadParameter(msg)
    with run_context(context, "publish", wait=wait) as run:
        if to is not None:
            run.rollback(to)
        elif to_postgres:
            run.publish_again_to_server()
        else:
            run.publish()
        summary(run)
        run.require_all_done()


@app.command()
def docs(context: typer.Context, *, wait: Wait = 0) -> None:
    """Write the docs for the published build."""
    with run_context(context, "docs", wait=wait) as run:
        from dbt_project.documentation.documentation import docs as write_docs  # noqa: PLC0415

        with run.step("docs"):
            folder = write_docs(run.paths, progress=run.progress)
        summary(run)
        typer.echo(f"docs       {folder / 'index.html'}")


@app.command(name="run")
def run_all(
    context: typer.Context,
    *,
    sources: Sources = None,
    since: Since = None,
    until: Until = None,
    accept_shrink: AcceptShrink = False,
    full_refresh: FullRefresh = False,
    ask_dbt: AskDbt = False,
    wait: Wait = 0,
) -> None:
    """Load, build, audit and publish."""
    check_window(since, until)
    with run_context(context, "run", wait=wait) as run:
        run.ask_dbt = ask_dbt
        run.load(sources or (), LoadOptions(since, until, accept_shrink=accept_shrink))
        if full_refresh or run.is_anything_new():
            run.build(full_refresh=full_refresh, sources=None if full_refresh else ())
            run.publish()
        else:
            run.publish_to_server()
        summary(run)
        run.require_all_done()


@app.command()
def reconcile(
    context: typer.Context,
    *,
    sources: Sources = None,
    since: Since = None,
    until: Until = None,
    accept_shrink: AcceptShrink = False,
    wait: Wait = 0,
) -> None:
    """Compare what was loaded with the sources, fix differences, build and publish."""
    check_window(since, until)
    with run_context(context, "reconcile", wait=wait) as run:
        options = LoadOptions(since, until, accept_shrink=accept_shrink, reconcile=True)
        run.load(sources or (), options)
        # When a source was compared is a row of raw too: it is published each time.
        if run.is_anything_new():
            run.build(sources=())
            run.publish()
        else:
            run.publish_to_server()
        summary(run)
        run.require_all_done()


@app.command()
def demo(context: typer.Context, *, wait: Wait = 0) -> None:
    """Run the full pipeline on simulated data, on this machine."""
    with run_context(context, "demo", wait=wait) as run:
        from dbt_project.cli.demo import demo as run_demo  # noqa: PLC0415
        from dbt_project.cli.demo import next_steps  # noqa: PLC0415
        from dbt_project.documentation.documentation import update_docs  # noqa: PLC0415

        run_demo(run)
        with run.step("site"):
            write_site(run.paths, current=run)
        with run.step("docs"):
            update_docs(run.paths, progress=run.progress)
        summary(run)
        typer.echo(next_steps(run.paths.published), nl=False)
        typer.echo(f"\n{(published_manifest(run.paths) or {}).get('made_up_notice')}")
        run.require_all_done()


for command in (
    *(watch, status, alerts, doctor, accept_clock, backup, restore, config),
    *(report, serve, orchestrate, certificate, simulate),
):
    app.command()(command)
app.add_typer(engine, name="engine")
app.add_typer(lake, name="lake")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; a command that a signal stopped waits for none of its threads."""
    open_missing_streams()
    outlive_readers()
    try:
        app(arguments, prog_name="warehouse")
    except SystemExit:
        exit_if_stopped()
        end_at_once_on_signals()
        raise
