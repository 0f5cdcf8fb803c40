"""The portal's forms of a file, read as Arrow tables of text.

CSV (also compressed, also cut off), the body of an API answer, and Parquet.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

BATCH_ROWS = 50_000
_LARGE_BYTES = 200_000_000


def tables_of(path: Path) -> Iterator[pa.Table]:
    """Read a file in batches of text columns under its own names; an empty text is null."""
    suffixes = path.suffixes
    if suffixes[-1:] == [".parquet"]:
        for batch in pq.ParquetFile(path).iter_batches(BATCH_ROWS):
            table = pa.table(batch)
            flat = [name for name in table.column_names if not pa.types.is_nested(table[name].type)]
            yield pa.table({name: table[name].cast(pa.string()) for name in flat})
    elif suffixes[-1:] == [".json"]:
        yield from _from_objects(_objects(path.read_text("utf-8", errors="replace")))
    else:
        whole = _from_whole_csv(path)
        yield from [whole] if whole is not None else _from_broken_csv(path)


def _from_whole_csv(path: Path) -> pa.Table | None:
    """Read a well-formed CSV at once; None where a line is cut or the file is too large for it."""
    if path.stat().st_size > _LARGE_BYTES:
        return None
    try:
        with pa.input_stream(path, compression="detect") as stream:
            heading = pa_csv.open_csv(stream).schema.names
        with pa.input_stream(path, compression="detect") as stream:
            return pa_csv.read_csv(
                stream,
                parse_options=pa_csv.ParseOptions(newlines_in_values=True),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(heading, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
    except (pa.ArrowInvalid, OSError):
        return None


def _from_broken_csv(path: Path) -> Iterator[pa.Table]:
    """Read a CSV line by line, as far as it goes."""
    with path.open("rb") as raw:
        # A compressed file is recognised by its first two bytes, whatever its name.
        magic = raw.read(2)
        raw.seek(0)
        stream = gzip.GzipFile(fileobj=raw) if magic == b"\x1f\x8b" else raw
        text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")
        yield from _from_lines(csv.reader(_until_cut(text)))


def _until_cut(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines until the file ends or, cut short, cannot be read further."""
    try:
        yield from lines
    except (EOFError, zlib.error):
        return


def _from_lines(lines: Iterator[list[str]]) -> Iterator[pa.Table]:
    heading = next(lines, [])
    width = len(heading)
    while batch := list(islice(lines, BATCH_ROWS)):
        whole = [line if len(line) == width else (line + [""] * width)[:width] for line in batch]
        columns = zip(*(line for line in whole if any(line)), strict=True)
        yield pa.table(
            {
                name: pa.array([value or None for value in column], pa.string())
                for name, column in zip(heading, columns, strict=False)
            }
        )


def _objects(text: str) -> Iterator[dict[str, object]]:
    decoder, place = json.JSONDecoder(), text.find("{")
    while place >= 0:
        try:
            found, end = decoder.raw_decode(text, place)
        except json.JSONDecodeError:
            return
        yield found
        place = text.find("{", end)


def _from_objects(objects: Iterator[dict[str, object]]) -> Iterator[pa.Table]:
    while batch := list(islice(objects, BATCH_ROWS)):
        names = dict.fromkeys(name for row in batch for name in row)
        yield pa.table(
            {name: pa.array([_text(row.get(name)) for row in batch], pa.string()) for name in names}
        )


def _text(value: object) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
