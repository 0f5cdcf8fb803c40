"""A survey file read in a child process, beside the process that writes what it reads.

pyreadstat makes Python objects of all values of a chunk: in a process of its own that takes neither
the loader's memory nor its time.
Flow: file -> chunks of text, one read ahead -> an Arrow IPC stream for each -> pipe -> the loader.
Run (by the loader): python -m ingestion.sources.pisa.survey.process FILE ROWS COLUMNS
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pyarrow as pa

from ingestion import ROOT
from ingestion.core.errors import LoadError
from ingestion.core.files.errors import FileError, display_name
from ingestion.core.files.form import Renames
from ingestion.core.process.signals import raise_if_stopped, uninterrupted
from ingestion.sources.pisa.survey.readers import failures_in_one_line, read_statistics

ROWS_PER_MESSAGE = 16_384
REFUSED_CODE = 3


@contextmanager
def reading(file: Path, rows: int, renames: Renames) -> Iterator[Iterator[pa.Table]]:
    """Start reading a file of SPSS or SAS, and yield its rows; ends the child however that goes.

    Args:
        file: of a kind in `readers.KINDS`.
        rows: students that the child reads at a time.
        renames: of `--columns`.

    Raises:
        FileError: from the rows: the file cannot be read, or lacks a column.
    """
    command = [sys.executable, "-m", __name__, str(file.resolve()), str(rows)]
    command.append(json.dumps(renames))
    with uninterrupted():
        child = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
    try:
        raise_if_stopped()
        yield _received(child, file)
    finally:
        child.kill()
        child.communicate()


def _received(child: "subprocess.Popen[bytes]", file: Path) -> Iterator[pa.Table]:
    assert child.stdout is not None and child.stderr is not None  # noqa: S101
    try:
        while child.stdout.peek(1):  # type: ignore[attr-defined]
            yield from map(_table, pa.ipc.open_stream(child.stdout))
    except (pa.ArrowInvalid, OSError):
        # The stream is cut off: the child says why.
        child.kill()
    lines = child.stderr.read().decode(errors="replace").strip().splitlines()
    if code := child.wait():
        why = lines[-1] if lines else f"it ended with {code}"
        msg = (
            why
            if code == REFUSED_CODE
            else f"{display_name(file.name)} could not be read to its end: {why}"
        )
        raise FileError(msg)


def _table(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])


def _send(file: Path, rows: int, renames: Renames) -> None:
    with failures_in_one_line(file), ThreadPoolExecutor(1) as background:
        sent: Future[None] | None = None
        for chunk in read_statistics(file, rows, renames):
            if sent:
                sent.result()
            has_begun = Event()
            sent = background.submit(_write, _as_stream(chunk), has_begun)
            del chunk
            # pyreadstat keeps Python's lock while it reads. A write that has begun needs no lock.
            has_begun.wait()
        if sent:
            sent.result()


def _as_stream(chunk: pa.Table) -> pa.Buffer:
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, chunk.schema) as writer:
        writer.write_table(chunk, max_chunksize=ROWS_PER_MESSAGE)
    return stream.getvalue()


def _write(stream: pa.Buffer, has_begun: Event) -> None:
    left = memoryview(stream)
    has_begun.set()
    while left:
        left = left[os.write(sys.stdout.fileno(), left) :]


def main() -> None:
    """Send the rows of the file that the command line names."""
    file, rows, renames = sys.argv[1:]
    try:
        _send(Path(file), int(rows), tuple((theirs, ours) for theirs, ours in json.loads(renames)))
    except BrokenPipeError:
        # Nothing reads any more: the load has failed, or was killed.
        sys.stderr.close()
        raise SystemExit(1) from None
    except LoadError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(REFUSED_CODE) from None


if __name__ == "__main__":
    main()
