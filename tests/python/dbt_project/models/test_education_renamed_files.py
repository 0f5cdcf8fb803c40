"""A file of students whose second name gives the cycle that its first one did not."""

from pathlib import Path
from typing import Any

from tests.support.projects.education_raw import Education, student
from tests.support.projects.raw_project import check_increments


def load(warehouse: Education, load_id: str, file: str, content: str, **more: Any) -> None:
    """Load students 2, 3 and (rejected) 4 of a file with this content."""
    lines = [student(file, number, "EST", **more) for number in (2, 3)]
    lines.append(student(file, 4, "EST", **more, escs="many"))
    note: dict[str, str | None] = {
        "file_sha256": file * 64,
        "content_sha256": content,
        "lines": "4",
        "header": "1",
    }
    note |= {"blank": "0", "file_cycle": more.get("file_cycle")}
    warehouse.merge(load_id, "file_students", lines)
    warehouse.merge(load_id, "files", [note])


def another_file_of_an_unknown_cycle(warehouse: Education) -> None:
    load(warehouse, "1793000009.5", "y", "other")


def a_file_of_an_unknown_cycle(warehouse: Education) -> None:
    load(warehouse, "1793000010.5", "a", "same")


def the_same_named_2018(warehouse: Education) -> None:
    load(warehouse, "1793000011.5", "b", "same", file_cycle="2018")


def the_same_named_2022(warehouse: Education) -> None:
    load(warehouse, "1793000012.5", "c", "same", file_cycle="2022")


def test_students_are_in_the_newest_names_cycle_and_once(tmp_path: Path) -> None:
    steps = (
        another_file_of_an_unknown_cycle, a_file_of_an_unknown_cycle, the_same_named_2018,
        the_same_named_2022,
    )  # fmt: skip
    increments = Education(tmp_path / "increments")
    check_increments(steps, steps[-1], increments, Education(tmp_path / "whole"))
    facts = "select survey_cycle, submission_id, load_id from education.fct_student_submissions"
    assert increments.query(f"{facts} order by all") == [
        (2022, "2", "1793000012.5"),
        (2022, "3", "1793000012.5"),
        # What the unnamed file had stood before.
        (None, "2", "1793000009.5"),
        (None, "3", "1793000009.5"),
    ]
    superseded = "select survey_cycle, file_name, superseded_by_file_name, count(*)"
    assert increments.query(
        f"{superseded} from education.superseded_submissions group by all order by all"
    ) == [(2022, "a.csv", "c.csv", 2), (2022, "b.csv", "c.csv", 2)]
