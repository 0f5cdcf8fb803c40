"""Text of a file as blocks of whole lines: UTF-8, each line ended by one newline, and counted.

Encodings: UTF-8 with or without a byte order mark, UTF-16 and UTF-32 with one, UTF-16 without one
    where its zero bytes show it. Bytes that are not UTF-8 are read as Windows-1252, which has all
    letters of Latin-1, only where that is the one reading left: each has a character there, and
    nothing in the file is UTF-8 beyond ASCII. Otherwise the file is refused at that byte.
Line ends: LF, CR and CRLF.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ingestion.core.files.errors import FileError

MAX_LINE_BYTES = 32_000_000
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_SAMPLE_BYTES = 4096
# ASCII as UTF-16 has a zero in every second byte.
_SHARE_OF_ZEROS = 0.6
_BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")


@dataclass
class TextLines:
    """The lines of a text, once, in blocks; how many there were is known at the end.

    Attributes:
        name: of the file, for messages.
        encoding: as found so far.
        lines: that were read so far; a last one without an end counts.
        ends_in_line: whether the last line had no end, known once all were read.
    """

    name: str
    head: bytes
    chunks: Iterable[bytes] = field(repr=False)
    encoding: str = ""
    lines: int = 0
    ends_in_line: bool = False
    _is_beyond_ascii: bool = False

    def __post_init__(self) -> None:
        self.encoding = find_encoding(self.head)

    def blocks(self) -> Iterator[bytes]:
        """Yield whole lines in UTF-8, some megabytes at a time; each ends with a newline.

        Raises:
            FileError: a line is too long for a table, or a byte is not of the encoding.
        """
        rest: list[bytes] = []
        for chunk in self._newlines(self._utf8(self.chunks)):
            end = chunk.rfind(b"\n") + 1
            if not end:
                rest.append(chunk)
                if sum(map(len, rest)) > MAX_LINE_BYTES:
                    msg = (
                        f"{self.name}, line {self.lines + 1} is longer than "
                        f"{MAX_LINE_BYTES // 1_000_000} MB: this is not a table"
                    )
                    raise FileError(msg)
                continue
            yield self._counted(b"".join((*rest, chunk[:end])))
            rest = [chunk[end:]] if end < len(chunk) else []
        if rest:
            self.ends_in_line = True
            yield self._counted(b"".join((*rest, b"\n")))

    def _counted(self, block: bytes) -> bytes:
        block = self._checked(block)
        self.lines += block.count(b"\n")
        # A mark where files were put together.
        return block.removeprefix(codecs.BOM_UTF8).replace(b"\n" + codecs.BOM_UTF8, b"\n")

    def _utf8(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the content without its mark; where it is UTF-16 or UTF-32, as UTF-8."""
        mark = next((mark for mark in _MARKS if self.head.startswith(mark)), b"")
        if self.encoding == "utf-8":
            for n, chunk in enumerate(chunks):
                yield chunk if n else chunk[len(mark) :]
            return
        decoder = codecs.getincrementaldecoder(self.encoding)()
        try:
            for n, chunk in enumerate(chunks):
                yield decoder.decode(chunk if n else chunk[len(mark) :]).encode()
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            why = getattr(error, "reason", "a character of two halves")
            msg = f"{self.name} is not whole {self.encoding.upper()} ({why}): download it again"
            raise FileError(msg) from error

    def _newlines(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the content with LF for every line end."""
        held = b""
        for chunk in chunks:
            text = held + chunk if held else chunk
            held = b""
            if b"\r" in text:
                if text.endswith(b"\r"):
                    text, held = text[:-1], b"\r"
                text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            if text:
                yield text
        if held:
            yield b"\n"

    def _checked(self, block: bytes) -> bytes:
        """Return lines as UTF-8, from Windows-1252 where they are."""
        if block.isascii():
            return block
        if self.encoding == "windows-1252":
            return self._from_windows(block)
        try:
            block.decode()
        except UnicodeDecodeError as error:
            if self.encoding != "utf-8" or self._is_beyond_ascii or _utf8_letter(block) is not None:
                raise self._no_text(block, error.start) from error
            self.encoding = "windows-1252"
            return self._from_windows(block)
        self._is_beyond_ascii = True
        return block

    def _from_windows(self, block: bytes) -> bytes:
        if (letter := _utf8_letter(block)) is not None:
            msg = (
                f"{self.name}, {self._place(block, letter)} is UTF-8, but the text above it is "
                "Windows-1252: save all of it as UTF-8, then load it"
            )
            raise FileError(msg)
        try:
            return block.decode("cp1252").encode()
        except UnicodeDecodeError as error:
            raise self._no_text(block, error.start) from error

    def _no_text(self, block: bytes, at: int) -> FileError:
        return FileError(
            f"{self.name}, {self._place(block, at)} (0x{block[at]:02x}) is not UTF-8, nor is the "
            "file Windows-1252: save it as UTF-8, then load it"
        )

    def _place(self, block: bytes, at: int) -> str:
        line = self.lines + block.count(b"\n", 0, at) + 1
        column = at - block.rfind(b"\n", 0, at)
        return f"line {line}, byte {column}"


def _utf8_letter(block: bytes) -> int | None:
    """Return where the first letter beyond ASCII is that is UTF-8; None where there is none."""
    text = block.decode("utf-8", "surrogateescape")
    found = _BEYOND_ASCII.search(text)
    return len(text[: found.start()].encode("utf-8", "surrogateescape")) if found else None


def find_encoding(head: bytes) -> str:
    """Return the encoding that a file's first bytes show; `utf-8` where they show none."""
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    sample = head[:_SAMPLE_BYTES]
    pairs = len(sample) // 2
    if pairs:
        even, odd = sample[0::2].count(0) / pairs, sample[1::2].count(0) / pairs
        if odd > _SHARE_OF_ZEROS and not even:
            return "utf-16-le"
        if even > _SHARE_OF_ZEROS and not odd:
            return "utf-16-be"
    return "utf-8"
