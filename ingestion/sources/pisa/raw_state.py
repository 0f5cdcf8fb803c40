"""What raw has of the countries, and which of the received rows are new to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from ingestion.core.raw.loaded_rows import LoadedRows, loaded_rows
from ingestion.core.raw.reconciliation import utc_text
from ingestion.core.raw.sql import literal
from ingestion.core.raw.text_tables import text_columns
from ingestion.sources.pisa.databases.database import PRIME, Summary
from ingestion.sources.pisa.databases.digests import HOUR, OF_HOUR, Hours, summed
from ingestion.sources.pisa.source import SOURCE
from ingestion.sources.pisa.tables import RESPONSES, SCHEMA

_DIFFERS = " or ".join(
    f"loaded.{name} is distinct from received.{name}"
    for name in RESPONSES.columns
    if name not in RESPONSES.key
)
NEWEST = """
max(
    case when created_at <= {now} and created_at like '____-__-__T__:__:__.______Z'
        then created_at end
)
"""
LOADED = loaded_rows(SOURCE, "responses", "response_deletions")
NEW_ROWS = f"""
select
    {", ".join(f"received.{name}" for name in RESPONSES.columns)},
    loaded.id is null or loaded.is_deleted as is_new,
    loaded.id is null as is_key_new
from received
left join {LOADED} as loaded
    on received.database_country = loaded.database_country and received.id = loaded.id
where loaded.id is null or loaded.is_deleted or {_DIFFERS}
"""
LIVE = f"(select * exclude (is_deleted) from {LOADED} as loaded where not is_deleted)"
DELETED = f"""
select database_country, id
from {LIVE} as live
where
    database_country = $country
    and {HOUR} in (select hour from hours)
    and id not in (select id from ids)
order by try_cast(id as bigint), id
"""


@dataclass(frozen=True)
class LoadedCountry:
    """What raw has of a country: its rows, and when the newest was created, up to now."""

    rows: Summary
    newest: datetime | None = None


class LoadedResponses(LoadedRows):
    """Asks raw about the rows that are not known to be deleted at the source."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection, SOURCE)

    def newest_load(self) -> str | None:
        """Return the id of the newest load that changed raw; None where there was none."""
        tables = (
            f"select 1 from duckdb_tables() where schema_name = {literal(SCHEMA)} "
            "and table_name = '_dlt_loads'"
        )
        if not self.rows(tables):
            return None
        newest = f"select max(load_id) from {SCHEMA}._dlt_loads"
        load_id: str | None = self.rows(newest)[0][0]
        return load_id

    def countries(self, now: datetime) -> dict[str, LoadedCountry]:
        """Return what is loaded by country; times in the future do not count as newest."""
        rows = self.rows(
            f"""
            select
                database_country,
                count(*),
                coalesce(sum(try_cast(id as bigint) % {PRIME}), 0),
                {NEWEST.format(now=literal(utc_text(now)))}
            from {LIVE} as live
            group by database_country
            """
        )
        return {
            country: LoadedCountry(Summary(int(count), int(ids)), _moment(newest))
            for country, count, ids, newest in rows
        }

    def newest(self, rows: pa.Table, now: datetime) -> dict[str, datetime]:
        """Return by country when the newest of some rows was created, up to now."""
        newest = self.rows(
            f"select database_country, {NEWEST.format(now=literal(utc_text(now)))} "
            "from received group by database_country",
            received=rows,
        )
        moments = {country: _moment(text) for country, text in newest}
        return {country: moment for country, moment in moments.items() if moment}

    def buckets(self, country: str, width: int, most: int) -> dict[int, Summary]:
        """Return the rows of a country up to an id, by bucket of ids."""
        rows = self.rows(
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
        )
        return {int(start): Summary(int(count), int(ids)) for start, count, ids in rows}

    def new_rows(self, received: pa.Table) -> pa.Table:
        """Return the responses that raw lacks or has with other values.

        With `is_new`: raw has no such row, or one that was deleted; `is_key_new`: not even that.
        """
        return self.table(NEW_ROWS, received=received)

    def hours(self) -> dict[str, Hours]:
        """Return the rows loaded by country and hour of submission, with their checksums."""
        rows = self.rows(
            f"""
            select database_country, {HOUR}, count(*), {OF_HOUR}
            from {LIVE} as live
            group by all
            """
        )
        parts: dict[str, list[tuple[str, int, int]]] = {}
        for country, *part in rows:
            parts.setdefault(country, []).append((part[0], part[1], part[2]))
        return {country: summed(of_country) for country, of_country in parts.items()}

    def deleted(self, country: str, hours: Collection[str], ids: pa.Table) -> pa.Table:
        """Return the loaded keys of these hours whose ids did not come when they were read."""
        wanted = text_columns(hour=hours)
        return self.table(DELETED, {"country": country}, hours=wanted, ids=ids)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
