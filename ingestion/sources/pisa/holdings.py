"""What raw holds of the countries, and which of the received rows are new to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from ingestion.core.reconciliation import utc_text
from ingestion.core.sql import literal
from ingestion.sources.pisa.databases import PRIME, Summary
from ingestion.sources.pisa.digests import HOUR, OF_HOUR, Hours, summed
from ingestion.sources.pisa.tables import RAW_TABLES, RESPONSES, SCHEMA

_OTHERWISE = " or ".join(
    f"held.{name} is distinct from received.{name}"
    for name in RESPONSES.columns
    if name not in RESPONSES.key
)
NEWEST = """
max(
    case when created_at <= {now} and created_at like '____-__-__T__:__:__.______Z'
        then created_at end
)
"""
# A row that comes back after it was found gone is written again, and so lives: its load is newer
# than the one that noted the deletion.
NEW_ROWS = f"""
select
    {", ".join(f"received.{name}" for name in RESPONSES.columns)},
    held.id is null or gone.id is not null as is_new,
    held.id is null as is_key_new
from received
left join {SCHEMA}.responses as held
    on received.database_country = held.database_country and received.id = held.id
left join {SCHEMA}.response_deletions as gone
    on held.database_country = gone.database_country and held.id = gone.id
    and held._dlt_load_id <= gone._dlt_load_id
where held.id is null or gone.id is not null or {_OTHERWISE}
"""
LIVE = f"""
(
    select held.*
    from {SCHEMA}.responses as held
    anti join {SCHEMA}.response_deletions as gone
        on held.database_country = gone.database_country and held.id = gone.id
        and held._dlt_load_id <= gone._dlt_load_id
)
"""
GONE = f"""
select database_country, id
from {LIVE} as live
where
    database_country = $country
    and {HOUR} in (select hour from hours)
    and id not in (select id from ids)
order by try_cast(id as bigint), id
"""


@dataclass(frozen=True)
class Held:
    """What raw holds of a country: its rows, and when the newest was created, up to now."""

    rows: Summary
    newest: datetime | None = None


@dataclass(frozen=True)
class Holdings:
    """Asks raw about the rows that are not known to be gone at the source."""

    connection: duckdb.DuckDBPyConnection

    def newest_load(self) -> str | None:
        """Return the id of the newest load that changed raw; None where there was none."""
        tables = (
            f"select 1 from duckdb_tables() where schema_name = {literal(SCHEMA)} "
            "and table_name = '_dlt_loads'"
        )
        if not self.connection.execute(tables).fetchall():
            return None
        newest = f"select max(load_id) from {SCHEMA}._dlt_loads"
        load_id: str | None = self.connection.execute(newest).fetchall()[0][0]
        return load_id

    def countries(self, now: datetime) -> dict[str, Held]:
        """Return what is held by country; times that lie ahead do not count as newest."""
        rows = self.connection.execute(
            f"""
            select
                database_country,
                count(*),
                coalesce(sum(try_cast(id as bigint) % {PRIME}), 0),
                {NEWEST.format(now=literal(utc_text(now)))}
            from {LIVE} as live
            group by database_country
            """
        ).fetchall()
        return {
            country: Held(Summary(int(count), int(ids)), _moment(newest))
            for country, count, ids, newest in rows
        }

    def newest(self, rows: pa.Table, now: datetime) -> dict[str, datetime]:
        """Return by country when the newest of some rows was created, up to now."""
        self.connection.register("rows", rows)
        try:
            newest = self.connection.execute(
                f"select database_country, {NEWEST.format(now=literal(utc_text(now)))} "
                "from rows group by database_country"
            ).fetchall()
        finally:
            self.connection.unregister("rows")
        moments = {country: _moment(text) for country, text in newest}
        return {country: moment for country, moment in moments.items() if moment}

    def buckets(self, country: str, width: int, most: int) -> dict[int, Summary]:
        """Return the rows of a country up to an id, by bucket of ids."""
        rows = self.connection.execute(
            f"""
            with ids as (
                select try_cast(id as bigint) as id
                from {LIVE} as live
                where database_country = ?
            )

            select id - id % {width}, count(*), sum(id % {PRIME})
            from ids
            where id <= ?
            group by all
            """,
            [country, most],
        ).fetchall()
        return {int(start): Summary(int(count), int(ids)) for start, count, ids in rows}

    def new_rows(self, received: pa.Table) -> pa.Table:
        """Return the responses that raw lacks or holds otherwise.

        With `is_new`: raw holds no such row, or one that was gone; `is_key_new`: not even that.
        """
        self.connection.register("received", received)
        try:
            return self.connection.execute(NEW_ROWS).to_arrow_table()
        finally:
            self.connection.unregister("received")

    def hours(self) -> dict[str, Hours]:
        """Return the rows held by country and hour of submission, with their checksums."""
        rows = self.connection.execute(
            f"""
            select database_country, {HOUR}, count(*), {OF_HOUR}
            from {LIVE} as live
            group by all
            """
        ).fetchall()
        parts: dict[str, list[tuple[str, int, int]]] = {}
        for country, *part in rows:
            parts.setdefault(country, []).append((part[0], part[1], part[2]))
        return {country: summed(of_country) for country, of_country in parts.items()}

    def gone(self, country: str, hours: Collection[str], ids: pa.Table) -> pa.Table:
        """Return the keys held of these hours whose ids did not come when they were read."""
        self.connection.register("hours", pa.table({"hour": pa.array(hours, pa.string())}))
        self.connection.register("ids", ids)
        try:
            return self.connection.execute(GONE, {"country": country}).to_arrow_table()
        finally:
            self.connection.unregister("hours")
            self.connection.unregister("ids")

    def new_checks(self, checks: pa.Table) -> pa.Table:
        """Return the checks that say something else than those that are held."""
        columns = ", ".join(f"checks.{name}" for name in RAW_TABLES["database_checks"].columns)
        self.connection.register("checks", checks)
        try:
            return self.connection.execute(
                f"""
                select {columns}
                from checks
                left join {SCHEMA}.database_checks as held using (database_country)
                where
                    held.database_country is null
                    or held.outcome is distinct from checks.outcome
                    or held.rows_at_source is distinct from checks.rows_at_source
                order by checks.database_country
                """
            ).to_arrow_table()
        finally:
            self.connection.unregister("checks")


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
