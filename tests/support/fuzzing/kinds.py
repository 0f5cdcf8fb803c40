"""JSON and Parquet with rows of text: numbers are written as numbers, as programs do."""

import io
import json
import re
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Cells = dict[str, str]
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
WHOLE, DECIMAL = re.compile(r"-?[0-9]{1,15}", re.ASCII), re.compile(r"-?[0-9]+[.][0-9]+", re.ASCII)


def json_content(header: list[str], rows: list[list[str]]) -> bytes:
    """Return an array of objects, one per line."""
    objects = [
        ", ".join(
            f"{json.dumps(name)}: {_value(cell)}" for name, cell in zip(header, row, strict=True)
        )
        for row in rows
    ]
    return ("[\n" + ",\n".join(f"{{{text}}}" for text in objects) + "\n]\n").encode()


def _value(cell: str) -> str:
    return cell if NUMBER.fullmatch(cell) else json.dumps(cell)


def json_objects(content: bytes) -> list[Cells] | None:
    """Return the objects of JSON, with numbers as they are written; None where it is not JSON."""
    try:
        found: list[dict[str, Any]] = json.loads(
            content.decode(), parse_int=str, parse_float=str, parse_constant=str
        )
    except ValueError:
        return None
    return [{name: str(value) for name, value in each.items()} for each in found]


def parquet_content(header: list[str], rows: list[list[str]]) -> bytes:
    """Return Parquet with columns of numbers where all cells are."""
    target = io.BytesIO()
    columns = zip(*rows, strict=True)
    pq.write_table(pa.table([_column(list(cells)) for cells in columns], names=header), target)
    return target.getvalue()


def _column(cells: list[str]) -> pa.Array:
    for form, convert in ((WHOLE, int), (DECIMAL, float)):
        if all(map(form.fullmatch, cells)):
            return pa.array(map(convert, cells))
    return pa.array(cells)
