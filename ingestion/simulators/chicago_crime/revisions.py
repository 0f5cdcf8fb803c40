"""A week of revisions at the simulated portal, always the same, so that history can be shown.

The portal revises what it published: arrests made later, crimes reclassified or withdrawn, crimes
reported late, and now and then a row that nobody can read.
"""

from typing import Any

import httpx

_LATE = {
    "block": "001XX N STATE ST",
    "location_description": "SIDEWALK",
    "arrest": "false",
    "domestic": "false",
    "beat": "0111",
    "district": "001",
    "ward": "42",
    "community_area": "32",
    "year": "2025",
    "updated_on": "2026-01-08T15:40:00.000",
}

REVISIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "edit",  # arrests made later
        {
            "where": "primary_type = 'MOTOR VEHICLE THEFT' and arrest = false"
            " and date between '2025-11-03T00:00:00' and '2025-11-09T23:59:59'",
            "set": {"arrest": "true", "updated_on": "2026-01-08T15:40:00.000"},
        },
    ),
    (
        "edit",  # reclassified
        {
            "where": "description = 'FROM BUILDING'"
            " and date between '2025-12-01T00:00:00' and '2025-12-07T23:59:59'",
            "set": {
                "iucr": "0610",
                "primary_type": "BURGLARY",
                "description": "FORCIBLE ENTRY",
                "fbi_code": "05",
            },
        },
    ),
    (
        "edit",  # the same crime under another row id
        {
            "where": "primary_type = 'KIDNAPPING'"
            " and date between '2025-12-01T00:00:00' and '2025-12-31T23:59:59'",
            "set": {"location_description": "VEHICLE NON-COMMERCIAL"},
            "recreate": True,
        },
    ),
    (
        "delete",  # withdrawn
        {
            "where": "primary_type = 'NON-CRIMINAL'"
            " and date between '2025-10-01T00:00:00' and '2025-12-31T23:59:59'",
        },
    ),
    (
        "add",  # reported late; the last two cannot be read
        {
            "rows": [
                _LATE
                | {
                    "id": "19900001",
                    "case_number": "JK900001",
                    "date": "2025-06-15T22:10:00.000",
                    "iucr": "0820",
                    "primary_type": "THEFT",
                    "description": "$500 AND UNDER",
                    "fbi_code": "06",
                },
                _LATE
                | {
                    "id": "19900002",
                    "case_number": "JK900002",
                    "date": "2025-06-16T08:00:00.000",
                    "iucr": "0560",
                    "primary_type": "ASSAULT",
                    "description": "SIMPLE",
                    "fbi_code": "08A",
                    "ward": "north",
                },
                _LATE
                | {
                    "id": "19900003",
                    "case_number": "JK900003",
                    "date": "2025-06-17T09:30:00.000",
                    "iucr": "0486",
                    "primary_type": "BATTERY",
                    "description": "DOMESTIC BATTERY SIMPLE",
                    "fbi_code": "08B",
                    "arrest": None,
                },
            ]
        },
    ),
)


def revise(base_url: str) -> None:
    """Make the revisions at a simulator that serves rows of its own making.

    Raises:
        httpx.HTTPStatusError: the simulator refused one.
    """
    with httpx.Client(base_url=base_url, timeout=60) as client:
        for kind, change in REVISIONS:
            client.post(f"/control/{kind}", json=change).raise_for_status()
