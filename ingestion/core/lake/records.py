"""The records of loads: which files of the lake count, and for which loads.

A file counts once a record names it. The record is the last thing that a load writes, at once: a
load that was killed before it left files that nobody counts, and the next load writes its rows
again. dlt writes the record of a load that ended to `_dlt_loads`; here it names the files as well.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ingestion.core.errors import LoadError
from ingestion.core.lake.location import Lake

LOADS = "_dlt_loads"
STATES = "_dlt_pipeline_state"
BETWEEN = "__"
# Of a load of which raw.duckdb had rows but no end: it was killed between the two.
LEFT = 1


@dataclass(frozen=True)
class LakeFile:
    """A Parquet file.

    Attributes:
        path: below the schema, for example `crimes/1780000000.1.0a1b2c.parquet`.
        rows: how many it has.
    """

    path: str
    rows: int

    @property
    def table(self) -> str:
        """The raw table that its rows are of."""
        return self.path.partition("/")[0]


@dataclass(frozen=True)
class Load:
    """A load, as dlt records it; status 0: it ended."""

    load_id: str
    schema_name: str
    status: int
    inserted_at: str
    schema_version_hash: str


@dataclass(frozen=True)
class Record:
    """What became visible at once: loads, and the files that have their rows.

    Attributes:
        load_id: that the record is named by; the newest of its loads.
        loads: one, unless they were copied from a raw file.
        files: of all of them; the rows say of which load they are.
    """

    load_id: str
    loads: tuple[Load, ...]
    files: tuple[LakeFile, ...]

    def to_json_lines(self) -> str:
        """Return it as a line for each load; the files stand in that of the record's own name."""
        return "".join(
            json.dumps(
                asdict(load)
                | {"files": [asdict(file) for file in self.files if load.load_id == self.load_id]}
            )
            + "\n"
            for load in self.loads
        )

    @classmethod
    def from_json_lines(cls, load_id: str, text: str) -> "Record":
        """Read one again.

        Raises:
            ValueError, TypeError: the text is something else.
        """
        lines = [json.loads(line) for line in text.splitlines()]
        files = [LakeFile(**file) for line in lines for file in line.pop("files", ())]
        return cls(load_id, tuple(Load(**line) for line in lines), tuple(files))


def record_name(schema_name: str, load_id: str) -> str:
    """Return the name of a record's file; `schema_name` is dlt's, without `raw_`."""
    return f"{schema_name}{BETWEEN}{load_id}.jsonl"


def recorded_ids(lake: Lake, schema: str) -> list[str]:
    """Return the load ids that the records of a schema are named by, in order."""
    names = (name.removesuffix(".jsonl") for name in lake.names(schema, LOADS))
    return sorted(name.rpartition(BETWEEN)[2] for name in names if BETWEEN in name)


def read_records(lake: Lake, schema: str, load_ids: Iterable[str]) -> list[Record]:
    """Return records by the ids that they are named by, in the order given.

    Raises:
        LoadError: a file is not a record.
    """
    by_path = {
        lake.path(schema, LOADS, record_name(schema.removeprefix("raw_"), load_id)): load_id
        for load_id in load_ids
    }
    if not by_path:
        return []
    texts: Mapping[str, Any] = lake.files.cat([*by_path])
    return [_read(path, load_id, texts[path]) for path, load_id in by_path.items()]


def _read(path: str, load_id: str, text: bytes) -> Record:
    try:
        return Record.from_json_lines(load_id, text.decode())
    except (ValueError, TypeError) as error:
        msg = f"{path} is not the record of a load: restore it from where the lake is kept twice"
        raise LoadError(msg) from error


def recorded_loads(records: Sequence[Record]) -> set[str]:
    """Return the ids of all loads of some records."""
    return {load.load_id for record in records for load in record.loads}
