"""The documents name files, commands, settings and pages that exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from dbt_project.cli.main import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    {
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / ".github").rglob("*.md"),
        *(ROOT / "ingestion/sources").glob("*/README.md"),
        ROOT / "reports/site/README.md",
    }
)
# Top-level folders whose files the documents name; what a run writes below data/ is not there.
FOLDERS = "|".join(
    (
        "docs",
        "ingestion",
        "models",
        "seeds",
        "macros",
        "dbt_project",
        "reports",
        "tests",
        r"\.github",
    )
)
LINK = re.compile(r"\]\((?!https?:|#!|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
PATH = re.compile(rf"`((?:{FOLDERS})/[\w./\[\]-]*)`")
MODEL = re.compile(r"`((?:stg|int)_\w+?__\w+)`")
COMMAND = re.compile(
    r"(?:^|`|/|&& |\(|… )warehouse ([a-z]+(?:-[a-z]+)*)((?: [^`\n#;|>)]*)?)", re.MULTILINE
)
MAKE = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)
SETTING = re.compile(r"`((?:WAREHOUSE|SOURCES__|OPENLINEAGE)[A-Z_]+)`")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    }


def broken_links(path: Path) -> Iterator[str]:
    for target, anchor in LINK.findall(path.read_text()):
        found = (path.parent / target).resolve() if target else path
        if not found.exists() or (anchor and anchor not in anchors(found)):
            yield f"{target}#{anchor}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_link_leads_somewhere(document: Path) -> None:
    assert list(broken_links(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_path_or_model_that_is_named_exists(document: Path) -> None:
    text = document.read_text()
    roots = (ROOT, ROOT / "tests/python")
    missing = {
        path for path in PATH.findall(text) if not any((root / path).exists() for root in roots)
    }
    models = {path.stem for path in (ROOT / "models").rglob("*.sql")}
    assert missing | {name for name in MODEL.findall(text) if name not in models} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_command_that_is_named_exists_and_takes_the_options(document: Path) -> None:
    text = document.read_text()
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for name, arguments in COMMAND.findall(text):
        assert name in commands, f"warehouse {name}"
        # With those of the commands of a group, such as `warehouse engine`.
        of_group = [commands[name], *getattr(commands[name], "commands", {}).values()]
        known = {
            option
            for command in of_group
            for parameter in command.params
            for option in parameter.opts
        }
        given = set(re.findall(r"(?<!\S)--[a-z-]+", arguments))
        assert given <= known | {"--help"}, f"warehouse {name}"
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert {*MAKE.findall(text)} <= {*targets}


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_a_setting_that_is_named_is_in_the_example(document: Path) -> None:
    example = (ROOT / ".env.example").read_text()
    # Builds set two for themselves; one belongs to the source of an example.
    internal = {"WAREHOUSE_AUDIT", "WAREHOUSE_STORE_FAILURES", "SOURCES__LIBRARY_LOANS__BASE_URL"}
    missing = {name for name in SETTING.findall(document.read_text()) if name not in example}
    assert missing - internal == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_prose_has_at_most_120_columns(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
    assert [line for line in text.split("\n") if len(line) > 120 and line[:1] != "|"] == []


def test_the_readme_is_short_and_begins_with_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 150
    assert re.findall(r"^make (\w+)", text, flags=re.MULTILINE) == ["demo", "test"]


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    records = {path.name for path in folder.glob("[0-9]*.md")}
    listed = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text()))
    assert listed == records
    for name in records:
        text = (folder / name).read_text()
        assert text.startswith(f"# {int(name[:4])}. "), name
        assert {"Context", "Decision", "Consequences"} <= set(re.findall(r"^## (\w+)", text, re.M))
