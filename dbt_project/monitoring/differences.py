"""Where the published reconciliations differ: the sources' counts, and the rows of loads."""

from pathlib import Path
from typing import Any

import duckdb

from dbt_project.published import read_manifest
from ingestion.core.errors import WarehouseError

SOURCES, LOADS = "core.source_reconciliation", "core.load_reconciliation"
QUERIES = {
    SOURCES: """
        select
            source_name, part, periods_that_differ, periods, difference,
            strftime(timezone('UTC', checked_at), '%Y-%m-%d %H:%M')
        from core.source_reconciliation
        where periods_that_differ > 0
        order by source_name, part
    """,
    LOADS: """
        select source_name, data_set, sum(abs(rows_unaccounted)), count(*)
        from core.load_reconciliation
        where rows_unaccounted != 0
        group by source_name, data_set
        order by source_name, data_set
    """,
}


def find_differences(build: Path) -> list[dict[str, Any]] | None:
    """Return what differs in a published build; None where it has no reconciliations.

    Returns:
        A row for each part of a source (data set, store, country) with `mart`, `source`, `part`,
        `size` (periods that differ, or rows that are nowhere) and `text`, one line with the
        figures.

    Raises:
        WarehouseError: the published file cannot be read.
    """
    tables = (read_manifest(build) or {}).get("tables", {})
    if not tables.keys() >= QUERIES.keys():
        return None
    try:
        with duckdb.connect(build / "marts.duckdb", read_only=True) as connection:
            counts, loads = (connection.execute(QUERIES[name]).fetchall() for name in QUERIES)
    except duckdb.Error as error:
        msg = (
            f"the reconciliations of {build} cannot be read ({' '.join(str(error).split())}):"
            " build and publish again with `warehouse run`"
        )
        raise WarehouseError(msg) from error
    return [
        *(
            _difference(SOURCES, source, part, differing, _counted(differing, of, rows, at))
            for source, part, differing, of, rows, at in counts
        ),
        *(
            _difference(LOADS, source, part, rows, f"{rows:,} rows of {number:,} loads in no mart")
            for source, part, rows, number in loads
        ),
    ]


def _difference(mart: str, source: str, part: str, size: int, text: str) -> dict[str, Any]:
    return {"mart": mart, "source": source, "part": part, "size": int(size), "text": text}


def _counted(differing: int, periods: int, rows: int | None, at: str) -> str:
    by = "" if rows is None else f", by {rows:+,} rows together"
    return f"{differing:,} of {periods:,} periods differ{by}, as counted at the source at {at} UTC"
