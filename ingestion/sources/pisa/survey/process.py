"""A survey file read in a child process, beside the process that writes what it reads.

pyreadstat makes Python objects of all values of a chunk: in a process of its own that takes neither
the loader's memory nor its time.
Flow: file -> chunks of text, one read ahead -> Arrow IPC stream -> pipe -> the loader.
Run (by the loader): python -m ingestion.sources.pisa.survey.process FILE ROWS
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from ingestion import ROOT
from ingestion.core.errors import LoadError
from ingestion.core.fetching.fetch_ahead import fetch_ahead
from ingestion.sources.pisa.survey.readers import as_text, failures_in_one_line, read_statistics

ROWS_PER_MESSAGE = 16_384
REFUSED_CODE = 3


@contextmanager
def reading(file: Path, rows: int) -> Iterator[Iterator[pa.RecordBatch]]:
    """Start reading a file of SPSS or SAS, and yield its rows; ends the child however that goes.

    Args:
        file: of a kind in `survey_files.KINDS`.
        rows: students that the child reads at a time.

    Raises:
        LoadError: from the rows: the file cannot be read, or lacks a column.
    """
    command = [sys.executable, "-m", __name__, str(file.resolve()), str(rows)]
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        yield _received(child, file)
    finally:
        child.kill()
        child.communicate()


def _received(child: "subprocess.Popen[bytes]", file: Path) -> Iterator[pa.RecordBatch]:
    assert child.stdout is not None and child.stderr is not None  # noqa: S101
    # Without rows there is no schema, and no stream.
    if child.stdout.peek(1):  # type: ignore[attr-defined]
        try:
            with pa.ipc.open_stream(child.stdout) as stream:
                yield from stream
        except (pa.ArrowInvalid, OSError):
            # The stream is cut off: the child says why.
            child.kill()
    lines = child.stderr.read().decode(errors="replace").strip().splitlines()
    if code := child.wait():
        why = lines[-1] if lines else f"it ended with {code}"
        msg = why if code == REFUSED_CODE else f"{file.name} could not be read to its end: {why}"
        raise LoadError(msg)


def _send(file: Path, rows: int) -> None:
    with failures_in_one_line(file):
        writer: pa.ipc.RecordBatchStreamWriter | None = None
        # Arrow makes texts of a chunk, without Python's lock, while the next one is read.
        for chunk in fetch_ahead(read_statistics(file, rows)):
            for message in as_text(chunk, ROWS_PER_MESSAGE):
                writer = writer or pa.ipc.new_stream(sys.stdout.buffer, message.schema)
                writer.write_table(message)
        if writer:
            writer.close()
            sys.stdout.buffer.flush()


def main() -> None:
    """Send the rows of the file that the command line names."""
    file, rows = sys.argv[1:]
    try:
        _send(Path(file), int(rows))
    except BrokenPipeError:
        # Nothing reads any more: the load has failed, or was killed.
        sys.stderr.close()
        raise SystemExit(1) from None
    except LoadError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(REFUSED_CODE) from None


if __name__ == "__main__":
    main()
