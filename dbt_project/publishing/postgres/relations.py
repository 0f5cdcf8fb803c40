"""Tables as they should be on the server, from what was published: nothing else is asked.

Types, not-null and descriptions are those of the published file; keys and references are in its
manifest.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

# How DuckDB's types are kept: PostgreSQL's type, how the rows are sent, and as which type they
# arrive where the form of the copy has none of it. No value changes.
SAME = {
    "BOOLEAN": "boolean",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "VARCHAR": "text",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "UUID": "uuid",
    "BLOB": "bytea",
    "INTERVAL": "interval",
}
WIDER = {
    "TINYINT": ("smallint", "smallint"),
    "UTINYINT": ("smallint", "smallint"),
    "USMALLINT": ("integer", "integer"),
    "UINTEGER": ("bigint", "bigint"),
    "UBIGINT": ("numeric(20,0)", "decimal(20,0)"),
    "TIMESTAMP_S": ("timestamp", "timestamp"),
    "TIMESTAMP_MS": ("timestamp", "timestamp"),
}
# Of 39 digits, one more than DuckDB's decimals have.
HUGE = {"HUGEINT": "numeric(39,0)", "UHUGEINT": "numeric(39,0)"}
DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
NESTED = re.compile(r"(STRUCT|MAP|UNION)\(|\[\d*\]$")
# PostgreSQL's earliest moment; the form of the copy would turn an earlier one into another.
EARLIEST = "4713-01-01 (BC) 00:00:00"
MAX_NAME = 63


def quote(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted(name: str) -> str:
    """The name of a table, `schema.table`, in SQL."""
    schema, _, table = name.partition(".")
    return f"{quote(schema)}.{quote(table)}"


def listed(names: Sequence[str], prefix: str = "") -> str:
    """Names in SQL, comma-separated."""
    return ", ".join(prefix + quote(name) for name in names)


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: as published.
        type: PostgreSQL's.
        sent: the expression in DuckDB that is copied.
        arrives_as: the type as which it arrives; the same, or text that is cast on the server.
        is_required: never null.
        description: of the published file; empty without one.
    """

    name: str
    type: str
    sent: str
    arrives_as: str
    is_required: bool
    description: str


@dataclass(frozen=True)
class Relation:
    """A table.

    Attributes:
        name: `schema.table`.
        columns: in order.
        key: whose values make a row unique; empty if there are none.
        unique: more of them.
        references: by column, the table and its key column.
        period: the column by which its Parquet files are divided, which readers filter by.
        description: of the published file.
    """

    name: str
    columns: Sequence[Column]
    key: Sequence[str]
    unique: Sequence[Sequence[str]]
    references: Mapping[str, tuple[str, str]]
    period: str | None
    description: str

    @property
    def schema(self) -> str:
        """Its schema's name."""
        return self.name.partition(".")[0]

    @property
    def table(self) -> str:
        """Its name within the schema."""
        return self.name.partition(".")[2]

    @property
    def quoted(self) -> str:
        """Its name in SQL."""
        return quoted(self.name)

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return [column.name for column in self.columns]

    @property
    def has_primary_key(self) -> bool:
        """Whether every row can be named by its key: no column of it is ever null."""
        required = {column.name for column in self.columns if column.is_required}
        return bool(self.key) and required.issuperset(self.key)

    @property
    def structure(self) -> str:
        """A hash of all but rows and descriptions: with another one it is another table."""
        columns = [(column.name, column.type, column.is_required) for column in self.columns]
        of = (columns, [*self.key], [[*one] for one in self.unique], self.period)
        refers = sorted((column, *to) for column, to in self.references.items())
        return hashlib.sha256(repr((of, refers)).encode()).hexdigest()[:16]

    @property
    def descriptions(self) -> str:
        """A hash of the descriptions."""
        texts = [self.description, *(column.description for column in self.columns)]
        return hashlib.sha256(repr(texts).encode()).hexdigest()[:16]


def read_relations(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Mapping[str, Any]]
) -> dict[str, Relation]:
    """Read the tables of a published file, by name.

    Args:
        connection: to the file.
        tables: their entries in its manifest. A build of an older version says nothing of keys.
    """
    columns: dict[str, list[Column]] = {name: [] for name in tables}
    for name, column, kind, is_nullable, comment in connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type, is_nullable, comment"
        " from duckdb_columns() where database_name = current_database() order by column_index"
    ).fetchall():
        if name in columns:
            columns[name].append(_column(column, kind, not is_nullable, comment or ""))
    comments = dict(
        connection.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables()"
            " where database_name = current_database()"
        ).fetchall()
    )
    keys = {name: entry.get("key") or [] for name, entry in tables.items()}
    # PostgreSQL refers to a key only if none of its rows lacks it.
    referable = {
        (name, column.name)
        for name, key in keys.items()
        for column in columns[name]
        if key == [column.name] and column.is_required
    }
    return {
        name: Relation(
            name,
            columns[name],
            keys[name],
            entry.get("unique") or [],
            {
                column: (to["table"], to["column"])
                for column, to in (entry.get("references") or {}).items()
                if (to["table"], to["column"]) in referable
            },
            (entry.get("partition") or {}).get("column"),
            comments.get(name) or "",
        )
        for name, entry in tables.items()
    }


def short_name(*parts: str) -> str:
    """A name for an index or a constraint, which PostgreSQL does not cut off."""
    name = "_".join(parts)
    if len(name.encode()) <= MAX_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return name.encode()[: MAX_NAME - 9].decode(errors="ignore") + "_" + digest


def _column(name: str, kind: str, is_required: bool, description: str) -> Column:
    described = is_required, description.replace("\0", "")
    column = quote(name)
    if kind in HUGE:
        return Column(name, HUGE[kind], f"cast({column} as varchar)", "text", *described)
    if kind in ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
        return Column(name, SAME[kind], _moment(name, kind), SAME[kind], *described)
    if kind in SAME:
        return Column(name, SAME[kind], column, SAME[kind], *described)
    if found := DECIMAL.fullmatch(kind):
        numeric = f"numeric({found[1]},{found[2]})"
        return Column(name, numeric, column, numeric, *described)
    if kind in WIDER:
        type_, sent = WIDER[kind]
        return Column(name, type_, f"cast({column} as {sent})", type_, *described)
    # Nested values as JSON; others, such as nanoseconds and enumerations, as DuckDB writes them.
    sent = f"to_json({column})" if NESTED.search(kind) else column
    return Column(name, "text", f"cast({sent} as varchar)", "text", *described)


def _moment(name: str, kind: str) -> str:
    """A moment, unless PostgreSQL has none so early."""
    column = quote(name)
    early = f"error('{name.replace(chr(39), '')} has a time before {EARLIEST}')"
    return (
        f"case when isfinite({column}) and {column} < cast('{EARLIEST}' as {kind})"
        f" then cast({early} as {kind}) else {column} end"
    )
