"""What dbt-bouncer has no check for: `select *` of a mart begins with what, where and when."""

from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail

# Measures count or are yes or no; years, hours and ranks are integers.
MEASURES = ("bigint", "double", "decimal", "boolean")
NUMBERED = ("_id", "_number", "_version")
TIMES = ("date", "timestamp")
PROVENANCE = {"load_id", "file_name", "line_number"}
KEY_TESTS = {"unique", "unique_combination_of_columns"}


@check  # type: ignore[untyped-decorator]
def check_key_columns_come_first(model: Any, ctx: Any) -> None:
    """A mart's key and its first date or time stand before its measures, its provenance after."""
    key = _key(ctx.tests_by_attached_node.get(str(model.unique_id), []))
    types = {name: str(column.data_type).lower() for name, column in model.columns.items()}
    names = list(types)
    measures = [
        names.index(name)
        for name, data_type in types.items()
        if data_type.startswith(MEASURES) and not name.endswith(NUMBERED) and name not in key
    ]
    if not measures:
        return
    times = [name for name, data_type in types.items() if data_type.startswith(TIMES)]
    for name in (*key, *times[:1]):
        if names.index(name) > measures[0]:
            fail(f"`{model.name}` has {name} after {names[measures[0]]}, which is a measure.")
    for name in PROVENANCE.intersection(names).difference(key):
        if names.index(name) < measures[-1]:
            fail(f"`{model.name}` has {name} before {names[measures[-1]]}, which is a measure.")


def _key(tests: Any) -> list[str]:
    """The columns that one of a mart's tests says are unique together."""
    for test in tests:
        metadata = test.test_metadata
        if metadata and metadata.name in KEY_TESTS:
            arguments = metadata.kwargs
            return list(arguments.get("columns") or [arguments["column_name"]])
    return []
