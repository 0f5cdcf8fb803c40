"""A check that dbt-bouncer lacks: YAML and catalog list the same columns, in order and type."""

from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail


@check  # type: ignore[untyped-decorator]
def check_columns_equal_the_catalog(model: Any, ctx: Any) -> None:
    """A mart has the columns that its YAML lists, in that order, of those types."""
    tables = {node.unique_id: node.catalog_node for node in ctx.catalog_nodes}
    if model.unique_id not in tables:
        fail(f"`{model.name}` is not in the catalog: it was not built.")
    found = sorted(tables[model.unique_id].columns.values(), key=lambda column: column.index)
    built = [f"{column.name} {column.type.lower()}" for column in found]
    listed = [f"{name} {column.data_type}" for name, column in model.columns.items()]
    for column, expected in zip(built, listed, strict=False):
        if column != expected:
            fail(f"`{model.name}` has the column {column} where its YAML lists {expected}.")
    if len(built) != len(listed):
        fail(f"`{model.name}` has {len(built)} columns, its YAML lists {len(listed)}.")
