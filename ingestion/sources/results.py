"""What a source's load did, as each source tells it."""

from dataclasses import dataclass, field


@dataclass
class LoadResult:
    """What was loaded; `rows` by raw table, `newest_at` as the source writes it."""

    rows: dict[str, int] = field(default_factory=dict)
    load_ids: list[str] = field(default_factory=list)
    newest_at: str | None = None
    notes: list[str] = field(default_factory=list)

    def received(self, table: str, rows: int) -> None:
        """Count rows that were committed."""
        if rows:
            self.rows[table] = self.rows.get(table, 0) + rows
