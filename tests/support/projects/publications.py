"""Publish the working file of a small warehouse, at times that follow one another."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import duckdb

from dbt_project.paths import Paths
from dbt_project.publishing import publish as publication
from ingestion.core.progress import LineProgress
from tests.support.projects.sample_project import add_orders, write_work

# An hour and a second after the load of `add_orders`.
NOW = datetime(2024, 1, 2, 4, 4, 5, tzinfo=UTC)
TICKS = count()


def publish(paths: Paths) -> dict[str, Any]:
    """Publish, a second after the previous publication."""
    now = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=next(TICKS))
    return publication.publish(paths, now=now, progress=LineProgress())


def published_orders(paths: Paths) -> int:
    with duckdb.connect(paths.published / "marts.duckdb", read_only=True) as connection:
        row = connection.execute("select orders from shop.totals").fetchone()
    assert row
    return int(row[0])


def publish_orders(paths: Paths, orders: int) -> None:
    """Make raw and marts have so many orders, and publish."""
    add_orders(paths.raw, f"values ('{orders}', '10', '2024-01-01')", f"{orders}.1")
    write_work(paths, orders)
    publish(paths)
