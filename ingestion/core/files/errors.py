"""Why a file is refused, and its name in messages."""

import os
from pathlib import Path

from ingestion.core.errors import LoadError

MAX_SHOWN = 60


class FileError(LoadError):
    """A file is refused: the message names it, what is wrong and what can be given."""


def display_name(path: Path | str) -> str:
    """Return a path as text that every terminal, log and database takes, whatever its bytes are."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def shown(text: str) -> str:
    """Return the beginning of a text from a file, in one line, for a message."""
    line = display_name(
        " ".join(text.split()).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    )
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN]}…"
