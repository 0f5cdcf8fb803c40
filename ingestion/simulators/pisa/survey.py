"""The survey that goes on: what a test, or the service, does to the countries' databases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ingestion.simulators.pisa.columns import COLUMNS, OTHERS, READ, bank
from ingestion.simulators.pisa.draw import draw, moments
from ingestion.simulators.pisa.servers import TABLE, Server

DAYS_FILLED = 3.0
ROWS_PER_CHUNK = 20_000


@dataclass(frozen=True)
class Begun:
    """Submissions that have their ids and times, and are not committed yet."""

    country: str
    ids: list[int]
    created_at: datetime


@dataclass
class _Open:
    connection: Any
    last_id: int


@dataclass
class Survey:
    """The countries' databases, each with one connection that writes.

    Attributes:
        server: where they are.
        seed: decides every cell; the times come from the clock.
        clock: the moment, with its zone.
    """

    server: Server
    seed: int = 42
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _bank: list[list[str]] = field(init=False)
    _open: dict[str, _Open] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bank = bank(self.seed)

    def add_country(self, country: str, rows: int = 0) -> None:
        """Make a country's database with submissions of the last days; one that has rows stays."""
        country = country.upper()
        self.server.create(country)
        connection = self.server.connect(country)
        self.server.prepare(connection, self._bank)
        cursor = connection.cursor()
        cursor.execute(f"select coalesce(max(id), 0) from {TABLE}")
        ((last_id,),) = cursor.fetchall()
        self._open[country] = _Open(connection, last_id)
        if rows and not last_id:
            self._fill(country, rows)

    def drop_country(self, country: str) -> None:
        """Take a country's database away."""
        self.close_country(country)
        self.server.drop(country.upper())

    def close_country(self, country: str) -> None:
        """Leave a country's database as it is."""
        if known := self._open.pop(country.upper(), None):
            known.connection.close()

    def close(self) -> None:
        """Leave all databases as they are."""
        for country in self.countries():
            self.close_country(country)

    def countries(self) -> list[str]:
        """Return the codes of the countries that are there."""
        return [*self._open]

    def databases(self) -> dict[str, str]:
        """Return the URLs by country, as the loader is configured with them."""
        return {country.lower(): self.server.url(country) for country in self._open}

    def last_id(self, country: str) -> int:
        """Return the id that was given last."""
        return self._open[country.upper()].last_id

    def begin(self, country: str, count: int = 1) -> Begun:
        """Begin submissions: their ids and times are of now, whenever they are committed."""
        known = self._open[country.upper()]
        first = known.last_id + 1
        known.last_id += count
        return Begun(country.upper(), [*range(first, first + count)], self.clock())

    def commit(self, begun: Begun, **cells: str | None) -> list[int]:
        """Commit submissions, some cells as given, and return their ids."""
        drawn = draw(self.seed, begun.country, begun.ids)
        rows = [
            {"id": id_, "created_at": self.text_of(begun.created_at)}
            | dict(zip(READ, row, strict=True))
            | dict(zip(OTHERS, self._bank[n], strict=True))
            | cells
            for id_, row, n in zip(drawn.ids, drawn.cells, drawn.bank, strict=True)
        ]
        marks = ", ".join([self.server.mark] * len(COLUMNS))
        insert = f"insert into {TABLE} ({', '.join(COLUMNS)}) values ({marks})"
        self._run(begun.country, insert, [[row[name] for name in COLUMNS] for row in rows])
        return begun.ids

    def insert(
        self,
        country: str,
        count: int = 1,
        *,
        created_at: datetime | None = None,
        **cells: str | None,
    ) -> list[int]:
        """Insert submissions of now, or of another time, and return their ids."""
        begun = self.begin(country, count)
        return self.commit(Begun(begun.country, begun.ids, created_at or begun.created_at), **cells)

    def edit(self, country: str, id_: int, **cells: str | None) -> None:
        """Change cells of a submission; its time stays."""
        mark = self.server.mark
        sets = ", ".join(f"{name} = {mark}" for name in cells)
        self.execute(
            country, f"update {TABLE} set {sets} where id = {mark}", [*cells.values(), id_]
        )

    def execute(self, country: str, statement: str, values: Sequence[Any] = ()) -> None:
        """Run any statement in a country's database, and commit."""
        self._run(country, statement, [values])

    def text_of(self, moment: datetime) -> str:
        """Return a moment as the databases take it."""
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def _fill(self, country: str, rows: int) -> None:
        known = self._open[country]
        times = moments(rows, self.clock(), DAYS_FILLED)
        for start in range(0, rows, ROWS_PER_CHUNK):
            ids = range(start + 1, min(start + ROWS_PER_CHUNK, rows) + 1)
            drawn = draw(self.seed, country, ids)
            heads: list[tuple[Any, ...]] = [
                (id_, self.text_of(times[id_ - 1]), *cells, n)
                for id_, cells, n in zip(drawn.ids, drawn.cells, drawn.bank, strict=True)
            ]
            self.server.fill(known.connection, heads)
        known.connection.commit()
        known.last_id = rows
        self.server.analyze(known.connection)

    def _run(self, country: str, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        connection = self._open[country.upper()].connection
        try:
            cursor = connection.cursor()
            for row in rows:
                cursor.execute(statement, row)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise


def spread(rows: int, countries: Sequence[str]) -> Mapping[str, int]:
    """Return the rows of each country; those left over go to the first ones."""
    each, left = divmod(rows, len(countries))
    return {country: each + (n < left) for n, country in enumerate(countries)}
