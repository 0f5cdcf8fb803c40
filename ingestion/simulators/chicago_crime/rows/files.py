"""Rows of a file in one of the portal's forms, served as the data set that they come from.

Forms: the portal's export (`.csv`, `.csv.gz`), API rows written by pandas, the body of an API
answer (`.json`), and a Parquet file of API rows with their system columns. What is missing of the
system columns is made of the row itself, so that a file gives the same rows each time. A file cut
short is served as far as it can be read.
"""

import re
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingestion.core.errors import WarehouseError
from ingestion.simulators.chicago_crime.datasets import (
    CRIMES,
    CRIMES_LAST_YEAR,
    IUCR_CODES,
    SYSTEM_COLUMNS,
    Dataset,
    quoted,
)
from ingestion.simulators.chicago_crime.rows.codes import INDEX_FBI_CODES
from ingestion.simulators.chicago_crime.rows.forms import tables_of
from ingestion.simulators.chicago_crime.store import Store
from ingestion.simulators.chicago_crime.tokens import token_sql, tokens_of

_ISO = "'%Y-%m-%dT%H:%M:%S.%g'"
_EXPORT = "'%m/%d/%Y %I:%M:%S %p'"
_MADE = ("made id", "made version")
# The last-year data set's own headings in its export, where they differ from the API's names.
_HEADINGS = {"primarydescription": "_primary_decsription"}


def fill_from_file(store: Store, path: Path) -> int:
    """Fill the store with a file's rows and the codes that they use.

    Returns:
        How many rows were read.

    Raises:
        WarehouseError: the file is not there, or is of no form known.
    """
    if not path.is_file():
        message = f"{path}: no such file; give a .csv, .csv.gz, .json or .parquet of crimes"
        raise WarehouseError(message)
    with store.cursor() as cursor:
        names = _open_parquet(cursor, path) or _open_in_memory(cursor, path)
        # One statement: DuckDB then writes whole row groups and keeps no log of them.
        done = cursor.execute(names.dataset.insert_sql(f"({_normal_sql(names)})")).fetchone()
        _add_codes(cursor, names.dataset)
        cursor.execute("drop view file")
    assert done is not None  # noqa: S101
    return int(done[0])


class _Names:
    """Which of a file's columns is which of the data set's."""

    def __init__(self, dataset: Dataset, columns: dict[str, str]) -> None:
        self.dataset = dataset
        self.columns = columns


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _known_columns(names: list[str], path: Path) -> _Names:
    plain = {_plain(name) for name in names}
    if "dateofoccurrence" in plain:
        dataset = CRIMES_LAST_YEAR
    elif "casenumber" in plain:
        dataset = CRIMES
    else:
        message = (
            f"{path}: these are not columns of crimes: {', '.join(names[:5])}…; "
            "give the portal's export or API form with its heading"
        )
        raise WarehouseError(message)
    known = {_plain(name): name for name in dataset.columns} | _HEADINGS
    columns = {}
    for name in names:
        if name in SYSTEM_COLUMNS:
            columns[name] = name
        elif not name.startswith(":") and known.get(_plain(name), "") in dataset.stored:
            columns[known[_plain(name)]] = name
    return _Names(dataset, columns)


def _open_parquet(cursor: duckdb.DuckDBPyConnection, path: Path) -> _Names | None:
    """Make view `file` of a Parquet file that lacks no system column, which is read as a stream.

    Returns:
        Its columns; None where it is not such a file.
    """
    if path.suffix != ".parquet":
        return None
    schema = pq.read_schema(path)
    flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
    if not set(SYSTEM_COLUMNS) <= set(flat):
        return None
    quoted_path = str(path).replace("'", "''")
    texts = ", ".join(f"cast({quoted(name)} as varchar) as {quoted(name)}" for name in flat)
    rows = f"select {texts} from read_parquet('{quoted_path}')"
    counts = ", ".join(f"count({quoted(name)})" for name in SYSTEM_COLUMNS)
    found = cursor.execute(f"select count(*), {counts} from ({rows})").fetchone()
    if not found or not found[0] or len(set(found)) > 1:
        return None
    made = ", ".join(f"cast(null as varchar) as {quoted(name)}" for name in _MADE)
    cursor.execute(f"create temp view file as select *, {made} from ({rows})")
    return _known_columns(flat, path)


def _open_in_memory(cursor: duckdb.DuckDBPyConnection, path: Path) -> _Names:
    """Make view `file` of any file, with the ids and versions that it may lack."""
    tables = list(tables_of(path))
    if not sum(table.num_rows for table in tables):
        message = f"{path}: no rows could be read; check that the file is complete"
        raise WarehouseError(message)
    table = pa.concat_tables(tables, promote_options="default")
    names = _known_columns(table.column_names, path)
    cursor.register("received", table)
    identity = _value("id", names) if "id" in names.columns else "null"
    own = [quoted(names.columns[n]) for n in names.columns if n not in SYSTEM_COLUMNS]
    text = f"coalesce({identity}, concat_ws('|', {', '.join(own)}))"
    found = cursor.execute(f"select md5_number_lower({text}) as key from received")
    key = _all_different(found.to_arrow_table()["key"].to_numpy())
    for name, made in zip(_MADE, (tokens_of("row", key), tokens_of("rv", ~key)), strict=True):
        table = table.append_column(name, made)
    cursor.register("received", table)
    cursor.execute("create temp view file as from received")
    return names


def _all_different(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Count on from a key that was there before: a row that stands there twice has two ids."""
    order = np.argsort(keys, kind="stable")
    place, in_order = np.arange(len(keys)), keys[order]
    is_new = np.concatenate([[True], in_order[1:] != in_order[:-1]])
    again = np.empty(len(keys), np.uint64)
    again[order] = place - np.maximum.accumulate(np.where(is_new, place, 0))
    return keys + again


def _value(name: str, names: _Names) -> str:
    """Return the SQL of a column's text as the API writes it: times, flags."""
    if name not in names.columns:
        return "cast(null as varchar)"
    value, kind = quoted(names.columns[name]), names.dataset.all_columns[name]
    if kind == "calendar_date":
        return f"coalesce(strftime(try_strptime({value}, {_EXPORT}), {_ISO}), {value})"
    return f"lower({value})" if kind == "checkbox" else value


def _normal_sql(names: _Names) -> str:
    """Return the query of the stored columns in the order of dates; what the file lacks is made."""
    dataset = names.dataset
    day = _value(str(dataset.occurred), names)
    changed = _value("updated_on", names) if "updated_on" in dataset.columns else "null"
    stamp = (
        f"strftime(coalesce(try_cast({changed} as timestamp), try_cast({day} as timestamp), "
        f"timestamp '2001-01-01'), {_ISO}) || 'Z'"
    )
    made = {
        ":id": quoted(_MADE[0]),
        ":version": quoted(_MADE[1]),
        ":created_at": stamp,
        ":updated_at": stamp,
        "year": f"substr({day}, 1, 4)",
    }
    values = []
    for name in dataset.stored:
        value = _value(name, names)
        text = f"coalesce({value}, {made[name]})" if name in made else value
        values.append(f"{text} as {quoted(name)}")
    order = f"coalesce(try_cast({day} as timestamp), timestamp '1970-01-01')"
    return f"select {', '.join(values)} from file order by {order}, {quoted(':id')}"


def _add_codes(cursor: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Fill the data set of codes with those in use, each under its most frequent names."""
    primary, secondary, iucr, fbi = (
        ("primary_type", "description", "iucr", "fbi_code")
        if dataset is CRIMES
        else ("_primary_decsription", "_secondary_description", "_iucr", "fbi_cd")
    )
    index_codes = ", ".join(f"'{code}'" for code in INDEX_FBI_CODES)
    stamp = "'2001-01-01T12:00:00.000Z'"
    cursor.execute(
        IUCR_CODES.insert_sql(
            f"""(
                select
                    {token_sql("row", "code")} as ":id",
                    {stamp} as ":created_at",
                    {stamp} as ":updated_at",
                    {token_sql("rv", "code")} as ":version",
                    ltrim(code, '0') as iucr,
                    * exclude (code),
                    'true' as active
                from (
                    select
                        lpad({iucr}, 4, '0') as code,
                        mode({primary}) as primary_description,
                        mode({secondary}) as secondary_description,
                        case when mode({fbi}) in ({index_codes}) then 'I' else 'N' end as index_code
                    from {dataset.table}
                    where {iucr} is not null
                    group by 1
                )
                order by code
            )"""
        )
    )
