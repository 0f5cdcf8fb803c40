"""`warehouse simulate`: a source system on this machine."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from dbt_project.cli.support import Source, failures_in_one_line
from ingestion.core.registry import find_source
from ingestion.simulators.simulator import (
    DEFAULT_RATE,
    DEFAULT_SEED,
    Choices,
    Options,
    Routes,
    unsuitable,
)

Data = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="For chicago-crime: serve the rows of this file."
    ),
]
OfferedRoutes = Annotated[
    Routes, typer.Option(help="For store-sensors: `one` has only GET /, like an old API.")
]
Countries = Annotated[
    str, typer.Option(metavar="alb,arg,…", help="For pisa: a database for each; 20 by default.")
]
Rate = Annotated[
    str, typer.Option(metavar="N[/s]", help="For pisa: submissions a second, over all countries.")
]
Postgres = Annotated[
    str | None, typer.Option(metavar="URL", help="For pisa: create the databases on this server.")
]
Folder = Annotated[
    Path | None,
    typer.Option(file_okay=False, help="For pisa: keep the SQLite files in this folder."),
]
Now = Annotated[str | None, typer.Option(metavar="TIME", help="For pisa: the simulated time.")]


def simulate(
    context: typer.Context,
    *,
    source: Source,
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.")] = 8000,
    rows: Annotated[int | None, typer.Option(min=1, help="How many rows to generate.")] = None,
    seed: Annotated[
        int, typer.Option(help="The same seed generates the same rows.")
    ] = DEFAULT_SEED,
    data: Data = None,
    routes: OfferedRoutes = "all",
    countries: Countries = "",
    rate: Rate = f"{DEFAULT_RATE:g}",
    postgres: Postgres = None,
    folder: Folder = None,
    now: Now = None,
) -> None:
    """Serve a source system on this machine until Ctrl-C."""
    if data and rows:
        msg = "--rows generates rows and --data reads them: give only one"
        raise typer.BadParameter(msg)
    choices: Choices = {
        "data": data,
        "rows": rows,
        "seed": seed,
        "routes": routes,
        "countries": tuple(code for code in countries.split(",") if code),
        "rate": _a_second(rate),
        "postgres": postgres,
        "folder": folder,
        "now": now,
    }
    if wrong := unsuitable(source, Options(**choices)):
        raise typer.BadParameter(wrong)
    with failures_in_one_line(context):
        from ingestion.simulators.serving import serve  # noqa: PLC0415

        serve(source, port=port, ready=lambda address: _say_how_to_load(source, address), **choices)


def _say_how_to_load(source: str, address: str) -> None:
    typer.echo(f"{source} is running; press Ctrl-C to stop it. To load from it:")
    typer.echo(f"export {find_source(source).address_variable}={shlex.quote(address)}")
    sys.stdout.flush()


def _a_second(rate: str) -> float:
    try:
        return float(rate.removesuffix("/s"))
    except ValueError:
        msg = f"--rate is {rate!r}: write submissions a second, as 50 or 0.5/s"
        raise typer.BadParameter(msg) from None
