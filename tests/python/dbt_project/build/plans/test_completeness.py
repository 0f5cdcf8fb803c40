"""A build that lacks tests or rows is not publishable, whatever dbt says of it."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dbt_project.build import completeness
from dbt_project.build.completeness import _unaccounted, unaccounted_rows
from dbt_project.build.dbt_runner import parsed
from dbt_project.build.plans.invocation import Invocation
from dbt_project.build.scope import selection
from dbt_project.paths import Paths
from ingestion.core.registry import sources
from ingestion.core.source import RawTable, Source
from tests.support.projects.recorded_project import RecordedProject

NOT_RUN = "tests of the project were not run"


@pytest.mark.parametrize("select", [(), ("source:shop+",)])
def test_an_audit_with_fewer_tests_fails(
    recorded: RecordedProject, monkeypatch: pytest.MonkeyPatch, select: tuple[str, ...]
) -> None:
    """The command line clears the variable; here it stands for whatever leaves out tests."""
    invocation = Invocation(select=select)
    assert recorded.build(invocation).failures == []
    with monkeypatch.context() as another_project:
        another_project.setenv("DBT_RESOURCE_TYPES", "model seed")
        report = recorded.build(invocation)
        assert report.tests == 0
        assert NOT_RUN in " ".join(report.failures)
    assert recorded.build(invocation).failures == []


def test_the_scope_is_found_without_dbt(tmp_path: Path) -> None:
    manifest = parsed.manifest(Paths(tmp_path))
    tests = {key for key, node in manifest.nodes.items() if node.resource_type == "test"}
    assert completeness.tests_not_run(manifest, Invocation(), tests) is None
    assert f"1 of {len(tests)} {NOT_RUN}" in str(
        completeness.tests_not_run(manifest, Invocation(), sorted(tests)[1:])
    )
    assert f"of {len(tests)} {NOT_RUN}" in str(
        completeness.tests_not_run(manifest, Invocation(), ())
    )
    for source in sources():
        line = completeness.tests_not_run(
            manifest, Invocation(select=tuple(selection([source]))), ()
        )
        assert line is not None
        expected = int(line.split(" ")[0])
        assert 20 < expected < len(tests)
    assert completeness.tests_not_run(manifest, Invocation(select=("+fct_crimes",)), ()) is None


LETTERS = Source(
    name="post",
    domain="mail",
    tables={
        "letters": RawTable(("file_sha256", "line"), ("file_sha256", "line")),
        "files": RawTable(("file_sha256",), ("file_sha256",), is_note=True),
    },
    accounted=("letters",),
    accounts=("fct_letters", "rejected_letters"),
    settings="",
    load="",
    reconcile="",
)


@pytest.fixture
def files() -> Iterator[tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]]:
    with duckdb.connect() as raw, duckdb.connect() as marts:
        raw.execute("create schema raw_post")
        raw.execute(
            "create table raw_post.letters as select 'a' as file_sha256, range from range(10)"
        )
        raw.execute("create table raw_post.files as select 'a' as file_sha256")
        marts.execute("create schema mail")
        marts.execute("create table mail.fct_letters as select '1' as load_id from range(7)")
        marts.execute("create table mail.rejected_letters as select '1' as load_id from range(3)")
        yield raw, marts


def test_every_row_received_is_in_a_mart(
    files: tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection],
) -> None:
    raw, marts = files
    assert [*_unaccounted(LETTERS, raw, marts)] == []
    # A file is received once all of it is there; a row without a load is none that was received.
    raw.execute("insert into raw_post.letters values ('b', 1)")
    marts.execute("insert into mail.fct_letters values (null)")
    assert [*_unaccounted(LETTERS, raw, marts)] == []
    raw.execute("insert into raw_post.files values ('b')")
    assert [*_unaccounted(LETTERS, raw, marts)] == [
        "post: 11 rows were received, 10 are in mail.fct_letters, mail.rejected_letters"
    ]
    marts.execute("drop table mail.fct_letters")
    assert "11 rows were received, 3 are in" in "".join(_unaccounted(LETTERS, raw, marts))


def test_every_source_says_where_its_rows_are() -> None:
    for source in sources().values():
        assert source.accounted, source.name
        assert {*source.accounted} <= source.tables.keys()
        assert len(source.accounts) >= 2
    with duckdb.connect() as raw, duckdb.connect() as marts:
        assert unaccounted_rows(raw, marts) == []
