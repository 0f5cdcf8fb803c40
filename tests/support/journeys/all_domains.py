"""Five loads in all three domains: edits, late rows, deletions and rejections."""

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from dbt_project.build.plans.build import planned_build
from dbt_project.build.plans.invocation import Invocation
from dbt_project.paths import Paths
from ingestion.core.progress import progress_for
from ingestion.sources.chicago_crime.datasets import OUTLINES
from tests.python.questions.crime_places import crimes, outlines, residents
from tests.support.journeys import education_steps, footfall_steps
from tests.support.projects.crime_raw import Crimes
from tests.support.projects.education_raw import Education
from tests.support.projects.footfall_raw import Footfall

KINDS = ("model", "seed")
Row = dict[str, str | None]


class Domains:
    """A data folder with a raw file of all three domains, built by DuckDB."""

    def __init__(self, data: Path) -> None:
        self.crimes, self.footfall, self.education = Crimes(data), Footfall(data), Education(data)
        self.paths: Paths = self.crimes.paths

    def build(self) -> None:
        build_all(self.paths)


def build_all(paths: Paths) -> None:
    """Build every model with DuckDB."""
    with pytest.MonkeyPatch.context() as env:
        env.setenv("DBT_INDIRECT_SELECTION", "empty")
        report = planned_build(
            paths, Invocation(resource_types=KINDS), progress=progress_for(io.StringIO())
        )
    assert report.failures == [], report.failures


def revised(rows: Iterable[Row], at: str, **columns: str | None) -> list[Row]:
    """Later versions of crimes, as the portal gives them."""
    return [
        row | {"socrata_updated_at": at, "socrata_version": f"rv-{at}-{row['id']}", **columns}
        for row in rows
    ]


def crimes_of_a_year(project: Crimes) -> None:
    project.merge("1700000000.1", "crimes", crimes([2022], 150))
    for dataset in OUTLINES:
        project.merge("1700000000.1", "outlines", outlines(dataset))
    project.merge("1700000000.1", "residents", residents())


def edits(project: Crimes) -> None:
    rows = crimes([2022], 150)
    edited = revised(rows[:20], "2026-02-01T12:00:00.000Z", arrest="true", ward="7")
    project.merge("1700000001.1", "crimes", edited)


def late_rows(project: Crimes) -> None:
    """Of the year before, and of a year more; some at the hour that autumn has twice."""
    late = crimes([2021, 2023], 80)
    twice = revised(late[:10], "2026-02-02T12:00:00.000Z", date="2021-11-07T01:30:00.000")
    project.merge("1700000002.1", "crimes", [*late, *twice])


def deletions(project: Crimes) -> None:
    deleted = [
        {
            "dataset": "ijzp-q8t2",
            **{name: row[name] for name in ("socrata_id", "socrata_updated_at", "socrata_version")},
            "detected_at": "2026-02-03T12:00:00.000000Z",
        }
        for row in crimes([2022], 150)[30:45]
    ]
    project.merge("1700000003.1", "crime_deletions", deleted)


def rejections(project: Crimes) -> None:
    """Some become invalid, and one that was comes right."""
    rows = crimes([2023], 80)
    at = "2026-02-04T12:00:00.000Z"
    wrong = revised(rows[:5], at, date="yesterday") + revised(rows[5:9], at, latitude="41_8")
    right = revised(rows[:1], "2026-02-04T13:00:00.000Z")
    project.merge("1700000004.1", "crimes", [*wrong, *right])


CRIME: Sequence[Callable[[Crimes], None]] = (
    *(crimes_of_a_year, edits, late_rows, deletions, rejections),
)
STEPS = range(len(CRIME))


def load_step(domains: Domains, number: int) -> None:
    """Load what is next in each domain."""
    CRIME[number](domains.crimes)
    for footfall_step in footfall_steps.STEPS[2 * number : 2 * number + 2]:
        footfall_step(domains.footfall)
    education_steps.STEPS[number](domains.education)
