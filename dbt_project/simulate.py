"""Serve a simulated source in the foreground."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ingestion.simulators.process import running


def serve(
    source: str,
    *,
    port: int,
    data: Path | None,
    rows: int | None,
    seed: int,
    say: Callable[[str], None],
) -> None:
    """Serve until interrupted; the simulator ends with this process, however that ends.

    Raises:
        WarehouseError: the simulator could not start.
    """
    with running(source, port=port, data=data, rows=rows, seed=seed) as base_url:
        say(f"{source} at {base_url}; Ctrl-C ends it")
        say(f"export SOURCES__{source.replace('-', '_').upper()}__BASE_URL={base_url}")
        while True:
            time.sleep(3600)
