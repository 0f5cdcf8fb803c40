"""The layout of the project and what may import what, read from the source files."""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from dbt_project.paths import InData, Paths

ROOT = Path(__file__).parents[2]
PACKAGES = ("ingestion", "dbt_project", "reports", "tests")
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in FILES
}
MAX_FILES = 12
MAX_COLUMNS = 120
YAML = ("*.y*ml", "models/**/*.yml", "seeds/**/*.yml", "reports/site/*.yaml", ".github/**/*.y*ml")
# What only pytest or Python itself looks for is not one of the files of a folder.
UNCOUNTED = {"__init__.py", "__main__.py", "conftest.py"}
ROOMS = {
    "dbt_project": {
        "backups", "build", "checks", "cli", "docs", "documentation", "engine", "monitoring",
        "orchestration",
        "publishing", "runs",
    },
    "ingestion": {"core", "simulators", "sources"},
    "reports": {"api", "images", "site", "site_builder"},
    "tests": {"benchmarks", "generic", "mutants", "python", "singular", "support"},
}  # fmt: skip


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    return imported_by(ast.parse(path.read_text()))


def imported_by(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else node.module for name in names)


def named(path: Path) -> Iterator[str]:
    """The modules that a file names as `module:attribute`, to import them when they are needed."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ":" in node.value:
            yield node.value.partition(":")[0]


def for_types(path: Path) -> set[str]:
    """The modules that a file imports for annotations alone."""
    tree = ast.parse(path.read_text())
    blocks = [
        ast.Module(node.body, [])
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {name for block in blocks for name in imported_by(block)}


IMPORTS = {
    module: {name for name in imported(path) if name in MODULES} - {module} - for_types(path)
    for module, path in MODULES.items()
}


def cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """The nodes of one circle of a graph; none where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def room(module: str) -> str:
    """The folder of a module; what lies deeper in a room belongs to it."""
    folder = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    depth = 2 if folder.startswith(("dbt_project", "ingestion.core")) else 3
    return ".".join(folder.split(".")[:depth])


def is_ours(path: Path) -> bool:
    """Whether a folder is part of the project, and not what a run or a tool left."""
    return path.is_dir() and path.name != "__pycache__" and not path.name.startswith(".")


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("ingestion", {"dbt", "dbt_common", "dbt_project", "reports"}),
        ("reports", {"dbt", "dbt_common", "dbt_project", "dlt", "ingestion"}),
        ("dbt_project", {"tests"}),
    ],
)
def test_a_package_imports_nothing_that_lies_above_it(package: str, forbidden: set[str]) -> None:
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / package).rglob("*.py")
        for name in forbidden.intersection(name.partition(".")[0] for name in imported(path))
    }
    assert not found


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_import_each_other_in_no_circle(package: str) -> None:
    modules = {module for module in MODULES if module.partition(".")[0] == package}
    assert cycle({module: IMPORTS[module] & modules for module in modules}) == []


@pytest.mark.parametrize("package", ["ingestion", "dbt_project", "reports"])
def test_rooms_import_each_other_in_no_circle(package: str) -> None:
    graph: dict[str, set[str]] = {}
    for module, names in IMPORTS.items():
        if module.partition(".")[0] == package and not module.endswith("__main__"):
            graph.setdefault(room(module), set()).update(
                room(name) for name in names if name.partition(".")[0] == package
            )
    assert cycle({name: others - {name} for name, others in graph.items()}) == []


def test_each_product_module_is_used_by_the_product() -> None:
    product = [module for module in MODULES if not module.startswith("tests.")]
    used = set().union(*(IMPORTS[module] for module in product))
    used |= {name for module in product for name in named(MODULES[module])}
    # dbt and dbt-bouncer find these by what their files say.
    configured = "".join((ROOT / name).read_text() for name in ("profiles.yml", "dbt-bouncer.yml"))
    unused = [
        module
        for module, path in MODULES.items()
        if module in product
        and module not in used
        and path.name not in UNCOUNTED
        and 'if __name__ == "__main__":' not in path.read_text()
        and module not in configured
        and str(path.relative_to(ROOT).parents[1]) not in configured
    ]
    assert unused == []


def test_reports_name_no_file_that_is_not_published() -> None:
    private = [
        value.name
        for value in vars(Paths).values()
        if isinstance(value, InData) and Path(value.name).suffix in {".json", ".jsonl", ".duckdb"}
    ]
    # Published marts have the same name as those in the making.
    private.remove("marts.duckdb")
    found = {
        f"{path.relative_to(ROOT)} names {name}"
        for path in (ROOT / "reports").rglob("*.py")
        for name in private
        if f'"{name}"' in path.read_text()
    }
    assert found == set()


def test_no_test_file_imports_another() -> None:
    found = {
        f"{module} imports {name}"
        for module, names in IMPORTS.items()
        for name in names
        if name.rpartition(".")[2].startswith("test_")
    }
    assert found == set()


def test_each_test_helper_is_used() -> None:
    used = set().union(*IMPORTS.values())
    helpers = {module for module in MODULES if module.startswith("tests.support.")}
    assert {module for module in helpers - used if MODULES[module].name not in UNCOUNTED} == set()


@pytest.mark.parametrize("package", ROOMS)
def test_a_package_has_the_rooms_of_the_design(package: str) -> None:
    assert {path.name for path in (ROOT / package).iterdir() if is_ours(path)} == ROOMS[package]


@pytest.mark.parametrize("folder", PACKAGES)
def test_no_folder_has_more_than_a_dozen_python_files(folder: str) -> None:
    counts = Counter(
        str(path.parent.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*.py")
        if path.name not in UNCOUNTED
    )
    assert {name: count for name, count in counts.items() if count > MAX_FILES} == {}


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


def long_lines(path: Path) -> list[str]:
    """The lines of a text that are wider than 120 columns, with where they are."""
    lines = enumerate(path.read_text().splitlines(), start=1)
    name = path.relative_to(ROOT)
    return [f"{name}:{number}" for number, line in lines if len(line) > MAX_COLUMNS]


def test_no_line_of_yaml_is_wider_than_120_columns() -> None:
    files = [path for folder in YAML for path in ROOT.glob(folder) if path.is_file()]
    assert len(files) > 100
    assert [line for path in files for line in long_lines(path)] == []


def test_no_prose_of_a_page_is_wider_than_120_columns() -> None:
    long = []
    for path in (ROOT / "reports/site/pages").rglob("*.md"):
        is_query = False
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines, start=1):
            is_query ^= line.startswith("```")
            is_tag = line.lstrip().startswith("<")
            if len(line) > MAX_COLUMNS and not is_query and not is_tag:
                long.append(f"{path.relative_to(ROOT)}:{number}")
    assert long == []


def pins(lock: Path) -> dict[str, str]:
    """The version of each package of a lock file."""
    lines = [line for line in lock.read_text().splitlines() if "==" in line]
    return dict(line.split(" ")[0].split("==") for line in lines)


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda p: p.name)
def test_a_lock_file_names_no_registry_and_agrees_with_the_others(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert "--index" not in text
    common = pins(ROOT / "requirements.lock")
    assert {name for name, pin in pins(lock).items() if common.get(name, pin) != pin} == set()


def test_each_extra_has_a_lock_file_that_the_makefile_writes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (line,) = [
        line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("EXTRAS")
    ]
    extras = sorted(line.partition(":=")[2].split())
    assert extras == sorted(project["optional-dependencies"])
    locks = [path.name for path in ROOT.glob("requirements-*.lock")]
    # That of the container image has the packages without tools.
    wanted = {f"requirements-{name}.lock" for name in (*extras, "runtime")}
    assert set(locks) == wanted
