"""Values and names in DuckDB's SQL.

DuckDB imports pandas to look at a bound parameter, half a second of every short command: questions
that each load asks have their few values written into them.
"""

import re

# The column of each raw table that names the load of a row.
LOAD_ID = "_dlt_load_id"


def literal(text: str) -> str:
    """Return a text as a literal; it stands for the same text, whatever is in it.

    Args:
        text: without a NUL, which no text of raw has.
    """
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: str) -> str:
    """Return a path as a literal for DuckDB's functions that read files; it is not a pattern."""
    return literal(re.sub(r"[*?\[]", r"[\g<0>]", path))
