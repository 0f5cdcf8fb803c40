"""Bad cells of every kind in one raw file per domain: each row is in a mart or rejected by name."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.paths import Paths
from ingestion.sources.chicago_crime.datasets import RAW_TABLES
from tests.python.conftest import Tried
from tests.support.projects.building import build
from tests.support.projects.crime_raw import CRIME
from tests.support.projects.education_raw import Education, response
from tests.support.projects.footfall_raw import Footfall
from tests.support.sources.hostile import ODD

LOAD = "1793000000.1"
# Ten megabytes; one such cell is enough.
BIG = "é" * 5_000_000
CELLS: tuple[str, ...] = (
    *ODD,
    "",
    "99999999999999999999",
    "999999999999999",
    "1e5",
    "-0",
    "+5",
    "0x10",
)
# Also Excel's and Python's ways to write a number are none: what they dropped is not known.
CELLS = tuple(
    dict.fromkeys(
        (
            *(*CELLS, "1.05E+07", "1_000", " 12 ", "12\n", "\uff11\uff12", "NaN", "inf"),
            *("1,000", ".5", "2."),
        )
    )
)
PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


def names_only(reason: str, column: str) -> bool:
    return all(part.startswith(f"{column}: ") for part in reason.split("; "))


def write_crimes(data: Path, rows: Sequence[Mapping[str, str | None]]) -> Paths:
    paths = Paths(data=data)
    paths.work.mkdir(parents=True)
    with duckdb.connect(paths.raw) as raw:
        raw.execute("create schema raw_chicago_crime")
        for name, table in RAW_TABLES.items():
            texts = ", ".join(f'"{column}" varchar' for column in (*table.columns, "_dlt_load_id"))
            raw.execute(f"create table raw_chicago_crime.{name} ({texts})")
        columns = RAW_TABLES["crimes"].columns
        raw.executemany(
            f"insert into raw_chicago_crime.crimes values ({', '.join('?' * (len(columns) + 1))})",
            [[*(row.get(column) for column in columns), LOAD] for row in rows],
        )
    return paths


def query(paths: Paths, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(paths.work_marts) as marts:
        return marts.execute(sql).fetchall()


def test_every_crime_with_a_bad_cell_is_in_the_fact_or_rejected_by_name(
    tmp_path: Path, tried: Tried
) -> None:
    usual = {"arrest": "false", "domestic": "true", "iucr": "0820", "beat": "0111", "ward": "7"}
    usual |= {"date": "2026-06-01T10:00:00.000", "latitude": "41.8", "longitude": "-87.6"}
    usual |= {"updated_on": "2026-06-02T10:00:00.000", "district": "001", "x_coordinate": "1"}
    columns = [name for name in RAW_TABLES["crimes"].columns if not name.startswith("socrata")]
    bad = [(column, cell) for column in columns for cell in CELLS] + [("block", BIG)]
    rows = []
    for n, (column, cell) in enumerate(bad):
        tried.one()
        key = {"socrata_id": f"row-{n}", "socrata_version": f"rv-{n}", "id": str(n + 1)}
        stamp = {"socrata_updated_at": "2026-06-03T10:00:00.000Z"}
        rows.append({**usual, **key, **stamp, column: cell or None})
    paths = write_crimes(tmp_path / "data", rows)
    build(paths, CRIME)
    (whole,) = query(
        paths,
        "select rows_received, rows_in_warehouse + rows_rejected + rows_superseded,"
        " rows_unaccounted"
        " from crime.crime_load_reconciliation",
    )
    assert whole == (len(bad), len(bad), 0)
    rejected = dict(query(paths, "select socrata_id, reason from crime.rejected_crimes"))
    for n, (column, _) in enumerate(bad):
        if reason := rejected.get(f"row-{n}"):
            assert names_only(reason, column), (bad[n], reason)
    # What is used as a number, a time or a yes is one, or its row is rejected.
    fit: dict[str, set[str]] = {column: set() for column in columns}
    for n, (column, cell) in enumerate(bad):
        if f"row-{n}" not in rejected:
            fit[column].add(cell)
    assert fit["arrest"] == fit["domestic"] == {"true"}
    assert fit["date"] == {"2023-01-01T00:00:00"}
    assert all(PLAIN.fullmatch(cell) for cell in fit["id"])
    for column in ("latitude", "longitude", "ward", "x_coordinate", "y_coordinate"):
        assert all(cell == "" or PLAIN.fullmatch(cell) for cell in fit[column]), column


def test_every_reading_with_a_bad_cell_is_in_the_mart_or_rejected_by_name(
    tmp_path: Path, tried: Tried
) -> None:
    hours = [f"2026-06-{1 + n // 24:02}T{n % 24:02}:00:00" for n in range(len(CELLS))]
    names = ("store_name", "sensor_id", "read_at_local", "visits")
    bad = []
    for n, cell in enumerate(CELLS):
        for at, column in enumerate(names):
            tried.one()
            row: list[str | None] = ["Paris", str(at), hours[n], "5"]
            row[at] = cell or (None if column == "visits" else cell)
            bad.append((column, cell, row))
    warehouse = Footfall(tmp_path / "data")
    warehouse.load(
        LOAD,
        stores=[("Paris", "Paris", "Europe/Paris", "2018-03-01")],
        sensors=[("Paris", str(n)) for n in range(4)],
        readings=[row for _, _, row in bad],
    )
    warehouse.build(tests=False)
    (whole,) = warehouse.query(
        "select rows_received, rows_unaccounted, rows_rejected from"
        " footfall.reading_load_reconciliation"
    )
    assert whole[:2] == (len(bad), 0)
    found = warehouse.query(
        "select coalesce(json_extract_string(raw_row, '$.store_name'), ''),"
        " coalesce(json_extract_string(raw_row, '$.sensor_id'), ''),"
        " coalesce(json_extract_string(raw_row, '$.read_at_local'), ''),"
        " coalesce(json_extract_string(raw_row, '$.visits'), ''), reason"
        " from footfall.rejected_readings"
    )
    reasons = {row[:4]: row[4] for row in found}
    assert whole[2] == len(found) == len(reasons)
    for column, cell, row in bad:
        reason = reasons.get(tuple(text or "" for text in row))
        if reason is not None:
            assert names_only(reason, column), (column, cell, reason)
        elif column in ("visits", "sensor_id"):
            assert cell == "" or PLAIN.fullmatch(cell), (column, cell)
        else:
            assert cell == "2023-01-01T00:00:00", (column, cell)
    (measured,) = warehouse.query(
        "select count(*) from footfall.sensor_traffic_hourly where load_id is not null"
    )
    assert measured[0] == len(bad) - len(found)


def test_every_submission_with_a_bad_cell_is_in_the_fact_or_rejected_by_name(
    tmp_path: Path, tried: Tried
) -> None:
    columns = ("created_at", "cnt", "durecec", "belong", "escs", "tmins", "w_fstuwt")
    bad = [(column, cell) for column in columns for cell in CELLS] + [("escs", BIG)]
    rows = []
    for n, (column, cell) in enumerate(bad):
        tried.one()
        rows.append(response("ALB", n, "2026-06-01T10:00:00.000000Z") | {column: cell})
    warehouse = Education(tmp_path / "data")
    warehouse.load(LOAD, responses=rows)
    warehouse.build(tests=False)
    (whole,) = warehouse.query(
        "select rows_received, rows_in_warehouse + rows_rejected, rows_unaccounted"
        " from education.submission_load_reconciliation"
    )
    assert whole == (len(bad), len(bad), 0)
    rejected: dict[str, str] = dict(
        warehouse.query("select submission_id, reason from education.rejected_submissions")
    )
    for n, (column, cell) in enumerate(bad):
        if reason := rejected.get(str(n)):
            assert names_only(reason, column), (column, cell, reason)
        elif column not in ("created_at", "cnt"):
            # SPSS writes .5 for what is below 1.
            is_none = cell.strip().upper() in ("", "NA") or cell == ".5"
            assert is_none or PLAIN.fullmatch(cell), (column, cell)
        else:
            assert column == "cnt" or cell == "", (column, cell)
