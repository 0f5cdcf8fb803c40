"""Raw files as loads leave them, and the marts that dbt builds of them."""

import shutil
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import duckdb
import pyarrow as pa

from dbt_project.paths import Paths
from ingestion.core.source import RawTable

LOAD_ID = "_dlt_load_id"
Row = tuple[Any, ...]


class RawProject(ABC):
    """A data folder with a raw file of one source, and the marts of its domain built of it."""

    raw_schema: ClassVar[str]
    raw_tables: ClassVar[Mapping[str, RawTable]]
    domain: ClassVar[str]
    domain_marts: ClassVar[Sequence[str]]

    def __init__(self, data: Path) -> None:
        self.paths = Paths(data=data)
        self.paths.work.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(self.paths.raw) as raw:
            raw.execute(f"create schema {self.raw_schema}")
            for name, table in self.raw_tables.items():
                texts = ", ".join(f"{column} varchar" for column in (*table.columns, LOAD_ID))
                raw.execute(f"create table {self.raw_schema}.{name} ({texts})")

    def merge(self, load_id: str, name: str, rows: Iterable[Mapping[str, str | None]]) -> None:
        """Merge rows of a table into raw by their keys, as dlt does; what a row lacks is null."""
        table, listed = self.raw_tables[name], list(rows)
        texts = {c: [row.get(c) for row in listed] for c in table.columns}
        given = pa.table(
            texts | {LOAD_ID: [load_id] * len(listed)},
            schema=pa.schema([(c, pa.string()) for c in (*table.columns, LOAD_ID)]),
        )
        into, keys = f"{self.raw_schema}.{name}", ", ".join(table.key)
        with duckdb.connect(self.paths.raw) as raw:
            raw.register("given", given)
            raw.execute(f"delete from {into} where ({keys}) in (select {keys} from given)")
            raw.execute(f"insert into {into} from given")

    def merge_lines(
        self, load_id: str, name: str, rows: Iterable[Mapping[str, str | None]]
    ) -> None:
        """Merge lines of files with the notes that make them count."""
        listed = list(rows)
        self.merge(load_id, name, listed)
        counts = Counter(str(row["file_sha256"]) for row in listed)
        notes = [
            {"file_sha256": sha256, "lines": str(count + 1), "header": "1", "blank": "0"}
            for sha256, count in sorted(counts.items())
        ]
        self.merge(load_id, "files", notes)

    @abstractmethod
    def build(self, *, tests: bool = True, full_refresh: bool = False) -> None:
        """Build the marts, and test them: every test has to pass."""

    def query(self, sql: str) -> list[Row]:
        with duckdb.connect(self.paths.work_marts) as marts:
            marts.execute("set TimeZone = 'UTC'")
            return marts.execute(sql).fetchall()

    def marts(self) -> dict[str, list[Row]]:
        """Every row of every mart of the domain."""
        return {
            mart: self.query(f"from {self.domain}.{mart} order by all")
            for mart in self.domain_marts
        }


P = TypeVar("P", bound=RawProject)


def check_increments(
    steps: Sequence[Callable[[P], None]], last: Callable[[P], None], increments: P, whole: P
) -> None:
    """Take steps and build each as an increment: the marts are those of one full refresh.

    Args:
        steps: each changes raw.
        last: the last step of all, whose build is tested.
        increments: takes the steps.
        whole: a second warehouse, that is given the first one's raw file and built anew.
    """
    for step in steps:
        step(increments)
        increments.build(tests=step is last)
    shutil.copy(increments.paths.raw, whole.paths.raw)
    whole.build(full_refresh=True, tests=False)
    expected = whole.marts()
    for mart, rows in increments.marts().items():
        assert rows == expected[mart], mart
