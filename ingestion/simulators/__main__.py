"""Run a simulated source: `python -m ingestion.simulators chicago-crime --port 8000`."""

import argparse
import sys
from pathlib import Path
from typing import get_args

from ingestion.core.errors import WarehouseError
from ingestion.core.process.signals import Stopped, exit_code, stop_on_signals
from ingestion.simulators.serving import serve
from ingestion.simulators.simulator import (
    DEFAULT_RATE,
    DEFAULT_SEED,
    DEFAULT_TOKENS,
    Choices,
    Options,
    Routes,
    simulators,
    unsuitable,
)


def _arguments() -> tuple[argparse.Namespace, Choices]:
    parser = argparse.ArgumentParser(prog="python -m ingestion.simulators", description=__doc__)
    parser.add_argument("source", choices=tuple(simulators()))
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0: a free one")
    parser.add_argument("--data", type=Path, help="a file of rows in the portal's form")
    parser.add_argument("--rows", type=int, help="how many rows to make")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="decides every made value")
    parser.add_argument("--app-token", action="append", help="a token to accept; repeatable")
    parser.add_argument(
        "--routes", choices=get_args(Routes), default="all", help="one: only GET /, an old API"
    )
    parser.add_argument("--countries", default="", help="codes of countries, as alb,arg")
    parser.add_argument("--rate", type=float, default=DEFAULT_RATE, help="submissions a second")
    parser.add_argument("--postgres", help="URL of the PostgreSQL server; SQLite files without")
    parser.add_argument("--folder", type=Path, help="where SQLite files lie and stay")
    parser.add_argument("--now", help="where the clock stands, as 2026-01-01T00:00:00Z")
    parser.add_argument(
        "--exit-with-stdin", action="store_true", help="end when standard input ends"
    )
    arguments = parser.parse_args()
    if arguments.rows is not None and arguments.rows < 1:
        parser.error("--rows must be 1 or more")
    choices = Choices(
        data=arguments.data,
        rows=arguments.rows,
        seed=arguments.seed,
        app_tokens=arguments.app_token or DEFAULT_TOKENS,
        routes=arguments.routes,
        countries=tuple(code for code in arguments.countries.split(",") if code),
        rate=arguments.rate,
        postgres=arguments.postgres,
        folder=arguments.folder,
        now=arguments.now,
    )
    if wrong := unsuitable(arguments.source, Options(**choices)):
        parser.error(wrong)
    return arguments, choices


def main() -> int:
    """Serve until a signal comes; returns the exit code."""
    arguments, choices = _arguments()
    stop_on_signals()
    try:
        serve(
            arguments.source,
            port=arguments.port,
            exit_with_stdin=arguments.exit_with_stdin,
            **choices,
        )
    except WarehouseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except Stopped:
        return exit_code() or 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
