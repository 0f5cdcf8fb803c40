"""Reconciliation: a source's own counts are compared with what was loaded of it, period by period.

Notes: rows that the source counted per period (`*_counts`, written where they changed), and when a
    part of a source (a data set, a country, a store) was last compared as a whole
    (`reconciliations`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import pyarrow as pa

from ingestion.core.intervals import Days
from ingestion.core.raw.loaded_rows import LoadedRows
from ingestion.core.raw.text_tables import text_table
from ingestion.core.source import RECONCILIATIONS, Source

P = TypeVar("P")
C = TypeVar("C")

SMALLEST_SHARE = 0.8


def shrink_problem(there: int, loaded: int, rows: str = "rows", *, accept: bool) -> str | None:
    """Return why a source that lost more than a fifth of its rows is refused; the caller names it.

    Args:
        there: rows at the source.
        loaded: rows that were loaded and are not known to be deleted.
        rows: what they are.
        accept: nothing is wrong then.
    """
    if accept or there >= SMALLEST_SHARE * loaded:
        return None
    return (
        f"has {there:,} {rows} where {loaded:,} are loaded: more than a fifth would be lost; "
        "look at the source, and use --accept-shrink if this is right"
    )


def differing_periods(there: Mapping[P, C], loaded: Mapping[P, C], nothing: C) -> list[P]:
    """Return the periods of which a source and raw do not count the same."""
    periods = {**there, **loaded}
    return [one for one in periods if there.get(one, nothing) != loaded.get(one, nothing)]


def utc_text(moment: datetime) -> str:
    """Return a moment as `2026-01-08T11:02:38.950000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class ReconciliationNotes:
    """Makes the notes that a reconciliation leaves in raw.

    Attributes:
        source: what was compared.
        counts_table: the raw table of its counts; the last column is when the source was asked.
        loaded: compares them with those noted before.
        now: when the source was asked.
        days: what was compared. Counts that did not change are noted anew where these are not all
            days; only then is there no other note of the comparison.
    """

    source: Source
    counts_table: str
    loaded: LoadedRows
    now: datetime
    days: Days

    def changed_counts(self, counts: Iterable[Sequence[object]]) -> dict[str, pa.Table]:
        """Return what the source counted, as far as it is to be noted, by raw table.

        Args:
            counts: rows of the table, without when the source was asked.
        """
        columns = self.source.tables[self.counts_table].columns
        rows = text_table(columns, [(*count, utc_text(self.now)) for count in counts])
        if self.days.is_all:
            rows = self.loaded.changed_rows(self.counts_table, rows, ignoring=columns[-1:])
        return {self.counts_table: rows} if rows.num_rows else {}

    def reconciliation_rows(self, compared: Mapping[str, tuple[int, int]]) -> dict[str, pa.Table]:
        """Return the notes of parts that were compared as a whole, by raw table.

        Args:
            compared: by part, how many periods were compared, and how many were read again.
        """
        if not self.days.is_all or not compared:
            return {}
        rows = [
            (part, utc_text(self.now), periods, read_again)
            for part, (periods, read_again) in compared.items()
        ]
        return {"reconciliations": text_table(RECONCILIATIONS.columns, rows)}
