"""Arrow tables whose columns are all text, as raw has them."""

from collections.abc import Iterable, Sequence

import pyarrow as pa


def text_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> pa.Table:
    """Return rows as a table of text; None is null."""
    values = [[None if cell is None else str(cell) for cell in row] for row in rows]
    cells = [*zip(*values, strict=True)] or [()] * len(columns)
    return text_columns(**dict(zip(columns, cells, strict=True)))


def text_columns(**columns: Iterable[str | None]) -> pa.Table:
    """Return columns of texts as a table."""
    return pa.table({name: pa.array([*cells], pa.string()) for name, cells in columns.items()})


def with_text(table: pa.Table, column: str, text: str) -> pa.Table:
    """Return a table with one more column, which has the same text in every row."""
    return table.append_column(column, pa.array([text] * table.num_rows, pa.string()))
