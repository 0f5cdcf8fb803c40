"""How many of the rows that a build reads for the first time are rejected, and why.

A load of which nothing is taken is a failure: the form of the source or of a file has changed. It
is published all the same, for its rejected rows are what there is to look at, and other sources'
rows are right. A few rejected rows in an increment are not a failure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from dbt_project.build.raw import MEMORY_LIMIT
from dbt_project.paths import Paths
from dbt_project.published import published_manifest
from ingestion.core.raw.sql import literal
from ingestion.core.registry import sources
from ingestion.core.source import Source

# Where a source has valid rows, fewer rejected ones say nothing about its form.
MIN_ROWS = 10


@dataclass(frozen=True)
class NewRows:
    """The rows of a source that the published build does not have.

    Attributes:
        source: its name.
        received: how many there are.
        rejected: how many of them are rejected.
        is_from_file: whether one of the rejected ones is.
        is_any_taken: whether any row of the source, also of earlier loads, is not rejected.
        mart: where most of the rejected ones are; empty where none is.
        reason: the most frequent one; empty where none is rejected.
        with_reason: how many have it.
    """

    source: str
    received: int
    rejected: int
    is_from_file: bool = False
    is_any_taken: bool = True
    mart: str = ""
    reason: str = ""
    with_reason: int = 0

    def __str__(self) -> str:
        """For the summary of a run."""
        said = f"{self.source}: {self.rejected:,} of {self.received:,} new rows"
        return f"{said}, {self.most_frequent}" if self.rejected else said

    @property
    def most_frequent(self) -> str:
        """The most frequent reason, and where to look."""
        return f"most often `{self.reason}` ({self.with_reason:,}); see {self.mart}"

    @property
    def failure(self) -> str | None:
        """What to say where nothing was taken; None where something was, or too little came."""
        is_telling = self.is_from_file or not self.is_any_taken or self.received >= MIN_ROWS
        if self.received == 0 or self.rejected < self.received or not is_telling:
            return None
        return (
            f"all {self.received:,} new rows are rejected, {self.most_frequent}, then fix the "
            "source or the file and load again"
        )


def find_new_rows(paths: Paths) -> list[NewRows]:
    """Return what the working file has of loads that the published one lacks, by source."""
    published = (published_manifest(paths) or {}).get("freshness", {})
    config: dict[str, Any] = {"memory_limit": MEMORY_LIMIT}
    with duckdb.connect(paths.work_marts, read_only=True, config=config) as marts:
        columns = marts.execute(
            "select schema_name || '.' || table_name, list(column_name) from duckdb_columns()"
            " where database_name = current_database() group by all"
        ).fetchall()
        tables: dict[str, list[str]] = dict(columns)
        if "core.load_reconciliation" not in tables:
            return []
        return [
            _new_rows(marts, source, tables, published.get(source.name, {}).get("last_load_id"))
            for source in sources().values()
            if source.accounts
        ]


def _new_rows(
    marts: duckdb.DuckDBPyConnection,
    source: Source,
    tables: dict[str, list[str]],
    last: str | None,
) -> NewRows:
    # Load ids only grow, so the new ones are those after the last one.
    is_new = f"load_id > {literal(last or '')}"
    ((received, rejected, taken),) = marts.execute(
        f"""
        select
            coalesce(sum(rows_received) filter (where {is_new}), 0),
            coalesce(sum(rows_rejected) filter (where {is_new}), 0),
            coalesce(sum(rows_received - rows_rejected), 0)
        from core.load_reconciliation
        where source_name = {literal(source.name)}
        """
    ).fetchall()
    if not rejected:
        return NewRows(source.name, int(received), 0, is_any_taken=taken > 0)
    names = [f"{source.domain}.{name}" for name in source.accounts if name.startswith("rejected_")]
    each = [
        f"select '{name}' as mart, reason, "
        f"{'file_name' if 'file_name' in tables[name] else 'null'} is not null as is_from_file "
        f"from {name} where {is_new}"
        for name in names
        if name in tables
    ]
    reasons: Sequence[tuple[str, str, int, bool]] = marts.execute(
        f"""
        select mart, reason, count(*), bool_or(is_from_file)
        from ({" union all ".join(each)}) as rejected
        group by mart, reason
        order by count(*) desc, reason
        """
    ).fetchall()
    mart, reason, count, _ = reasons[0]
    return NewRows(
        source.name, int(received), int(rejected),
        is_from_file=any(row[3] for row in reasons),
        is_any_taken=taken > 0, mart=mart, reason=reason, with_reason=count,
    )  # fmt: skip
