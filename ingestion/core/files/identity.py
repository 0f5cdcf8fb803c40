"""Whether a file was loaded before: by its content, whatever its name and its compression.

A name may say what lines do not say themselves, as a year in it: another name that says something
else of the same content makes another file, whose lines stand in for those of the first.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingestion.core.files.form import Renames
from ingestion.core.files.opening import open_content
from ingestion.core.raw.sql import literal
from ingestion.core.raw.store import RawStore


@dataclass(frozen=True)
class Identity:
    """What a file is in raw.

    Attributes:
        file_sha256: what its lines are known by; None where all of them were loaded before.
        note: what to say of it; empty for a new one.
    """

    file_sha256: str | None
    note: str = ""


def sha256_of(file: Path, renames: Renames = ()) -> str:
    """Return the hash of a file's content, decompressed, and of the columns that were given for it.

    Raises:
        FileError: it is damaged, or cut off.
    """
    with open_content(file) as content:
        if content.path is None:
            digest = hashlib.sha256()
            for chunk in content.chunks():
                digest.update(chunk)
        else:
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256")
    if renames:
        digest.update(repr(sorted(renames)).encode())
    return digest.hexdigest()


def identify(
    raw: RawStore,
    table: str,
    content_sha256: str,
    name: str,
    *,
    says: Mapping[str, str | None],
    said_by: Mapping[str, str],
) -> Identity:
    """Look for a file among those that were loaded.

    Args:
        raw: the raw database.
        table: of its lines.
        content_sha256: its hash.
        name: of the file.
        says: what the name says, by column of the notes of files.
        said_by: the columns of lines that say the same themselves.
    """
    columns = "".join(f", {column}" for column in says)
    before = raw.connection.execute(
        f"select file_sha256, file_name{columns} from {raw.schema}.files "
        f"where {literal(content_sha256)} in (file_sha256, content_sha256) "
        "order by cast(_dlt_load_id as decimal(24, 9))"
    ).fetchall()
    if not before:
        return Identity(content_sha256)
    file_sha256, known_as, *said = before[-1]
    same = "" if known_as == name else f", as {known_as}"
    if not any(
        value not in {None, was} and not _has_value(raw, table, file_sha256, said_by[column])
        for (column, value), was in zip(says.items(), said, strict=True)
    ):
        return Identity(None, f"{name}: every line of this file was loaded before{same}.")
    old, new = (
        " ".join(value or "unknown" for value in values) for values in (said, says.values())
    )
    names = " and ".join(says).replace("_", " ")
    return Identity(
        hashlib.sha256(f"{content_sha256} {len(before)} {new}".encode()).hexdigest(),
        f"{name}: its lines were loaded before{same} ({names}: {old}); they count as those of this "
        f"file now ({new}).",
    )


def _has_value(raw: RawStore, table: str, file_sha256: str, column: str) -> bool:
    query = (
        f"select 1 from {raw.schema}.{table} "
        f"where file_sha256 = {literal(file_sha256)} and {column} is not null limit 1"
    )
    return bool(raw.connection.execute(query).fetchall())
