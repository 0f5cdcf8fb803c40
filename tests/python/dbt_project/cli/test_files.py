"""Files that are complete or absent, copied once, and flushed to disk."""

import json
import os
import resource
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_project.files import clone, flushed_meanwhile, link, to_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(VALUES)
def test_json_to_read_is_the_same_json(value: Any) -> None:
    assert json.loads(to_json(value)) == value


def test_an_object_of_plain_values_takes_one_line() -> None:
    assert to_json({"rows": 2, "parts": {"2024-01": {"rows": 2, "bytes": 9}, "none": {}}}) == (
        '{\n  "rows": 2,\n  "parts": {\n    "2024-01": {"rows": 2, "bytes": 9},\n'
        '    "none": {}\n  }\n}'
    )


def test_a_clone_has_the_same_bytes_and_is_another_file(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(3_000_001))
    clone(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_ino != source.stat().st_ino
    # What is there already is replaced, to its end.
    source.write_bytes(b"short")
    clone(source, target)
    assert target.read_bytes() == b"short"


def test_a_clone_that_does_not_fit_is_an_error(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(2_000_000))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            clone(source, tmp_path / "target")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_link_is_the_same_file(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"rows")
    source.chmod(0o444)
    link(source, tmp_path / "linked")
    assert (tmp_path / "linked").stat().st_ino == source.stat().st_ino


def test_a_file_is_written_while_it_is_flushed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(1_000_000))
    before = threading.active_count()
    with flushed_meanwhile(file), file.open("ab") as more:
        more.write(b"rows")
    assert file.stat().st_size == 1_000_004
    assert threading.active_count() == before


def test_a_failure_inside_the_block_is_raised(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"rows")
    with pytest.raises(KeyError, match="model"), flushed_meanwhile(file):
        raise KeyError("model")
