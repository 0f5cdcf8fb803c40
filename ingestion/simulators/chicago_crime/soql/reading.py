"""Reading the portal's tables as a request asks: rows in their order, or aggregates of them."""

import zlib

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingestion.simulators.chicago_crime.datasets import quoted
from ingestion.simulators.chicago_crime.soql.expressions import Typed
from ingestion.simulators.chicago_crime.soql.translation import Query

Ids = NDArray[np.int64]

_LOCATION_TEXT = (
    "case when latitude is not null and longitude is not null "
    "then concat(chr(10), ',  ', chr(10), '(', latitude, ', ', longitude, ')') end"
)


def _seed(query: Query) -> int:
    """Return a number that differs between requests, and not between runs."""
    parts = (query.where, query.order, query.limit, query.offset, sorted(query.parameters.items()))
    return zlib.crc32(repr(parts).encode())


def group_rows(cursor: duckdb.DuckDBPyConnection, query: Query) -> pa.Table:
    """Return the rows of an aggregate; columns have numbers for names."""
    seed = _seed(query)
    columns = [f"{typed.text_sql} as c{i}" for i, (_, typed) in enumerate(query.select)]
    shuffle = ", ".join([str(seed), *(typed.text_sql for _, typed in query.select)])
    sql = " ".join(
        [
            f"select {', '.join(columns)} from {query.dataset.table}",
            f"where {query.where}" if query.where else "",
            f"group by {', '.join(query.group)}" if query.group else "",
            f"having {query.having}" if query.having else "",
            f"order by {', '.join([*query.order, f'hash({shuffle})'])}",
            f"limit {query.limit} offset {query.offset}",
        ]
    )
    return cursor.execute(sql, query.parameters).to_arrow_table()


def list_rows(cursor: duckdb.DuckDBPyConnection, query: Query) -> pa.Table:
    """Return a page of rows, read in one transaction; columns have numbers for names.

    Their ids are found first, then their columns fetched: sorting moves 8 bytes a row.
    """
    seed = _seed(query)
    where = f"where {query.where}" if query.where else ""
    sql = f"select rowid from {query.dataset.table} {where}"
    if query.order:
        # What the order leaves open comes in another order in every request, as there.
        ties = [] if query.total_order else [f"hash(rowid + {seed})"]
        order = ", ".join(query.order + ties)
        sql += f" order by {order} limit {query.limit} offset {query.offset}"
    found = cursor.execute(sql, query.parameters).fetchnumpy()["rowid"]
    assert isinstance(found, np.ndarray)  # noqa: S101
    return _fetched(cursor, query, found if query.order else _shuffled(found, query, seed))


def _fetched(cursor: duckdb.DuckDBPyConnection, query: Query, ids: Ids) -> pa.Table:
    """Return the rows of these ids in their order; DuckDB sorts wide rows slowly."""
    columns = [f"{_served(typed)} as c{i}" for i, (_, typed) in enumerate(query.select)]
    table = query.dataset.table
    sql = f"select {table}.rowid as page_row, {', '.join(columns)} from {table}"
    low, high = (int(ids.min()), int(ids.max())) if len(ids) else (0, 0)
    if high - low < 2 * len(ids):
        sql += f" where rowid between {low} and {high}"
    else:
        cursor.register("page", pa.table({"wanted": ids}))
        sql += f" join page on {table}.rowid = page.wanted"
    fetched = cursor.execute(sql).to_arrow_table()
    place = np.zeros(high - low + 1, np.int64)
    place[fetched["page_row"].to_numpy() - low] = np.arange(fetched.num_rows)
    wanted = pa.array(place[ids - low])
    return fetched.drop_columns(["page_row"]).combine_chunks().take(wanted)


def _shuffled(ids: Ids, query: Query, seed: int) -> Ids:
    """Without an order the rows turn by a step that differs between requests."""
    count = max(0, min(query.limit, len(ids) - query.offset))
    turn = seed % max(1, len(ids))
    places = (np.arange(query.offset, query.offset + count) + turn) % max(1, len(ids))
    page: Ids = ids[places]
    np.random.default_rng(seed).shuffle(page)
    return page


def _served(typed: Typed) -> str:
    """Return the SQL of a listed value's text: a column as it is stored, the rest computed."""
    if typed.kind == "location":
        return _LOCATION_TEXT
    return quoted(typed.column) if typed.column else typed.text_sql
