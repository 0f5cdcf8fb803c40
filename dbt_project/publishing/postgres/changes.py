"""What has to be sent to the server: of each table nothing, some rows, or all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dbt_project.publishing.content import hash_text
from dbt_project.publishing.partitions import PERIODS, UNDATED
from dbt_project.publishing.postgres.records import ServerBuild, table_record
from dbt_project.publishing.postgres.relations import Relation, quote
from ingestion.core.raw.sql import literal

# The name under which the build that the server has is attached to the one to publish.
BEFORE = "before"

Entries = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Change:
    """What changes in a table.

    Attributes:
        relation: as it should be.
        is_new: it replaces the server's table, or there was none; otherwise rows are changed.
        rows: a query on DuckDB of the rows to send.
        removed: a query of the keys of rows to delete; None where `rows` has all that remain.
        count: how many rows the table has afterwards.
    """

    relation: Relation
    is_new: bool
    rows: str
    removed: str | None
    count: int

    @property
    def all_rows(self) -> "Change":
        """The same change by sending every row."""
        return replace(self, rows=_selected(self.relation, self.relation.quoted), removed=None)


def find_changes(
    relations: Mapping[str, Relation],
    manifest: Mapping[str, Any],
    have: ServerBuild,
    before: Mapping[str, Any] | None,
    *,
    everything: bool,
) -> Iterator[Change]:
    """Yield the tables in which the server's build differs from the one to publish.

    Args:
        relations: of the build, by name.
        manifest: of the build.
        have: what the server has.
        before: the manifest of the build that the server has, attached as `BEFORE`; None if it is
            not retained.
        everything: send every row, whatever the server says it has.
    """
    entries: Entries = manifest["tables"]
    engine = manifest["versions"]["duckdb"]
    comparable = have.engine == engine
    known: Entries = before["tables"] if before else {}
    for name, relation in relations.items():
        entry, record = entries[name], have.tables.get(name)
        wanted = table_record(relation, entry)
        is_new = record is None or record.structure != wanted.structure
        change = Change(relation, is_new, _selected(relation, relation.quoted), None, entry["rows"])
        if record is None or is_new or everything:
            yield change
        elif comparable and (record.content, record.rows) == (wanted.content, wanted.rows):
            continue
        elif relation.has_primary_key and _is_same(known.get(name), record.content, entry):
            yield _rows_that_differ(change, known[name] if comparable else {}, entry)
        else:
            yield change


def _is_same(known: Mapping[str, Any] | None, content: str, entry: Mapping[str, Any]) -> bool:
    """Whether a retained table is what the server has, in the columns of today."""
    return bool(known and known["content_hash"] == content and known["columns"] == entry["columns"])


def _rows_that_differ(change: Change, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    relation = change.relation
    within = _periods_that_differ(old, new)
    now = f"(select * from {relation.quoted} as mart{within})"
    then = f"(select * from {BEFORE}.{relation.quoted} as mart{within})"
    same_key = " and ".join(
        f"row_now.{name} = row_then.{name}" for name in map(quote, relation.key)
    )
    # Rows of one key that differ have one hash once in 2^64 times.
    same_row = f"{same_key} and hash(row_now) = hash(row_then)"
    rows = f"(from {now} as row_now anti join {then} as row_then on {same_row})"
    removed = f"(from {then} as row_then anti join {now} as row_now on {same_key})"
    return replace(
        change,
        rows=_selected(relation, rows),
        removed=f"select {_sent(relation, relation.key)} from {removed}",
    )


def _periods_that_differ(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """The condition on the periods whose rows differ, according to both manifests."""
    partition = new.get("partition")
    if not partition or old.get("partition") != partition:
        return ""
    then, now = old["parts"], new["parts"]
    differ = [name for name in {**then, **now} if _content(then, name) != _content(now, name)]
    column = quote(partition["column"])
    period = f"strftime({column}, '{PERIODS[partition['period']]}')"
    name = f"case when isfinite({column}) then {period} else '{UNDATED}' end"
    return f" where {name} in ({', '.join(map(literal, differ)) or 'null'})"


def _content(parts: Entries, name: str) -> tuple[int, str]:
    part = parts.get(name, {})
    return part.get("rows", 0), part.get("content_hash", hash_text(0))


def _selected(relation: Relation, source: str) -> str:
    return f"select {_sent(relation, relation.names)} from {source}"


def _sent(relation: Relation, names: Sequence[str]) -> str:
    """The expressions that are sent of columns, in the order of the table."""
    return ", ".join(
        f"{column.sent} as {quote(column.name)}"
        for column in relation.columns
        if column.name in names
    )
