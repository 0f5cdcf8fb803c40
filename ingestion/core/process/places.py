"""Folders and object stores, as a setting names them."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

# Systems take 4,096 at most, and there are names below it.
MAX_PATH_BYTES = 3_500


def why_unusable(path: str) -> str | None:
    """Return why nothing could be written below an absolute path; None where that is possible."""
    if any(unicodedata.category(letter) == "Cs" for letter in path):
        return "is not UTF-8"
    if not path.isprintable():
        return "has a control character"
    if len(path.encode()) > MAX_PATH_BYTES:
        return f"is longer than {MAX_PATH_BYTES:,} bytes"
    return None


def read_lake(value: object, read_folder: Callable[[object], Path]) -> str:
    """Return a folder's absolute path, or the URL of a place in an object store.

    Raises:
        ValueError: it is neither; says what to set.
    """
    text = str(value).strip()
    if "://" not in text:
        path = str(read_folder(text))
        if set(path) & set("*?[\\"):
            msg = "it has one of * ? [ \\, which are signs of patterns: use another folder"
            raise ValueError(msg)
        return path
    if not re.fullmatch(r"s3://[\w.-]+(/[\w.=-]+)*/?", text):
        msg = "set it to a folder, or to a place in an object store such as s3://bucket/warehouse"
        raise ValueError(msg)
    return text.rstrip("/")
