"""What `--file` names: files, folders and patterns.

A name that exists is that file or folder, whatever characters are in it; any other is a pattern.
A folder stands for the files of known kinds in it, in order of their names.
"""

import glob
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingestion.core.errors import LoadError
from ingestion.core.files.errors import display_name

TABLE_SUFFIXES = (
    ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".geojson", ".parquet",
)  # fmt: skip
COMPRESSED_SUFFIXES = (".gz", ".zip", ".zst")


def find_files(given: Iterable[Path], *, suffixes: Sequence[str] = ()) -> list[Path]:
    """Return the files that were named, each once, in order.

    Args:
        given: files, folders or patterns; `~` is the home folder.
        suffixes: of kinds beside the known ones, for folders.

    Raises:
        LoadError: something names no file, or what is there cannot be read; in one line.
    """
    kinds = (*TABLE_SUFFIXES, *suffixes)
    files: dict[Path, Path] = {}
    for path in given:
        try:
            for file in _found(path, kinds):
                files.setdefault(file.resolve(), file)
        except (OSError, ValueError, RuntimeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            msg = f"--file {display_name(path)} cannot be read: {why}"
            raise LoadError(msg) from error
    return [*files.values()]


def _found(path: Path, kinds: Sequence[str]) -> list[Path]:
    known = _existing(path)
    if known is None:
        pattern = str(path if path.exists() else path.expanduser())
        matched = [Path(name) for name in sorted(glob.glob(pattern))]  # noqa: PTH207
        if not matched:
            msg = f"--file {display_name(path)} names neither a file nor a folder, and matches none"
            raise LoadError(msg)
        return [file for name in matched for file in _found(name, kinds)]
    if not known.is_dir():
        if not known.is_file():
            msg = f"--file {display_name(path)} is not a regular file: save it as one, then load it"
            raise LoadError(msg)
        return [known]
    found = sorted(file for file in known.iterdir() if file.is_file() and _is_known(file, kinds))
    if not found:
        msg = f"--file {display_name(path)} is a folder without any file of {', '.join(kinds)}"
        raise LoadError(msg)
    return found


def _existing(path: Path) -> Path | None:
    for candidate in (path, path.expanduser() if str(path).startswith("~") else path):
        if candidate.exists() or candidate.is_symlink():
            # A link to nothing is an error of its own.
            candidate.stat()
            return candidate
    return None


def _is_known(file: Path, kinds: Sequence[str]) -> bool:
    if file.name.startswith("."):
        return False
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED_SUFFIXES:
        return suffixes[-1] == ".zip" or (len(suffixes) > 1 and suffixes[-2] in kinds)
    return bool(suffixes) and suffixes[-1] in kinds
