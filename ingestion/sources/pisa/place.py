"""Where a country's database is, and what it must still have."""

from dataclasses import dataclass

from sqlalchemy import URL

from ingestion.core.reconciliation import is_shrunk, shrunk
from ingestion.sources.pisa.databases import Database, DatabaseError
from ingestion.sources.pisa.other import OtherDatabase
from ingestion.sources.pisa.postgres import PostgresDatabase


@dataclass(frozen=True)
class Place:
    """A country's database that can be opened.

    Attributes:
        country: whose it is.
        url: where it is.
        timeout: seconds to wait.
        held: rows of it in raw; a database with a fifth less is refused.
    """

    country: str
    url: URL
    timeout: float
    held: int = 0

    def connect(self) -> Database:
        """Return the database, to be opened."""
        is_postgres = self.url.get_backend_name() == "postgresql"
        kind = PostgresDatabase if is_postgres else OtherDatabase
        return kind(self.country, self.url, self.timeout)

    def require_not_shrunk(self, rows: int) -> None:
        """Refuse a database that lost much.

        Raises:
            DatabaseError: it has less than four fifths of the rows held.
        """
        if is_shrunk(rows, self.held):
            msg = f"it has {shrunk(rows, self.held)}"
            raise DatabaseError(msg)
