"""What dbt-bouncer has no check for: the marts that every domain has are alike in each of them."""

from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail

TIME = "timestamp with time zone"
STATES = dict.fromkeys(
    ("rows_in_warehouse", "rows_rejected", "rows_superseded", "rows_deleted"), "bigint"
)
# Columns by the beginning or the end of a mart's name; more are a domain's own.
FRAME = {
    "rejected_": {"reason": "varchar", "raw_row": "varchar", "load_id": "varchar"},
    "superseded_": {"load_id": "varchar"},
    "deleted_": {"load_id": "varchar", "detected_at": TIME},
    "_load_reconciliation": {
        "load_id": "varchar",
        "rows_received": "bigint",
        **STATES,
        "deletions_received": "bigint",
        "rows_unaccounted": "bigint",
        "loaded_at": TIME,
    },
    "_source_reconciliation": {
        "rows_at_source": "bigint",
        **STATES,
        "difference": "bigint",
        "has_difference": "boolean",
        "checked_at": TIME,
    },
}


@check  # type: ignore[untyped-decorator]
def check_frame_has_its_columns(model: Any, ctx: Any) -> None:
    """A mart of the frame has the frame's columns, of the same names and types in each domain."""
    del ctx
    found = {name: column.data_type for name, column in model.columns.items()}
    for part, columns in FRAME.items():
        name = str(model.name)
        if not (name.startswith(part) or name.endswith(part)):
            continue
        for column, data_type in columns.items():
            if found.get(column) != data_type:
                fail(f"`{name}` has no column {column} of type {data_type}, as in each domain.")
