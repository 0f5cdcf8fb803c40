"""What a source's load did, as each source tells it."""

from dataclasses import dataclass, field


@dataclass
class LoadResult:
    """What was loaded.

    Attributes:
        rows: by raw table.
        load_ids: dlt's, in order.
        newest_at: as the source writes it.
        notes: what a reader should know, a sentence each.
        failures: parts of the source that could not be loaded, and why, in a line each.
    """

    rows: dict[str, int] = field(default_factory=dict)
    load_ids: list[str] = field(default_factory=list)
    newest_at: str | None = None
    notes: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    def received(self, table: str, rows: int) -> None:
        """Count rows that were committed."""
        if rows:
            self.rows[table] = self.rows.get(table, 0) + rows
