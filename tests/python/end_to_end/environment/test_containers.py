"""The container files: what they name exists, and nothing runs with more rights than it needs.

`make image` builds the image and runs the demo in it; these tests read the files alone.
"""

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]
from typer.main import get_command

from dbt_project.cli.main import app
from dbt_project.cli.settings import declared
from dbt_project.paths import ROOT
from tests.support.reports.api_builds import Publisher
from tests.support.reports.api_server import serving, until

CONTAINERFILE = re.sub(r"^#.*\n", "", (ROOT / "deploy/Containerfile").read_text(), flags=re.M)
INSTRUCTIONS = re.findall(r"^([A-Z]+) (.*)$", CONTAINERFILE.replace("\\\n", " "), re.M)
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SCHEDULE = ROOT / "deploy/container/schedule.sh"
TAGGED = re.compile(r"[\w./-]+:(?!latest$)[\w.-]*\d[\w.-]*|[\w./-]+:[a-z]+-slim")


def values(instruction: str) -> list[str]:
    return [text for name, text in INSTRUCTIONS if name == instruction]


def copied() -> list[str]:
    """What the image has of the project."""
    sources = [line.split()[:-1] for line in values("COPY") if not line.startswith("--from")]
    return [name for names in sources for name in names]


def test_the_base_is_pinned_and_the_user_is_not_root() -> None:
    bases = [line.split()[0] for line in values("FROM")]
    assert len(set(bases)) == 1
    assert all(TAGGED.fullmatch(base) for base in bases)
    assert values("USER") == ["warehouse"]
    last = CONTAINERFILE.rindex("\nFROM ")
    assert "\nUSER " in CONTAINERFILE[last:]
    assert "\nHEALTHCHECK " in CONTAINERFILE[last:]


def test_the_image_has_what_the_project_reads() -> None:
    assert [name for name in copied() if not (ROOT / name).exists()] == []
    dbt = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    keys = ("model-paths", "seed-paths", "macro-paths", "snapshot-paths", "docs-paths")
    read = {path for key in keys for path in dbt[key]}
    read |= {"profiles.yml", "dbt_project.yml", ".dlt/config.toml", "tests/generic"}
    lacking = [
        path
        for path in sorted(read)
        if not any(Path(path).is_relative_to(name) for name in copied())
    ]
    assert lacking == []


def test_no_secret_is_in_the_files_or_sent_to_the_builder() -> None:
    assert not [
        text for text in values("ENV") + values("ARG") if re.search(r"(?i)pass|token", text)
    ]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".dlt/secrets.toml", "deploy/warehouse.env", "data"} <= set(ignored)
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if "PASSWORD" in name:
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value)
            assert not re.search(r"://[^/@]*:[^/@]*@", value)


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "web" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"\d+[gm]", service["mem_limit"])
    assert not {"privileged", "network_mode", "pid", "devices"} & set(service)
    assert service.get("user", "warehouse") != "root"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    if "build" not in service:
        assert TAGGED.fullmatch(service["image"])


@pytest.mark.parametrize("name", ["serve", "web"])
def test_what_answers_readers_cannot_write_the_data(name: str) -> None:
    (data,) = [volume for volume in SERVICES[name]["volumes"] if volume.startswith("data:")]
    assert data.endswith(":ro")
    assert "PGPASSWORD" not in SERVICES[name].get("environment", {})


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_container_names_exists(name: str) -> None:
    service = SERVICES[name]
    for volume in service.get("volumes", ()):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / "deploy" / source).is_file()
    assert set(service.get("depends_on", ())) <= set(SERVICES)
    known = {one.variable for settings in declared().values() for one in settings}
    for variable in service.get("environment", {}):
        assert variable in known or not variable.startswith(("WAREHOUSE_", "SOURCES__"))


def own_commands() -> list[list[str]]:
    """The commands of the warehouse that containers run."""
    found = []
    for service in SERVICES.values():
        if "build" in service:
            words = [*service.get("entrypoint", ["warehouse"]), *service["command"]]
            found += [line.split() for line in re.findall(r"warehouse [^;]+", " ".join(words))]
    return found


@pytest.mark.parametrize("words", own_commands(), ids=" ".join)
def test_a_command_exists_and_waits_for_the_lock(words: list[str]) -> None:
    _, name, *arguments = words
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    assert command.make_context(name, arguments).params.get("wait", 1) > 0


def test_each_task_has_a_container() -> None:
    tasks = {words[1] for words in own_commands()}
    assert tasks == {"run", "reconcile", "report", "alerts", "backup", "serve"}


def pinned(lock: str) -> dict[str, set[str]]:
    """Package and version, each with its hashes."""
    found: dict[str, set[str]] = {}
    for block in re.split(r"\n(?=\S)", (ROOT / lock).read_text()):
        name = block.split()[0]
        found.setdefault(name, set()).update(re.findall(r"sha256:\w+", block))
    return found


def test_the_images_packages_are_those_of_the_lock_without_tools() -> None:
    whole, runtime = pinned("requirements.lock"), pinned("requirements-runtime.lock")
    assert {name: hashes for name, hashes in runtime.items() if hashes != whole.get(name)} == {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = {name.partition("==")[0] for name in runtime}
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    assert {re.split(r"[\[<>=]", text)[0] for text in wanted} <= names
    assert not {"pytest", "mypy", "ruff", "playwright", "sqlfluff"} & names


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("daily", "06:17"),
        ("daily", "25:00", "true"),
        ("every", "0", "true"),
        ("at", "1", "true"),
    ],
)
def test_a_wrong_schedule_is_refused_in_one_line(arguments: tuple[str, ...]) -> None:
    refused = subprocess.run(
        ["sh", str(SCHEDULE), *arguments], capture_output=True, text=True, timeout=10, check=False
    )
    assert refused.returncode == 2
    assert re.fullmatch(r"schedule\.sh: .+; use daily .+ or every .+\n", refused.stderr)


def test_a_command_that_fails_is_repeated_and_a_stop_reaches_it(tmp_path: Path) -> None:
    runs, ended = tmp_path / "runs", tmp_path / "ended"
    # Fails at first; the second time it runs until it is stopped.
    task = f"""
        echo run >> {runs}
        [ "$(wc -l < {runs})" -ge 2 ] || exit 3
        trap 'echo > {ended}; exit 0' TERM
        sleep 60 & wait
    """
    with subprocess.Popen(
        ["sh", str(SCHEDULE), "every", "1", "sh", "-c", task],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as schedule:
        try:
            limit = time.monotonic() + 20
            while not runs.exists() or len(runs.read_text().splitlines()) < 2:
                assert time.monotonic() < limit
                time.sleep(0.05)
            time.sleep(0.3)
            schedule.send_signal(signal.SIGTERM)
            assert schedule.wait(10) == 0
            assert ended.exists()
            assert schedule.stderr
        finally:
            with suppress(ProcessLookupError):
                os.killpg(schedule.pid, signal.SIGKILL)
        assert "schedule.sh: exit code 3 of: sh" in schedule.stderr.read()


def healthy(port: str) -> int:
    check = [sys.executable, str(ROOT / "deploy/container/healthy.py")]
    environment = os.environ | {"WAREHOUSE_API_PORT": port}
    return subprocess.run(check, env=environment, capture_output=True, check=False).returncode


def test_the_health_check_follows_the_api(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        port = url.rpartition(":")[2]
        # What is published, and how old it is, is for monitors: a restart would not help.
        assert httpx.get(f"{url}/health").status_code == 503
        assert healthy(port) == 0
        Publisher(tmp_path).publish()
        until(lambda: httpx.get(f"{url}/health").status_code == 200, seconds=15)
        assert healthy(port) == 0
    assert healthy(port) == 1
