"""Files in the portal's forms, and the simulator as a process."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingestion.core.errors import WarehouseError
from ingestion.simulators.process import running
from ingestion.simulators.serving import serving

HEADING = "\ufeffID,Case Number,Date,Block,IUCR,Primary Type,Description,Arrest,Domestic,FBI Code,Updated On,Latitude,Longitude,Location\n"  # noqa: E501
LINES = (
    '11,JA2,12/31/2024 11:30:00 PM,001XX N A ST,0820,THEFT,"UNDER, $500",true,false,06,01/08/2025 03:40:00 PM,41.8,-87.6,"(41.8, -87.6)"\n'  # noqa: E501
    "10,JA1,02/01/2024 12:00:00 AM,002XX S B ST,820,THEFT,UNDER,false,true,06,01/08/2025 03:40:00 PM,,,\n"  # noqa: E501
    "10,JA1,02/01/2024 12:00:00 AM,002XX S B ST,820,THEFT,UNDER,false,true,06,01/08/2025 03:40:00 PM,,,\n"  # noqa: E501
)


def served(path: Path, dataset: str = "ijzp-q8t2", **clauses: object) -> list[dict[str, Any]]:
    with serving("chicago-crime", data=path) as url:
        params = {f"${name}": str(value) for name, value in clauses.items()}
        answer = httpx.get(f"{url}/resource/{dataset}.json", params=params, timeout=30)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_an_export_is_served_as_the_api_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(HEADING + LINES, "utf-8")
    rows = served(path, select=":*,*", order="date,:id")
    assert [row["id"] for row in rows] == ["10", "10", "11"]
    assert len({row[":id"] for row in rows}) == 3
    assert rows == served(path, select=":*,*", order="date,:id")
    last = rows[2]
    assert last["date"] == "2024-12-31T23:30:00.000"
    assert last["arrest"] is True
    assert last["description"] == "UNDER, $500"
    assert last[":updated_at"] == "2025-01-08T15:40:00.000Z"
    assert last["year"] == "2024"
    assert last["location"]["longitude"] == "-87.6"
    assert "location" not in rows[0]


def test_a_compressed_export_cut_mid_row_is_served_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "export.csv.gz"
    path.write_bytes(gzip.compress((HEADING + LINES + "12,JA3,12/31/2024 11:3").encode()))
    rows = served(path, order=":id")
    assert len(rows) == 4
    cut = next(row for row in rows if row["id"] == "12")
    assert cut["date"] == "12/31/2024 11:3"
    assert "block" not in cut
    codes = served(path, "c7ck-438e")
    assert [(code["iucr"], code["index_code"]) for code in codes] == [("820", "I")]


def test_a_cut_api_body_is_served_up_to_the_cut(tmp_path: Path) -> None:
    path = tmp_path / "body.json"
    body = [{"id": str(i), "case_number": f"JA{i}", "arrest": i == 1} for i in range(3)]
    path.write_text("\n,".join(json.dumps(row) for row in body).join("[]")[:-20], "utf-8")
    assert [row["arrest"] for row in served(path, order="id")] == [False, True]


@pytest.mark.parametrize(
    ("name", "dataset", "rows"),
    [
        ("ijzp_csv_export_10000_2024H1.csv", "ijzp-q8t2", 10_000),
        ("ijzp_api_pandas_10000_2025-10_2025-11.csv", "ijzp-q8t2", 10_000),
        ("ijzp_api_raw_2019-10.body_only.json", "ijzp-q8t2", 1_000),
        ("x2n5_api_2023-11-06_2023-11-19.raw_columns.parquet", "x2n5-8w5q", 9_939),
    ],
)
def test_real_files_are_served_whole(sample_data: Path, name: str, dataset: str, rows: int) -> None:
    occurred = "date" if dataset == "ijzp-q8t2" else "date_of_occurrence"
    where = f"{occurred} >= '2001-01-01' and :updated_at >= '2001-01-01'"
    found = served(sample_data / "crime" / name, dataset, select="count(:id)", where=where)
    assert found == [{"count_id": str(rows)}]


def test_what_cannot_be_served_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    with (
        pytest.raises(WarehouseError, match="not columns of crimes"),
        running("chicago-crime", data=path),
    ):
        pass
    with (
        pytest.raises(WarehouseError, match="no such file"),
        running("chicago-crime", data=tmp_path / "none.csv"),
    ):
        pass


def test_the_child_ends_when_its_parents_pipe_does_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ingestion.simulators", "chicago-crime"]
    child = subprocess.Popen(
        [*command, "--rows", "100", "--exit-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[4],
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline().startswith("ready: http://127.0.0.1:")
    child.stdin.close()
    assert child.wait(timeout=10) == 0
    child.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage_is_2() -> None:
    command = [sys.executable, "-m", "ingestion.simulators", "nowhere"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[4]
    )
    assert done.returncode == 2
