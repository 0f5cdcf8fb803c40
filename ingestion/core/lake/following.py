"""Bringing raw.duckdb up to its lake without a load, as a build needs it."""

import os
from collections.abc import Mapping
from pathlib import Path

from ingestion.core.lake.location import Lake
from ingestion.core.progress import Progress
from ingestion.core.registry import sources


def follow_lake(data_dir: Path, progress: Progress, env: Mapping[str, str] = os.environ) -> None:
    """Take into raw.duckdb what the lake has of every source; nothing where no lake is set.

    Raises:
        LoadError: raw.duckdb is not a copy of this lake; says what to do.
        WarehouseError: the setting cannot be used.
    """
    lake = Lake.from_env(env)
    is_anything_there = (data_dir / "raw.duckdb").exists() or (lake and lake.schemas())
    if lake is None or not is_anything_there:
        return
    # dlt is slow to import, and most builds have no lake.
    from ingestion.core.raw.store import RawStore  # noqa: PLC0415

    for source in sources().values():
        with RawStore(data_dir, source.key, source.tables, progress, lake=lake):
            pass
