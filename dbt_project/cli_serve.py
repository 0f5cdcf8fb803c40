"""`warehouse serve` and `warehouse certificate`: what is published, over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from dbt_project.cli_support import failures_in_one_line
from dbt_project.paths import Paths
from ingestion.errors import WarehouseError
from reports.api.errors import ServeError

Pem = Annotated[Path | None, typer.Option(help="PEM; with both files it speaks HTTPS only.")]


@contextmanager
def _as_ours() -> Iterator[None]:
    """The API's errors are one line for the user, as the warehouse's are; it knows none of ours."""
    try:
        yield
    except ServeError as error:
        raise WarehouseError(str(error)) from None


def serve(
    context: typer.Context,
    *,
    host: Annotated[
        str | None, typer.Option(help="Address to listen at; 127.0.0.1 by default.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="0 takes a free one; 8080 by default.")] = None,
    certfile: Pem = None,
    keyfile: Pem = None,
    cors: Annotated[
        list[str] | None,
        typer.Option(metavar="ORIGIN", help="Whose pages may read; repeatable."),
    ] = None,
) -> None:
    """Serve what is published as JSON until Ctrl-C; follows new publications."""
    with failures_in_one_line(context), _as_ours():
        from reports.api.server import serve as run_server  # noqa: PLC0415

        paths = Paths.from_env(os.environ)
        run_server(
            paths.data,
            host=host,
            port=port,
            certfile=certfile,
            keyfile=keyfile,
            cors_origins=cors,
            ready=lambda url: typer.echo(
                f"{paths.published} at {url}, routes at {url}/docs", err=True
            ),
        )


def certificate(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(file_okay=False, help="Gets certificate.pem and key.pem.")
    ],
) -> None:
    """Make a self-signed certificate for this machine, to try HTTPS out."""
    with failures_in_one_line(context), _as_ours():
        from reports.api.certificate import make_certificate  # noqa: PLC0415

        certfile, keyfile = make_certificate(folder)
        typer.echo(f"warehouse serve --certfile {certfile} --keyfile {keyfile}")
