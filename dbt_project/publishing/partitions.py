"""Which marts are published as one Parquet file per period, according to their YAML.

    config:
      meta:
        parquet_partition: {column: occurred_date, period: month}

A day of new rows then rewrites only the files of the periods that changed. Only the YAML decides:
the layout of the files does not change because a mart grew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_project.project_yaml import read_yaml
from ingestion.core.errors import WarehouseError

KEY = "parquet_partition"
# The name of a period in files and in the manifest, for strftime.
PERIODS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d"}
# Rows whose column is null, and the single file of an empty table.
UNDATED = "undated"


@dataclass(frozen=True)
class Partition:
    """How the Parquet files of a mart are divided.

    Attributes:
        column: a date or timestamp of the mart; timestamps with time zone are taken in UTC.
        period: `year`, `month` or `day`.
    """

    column: str
    period: str


def read_partitions(project: Path) -> dict[str, Partition]:
    """Read the partitions of a dbt project's models, by model.

    Raises:
        WarehouseError: one has no column, or an unknown period.
    """
    return dict(_partitions(project))


def _partitions(project: Path) -> Iterator[tuple[str, Partition]]:
    for path, content in read_yaml(project, KEY):
        for model in content.get("models", []):
            found = model.get("config", {}).get("meta", {}).get(KEY)
            if found is not None:
                yield model["name"], _partition(path, found)


def _partition(path: Path, found: Any) -> Partition:
    fields = found if isinstance(found, dict) else {}
    column, period = fields.get("column"), fields.get("period")
    if fields.keys() != {"column", "period"} or not column or period not in PERIODS:
        msg = (
            f"{path}: {KEY} is {found!r}: give it a column and a period, which is one of"
            f" {', '.join(PERIODS)}"
        )
        raise WarehouseError(msg)
    return Partition(str(column), str(period))
