"""Rows of Parquet as text: numbers as they are written, times as ISO text.

A time with a zone is written in UTC, with `Z`; one without has none. A fraction of a second is
written where there is one. Nested values are kept as JSON text where the form reads them.
"""

import json
from collections.abc import Iterator
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.core.files.errors import FileError
from ingestion.core.files.form import FileForm, Renames
from ingestion.core.files.opening import Content
from ingestion.core.files.rows import Counts, FileRows, as_rejected, as_rows

ROWS_PER_TABLE = 50_000
HAS_NUL = "it has a NUL character"
_DAMAGED = (pa.ArrowInvalid, OSError, pa.ArrowNotImplementedError)


def parquet_rows(content: Content, form: FileForm, renames: Renames) -> FileRows:
    """Return the rows of a Parquet file.

    Raises:
        FileError: it is refused, now or while its tables are read.
    """
    if content.path is None:
        msg = f"{content.name} is Parquet, compressed again: decompress it, then load it"
        raise FileError(msg)
    try:
        # What it buffers ahead it keeps until its end: the whole file.
        file = pq.ParquetFile(content.path, pre_buffer=False)
        header = file.schema_arrow.names
    except _DAMAGED as error:
        raise _damaged(content.name, error) from error
    columns = form.match(header, renames, content.name)
    if not file.metadata.num_rows:
        msg = f"{content.name} has no {form.rows} in it: nothing was loaded"
        raise FileError(msg)
    counts = Counts(lines=file.metadata.num_rows)
    names = {header[at]: ours for at, ours in columns.items()}
    tables = _tables(file, names, form, content.name, counts)
    return FileRows(content.name, tables, counts, "parquet")


def _tables(
    file: pq.ParquetFile, names: dict[str, str], form: FileForm, name: str, counts: Counts
) -> Iterator[pa.Table]:
    number = 1
    batches = file.iter_batches(ROWS_PER_TABLE, columns=[*names])
    while True:
        try:
            batch = next(batches, None)
        except _DAMAGED as error:
            raise _damaged(name, error) from error
        if batch is None:
            return
        cells = pa.table(
            {
                ours: _cells(batch, theirs, f"{name}, column {theirs}")
                for theirs, ours in names.items()
            }
        )
        numbers = pa.array(range(number, number + batch.num_rows))
        number += batch.num_rows
        yield _without_nul(cells, numbers, form, counts)


def _without_nul(cells: pa.Table, numbers: pa.Array, form: FileForm, counts: Counts) -> pa.Table:
    has_nul = pa.array([False] * cells.num_rows)
    for column in cells.columns:
        found = pc.fill_null(pc.match_substring(column, "\0"), False)
        has_nul = pc.or_(has_nul, found.combine_chunks())
    good = pc.invert(has_nul)
    rows = as_rows(cells.filter(good), form.names, pc.cast(numbers.filter(good), pa.string()))
    counts.rows += rows.num_rows
    bad = numbers.filter(has_nul).to_pylist()
    if not bad:
        return rows
    texts = [json.dumps(row, ensure_ascii=False) for row in cells.filter(has_nul).to_pylist()]
    for number in bad:
        counts.reject(number, HAS_NUL)
    return pa.concat_tables([rows, as_rejected(form.names, bad, texts, [HAS_NUL] * len(bad))])


def _cells(batch: pa.RecordBatch, column: str, where: str) -> pa.Array:
    values = batch.column(column)
    try:
        return as_text(values)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        why = " ".join(str(error).split())[:120]
        msg = f"{where}: {values.type} that is not text ({why}): write it as text, then load it"
        raise FileError(msg) from error


def as_text(values: pa.Array) -> pa.Array:
    """Return a column as text; an empty text is null."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind):
        return _moments(values)
    if pa.types.is_duration(kind):
        # As text it would be a number without its unit.
        msg = "a length of time"
        raise pa.ArrowNotImplementedError(msg)
    if pa.types.is_nested(kind):
        texts = [None if v is None else json.dumps(v, default=str) for v in values.to_pylist()]
        return pa.array(texts, pa.string())
    if pa.types.is_floating(kind):
        return _numbers(values)
    text = values.cast(pa.string())
    if pa.types.is_decimal(kind):
        # Its scale is the column's: `2.000` is a whole number here, in a text it may be thousands.
        text = pc.replace_substring_regex(text, r"\.0+$", "")
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _numbers(values: pa.Array) -> pa.Array:
    """Return floats in their shortest form, without an exponent where they are whole."""
    if values.type == pa.float16():
        values = values.cast(pa.float32())
    text = values.cast(pa.string())
    exact = 2**53 if values.type == pa.float64() else 2**24
    is_whole = pc.and_(pc.equal(pc.floor(values), values), pc.less_equal(pc.abs(values), exact))
    whole = pc.if_else(is_whole, values, pa.scalar(0, values.type)).cast(pa.int64())
    return pc.if_else(is_whole, whole.cast(pa.string()), text)


def _moments(values: pa.Array) -> pa.Array:
    has_zone = values.type.tz is not None
    unit = values.type.unit
    local = values.cast(pa.timestamp(unit))
    # Where there is a fraction of a second in some, it stays.
    with suppress(pa.ArrowInvalid):
        local = local.cast(pa.timestamp("s"))
    return pc.strftime(local, "%Y-%m-%dT%H:%M:%S" + ("Z" if has_zone else ""))


def _damaged(name: str, error: BaseException) -> FileError:
    why = " ".join(str(error).split())[:120]
    return FileError(f"{name} is not a whole Parquet file ({why}): download it again, then load it")
