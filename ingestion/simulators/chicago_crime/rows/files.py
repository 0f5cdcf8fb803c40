"""Rows of a file of crimes, served as the data set that they come from.

Files are read as `warehouse load chicago-crime --file` reads them, and a file that the portal could
not have is refused: one with a line that is not a row, or with a date that its typed columns would
not hold. What is missing of the system columns is made of the row itself, so that a file gives the
same rows each time.
"""

from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ingestion.core.errors import WarehouseError
from ingestion.core.files.errors import shown
from ingestion.core.files.form import Column, FileForm
from ingestion.core.files.reading import read_file
from ingestion.core.files.rows import in_packages
from ingestion.simulators.chicago_crime.datasets import (
    CRIMES,
    CRIMES_LAST_YEAR,
    IUCR_CODES,
    Dataset,
    quoted,
)
from ingestion.simulators.chicago_crime.rows.codes import INDEX_FBI_CODES
from ingestion.simulators.chicago_crime.rows.times import FORMS, time_sql
from ingestion.simulators.chicago_crime.store import Store
from ingestion.simulators.chicago_crime.tokens import token_sql, tokens_of
from ingestion.sources.chicago_crime.files import FORM

_ISO = "'%Y-%m-%dT%H:%M:%S.%g'"
_MADE = ("made id", "made version")
# What a test serves may lack columns: they are then null, as for a crime without them.
_FORM = FileForm(
    rows=FORM.rows,
    columns=(
        *(replace(column, is_required=False) for column in FORM.columns),
        Column("socrata_created_at", (":created_at",), is_required=False),
    ),
    alternatives=(("case_number",), ("case_",)),
)
_SYSTEM = {
    ":id": "socrata_id",
    ":created_at": "socrata_created_at",
    ":updated_at": "socrata_updated_at",
    ":version": "socrata_version",
}
_LAST_YEAR = {
    "_iucr": "iucr",
    "_primary_decsription": "primary_type",
    "_secondary_description": "description",
    "_location_description": "location_description",
    "fbi_cd": "fbi_code",
}


def fill_from_file(store: Store, path: Path) -> int:
    """Fill the store with a file's rows and the codes that they use.

    Returns:
        How many rows were read.

    Raises:
        WarehouseError: the file is not there, or the portal could not have it.
    """
    if not path.is_file():
        message = f"{path}: no such file; give a .csv, .csv.gz, .json or .parquet of crimes"
        raise WarehouseError(message)
    with store.cursor() as cursor:
        _receive(cursor, path)
        is_last_year = _first(cursor, "select count(case_) > 0 from received")[0]
        dataset = CRIMES_LAST_YEAR if is_last_year else CRIMES
        _refuse_unreadable_times(cursor, dataset, path.name)
        _make_keys(cursor, dataset)
        # One statement: DuckDB then writes whole row groups and keeps no log of them.
        done = _first(cursor, dataset.insert_sql(f"({_normal_sql(dataset)})"))
        _add_codes(cursor, dataset)
        cursor.execute("drop table received")
    return int(done[0])


def _receive(cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make table `received` of the file's rows.

    Raises:
        WarehouseError: the file is refused, or a line of it is not a row.
    """
    texts = ", ".join(f"{quoted(name)} varchar" for name in ("line_number", *_FORM.names))
    cursor.execute(f"create table received ({texts})")
    with read_file(path, _FORM, scratch=Path(gettempdir())) as rows:
        for table in in_packages(rows.tables):
            page = table.select(["line_number", *_FORM.names])
            cursor.register("page", page)
            cursor.execute("insert into received select * from page")
            cursor.unregister("page")
        rows.counts.require_all(rows.name)
        if rows.counts.problems:
            why, (_, line) = min(rows.counts.problems.items(), key=lambda each: each[1][1])
            message = (
                f"{rows.name}, line {line}: {why}; the portal has no such row: correct the line, "
                "or load the file with `warehouse load chicago-crime --file`, which rejects it"
            )
            raise WarehouseError(message)


def _first(cursor: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    found = cursor.execute(sql).fetchone()
    assert found is not None  # noqa: S101
    return found


def _source_column(name: str, dataset: Dataset) -> str:
    """Return the name, as files are read, of a stored column."""
    if name in _SYSTEM:
        return _SYSTEM[name]
    return _LAST_YEAR.get(name, name) if dataset is CRIMES_LAST_YEAR else name


def _refuse_unreadable_times(
    cursor: duckdb.DuckDBPyConnection, dataset: Dataset, file: str
) -> None:
    """Refuse a time that the portal's typed columns could not hold.

    Raises:
        WarehouseError: names the line, the column and the forms.
    """
    for name, kind in dataset.columns.items():
        if kind != "calendar_date":
            continue
        found = cursor.execute(
            f"select line_number, {quoted(name)} from received "
            f"where {quoted(name)} is not null and {time_sql(quoted(name))} is null "
            "order by cast(line_number as bigint) limit 1"
        ).fetchone()
        if found:
            line, text = found
            message = f"{file}, line {line}: {name} {shown(text)!r} is not a time; give {FORMS}"
            raise WarehouseError(message)


def _make_keys(cursor: duckdb.DuckDBPyConnection, dataset: Dataset) -> None:
    """Add the ids and versions that rows may lack to table `received`."""
    lacking = " or ".join(f"{name} is null" for name in _SYSTEM.values())
    made = [quoted(name) for name in _MADE]
    if not _first(cursor, f"select count(*) from received where {lacking}")[0]:
        for name in made:
            cursor.execute(f"alter table received add column {name} varchar")
        return
    identity = "id" if dataset is CRIMES else "null"
    own = ", ".join(quoted(name) for name in FORM.names if name not in _SYSTEM.values())
    text = f"coalesce({identity}, concat_ws('|', {own}))"
    found = cursor.execute(
        f"select line_number, md5_number_lower({text}) as key from received "
        "order by cast(line_number as bigint)"
    ).to_arrow_table()
    key = _all_different(found["key"].to_numpy())
    keys = pa.table(
        {
            "line_number": found["line_number"],
            _MADE[0]: tokens_of("row", key),
            _MADE[1]: tokens_of("rv", ~key),
        }
    )
    cursor.register("keys", keys)
    cursor.execute(
        f"create or replace table received as select received.*, {', '.join(made)} "
        "from received join keys using (line_number)"
    )
    cursor.unregister("keys")


def _all_different(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Count on from a key that was there before: a row that stands there twice has two ids."""
    order = np.argsort(keys, kind="stable")
    place, in_order = np.arange(len(keys)), keys[order]
    is_new = np.concatenate([[True], in_order[1:] != in_order[:-1]])
    again = np.empty(len(keys), np.uint64)
    again[order] = place - np.maximum.accumulate(np.where(is_new, place, 0))
    return keys + again


def _value(name: str, dataset: Dataset) -> str:
    """Return the SQL of a column's text as the API writes it: times, flags."""
    column, kind = _source_column(name, dataset), dataset.all_columns[name]
    if column not in _FORM.names:
        return "cast(null as varchar)"
    value = quoted(column)
    if kind == "calendar_date":
        return f"strftime({time_sql(value)}, {_ISO})"
    return f"lower({value})" if kind == "checkbox" else value


def _normal_sql(dataset: Dataset) -> str:
    """Return the query of the stored columns in the order of dates; what the file lacks is made."""
    day = time_sql(quoted(str(dataset.occurred)))
    changed = time_sql("updated_on") if "updated_on" in dataset.columns else "null"
    stamp = f"strftime(coalesce({changed}, {day}, timestamp '2001-01-01'), {_ISO}) || 'Z'"
    made = {
        ":id": quoted(_MADE[0]),
        ":version": quoted(_MADE[1]),
        ":created_at": stamp,
        ":updated_at": stamp,
        "year": f"strftime({day}, '%Y')",
    }
    values = []
    for name in dataset.stored:
        value = _value(name, dataset)
        text = f"coalesce({value}, {made[name]})" if name in made else value
        values.append(f"{text} as {quoted(name)}")
    order = f"coalesce({day}, timestamp '1970-01-01')"
    return f"select {', '.join(values)} from received order by {order}, {quoted(':id')}"


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
