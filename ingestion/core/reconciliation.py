"""What the reconciliations of all sources share: when a source shrank, and the notes they leave.

Notes: rows that the source counted a period (`*_counts`, written where they changed), and when a
    part of a source (a data set, a country, a store) was last compared whole (`reconciliations`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from ingestion.core.source import RECONCILIATIONS, RawTable

SMALLEST_SHARE = 0.8


def is_shrunk(rows_there: int, rows_here: int) -> bool:
    """Tell whether a source lost more than a fifth, more often a fault than the truth."""
    return rows_there < SMALLEST_SHARE * rows_here


def shrunk(rows_there: int, rows_here: int, rows: str = "rows") -> str:
    """Say that a source shrank, and what to do, for a part that is named before."""
    return (
        f"{rows_there:,} {rows} where {rows_here:,} are held: more than a fifth would be lost; "
        "look at the source, and come with --accept-shrink if this is right"
    )


def utc_text(moment: datetime) -> str:
    """Return a moment as `2026-01-08T11:02:38.950000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def reconciled(done: Mapping[str, tuple[int, int]], at: datetime) -> pa.Table:
    """Return the notes of parts compared whole: how many periods, and how many were read again."""
    return text_table(
        RECONCILIATIONS.columns,
        [(part, utc_text(at), compared, again) for part, (compared, again) in done.items()],
    )


def counted(
    connection: duckdb.DuckDBPyConnection,
    held: str,
    table: RawTable,
    counts: Iterable[Sequence[object]],
    at: datetime,
    *,
    unchanged: bool,
) -> pa.Table:
    """Return the notes of what the source counted.

    Args:
        connection: to raw.
        held: the raw table of the notes, with its schema.
        table: the same; its last column is when it was asked.
        counts: rows without that column.
        at: when it was asked.
        unchanged: with the counts that are noted just so already.
    """
    columns = table.columns[:-1]
    connection.register("counts", text_table(columns, counts))
    names = ", ".join(columns)
    try:
        rows = connection.execute(
            f"select {names} from counts "
            + ("" if unchanged else f"except select {names} from {held} ")
            + "order by all"
        ).to_arrow_table()
    finally:
        connection.unregister("counts")
    return rows.append_column(
        table.columns[-1], pa.array([utc_text(at)] * rows.num_rows, pa.string())
    )


def text_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> pa.Table:
    """Return rows as a table of text; None is null."""
    values = [[None if cell is None else str(cell) for cell in row] for row in rows]
    cells = [*zip(*values, strict=True)] or [()] * len(columns)
    return pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(columns, cells, strict=True)}
    )
