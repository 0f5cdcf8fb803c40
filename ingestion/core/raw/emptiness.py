"""A source of which raw has no row: it answered, and yet something is wrong."""

from pathlib import Path

import duckdb

from ingestion.core.raw.sql import literal
from ingestion.core.source import LoadOptions, Source


def without_any_row(data_dir: Path, source: Source, options: LoadOptions) -> str | None:
    """Return what to look at if raw has no row of a source after its load; None if it has.

    The rows that count are those that become rows of the fact; a list of stores is none.
    """
    if _has_rows(data_dir / "raw.duckdb", source):
        return None
    if options.files:
        return "the files have no rows, and none was ever loaded: see whether they are cut or empty"
    taken = [flag for flag in ("since", "until") if getattr(source.load_options, flag)]
    days = "".join(f", --{flag}" for flag in taken)
    return (
        "the source answered, but no row of it was ever loaded: see whether"
        f" {source.address_variable}{days} are right, and whether the source is empty"
    )


def _has_rows(raw: Path, source: Source) -> bool:
    names = source.accounted or [name for name, table in source.tables.items() if not table.is_note]
    if not raw.exists():
        return False
    with duckdb.connect(raw, read_only=True) as connection:
        there = connection.execute(
            f"select table_name from duckdb_tables() where schema_name = {literal(source.schema)}"
        ).fetchall()
        return any(
            connection.execute(f"select 1 from {source.schema}.{name} limit 1").fetchone()
            for (name,) in there
            if name in names
        )
