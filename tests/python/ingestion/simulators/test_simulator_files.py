"""Files in the portal's forms, and the simulator as a process."""

import gzip
import json
import os
import signal
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


def refused(path: Path) -> str:
    """Return why a file is not served."""
    with pytest.raises(WarehouseError) as error, running("chicago-crime", data=path):
        pass
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_line_that_is_no_row_is_refused_and_never_padded(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    cut, long = "12,JA3,12/31/2024 11:3", LINES.splitlines()[1] + ",0082"
    for name, text in {"cut": LINES + cut, "long": LINES + long + "\n"}.items():
        path = tmp_path / f"{name}.csv"
        path.write_text(HEADING + text, "utf-8")
        assert f"{name}.csv, line 5: " in refused(path)
    whole = gzip.compress((HEADING + LINES).encode())
    cut_gz = tmp_path / "cut.csv.gz"
    cut_gz.write_bytes(whole[:-20])
    assert "cut.csv.gz" in refused(cut_gz)


def test_codes_in_use_are_served_without_their_zeros(tmp_path: Path) -> None:
    path = tmp_path / "export.csv.gz"
    path.write_bytes(gzip.compress((HEADING + LINES).encode()))
    codes = served(path, "c7ck-438e")
    assert [(code["iucr"], code["index_code"]) for code in codes] == [("820", "I")]


def test_a_cut_api_body_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "body.json"
    body = [{"id": str(i), "case_number": f"JA{i}", "arrest": i == 1} for i in range(3)]
    text = "\n,".join(json.dumps(row) for row in body).join("[]")
    path.write_text(text, "utf-8")
    assert [row["arrest"] for row in served(path, order="id")] == [False, True, False]
    path.write_text(text[:-20], "utf-8")
    assert "body.json" in refused(path)


@pytest.mark.parametrize(
    ("given", "there"),
    [
        ("2024-05-03 23:40:00", "2024-05-03T23:40:00.000"),
        ("5/3/2024 23:40", "2024-05-03T23:40:00.000"),
        ("3/5/2024 0:20", "2024-03-05T00:20:00.000"),
        ("05/03/2024 11:40:00 PM", "2024-05-03T23:40:00.000"),
        ("2024-05-04T04:40:00.000Z", "2024-05-03T23:40:00.000"),
        ("2024-05-04 06:40:00+02:00", "2024-05-03T23:40:00.000"),
        ("02/30/2024 11:40:00 PM", None),
        ("31/12/2024 9:05", None),
        ("2024-05-03T24:00:00.000", None),
        ("2024-05-03", None),
        ("yesterday", None),
    ],
)
def test_a_time_is_served_as_the_portals_or_refused(
    tmp_path: Path, given: str, there: str | None
) -> None:
    path = tmp_path / "times.csv"
    path.write_text(HEADING + LINES.replace("02/01/2024 12:00:00 AM", given), "utf-8")
    if there is None:
        assert f"times.csv, line 3: date {given!r} is not a time; give" in refused(path)
    else:
        assert there in {row["date"] for row in served(path, where="id = '10'")}


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
        pytest.raises(WarehouseError, match=r"other\.csv"),
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
    assert child.wait(timeout=10) == 128 + signal.SIGTERM
    child.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage_is_2() -> None:
    command = [sys.executable, "-m", "ingestion.simulators", "nowhere"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[4]
    )
    assert done.returncode == 2
