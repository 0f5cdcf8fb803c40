"""Four years of made-up crimes over the change of the wards' map in 2023, with all outlines."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from ingestion.simulators.chicago_crime.datasets import CRIMES
from ingestion.simulators.chicago_crime.outlines import Outlines
from ingestion.simulators.chicago_crime.rows.areas import residents_table
from ingestion.simulators.chicago_crime.rows.generate import Year, fill_year
from ingestion.simulators.chicago_crime.store import Store
from ingestion.sources.chicago_crime.datasets import OUTLINES, SYSTEM_FIELDS, OutlineDataset
from tests.support.projects.building import build
from tests.support.projects.crime_raw import MODELS, Crimes

YEARS = range(2022, 2026)
ROWS_PER_YEAR = 5_000
PLACE_MARTS = (
    *("crime_by_community_area", "crime_by_community_area_type_yearly", "crime_by_beat"),
    *("crime_by_ward_at_time", "crime_by_district", "crime_by_district_daily"),
    *("crime_by_district_yearly", "district_residents", "community_area_residents"),
    *("ward_map_outlines", "community_area_outlines", "ward_outlines", "rejected_residents"),
)


class CrimePlaces(Crimes):
    """A data folder with crimes, residents and outlines, and the marts by place."""

    domain_marts: ClassVar[Sequence[str]] = (*Crimes.domain_marts, *PLACE_MARTS)

    def build(self, *, tests: bool = True, full_refresh: bool = False) -> None:
        """Build the marts by place; every test asked for has to pass."""
        build(
            self.paths,
            (*MODELS, *PLACE_MARTS),
            tests="buildable" if tests else "empty",
            full_refresh=full_refresh,
        )


def fill(project: CrimePlaces) -> None:
    """Load crimes, residents and outlines into raw."""
    project.merge("1700000000.1", "crimes", crimes())
    project.merge("1700000001.1", "residents", residents())
    for dataset in OUTLINES:
        project.merge("1700000002.1", "outlines", outlines(dataset))


def crimes(years: Iterable[int] = YEARS, rows: int = ROWS_PER_YEAR) -> list[dict[str, str | None]]:
    """The simulator's crimes, fewer of each year."""
    with Store(rows=rows) as store, store.cursor() as cursor:
        for year in years:
            fill_year(cursor, Year(year, rows, date(year, 1, 1)), seed=3)
        names = [f'"{name}" as "{SYSTEM_FIELDS.get(name, name)}"' for name in CRIMES.stored]
        table = cursor.execute(f"select {', '.join(names)} from {CRIMES.table}").to_arrow_table()
    return list(table.to_pylist())


def residents() -> Iterator[dict[str, Any]]:
    for row in residents_table().to_pylist():
        yield {SYSTEM_FIELDS.get(name, name): value for name, value in row.items()}


def outlines(
    dataset: OutlineDataset, version: str = "1", east: float = 0.0
) -> Iterator[dict[str, str]]:
    """The simulator's outlines of a data set.

    Args:
        dataset: which.
        version: of the file.
        east: degrees by which they lie further east.
    """
    body = json.loads(Outlines().page(dataset.id, {"$order": ":id"}))
    for number, feature in enumerate(body["features"], 1):
        [[ring]] = feature["geometry"]["coordinates"]
        moved = [[longitude + east, latitude] for longitude, latitude in ring]
        yield {
            "dataset": dataset.id,
            "file_sha256": f"{dataset.id} {version}",
            "feature_number": str(number),
            "area_kind": dataset.area_kind,
            "area_number": feature["properties"][dataset.number_property],
            "geometry": json.dumps({"type": "Polygon", "coordinates": [moved]}),
        }


def build_places(folder: Path) -> CrimePlaces:
    """A data folder with everything built."""
    project = CrimePlaces(folder)
    fill(project)
    project.build(tests=False)
    return project
