"""Files of crimes, in every form that people have: each row is a crime, or rejected by line."""

import json
from pathlib import Path

import duckdb
import pytest

from ingestion.core.errors import LoadError
from tests.support.projects.crime_raw import CrimeFiles

HEADING = (
    "ID,Case Number,Date,Block,IUCR,Primary Type,Description,Location Description,Arrest,"
    "Domestic,Beat,District,Ward,Community Area,FBI Code,X Coordinate,Y Coordinate,Year,"
    "Updated On,Latitude,Longitude,Location"
)
AREA = '"(41.8, -87.6)"'
LAST_YEAR = {
    "case_": "HZ900001", "date_of_occurrence": "2016-05-03T23:40:00.000", "block": "B",
    "_iucr": "0820", "_primary_decsription": "THEFT", "_secondary_description": "UNDER",
    "_location_description": "STREET", "arrest": "N", "domestic": "Y", "beat": "111",
    "ward": "7", "fbi_cd": "06", "x_coordinate": "1150000", "y_coordinate": "1850000",
    "latitude": "41.8", "longitude": "-87.6",
}  # fmt: skip


def line(
    number: str = "10500000",
    date: str = "05/03/2016 11:40:00 PM",
    updated: str = "05/10/2016 03:40:00 PM",
    fbi: str = "06",
    description: str = "UNDER",
) -> str:
    return (
        f"{number},HZ{number},{date},001XX N A ST,0820,THEFT,{description},STREET,true,false,"
        f"0111,001,7,32,{fbi},1150000,1850000,2016,{updated},41.8,-87.6,{AREA}"
    )


def csv(*lines: str, heading: str = HEADING) -> str:
    return "\n".join((heading, *lines, ""))


def as_json(*lines: str) -> list[dict[str, object]]:
    """The same rows as the API answers them."""
    names = [name.lower().replace(" ", "_") for name in HEADING.split(",")]
    rows: list[dict[str, object]] = []
    for each in lines:
        row: dict[str, object] = dict(zip(names, each.replace(AREA, "").split(","), strict=True))
        row |= {"arrest": True, "domestic": False, ":@computed_region_awaf_s7ux": "18"}
        row["location"] = {"latitude": "41.8", "longitude": "-87.6"}
        rows.append(row)
    return rows


@pytest.fixture
def crimes(tmp_path: Path) -> CrimeFiles:
    return CrimeFiles(tmp_path / "data")


def test_every_form_of_a_file_gives_the_same_crime(crimes: CrimeFiles, tmp_path: Path) -> None:
    """One crime per form, whose id says which; all have the same time, code and coordinates."""
    written = {
        "export": csv(line("1")),
        "lower": csv(line("2"), heading=HEADING.lower().replace(" ", "_")),
        "pandas": csv(line("3", "2016-05-03 23:40:00", "2016-05-10 15:40:00")).replace(
            ",true,false,", ",True,False,"
        ),
        "excel": csv(line("4", "5/3/2016 23:40", "5/10/2016 15:40", fbi="6")),
        "zone": csv(line("5", "2016-05-04T04:40:00.000Z", "2016-05-10 20:40:00 UTC")),
    }
    for name, text in written.items():
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "semicolon.csv").write_text(
        csv(line("6")).replace(AREA, "").replace(",", ";"), "utf-16"
    )
    (tmp_path / "body.json").write_text(json.dumps(as_json(line("7"))))
    features = [{"type": "Feature", "geometry": None, "properties": as_json(line("8"))[0]}]
    geojson = {"type": "FeatureCollection", "features": features}
    (tmp_path / "crimes.geojson").write_text(json.dumps(geojson))
    (tmp_path / "9.csv").write_text(csv(line("9")))
    duckdb.execute(
        "copy (select * replace (strptime(Date, '%m/%d/%Y %I:%M:%S %p') as Date, 9 as ID)"
        f" from read_csv('{tmp_path / '9.csv'}', all_varchar = true))"
        f" to '{tmp_path / 'typed.parquet'}'"
    )
    (tmp_path / "9.csv").unlink()
    report = crimes.load(tmp_path)
    assert report.rows == {"file_crimes": 9}
    crimes.build()
    assert crimes.query("select file_name, reason, raw_row from crime.rejected_crimes") == []
    assert crimes.query(
        "select list(crime_id order by crime_id), occurred_at_local, updated_at, fbi_code,"
        " is_arrest, is_domestic, latitude, beat_id from crime.fct_crimes group by all"
    ) == crimes.query(
        "select range(1, 10), timestamp '2016-05-03 23:40:00',"
        " timestamptz '2016-05-10 20:40:00+00', '06', true, false, cast(41.8 as double), '0111'"
    )
    whole = "select sum(rows_received), sum(rows_in_warehouse), sum(rows_unaccounted)"
    assert crimes.query(f"{whole} from crime.crime_load_reconciliation") == [(9, 9, 0)]
    assert crimes.query("from crime.crime_source_reconciliation") == []


def test_the_newest_row_of_a_crime_wins_and_then_the_file_loaded_last(
    crimes: CrimeFiles, tmp_path: Path
) -> None:
    files = {
        "b.csv": (line("1", description="NEW", updated="05/20/2016 03:40:00 PM"), line("2")),
        "a.csv": (line("1", description="OLD"), line("2", description="AGAIN")),
    }
    for name, lines in files.items():
        (tmp_path / name).write_text(csv(*lines))
        crimes.load(tmp_path / name)
    crimes.build()
    current = "select crime_id, description, file_name from crime.fct_crimes order by all"
    assert crimes.query(current) == [(1, "NEW", "b.csv"), (2, "AGAIN", "a.csv")]
    assert crimes.query(
        "select crime_id, file_name, line_number, superseded_reason from crime.superseded_crimes"
        " order by all"
    ) == [
        (1, "a.csv", 2, "replaced by a newer version"),
        (2, "b.csv", 3, "replaced by a newer version"),
    ]


def test_what_is_no_crime_is_rejected_with_its_file_and_line(
    crimes: CrimeFiles, tmp_path: Path
) -> None:
    bad = {
        2: (line("1.05E+07"), "id: not a whole number"),
        3: (line("3", "02/30/2016 11:40:00 PM"), "date: not a time"),
        4: (line("4", "31/12/2016 9:05"), "date: not a time"),
        5: (line("5") + ",0082", "line: "),
        6: ("12,JA3,12/31/2024 11:3", "line: "),
    }
    (tmp_path / "bad.csv").write_text(csv(*(text for text, _ in bad.values()), line("7")))
    crimes.load(tmp_path / "bad.csv")
    crimes.build()
    found = crimes.query(
        "select line_number, reason, raw_row, file_name from crime.rejected_crimes order by 1"
    )
    assert [row[0] for row in found] == [*bad]
    for number, reason, raw_row, file in found:
        text, expected = bad[number]
        assert reason.startswith(expected), (number, reason)
        assert file == "bad.csv"
        if reason.startswith("line: "):
            assert json.loads(raw_row) == {"line": text}
    assert crimes.query("select crime_id from crime.fct_crimes") == [(7,)]
    assert crimes.query(
        "select rows_received, rows_in_warehouse, rows_rejected, rows_unaccounted"
        " from crime.crime_load_reconciliation"
    ) == [(6, 1, 5, 0)]


def test_the_last_years_data_set_keeps_its_case_until_it_is_published_with_an_id(
    crimes: CrimeFiles, tmp_path: Path
) -> None:
    victims = [LAST_YEAR, LAST_YEAR | {"beat": "112"}]
    (tmp_path / "year.json").write_text(json.dumps([*victims, LAST_YEAR | {"case_": "HZ1"}]))
    crimes.load(tmp_path / "year.json")
    (tmp_path / "one.csv").write_text(csv(line("1")))
    crimes.load(tmp_path / "one.csv")
    crimes.build()
    assert crimes.query(
        "select case_number, beat_id, source_dataset, crime_id < 0 from crime.fct_crimes"
        " order by all"
    ) == [
        ("HZ1", "0111", "ijzp-q8t2", False),
        ("HZ900001", "0111", "x2n5-8w5q", True),
        ("HZ900001", "0112", "x2n5-8w5q", True),
    ]
    assert crimes.query("select superseded_reason, line_number from crime.superseded_crimes") == [
        ("published with an id", 3)
    ]


def test_a_file_that_lacks_a_column_is_refused_in_one_line_that_names_it(
    crimes: CrimeFiles, tmp_path: Path
) -> None:
    file = tmp_path / "few.csv"
    file.write_text(csv(line("1"), heading=HEADING.replace("Ward", "Wd")))
    with pytest.raises(LoadError, match="has no column ward") as error:
        crimes.load(file)
    assert "\n" not in str(error.value)
    assert crimes.load(file, columns=["Wd=ward"]).rows == {"file_crimes": 1}
    assert crimes.raw("select ward from file_crimes") == [("7",)]


def test_the_real_files_give_the_numbers_that_were_counted_of_them(
    crimes: CrimeFiles, sample_data: Path
) -> None:
    report = crimes.load(sample_data / "crime")
    assert report.failures == {}
    assert report.rows == {"file_crimes": 382_308}
    crimes.build()
    of_2012 = "from crime.fct_crimes where year(occurred_date) = 2012"
    assert crimes.query(
        "select count(*), count(distinct case_number), count_if(is_arrest), count_if(is_domestic)"
        f" {of_2012}"
    ) == [(335_921, 335_895, 90_561, 48_548)]
    assert crimes.query(
        f"select district_id, count(*), count_if(is_arrest) {of_2012}"
        " and district_id in ('011', '031') group by 1 order by 1"
    ) == [("011", 22_064, 9_070), ("031", 4, 1)]
    assert crimes.query(
        f"select primary_type, count(*) {of_2012} and primary_type in ('THEFT', 'BATTERY')"
        " group by 1 order by 1"
    ) == [("BATTERY", 59_135), ("THEFT", 75_460)]
    assert crimes.query(
        f"select strftime(occurred_date, '%m-%d'), count(*) {of_2012} and"
        " strftime(occurred_date, '%m-%d') in ('01-01', '07-04', '12-25') group by 1 order by 1"
    ) == [("01-01", 1_493), ("07-04", 1_045), ("12-25", 522)]
    assert crimes.query("select count(*) from crime.rejected_crimes") == [(0,)]
    assert crimes.query(
        "select file_name, count(*) from crime.fct_crimes where source_dataset = 'x2n5-8w5q'"
        " group by 1"
    ) == [("x2n5_api_2023-11-06_2023-11-19.raw_columns.parquet", 9_939)]
