"""Writes the pages of all countries: of each, what raw lacks or has with other values."""

from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from ingestion.core.raw.package_writer import PackageWriter
from ingestion.core.raw.store import RawStore
from ingestion.sources.pisa.databases.database import PRIME, Summary
from ingestion.sources.pisa.raw_state import LoadedCountry, LoadedResponses
from ingestion.sources.pisa.tables import RESPONSES

ROWS_PER_PACKAGE = 200_000
NOTHING = LoadedCountry(Summary(0, 0))


class Writer(PackageWriter[None]):
    """Writes responses.

    Args:
        store: the raw database.
        countries: by country, what raw has once everything given so far is committed.
        now: later times do not count as newest.
    """

    def __init__(self, store: RawStore, countries: dict[str, LoadedCountry], now: datetime) -> None:
        super().__init__(store, None, max_rows=ROWS_PER_PACKAGE)
        self.countries = countries
        self._now = now
        self._loaded = LoadedResponses(store.connection)
        self._received: list[pa.Table] = []

    def country(self, code: str) -> LoadedCountry:
        """Return what raw has of a country."""
        return self.countries.get(code, NOTHING)

    def add_page(self, country: str, page: pa.Table) -> None:
        """Give a page of a country; commits once a package is full."""
        if not page.num_rows:
            return
        countries = pa.repeat(pa.scalar(country), page.num_rows)
        columns = [page[name] for name in RESPONSES.columns[1:]]
        self._received.append(pa.table([countries, *columns], names=RESPONSES.columns))
        if sum(rows.num_rows for rows in self._received) >= ROWS_PER_PACKAGE:
            self.filter_new_rows()
        self.commit_full()

    def filter_new_rows(self) -> None:
        """Keep what is new of the pages that were given."""
        if not self._received:
            return
        rows = self._loaded.new_rows(pa.concat_tables(self._received))
        self._received.clear()
        if rows.num_rows:
            self._count(rows.filter(rows["is_new"]))
            self._note_newest(rows)
            is_new = pc.all(rows["is_key_new"]).as_py()
            self.add("responses", rows.drop_columns(["is_new", "is_key_new"]), is_new=is_new)

    def _count(self, rows: pa.Table) -> None:
        """Count rows that raw did not have; of an id that is there twice, one."""
        rows = rows.select(RESPONSES.key).group_by([*RESPONSES.key]).aggregate([])
        ids = pc.cast(rows["id"], pa.int64())
        # Of the truncating kind, as the databases have it.
        remainders = pc.subtract(ids, pc.multiply(pc.divide(ids, PRIME), PRIME))
        counts = (
            pa.table({"country": rows["database_country"], "id": remainders})
            .group_by("country")
            .aggregate([("id", "count"), ("id", "sum")])
        )
        for row in counts.to_pylist():
            known = self.country(row["country"])
            now = Summary(known.rows.rows + row["id_count"], known.rows.ids + row["id_sum"])
            self.countries[row["country"]] = replace(known, rows=now)

    def _note_newest(self, rows: pa.Table) -> None:
        """Note when the newest rows were created."""
        for country, at in self._loaded.newest(rows, self._now).items():
            known = self.country(country)
            self.countries[country] = replace(known, newest=max(known.newest or at, at))
