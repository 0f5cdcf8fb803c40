"""Every promise in docs/reviewers.md names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISES = (ROOT / "docs/reviewers.md").read_text().partition("## What you may rely on")[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PROMISES.partition("\n## ")[0].splitlines()
    if line.startswith("|")
][2:]


def dbt_tests() -> set[str]:
    """The names of data tests and unit tests, singular ones too."""
    names = {path.stem for path in (ROOT / "tests/singular").rglob("*.sql")}
    for path in (ROOT / "models").rglob("*.yml"):
        names |= {*re.findall(r"\bname: (\w+)", path.read_text())}
    return names


def test_the_page_lists_promises() -> None:
    assert len(ROWS) >= 15
    assert all(cell for row in ROWS for cell in row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_a_promise_names_tests_that_exist(row: list[str]) -> None:
    named = re.findall(r"`([\w*/.:]+)`", row[-1])
    assert named
    known = dbt_tests()
    for name in named:
        path, _, function = name.partition("::")
        if path.endswith(".py"):
            text = (ROOT / "tests/python" / path).read_text()
            assert f"def {function or 'test_'}" in text, name
        else:
            pattern = re.compile(name.replace("*", r"\w+"))
            assert any(pattern.fullmatch(test) for test in known), name
