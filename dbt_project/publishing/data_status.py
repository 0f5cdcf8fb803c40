"""What a reader has to know of each source before its figures, from the mart that says it."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

MART = "core.data_status"


def read_data_status(
    connection: duckdb.DuckDBPyConnection, marts: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Read the mart of a build.

    Args:
        connection: to the build's file; its time zone is UTC.
        marts: of the build; a project without sources of its own has no such mart.

    Returns:
        By source that was loaded: its `domain`; how much of it is `made_up` (all, partly, none);
        `data_through_date` and `newest_date` (ISO, or None), in `time_zone`; when it was last read,
        `read_at` (ISO, UTC).
    """
    if MART not in marts:
        return {}
    rows = connection.execute(
        f"""
        select
            source_name,
            domain,
            made_up,
            cast(data_through_date as varchar) as data_through_date,
            cast(newest_date as varchar) as newest_date,
            time_zone,
            strftime(read_at, '%Y-%m-%dT%H:%M:%SZ') as read_at
        from {MART}
        where read_at is not null
        order by source_name
        """
    )
    names = [column[0] for column in rows.description]
    return {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in rows.fetchall()}


def how_much_is_made_up(sources: Mapping[str, Mapping[str, Any]]) -> str:
    """How much of a build is made up: `all`, `partly` or `none` of it."""
    found = {source["made_up"] for source in sources.values()} or {"none"}
    return str(found.pop()) if len(found) == 1 else "partly"


def made_up_notice(sources: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The sentence that every reader of made-up figures is shown; None where all are real."""
    wholly = [name for name, source in sources.items() if source["made_up"] == "all"]
    partly = [name for name, source in sources.items() if source["made_up"] == "partly"]
    if not wholly and not partly:
        return None
    if not partly and len(wholly) == len(sources):
        return "Made-up data: every row comes from a simulator, none from a real source."
    parts = [f"the rows of {_listed(wholly)}"] if wholly else []
    parts += [f"some rows of {_listed(partly)}"] if partly else []
    return f"Partly made-up data: {' and '.join(parts)} come from a simulator."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
