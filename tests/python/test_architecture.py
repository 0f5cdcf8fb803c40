"""The rules of the architecture, read from the source files."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("ingestion", "dbt_project", "reports", "tests")
FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    """The top-level packages that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize(
    ("room", "strangers"),
    [
        ("ingestion", {"dbt", "dbt_common", "dbt_project", "reports"}),
        ("reports", {"dbt", "dbt_common", "dbt_project", "dlt", "ingestion"}),
        ("dbt_project", {"tests"}),
    ],
)
def test_a_package_imports_nothing_from_the_layers_above_it(room: str, strangers: set[str]) -> None:
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / room).rglob("*.py")
        for name in strangers.intersection(imported(path))
    }
    assert not found


def test_dbt_finds_a_plugin_that_imports_nothing() -> None:
    # dbt imports every top-level package named dbt_… that it finds.
    assert not list(imported(ROOT / "dbt_project/__init__.py"))
    assert [path.name for path in ROOT.glob("dbt_*") if path.suffix in {"", ".py"}] == [
        "dbt_project"
    ]


def test_there_is_no_python_among_the_models() -> None:
    assert not list((ROOT / "models").rglob("*.py"))


def test_no_python_file_is_longer_than_300_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in FILES}
    assert {path: lines for path, lines in lengths.items() if lines > 300} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert long == []


def test_no_model_is_longer_than_100_lines() -> None:
    lengths = {
        path.name: len(path.read_text().splitlines()) for path in ROOT.glob("models/**/*.sql")
    }
    assert {name: lines for name, lines in lengths.items() if lines > 100} == {}


def test_the_lock_file_names_no_registry() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert "--index" not in text
