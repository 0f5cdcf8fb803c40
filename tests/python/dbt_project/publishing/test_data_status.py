"""What a publication says of its data: all made up, partly, or nothing of the kind."""

import duckdb
import pytest

from dbt_project.publishing.data_status import (
    MART,
    how_much_is_made_up,
    made_up_notice,
    read_data_status,
)

COLUMNS = (
    "source_name varchar, domain varchar, made_up varchar, data_through_date date,"
    " newest_date date, time_zone varchar, read_at timestamptz"
)


@pytest.mark.parametrize(
    ("crime", "footfall", "how_much", "notice"),
    [
        (
            *("all", "all", "all"),
            "Made-up data: every row comes from a simulator, none from a real source.",
        ),
        (
            *("all", "none", "partly"),
            "Partly made-up data: the rows of chicago-crime come from a simulator.",
        ),
        (
            *("none", "partly", "partly"),
            "Partly made-up data: some rows of store-sensors come from a simulator.",
        ),
        (
            *("all", "partly", "partly"),
            "Partly made-up data: the rows of chicago-crime and some rows of store-sensors come"
            " from a simulator.",
        ),
        ("none", "none", "none", None),
    ],
)
def test_a_warehouse_with_both_kinds_of_rows_is_partly_made_up(
    crime: str, footfall: str, how_much: str, notice: str | None
) -> None:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; create schema core")
        connection.execute(f"create table {MART} ({COLUMNS})")
        connection.execute(
            f"""
            insert into {MART} values
                ('store-sensors', 'footfall', ?, '2024-01-30', '2024-01-31', 'local',
                 '2024-02-01 10:00:00+01'),
                ('chicago-crime', 'crime', ?, null, null, null, '2024-02-01 10:00:00+00'),
                ('pisa', 'education', 'none', null, null, null, null)
            """,
            [footfall, crime],
        )
        found = read_data_status(connection, [MART])
    # What was never loaded says nothing.
    assert [*found] == ["chicago-crime", "store-sensors"]
    assert found["store-sensors"] == {
        "domain": "footfall",
        "made_up": footfall,
        "data_through_date": "2024-01-30",
        "newest_date": "2024-01-31",
        "time_zone": "local",
        "read_at": "2024-02-01T09:00:00Z",
    }
    assert how_much_is_made_up(found) == how_much
    assert made_up_notice(found) == notice


def test_a_project_without_the_mart_says_nothing() -> None:
    with duckdb.connect() as connection:
        found = read_data_status(connection, [])
    assert (found, how_much_is_made_up(found), made_up_notice(found)) == ({}, "none", None)
