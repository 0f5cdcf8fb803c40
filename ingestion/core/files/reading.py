"""A file's rows as Arrow tables of text, whatever its kind.

    with read_file(path, FORM, renames, scratch=folder) as rows:
        for table in rows.tables:   # text: line_number, line_text, line_problem, the form's columns
            …
        rows.counts.require_all(rows.name)

`line_number` counts the lines of a text from 1, with the header, and the rows of JSON and Parquet.
`line_text` and `line_problem` are null for a row; a line that could not be split into the header's
cells has its text, why, and null in all the form's columns.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ingestion.core.files.decoding import find_encoding
from ingestion.core.files.errors import FileError, shown
from ingestion.core.files.form import FileForm, Renames
from ingestion.core.files.opening import PARQUET, Content, open_content
from ingestion.core.files.rows import FileRows


@contextmanager
def read_file(
    path: Path, form: FileForm, renames: Renames = (), *, scratch: Path
) -> Iterator[FileRows]:
    """Open a file and give its rows; its columns are checked before this returns.

    Args:
        path: of any kind that the form takes, compressed or not.
        form: what is read.
        renames: of `--columns`.
        scratch: a folder for what a reader can only take decompressed.

    Raises:
        FileError: the file is refused, now or while its tables are read; in one line.
    """
    with open_content(path) as content:
        other = next((kind for kind in form.other_kinds if kind.takes(path, content.head)), None)
        if other is None:
            yield _rows(content, form, renames)
            return
        with _plain_file(content, scratch) as file, other.read(file, form, renames) as rows:
            rows.name = content.name
            yield rows


@contextmanager
def _plain_file(content: Content, scratch: Path) -> Iterator[Path]:
    """Give the file with the content; a temporary one where it is compressed."""
    if content.path is not None:
        yield content.path
        return
    scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=scratch) as folder:
        file = Path(folder, PurePosixPath(content.name).name)
        with file.open("wb") as out:
            for chunk in content.chunks():
                out.write(chunk)
        yield file


def _rows(content: Content, form: FileForm, renames: Renames) -> FileRows:
    # Each kind has imports of its own.
    if content.head.startswith(PARQUET):
        from ingestion.core.files.kinds.parquet_rows import parquet_rows  # noqa: PLC0415

        return parquet_rows(content, form, renames)
    text = content.head.decode(find_encoding(content.head), "replace").lstrip("\ufeff \t\r\n")
    if not content.head.strip():
        msg = f"{content.name} is empty: give a file of {form.rows}"
        raise FileError(msg)
    if text.startswith("<"):
        msg = (
            f"{content.name} is a web page or XML ({shown(text)}): download the {form.rows} "
            "themselves, then load them"
        )
        raise FileError(msg)
    if text.startswith(("{", "[")):
        from ingestion.core.files.kinds.json_rows import json_rows  # noqa: PLC0415

        return json_rows(content, form, renames)
    from ingestion.core.files.kinds.csv_rows import csv_rows  # noqa: PLC0415

    return csv_rows(content, form, renames)
