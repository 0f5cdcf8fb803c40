"""The data of the site: the results of the queries in `reports/site/sources` for a published build.

A query of a mart that the build lacks results in an empty table with the columns of the mart's
contract; the table `site.status` lists it, and the pages show it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml  # type: ignore[import-untyped]

from reports.site_builder.errors import SiteError
from reports.site_builder.site_template import PROJECT

MODELS = PROJECT.parents[1] / "models" / "marts"
MARTS = "marts"  # the name of the attached published file
GEOMETRY = "geojson_geometry"
# The reader in the page supports version 1 of Parquet.
PARQUET = "(format parquet, compression zstd, parquet_version v1)"


@dataclass(frozen=True)
class Source:
    """A query of the site.

    Attributes:
        schema: its folder, and the schema of the table in the page.
        name: of the file, and of the table.
        sql: of the published marts.
        marts: the marts that it reads, as `schema.name`.
    """

    schema: str
    name: str
    sql: str
    marts: tuple[str, ...]


def sources() -> Iterator[Source]:
    """Read the queries, in order of their names."""
    with duckdb.connect() as parser:
        for path in sorted(PROJECT.glob("sources/*/*.sql")):
            sql = path.read_text().strip().rstrip(";")
            # A name with an alias comes as `crime.dim_ward AS wards`.
            names = parser.get_table_names(sql, qualified=True)
            marts = tuple(sorted({name.partition(" ")[0] for name in names}))
            yield Source(path.parent.name, path.stem, sql, marts)


class Export:
    """Writes a build's data for the pages: Parquet files named by content, and their list.

    Attributes:
        status: a row for each source: what it reads, and whether it has rows.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.status: list[dict[str, Any]] = []
        self._connection = connection
        self._folder = folder
        self._files: dict[str, list[str]] = {}

    def write_source(self, source: Source) -> None:
        """Write the result of a source.

        Raises:
            SiteError: the source reads an unknown mart, or does not fit the build.
        """
        con = self._connection
        missing = [mart for mart in source.marts if not _exists(con, mart)]
        try:
            if GEOMETRY in source.sql and missing:
                rows = self._write_outlines(source, [])
            else:
                for mart in source.marts:
                    _provide(con, mart, absent=mart in missing)
                if GEOMETRY in source.sql:
                    rows = self._write_outlines(source, con.execute(source.sql).fetchall())
                else:
                    rows = self._write_parquet(source.schema, source.name, source.sql)
        except duckdb.Error as error:
            msg = (
                f"sources/{source.schema}/{source.name}.sql does not fit the published build"
                f" ({str(error).splitlines()[0]}): run `warehouse run`, then try again"
            )
            raise SiteError(msg) from None
        state = "missing" if missing else "empty" if rows == 0 else "ok"
        missing_or_empty = missing or [
            mart for mart in source.marts if rows == 0 and _is_empty(con, mart)
        ]
        self.status.append(
            {"subject": source.schema, "source": source.name, "marts": ", ".join(source.marts)}
            | {"missing_or_empty": ", ".join(missing_or_empty), "row_count": rows, "state": state}
        )

    def write_rows(self, name: str, columns: str, rows: Sequence[dict[str, Any]]) -> None:
        """Write rows that are not from a mart, as `site.<name>`.

        Args:
            name: of the table.
            columns: with their types, as in a `create table`.
            rows: with every column.
        """
        con = self._connection
        con.execute(f"create temp table rows_of_{name} ({columns})")
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            con.executemany(
                f"insert into rows_of_{name} ({', '.join(rows[0])}) values ({marks})",
                [list(row.values()) for row in rows],
            )
        self._write_parquet("site", name, f"select * from rows_of_{name}")

    def values(self, table: str, column: str) -> list[str]:
        """The sorted values of a column of a written table."""
        schema, name = table.split(".")
        file = next(path for path in self._files[schema] if path.endswith(f"/{name}.parquet"))
        path = str(self._folder / file.removeprefix("static/data/"))
        # A file's path is not a pattern, and a folder named `a=b` is not a column.
        found = self._connection.execute(
            f"select distinct cast({column} as varchar)"
            " from read_parquet(?, hive_partitioning = false) order by 1",
            [re.sub(r"[*?\[]", r"[\g<0>]", path)],
        ).fetchall()
        return [value for (value,) in found]

    def write_list(self) -> None:
        """Write the list of files, which the pages read first."""
        listed = {"renderedFiles": self._files, "locatedSchemas": sorted(self._files)}
        (self._folder / "manifest.json").write_text(json.dumps(listed, sort_keys=True))

    def _write_parquet(self, schema: str, name: str, query: str) -> int:
        new = self._folder / "new.parquet"
        self._folder.mkdir(parents=True, exist_ok=True)
        found = self._connection.execute(f"copy ({query}) to {literal(new)} {PARQUET}").fetchone()
        digest = hashlib.sha256(new.read_bytes()).hexdigest()[:16]
        file = self._folder / schema / digest / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        new.replace(file)
        self._files.setdefault(schema, []).append(f"static/data/{schema}/{digest}/{name}.parquet")
        return int(found[0]) if found else 0

    def _write_outlines(self, source: Source, rows: Sequence[tuple[Any, ...]]) -> int:
        """Write rows of area id and geometry as GeoJSON."""
        features = [
            {"type": "Feature", "properties": {"id": str(area)}, "geometry": json.loads(shape)}
            for area, shape in rows
        ]
        file = self._folder / source.schema / f"{source.name}.geojson"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return len(rows)


def literal(path: Path) -> str:
    """Return a path as a literal in SQL."""
    return "'" + str(path).replace("'", "''") + "'"


def _exists(con: duckdb.DuckDBPyConnection, mart: str) -> bool:
    found = con.execute(
        "select 1 from duckdb_tables() where database_name = ?"
        " and schema_name || '.' || table_name = ?",
        [MARTS, mart],
    )
    return found.fetchone() is not None


def _is_empty(con: duckdb.DuckDBPyConnection, mart: str) -> bool:
    return con.execute(f"select 1 from {MARTS}.{mart} limit 1").fetchone() is None


def _provide(con: duckdb.DuckDBPyConnection, mart: str, *, absent: bool) -> None:
    """Create a view of a published mart; for an absent one an empty table with its columns.

    Raises:
        SiteError: the project has no such mart.
    """
    schema, name = mart.split(".")
    con.execute(f"create schema if not exists {schema}")
    if absent:
        con.execute(f"create table if not exists {mart} ({_columns(schema, name)})")
    else:
        con.execute(f"create view if not exists {mart} as from {MARTS}.{mart}")


def _columns(schema: str, name: str) -> str:
    """The columns and types of a mart, from its contract."""
    contract = MODELS / schema / f"{name}.yml"
    if not contract.is_file():
        msg = f"a source reads {schema}.{name}, which neither the build nor {contract.parent} has"
        raise SiteError(msg)
    columns = yaml.safe_load(contract.read_text())["models"][0]["columns"]
    return ", ".join(f"{column['name']} {column['data_type']}" for column in columns)
