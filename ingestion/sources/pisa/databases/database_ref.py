"""Where a country's database is, and how many rows it must still have."""

from dataclasses import dataclass

from sqlalchemy import URL

from ingestion.core.raw.reconciliation import shrink_problem
from ingestion.sources.pisa.databases.database import Database, DatabaseError
from ingestion.sources.pisa.databases.postgres import PostgresDatabase
from ingestion.sources.pisa.databases.sqlalchemy_database import SqlAlchemyDatabase


@dataclass(frozen=True)
class DatabaseRef:
    """A country's database.

    Attributes:
        country: whose it is.
        url: where it is.
        timeout: seconds to wait for a connection, or for one answer.
        loaded: rows of it in raw; a database with a fifth less is refused.
    """

    country: str
    url: URL
    timeout: float
    loaded: int = 0

    def connect(self) -> Database:
        """Return the database, opened: its answers are of this moment.

        Raises:
            DatabaseError: it cannot be opened, or its table has another form.
        """
        is_postgres = self.url.get_backend_name() == "postgresql"
        kind = PostgresDatabase if is_postgres else SqlAlchemyDatabase
        database = kind(self.country, self.url, self.timeout)
        try:
            database.open()
            database.names = database.find_names()
        except BaseException:
            database.close()
            raise
        return database

    def require_not_shrunk(self, rows: int) -> None:
        """Refuse a database that lost much.

        Raises:
            DatabaseError: it has less than four fifths of the rows loaded.
        """
        if why := shrink_problem(rows, self.loaded, accept=False):
            msg = f"it {why}"
            raise DatabaseError(msg)
