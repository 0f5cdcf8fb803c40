"""The content of one build: its marts, their columns, and its countries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from reports.api.errors import RefusedError

# Where the countries are: the first of these that a build has.
COUNTRIES = ("core.dim_country", "education.fct_student_submissions", "education.escs_by_country")
# Where the rows of loads are counted, and the columns by what became of the rows.
LOADS = "core.load_reconciliation"
OUTCOMES = {
    "received": "rows_received",
    "kept": "rows_in_warehouse",
    "rejected": "rows_rejected",
    "superseded": "rows_superseded",
    "deleted": "rows_deleted",
    "unaccounted": "rows_unaccounted",
}


@dataclass(frozen=True)
class Column:
    """A column of a mart; the type is DuckDB's."""

    name: str
    type: str
    description: str | None


@dataclass(frozen=True)
class Mart:
    """A published table.

    Attributes:
        domain: its schema.
        name: without the schema.
        rows: how many.
        description: of the table.
        columns: by name, in order.
    """

    domain: str
    name: str
    rows: int
    description: str | None
    columns: Mapping[str, Column]

    @property
    def full_name(self) -> str:
        """`<domain>.<mart>`."""
        return f"{self.domain}.{self.name}"

    @property
    def sql(self) -> str:
        """The name, quoted."""
        return f"{quoted(self.domain)}.{quoted(self.name)}"


@dataclass(frozen=True)
class Catalogue:
    """The content of a build, known without a query.

    Attributes:
        build_id: its name.
        published_at: when, with its zone.
        made_up: how much of its data is made up: `all`, `partly` or `none`.
        sources: what to know of each source, as the manifest has it.
        marts: by full name.
        countries: the codes that a filter may use.
        outcomes: the rows of each source by what became of them: received, kept, and so on.
    """

    build_id: str
    published_at: datetime
    made_up: str
    sources: Mapping[str, Mapping[str, Any]]
    marts: Mapping[str, Mart]
    countries: frozenset[str]
    outcomes: Mapping[str, Mapping[str, int]]

    @property
    def headers(self) -> dict[str, str]:
        """What every answer says of the data; nothing of made-up data where there is none."""
        made_up = {"X-Made-Up-Data": self.made_up} if self.made_up != "none" else {}
        days = [
            f"{source['domain']}={source['data_through_date']}"
            for source in self.sources.values()
            if source["data_through_date"]
        ]
        return made_up | ({"X-Data-Through": ", ".join(days)} if days else {})

    def mart(self, name: str, columns: tuple[str, ...] = ()) -> Mart:
        """The mart of that full name.

        Raises:
            RefusedError: 404, this build lacks it, or those columns of it.
        """
        mart = self.marts.get(name)
        if mart is None:
            raise RefusedError(404, f"this build has no mart {name}: /marts lists those it has")
        if missing := [column for column in columns if column not in mart.columns]:
            raise RefusedError(404, f"{name} has no column {', '.join(missing)} in this build")
        return mart


def read_catalogue(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> Catalogue:
    """Read the catalogue of a build.

    Args:
        connection: of its marts.duckdb.
        manifest: the build's; it says which tables are marts.

    Raises:
        KeyError, ValueError: the manifest is invalid.
    """
    tables = connection.execute("select schema_name, table_name, comment from duckdb_tables()")
    comments = {f"{schema}.{table}": comment for schema, table, comment in tables.fetchall()}
    columns: dict[str, dict[str, Column]] = {}
    for schema, table, name, kind, comment in connection.execute(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns()"
        " where not internal order by column_index"
    ).fetchall():
        columns.setdefault(f"{schema}.{table}", {})[name] = Column(name, kind, comment)
    marts = {
        name: Mart(
            domain=name.partition(".")[0],
            name=name.partition(".")[2],
            rows=int(entry["rows"]),
            description=comments[name],
            columns=columns[name],
        )
        for name, entry in sorted(manifest["tables"].items())
        if name in comments
    }
    published_at = datetime.fromisoformat(manifest["published_at"])
    if published_at.tzinfo is None:
        msg = "published_at of the manifest has no time zone"
        raise ValueError(msg)
    countries = _countries(connection, marts)
    # A build of an older version does not say.
    made_up, sources = str(manifest.get("made_up", "none")), manifest.get("sources", {})
    return Catalogue(
        build_id=str(manifest["build_id"]),
        published_at=published_at,
        made_up=made_up,
        sources=sources,
        marts=marts,
        countries=countries,
        outcomes=_outcomes(connection, marts),
    )


def _countries(connection: duckdb.DuckDBPyConnection, marts: Mapping[str, Mart]) -> frozenset[str]:
    for name in COUNTRIES:
        if name in marts and "country_code" in marts[name].columns:
            rows = connection.execute(f"select distinct country_code from {marts[name].sql}")
            return frozenset(code for (code,) in rows.fetchall() if code)
    return frozenset()


def _outcomes(
    connection: duckdb.DuckDBPyConnection, marts: Mapping[str, Mart]
) -> dict[str, dict[str, int]]:
    if LOADS not in marts or not marts[LOADS].columns.keys() >= {*OUTCOMES.values()}:
        return {}
    sums = ", ".join(f"cast(sum({column}) as bigint)" for column in OUTCOMES.values())
    rows = connection.execute(f"select source_name, {sums} from {LOADS} group by all order by all")
    return {name: dict(zip(OUTCOMES, counts, strict=True)) for name, *counts in rows.fetchall()}


def quoted(name: str) -> str:
    """An identifier as SQL text."""
    return '"' + name.replace('"', '""') + '"'
