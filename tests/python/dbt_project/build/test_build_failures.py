"""What a user reads when a model could not be built, or a test did not pass."""

import dataclasses

import pytest

from dbt_project.build.audit import Audit, DbtReport
from dbt_project.build.dbt_runner import _why
from ingestion.core.errors import WarehouseError
from ingestion.core.memory import SETTING

OUT_OF_MEMORY = "Out of Memory Error: could not allocate block of size 256.0 KiB (732.4 MiB used)"
REPORT = DbtReport("an-id", ["crime.fct_crimes"])


def message(report: DbtReport) -> str:
    audit = Audit(size=0, mtime_ns=0, full=True, built_at="", dbt=report, sources={})
    with pytest.raises(WarehouseError) as refused:
        audit.require_passed()
    return str(refused.value)


def test_a_model_without_memory_is_named_with_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "768MB")
    line = f"int_crime__versions_superseded: {OUT_OF_MEMORY}"
    output = message(dataclasses.replace(REPORT, failures=[line], errors=[line]))
    assert output.startswith(f"the build failed and nothing new was published: {line}; ")
    assert output.endswith(f"{SETTING} is 768MB: set it to 1536MB")


def test_a_model_that_could_not_be_built_is_not_a_failed_audit() -> None:
    line = "crime_by_ward: Catalog Error: Table with name wards does not exist!"
    output = message(dataclasses.replace(REPORT, failures=[line, "2 were skipped"], errors=[line]))
    assert output == (
        f"the build failed and nothing new was published: {line}; fix the model, then build again"
    )


def test_a_test_that_did_not_pass_is_a_failed_audit() -> None:
    output = message(dataclasses.replace(REPORT, failures=["test t found 3 failing rows"]))
    assert output.startswith("the audit failed and nothing new was published: test t found 3")


def test_what_dbt_says_is_cut_to_the_reason() -> None:
    output = "\n".join(
        [
            "Runtime Error in model fct_crimes (models/marts/crime/fct_crimes.sql)",
            f"  {OUT_OF_MEMORY}",
            "  ",
            "  Possible solutions:",
        ]
    )
    assert _why(output) == OUT_OF_MEMORY
