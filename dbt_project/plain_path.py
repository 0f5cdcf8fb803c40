"""A data folder whose name DuckDB takes for something else than a path.

It resolves links, and takes what follows a `?` for options. A new folder with such a name is a
link to one beside it, whose name is plain.
"""

import hashlib
import os
from pathlib import Path

from ingestion.core.errors import WarehouseError

MISREAD = "?"


def require_plain(data: Path) -> None:
    """Make DuckDB find the files of a data folder, which is mostly nothing to do.

    Raises:
        WarehouseError: it is a folder already, or is in one, whose name DuckDB misreads.
    """
    if MISREAD not in os.path.realpath(data):
        return
    if data.exists() or MISREAD in os.path.realpath(data.parent):
        msg = (
            f"WAREHOUSE_DATA_DIR is {str(data)!r}: DuckDB takes what follows the {MISREAD!r} for "
            "options; use another folder"
        )
        raise WarehouseError(msg)
    mark = hashlib.sha256(data.name.encode()).hexdigest()[:6]
    plain = data.with_name(f"{data.name.replace(MISREAD, '_')}-{mark}")
    try:
        plain.mkdir(parents=True, exist_ok=True)
        data.symlink_to(plain.name, target_is_directory=True)
    except OSError as error:
        msg = f"cannot write to {data.parent}: {error.strerror or error}; set WAREHOUSE_DATA_DIR"
        raise WarehouseError(msg) from error
