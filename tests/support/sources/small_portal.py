"""A portal of few crimes whose rows and answers a test decides, down to the byte."""

import re
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from ingestion.sources.chicago_crime.datasets import CRIMES, SYSTEM_FIELDS
from tests.support.sources.hostile import Answer, Served

COLUMNS = (*CRIMES.columns, *SYSTEM_FIELDS)
NEWEST = datetime(2026, 6, 17, tzinfo=UTC)
NOT_FOUND = Answer(b'{"code": "dataset.missing", "message": "Not found"}', "application/json", 404)
Row = dict[str, str | None]


def crime(n: int, day: str = "2026-06-01", **cells: str | None) -> Row:
    """A crime as the portal has it; the n-th change."""
    stamp = (NEWEST - timedelta(days=1) + timedelta(seconds=n)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    system = {
        ":id": f"row-{n:06}",
        ":created_at": stamp,
        ":updated_at": stamp,
        ":version": f"rv-{n}",
    }
    usual = {"id": str(10_000_000 + n), "date": f"{day}T10:{n % 60:02}:00.000", "arrest": "false"}
    usual |= {"domestic": "false", "iucr": "0820", "ward": "7", "beat": "0111"}
    return dict.fromkeys(COLUMNS) | usual | system | cells


@dataclass
class SmallPortal:
    """Answers the queries of the load over a table in SQLite, whose comparisons are SoQL's.

    Attributes:
        columns: what `*` stands for.
        mutate: what is done to an answer on its way out, by the decoded query.
        asked: the queries so far.
    """

    columns: Sequence[str] = COLUMNS
    mutate: Callable[[str, Served], Served] = lambda _, served: served
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(":memory:", check_same_thread=False)
        self._rows.create_function("date_trunc_ymd", 1, lambda text: text and text[:10])
        self._rows.execute(f"create table crimes ({self._names(self.columns)})")

    def add(self, *rows: Row) -> None:
        with self._lock:
            marks = ", ".join("?" * len(self.columns))
            cells = [[row.get(name) for name in self.columns] for row in rows]
            self._rows.executemany(f"insert into crimes values ({marks})", cells)

    def delete(self, where: str = "1") -> None:
        with self._lock:
            self._rows.execute(f"delete from crimes where {where}")

    def rows(self) -> list[tuple[str | None, ...]]:
        """Every row as raw should hold it, an empty text as none."""
        with self._lock:
            found = self._rows.execute(f"select {self._names(COLUMNS)} from crimes").fetchall()
        return sorted((tuple(cell or None for cell in row) for row in found), key=repr)

    def answer(self, path: str) -> Answer:
        """Answer a path and query, as the server got it."""
        asked = urlsplit(path)
        if not asked.path.endswith(f"{CRIMES.id}.csv"):
            return NOT_FOUND
        given = {name: values[0] for name, values in parse_qs(asked.query).items()}
        self.asked.append(str(given))
        served = self._served(given)
        return self.mutate(str(given), served).answer()

    def _served(self, given: dict[str, str]) -> Served:
        select = given["$select"]
        if select.startswith("*"):
            select = self._names(self.columns)
        parts = {"$where": "where", "$group": "group by", "$order": "order by", "$limit": "limit"}
        sql = " ".join(
            f"{word} {self._sql(given[part])}" for part, word in parts.items() if part in given
        )
        with self._lock:
            cursor = self._rows.execute(f"select {self._sql(select)} from crimes {sql}")
            header = tuple(column[0].strip('"') for column in cursor.description)
            rows = cursor.fetchall()
        return Served(
            header, tuple(tuple("" if c is None else str(c) for c in row) for row in rows)
        )

    @staticmethod
    def _names(columns: Sequence[str]) -> str:
        return ", ".join(f'"{name}"' for name in columns)

    @staticmethod
    def _sql(soql: str) -> str:
        """Quote the system fields, which stand outside of texts."""
        texts = re.split(r"""('(?:[^']|'')*'|"[^"]*")""", soql)
        return "".join(
            part if n % 2 else re.sub(r"(:[a-z_]+)", r'"\1"', part) for n, part in enumerate(texts)
        )
