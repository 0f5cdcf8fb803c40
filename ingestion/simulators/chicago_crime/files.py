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
from numpy.typing import NDArray

from ingestion.errors import WarehouseError
from ingestion.simulators.chicago_crime.codes import INDEX_FBI_CODES
from ingestion.simulators.chicago_crime.datasets import (
    CRIMES,
    CRIMES_LAST_YEAR,
    IUCR_CODES,
    SYSTEM_COLUMNS,
    Dataset,
    quoted,
)
from ingestion.simulators.chicago_crime.forms import BATCH_ROWS, tables_of
from ingestion.simulators.chicago_crime.store import Store
from ingestion.simulators.chicago_crime.tokens import token_sql, tokens_of

_ISO = "'%Y-%m-%dT%H:%M:%S.%g'"
_EXPORT = "'%m/%d/%Y %I:%M:%S %p'"
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
    tables = list(tables_of(path))
    if not sum(table.num_rows for table in tables):
        message = f"{path}: no rows could be read; check that the file is complete"
        raise WarehouseError(message)
    table = pa.concat_tables(tables, promote_options="default")
    names = _known_columns(table.column_names, path)
    with store.cursor() as cursor:
        _fill(cursor, table, names)
        _add_codes(cursor, names.dataset)
    return int(table.num_rows)


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
            f"{path}: these are no columns of crimes: {', '.join(names[:5])}…; "
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


def _fill(cursor: duckdb.DuckDBPyConnection, table: pa.Table, names: _Names) -> None:
    """Add the rows in the order of their dates, a slice at a time."""
    dataset = names.dataset
    cursor.register("file", table)
    day = _value(str(dataset.occurred), names)
    identity = _value("id", names) if "id" in names.columns else "null"
    own = [quoted(names.columns[n]) for n in names.columns if n not in SYSTEM_COLUMNS]
    found = cursor.execute(
        f"""select
            coalesce(epoch_ms(try_cast({day} as timestamp)), 0) as occurred,
            md5_number_lower(coalesce({identity}, concat_ws('|', {", ".join(own)}))) as key
        from file"""
    ).to_arrow_table()
    key = _all_different(found["key"].to_numpy())
    table = table.append_column("made id", tokens_of("row", key))
    table = table.append_column("made version", tokens_of("rv", ~key)).combine_chunks()
    order = np.argsort(found["occurred"].to_numpy(), kind="stable")
    slices = (
        batch
        for start in range(0, len(order), BATCH_ROWS)
        for batch in table.take(pa.array(order[start : start + BATCH_ROWS])).to_batches()
    )
    # One statement: DuckDB then writes whole row groups and keeps no log of them.
    cursor.register("file", pa.RecordBatchReader.from_batches(table.schema, slices))
    cursor.execute(dataset.insert_sql(f"({_normal_sql(names)})"))
    cursor.unregister("file")


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
    """Return the query that gives the stored columns, with those made that the file lacks."""
    dataset = names.dataset
    day = _value(str(dataset.occurred), names)
    changed = _value("updated_on", names) if "updated_on" in dataset.columns else "null"
    stamp = (
        f"strftime(coalesce(try_cast({changed} as timestamp), try_cast({day} as timestamp), "
        f"timestamp '2001-01-01'), {_ISO}) || 'Z'"
    )
    made = {
        ":id": '"made id"',
        ":version": '"made version"',
        ":created_at": stamp,
        ":updated_at": stamp,
        "year": f"substr({day}, 1, 4)",
    }
    values = []
    for name in dataset.stored:
        value = _value(name, names)
        text = f"coalesce({value}, {made[name]})" if name in made else value
        values.append(f"{text} as {quoted(name)}")
    return f"select {', '.join(values)} from file"


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
