"""The memory setting: its values, its default in containers, and the advice after a failure."""

import os
from pathlib import Path

import duckdb
import pytest

from ingestion.core.errors import WarehouseError
from ingestion.core.memory import (
    GB,
    MB,
    available_memory,
    default_limit,
    memory_limit,
    out_of_memory_advice,
    size_text,
)

PHYSICAL = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("768MB", 768 * MB),
        ("1.5GiB", 3 * 2**29),
        ("2 gb", 2 * GB),
        (" 1TB ", 1000 * GB),
        ("900000KB", 900 * MB),
    ],
)
def test_a_size_is_read_as_duckdb_reads_it(text: str, size: int) -> None:
    assert memory_limit({"WAREHOUSE_MEMORY_LIMIT": text}) == size
    with duckdb.connect(config={"memory_limit": text}) as theirs:
        (limit,) = theirs.execute("select current_setting('memory_limit')").fetchall()
    with duckdb.connect(config={"memory_limit": f"{size}B"}) as ours:
        assert ours.execute("select current_setting('memory_limit')").fetchall() == [limit]


@pytest.mark.parametrize("text", ["much", "768", "25%", "-1GB", "0MB", "1GB 2", "1.2.3GB", "1XB"])
def test_a_value_that_is_not_a_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(WarehouseError, match=r"WAREHOUSE_MEMORY_LIMIT is .*such as 768MB"):
        memory_limit({"WAREHOUSE_MEMORY_LIMIT": text})


def test_the_default_is_a_quarter_and_at_least_512_mb() -> None:
    assert default_limit(16 * GB) == 4 * GB
    assert default_limit(1 * GB) == 512 * MB
    assert memory_limit({"WAREHOUSE_MEMORY_LIMIT": ""}) == default_limit(available_memory())


def system(root: Path, groups: str, limits: dict[str, str]) -> Path:
    """Write the files in which Linux lists the control groups of a process."""
    for path, text in {"proc/self/cgroup": groups, **limits}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    return root


@pytest.mark.parametrize(
    ("groups", "limits", "available"),
    [
        # Version 2: on a host the smallest of the group and its parents, in a container the top.
        ("0::/a/b", {"a/b/memory.max": "max", "a/memory.max": "700000000"}, 700 * MB),
        ("0::/a", {"a/memory.max": "800000000", "memory.max": "600000000"}, 600 * MB),
        ("0::/", {"memory.max": "500000000"}, 500 * MB),
        # Version 1, beside other controllers; its path is the host's, which a container lacks.
        ("3:cpu:/x\n4:memory:/m", {"memory/m/memory.limit_in_bytes": "400000000"}, 400 * MB),
        ("4:memory:/docker/1", {"memory/memory.limit_in_bytes": "300000000"}, 300 * MB),
        # No limit, in the words of each.
        ("4:memory:/", {"memory/memory.limit_in_bytes": "9223372036854771712"}, PHYSICAL),
        ("0::/", {"memory.max": "max"}, PHYSICAL),
        ("0::/", {}, PHYSICAL),
    ],
)
def test_a_container_has_what_its_control_group_allows(
    tmp_path: Path, groups: str, limits: dict[str, str], available: int
) -> None:
    files = {f"sys/fs/cgroup/{path}": text for path, text in limits.items()}
    assert available_memory(system(tmp_path, groups, files)) == available


def test_a_system_without_control_groups_has_its_physical_memory(tmp_path: Path) -> None:
    assert available_memory(tmp_path) == PHYSICAL


def test_the_advice_names_the_setting_its_value_and_a_sufficient_one() -> None:
    with (
        duckdb.connect(config={"memory_limit": "20MB", "temp_directory": ""}) as connection,
        pytest.raises(duckdb.OutOfMemoryException) as failure,
    ):
        connection.execute("create table numbers as select random() as n from range(10000000)")
    advice = out_of_memory_advice(str(failure.value), 20 * MB, available=16 * GB)
    assert advice == "WAREHOUSE_MEMORY_LIMIT is 20MB: set it to 40MB"
    assert size_text(20 * MB) == "20MB"


def test_the_advice_stays_within_the_machine() -> None:
    error = "Out of Memory Error: failed to allocate data of size 32.0 MiB"
    within = out_of_memory_advice(error, 1 * GB, available=2 * GB)
    assert within == "WAREHOUSE_MEMORY_LIMIT is 1000MB: set it to 1500MB"
    assert out_of_memory_advice(error, 2 * GB, available=2 * GB) == (
        "WAREHOUSE_MEMORY_LIMIT is 2000MB, of 2000MB in all: use a machine with more memory"
    )


def test_other_errors_need_no_memory() -> None:
    assert out_of_memory_advice("Binder Error: column rooms not found", 1 * GB) == ""
