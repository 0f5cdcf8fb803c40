"""The history of crimes that the benchmarks serve: as long as the portal's, or shorter."""

from pathlib import Path

import duckdb
import pytest

from ingestion.simulators.chicago_crime.datasets import CRIMES
from tests.benchmarks.inputs.crimes import ROWS, ROWS_PER_YEAR, write_crimes

TWO_YEARS = ROWS_PER_YEAR + 1_000


def test_a_history_is_the_end_of_the_full_one(tmp_path: Path) -> None:
    longer = write_crimes(tmp_path / "longer.parquet", TWO_YEARS)
    shorter = write_crimes(tmp_path / "shorter.parquet", 1_000)
    crimes = duckdb.sql(f"from '{longer}'")
    assert crimes.columns == CRIMES.stored
    found = crimes.aggregate(
        'count(*), count(distinct id), count(distinct ":id"), count(distinct year), '
        "min(year), max(year), max(updated_on)"
    ).fetchall()[0]
    rows, ids, tokens, years, first, last, newest = found
    assert (rows, ids, tokens) == (TWO_YEARS, TWO_YEARS, TWO_YEARS)
    assert (years, first, last) == (2, "2024", "2025")
    assert newest < "2026-01-09"
    end = duckdb.sql(f"from '{longer}' offset {TWO_YEARS - 1_000}").fetchall()
    assert end == duckdb.sql(f"from '{shorter}'").fetchall()
    dates = [row[CRIMES.stored.index("date")] for row in end]
    assert dates == sorted(dates)


@pytest.mark.parametrize("rows", [0, ROWS + 1])
def test_no_history_has_more_than_its_rows(tmp_path: Path, rows: int) -> None:
    with pytest.raises(ValueError, match="give a number between"):
        write_crimes(tmp_path / "none.parquet", rows)
