"""`warehouse serve`, `certificate` and `report`: what is made from the published build."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dbt_project.cli.support import failures_in_one_line, open_warehouse
from dbt_project.files import FOR_OTHERS, umask
from dbt_project.paths import Paths
from dbt_project.runs.run_history import has_run_history, publish_run_history
from ingestion.core.errors import WarehouseError
from reports.api.errors import ServeError
from reports.site_builder.errors import SiteError

if TYPE_CHECKING:
    from dbt_project.runs.state import RunState

Pem = Annotated[Path | None, typer.Option(help="PEM; with both files the API serves HTTPS only.")]


@contextmanager
def _as_ours() -> Iterator[None]:
    """Turn errors of the reports, which know none of ours, into ours."""
    try:
        yield
    except (ServeError, SiteError) as error:
        raise WarehouseError(str(error)) from None


def serve(
    context: typer.Context,
    *,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 127.0.0.1 by default.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="0 takes a free one; 8080 by default.")] = None,
    certfile: Pem = None,
    keyfile: Pem = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let other machines in without TLS.")
    ] = False,
    cors: Annotated[
        list[str] | None,
        typer.Option(metavar="ORIGIN", help="Origin whose pages may read the API; repeatable."),
    ] = None,
) -> None:
    """Serve the published build as JSON until Ctrl-C; follows new publications."""
    with failures_in_one_line(context), _as_ours():
        from reports.api.web.server import serve as run_server  # noqa: PLC0415

        paths = open_warehouse(os.environ)
        run_server(
            paths.data,
            host=host,
            port=port,
            certfile=certfile,
            keyfile=keyfile,
            # Without the option the setting counts.
            insecure=insecure or None,
            cors_origins=cors,
            ready=lambda url: typer.echo(
                f"{paths.published} at {url}, routes at {url}/docs", err=True
            ),
        )


def certificate(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help="Where to write certificate.pem and key.pem.")
    ],
) -> None:
    """Create a self-signed certificate for this machine, to try out HTTPS."""
    with failures_in_one_line(context), _as_ours():
        from reports.api.web.certificate import make_certificate  # noqa: PLC0415

        certfile, keyfile = make_certificate(folder)
        typer.echo(f"warehouse serve --certfile {certfile} --keyfile {keyfile}")


def write_site(paths: Paths, *, base_path: str = "", current: "RunState | None" = None) -> None:
    """Write the report site beside what is published; `current` is the run that does so.

    Raises:
        WarehouseError: nothing is published, or the pages could not be built.
    """
    with _as_ours(), umask(FOR_OTHERS):
        from reports.site_builder.site import report as write  # noqa: PLC0415

        # A run publishes it when it ends; older versions did not.
        if current or not has_run_history(paths):
            publish_run_history(paths, current)
        write(paths.data, base_path=base_path, env=os.environ, say=typer.echo)


def report(
    context: typer.Context,
    *,
    show: Annotated[
        bool, typer.Option("--serve", help="Serve it on this machine until Ctrl-C.")
    ] = False,
    host: Annotated[str, typer.Option(help="For --serve.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="For --serve; 0 takes a free one.")] = 8090,
    base_path: Annotated[str, typer.Option(metavar="/FOLDER", help="URL path prefix.")] = "",
) -> None:
    """Write the report site for the published build, as static files."""
    with failures_in_one_line(context), _as_ours():
        paths = open_warehouse(os.environ)
        write_site(paths, base_path=base_path)
        if show:
            from reports.site_builder.serve import serve as serve_files  # noqa: PLC0415

            serve_files(
                paths.published / "site",
                base_path=base_path,
                host=host,
                port=port,
                ready=lambda url: typer.echo(f"site       {url}; press Ctrl-C to stop"),
            )
