"""Marts of every type and of many rows, and how a client pages through them."""

from collections.abc import Iterator
from typing import Any

import httpx

MANY = 20_000
ODD_MARTS = {
    # Each row stands twice.
    "odd.many": f"""
        select cast(range // 2 as bigint) as number, 'n' || (range // 2) as name,
            range // 2 % 7 = 0 as is_seventh from range({MANY})""",
    "odd.kinds": """
        select * from (values
            (cast(1 as bigint), 'a,"b"', cast(1.25 as decimal(9, 2)), 0.5, true,
                date '2026-01-31', timestamptz '2026-01-31 23:30:00.5+00',
                timestamp '2026-02-01 00:30:00', ['x', 'y'], {'k': 1}),
            (9223372036854775807, 'é\n', null, cast('nan' as double), false,
                date '2026-02-01', timestamptz '2026-02-01 01:00:00+00', null, null, null),
            (-3, '', -0.5, cast('inf' as double), null, null, null, null, [], null)
        ) as rows (id, name, price, ratio, is_good, day, seen_at, seen_at_local, tags, extra)""",
}
KINDS = "/marts/odd/kinds"


def rows_of(found: httpx.Response) -> list[dict[str, Any]]:
    assert found.status_code == 200, found.text
    rows: list[dict[str, Any]] = found.json()["rows"]
    return rows


def pages(api: httpx.Client, path: str, **parameters: Any) -> Iterator[list[dict[str, Any]]]:
    """Every page of a mart."""
    cursor = None
    while True:
        extra: dict[str, str] = {"cursor": cursor} if cursor else {}
        found = api.get(path, params=parameters | extra)
        yield rows_of(found)
        cursor = found.json()["next_cursor"]
        if cursor is None:
            return
