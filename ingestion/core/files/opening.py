"""A file's content, decompressed, in chunks; its bytes show its kind, not its name."""

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from ingestion.core.files.errors import FileError, display_name

CHUNK_BYTES = 4_000_000
HEAD_BYTES = 65_536
MAX_LAYERS = 3
GZIP, ZIP, ZSTD, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"PAR1"
# What these are, for those who gave them.
REFUSED = {
    b"\xd0\xcf\x11\xe0": "is a workbook of Excel: save it as CSV",
    b"%PDF": "is a PDF: give a table",
    b"BZh": "is compressed with bzip2: decompress it",
    b"\xfd7zXZ": "is compressed with xz: decompress it",
    b"7z\xbc\xaf": "is a 7z archive: decompress it",
    b"Rar!": "is a RAR archive: decompress it",
    b"SQLite format 3": "is a database of SQLite: give a table",
}
# Of Excel's and of OpenOffice's workbooks, which are zip archives.
WORKBOOK_MEMBERS = {"[Content_Types].xml", "mimetype"}
_DAMAGED = (
    EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError,
    RuntimeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Content:
    """What is in a file.

    Attributes:
        name: the file's, with that of its member in an archive, for messages.
        head: its first bytes, decompressed.
        path: of the file where it is not compressed.
    """

    name: str
    head: bytes
    path: Path | None
    _stream: IO[bytes]

    def chunks(self) -> Iterator[bytes]:
        """Yield the content from its beginning, once.

        Raises:
            FileError: it is damaged, or cut off.
        """
        chunk = self.head
        while chunk:
            yield chunk
            chunk = _read(self._stream, CHUNK_BYTES, self.name)


@contextmanager
def open_content(file: Path) -> Iterator[Content]:
    """Open a file.

    Raises:
        FileError: it cannot be opened, is damaged, or is of a kind that holds no table.
    """
    name, path = display_name(file.name), file
    with ExitStack() as stack:
        try:
            stream: IO[bytes] = stack.enter_context(file.open("rb"))
        except OSError as error:
            msg = f"{display_name(file)} cannot be read: {error.strerror or error}"
            raise FileError(msg) from error
        layers = 0
        head = _read(stream, HEAD_BYTES, name)
        while head.startswith((GZIP, ZIP, ZSTD)):
            layers += 1
            if layers > MAX_LAYERS or (layers > 1 and head.startswith(ZIP)):
                msg = f"{name} has an archive in it: give the table that is inside"
                raise FileError(msg)
            if not head.startswith(ZIP):
                stream = cast("IO[bytes]", _Rewound(head, stream))
            stream, name = _decompressed(head, stream, name, stack)
            head = _read(stream, HEAD_BYTES, name)
        for magic, what in REFUSED.items():
            if head.startswith(magic):
                msg = f"{name} {what}, then load that"
                raise FileError(msg)
        yield Content(name, head, None if layers else path, stream)


class _Rewound(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head, self._stream = head, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._head or self._stream.read(len(buffer))
        part, self._head = data[: len(buffer)], data[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def _decompressed(
    head: bytes, stream: IO[bytes], name: str, stack: ExitStack
) -> tuple[IO[bytes], str]:
    if head.startswith(GZIP):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream, mode="rb")), name
    if head.startswith(ZSTD):
        return stack.enter_context(pa.CompressedInputStream(pa.PythonFile(stream), "zstd")), name
    try:
        archive = stack.enter_context(zipfile.ZipFile(stream))
        member = _only_table(archive, name)
        return stack.enter_context(archive.open(member)), f"{name}/{display_name(member)}"
    except _DAMAGED as error:
        raise _damaged(name, error) from error


def _only_table(archive: zipfile.ZipFile, name: str) -> str:
    members = [info.filename for info in archive.infolist() if not info.is_dir()]
    if WORKBOOK_MEMBERS & set(members):
        msg = f"{name} is a workbook: save the table as CSV, then load that"
        raise FileError(msg)
    tables = [
        member
        for member in members
        if not member.startswith("__MACOSX/") and not Path(member).name.startswith(".")
    ]
    if len(tables) != 1:
        what = ", ".join(display_name(member) for member in tables[:8]) or "nothing"
        msg = f"{name} has {len(tables)} files in it ({what}): give an archive of one table"
        raise FileError(msg)
    return tables[0]


def _read(stream: IO[bytes], size: int, name: str) -> bytes:
    try:
        data = stream.read(size)
        # Streams may give less than they have.
        while data and len(data) < size and (more := stream.read(size - len(data))):
            data += more
    except _DAMAGED as error:
        raise _damaged(name, error) from error
    else:
        return bytes(data)


def _damaged(name: str, error: BaseException) -> FileError:
    if isinstance(error, FileError):
        return error
    why = " ".join(str(error).split())[:120] or type(error).__name__
    return FileError(f"{name} is damaged or cut off ({why}): download it again, then load it")
