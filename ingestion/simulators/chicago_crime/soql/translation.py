"""SoQL to DuckDB SQL: parsed, checked against what is known, written anew.

Nothing of the request's text reaches DuckDB: names are looked up among the data set's columns,
literals are bound as parameters, and every other node of the parsed tree must be one that
`expressions.py` knows how to write.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ingestion.simulators.chicago_crime import errors
from ingestion.simulators.chicago_crime.datasets import SYSTEM_COLUMNS, Dataset, Kind
from ingestion.simulators.chicago_crime.soql.expressions import Typed, Writer

DEFAULT_LIMIT = 1000
_CLAUSES = ("$select", "$where", "$group", "$having", "$order", "$limit", "$offset")
_WORD = re.compile(
    r"'(?:[^']|'')*'|`[^`]*`|:@?[a-zA-Z_]\w*|:\*|[a-zA-Z_]\w*|--|/\*|;|::|.", re.DOTALL
)
_FORBIDDEN = {"--", "/*", ";", "::"}
_STAR = '"*system"'


@dataclass(frozen=True)
class Query:
    """A request understood: what to select, and where, in DuckDB's SQL with named parameters."""

    dataset: Dataset
    select: list[tuple[str, Typed]]
    where: str
    group: list[str]
    having: str
    order: list[str]
    total_order: bool
    limit: int
    offset: int
    parameters: dict[str, object] = field(default_factory=dict)

    @property
    def is_aggregate(self) -> bool:
        """Whether rows are grouped rather than listed."""
        return bool(self.group or self.having) or any(typed.aggregate for _, typed in self.select)


def understand(dataset: Dataset, params: Mapping[str, str]) -> Query:
    """Translate the `$…` parameters of a request, or raise SodaError 400."""
    text = _text(params)
    filters = {k: v for k, v in params.items() if not k.startswith("$")}
    unknown = [k for k in params if k.startswith("$") and k not in _CLAUSES]
    if unknown:
        raise errors.unknown_arguments(text, unknown)
    writer = Writer(dataset, text)
    select = _select(params.get("$select", "*"), dataset, writer)
    where = [_condition(params["$where"], writer)] if params.get("$where") else []
    where += [writer.equals(name, value) for name, value in filters.items()]
    group = [writer.value(n).sql for n in _list(params.get("$group", ""), "group", writer)]
    having = _condition(params["$having"], writer) if params.get("$having") else ""
    order, total = _order(params.get("$order", ""), writer)
    return Query(
        dataset=dataset,
        select=select,
        where=" and ".join(f"({part})" for part in where),
        group=group,
        having=having,
        order=order,
        total_order=total,
        limit=count_asked(params, "$limit", DEFAULT_LIMIT, text),
        offset=count_asked(params, "$offset", 0, text),
        parameters=writer.parameters,
    )


def condition(dataset: Dataset, where: str) -> tuple[str, dict[str, object]]:
    """Translate a filter alone, for the control routes; empty means every row."""
    writer = Writer(dataset, f"select * where {where}")
    return (_condition(where, writer) if where.strip() else "true"), writer.parameters


def _text(params: Mapping[str, str]) -> str:
    """Write the request as one SoQL query, as the portal's messages quote it."""
    parts = [f"select {params.get('$select', '*')}"]
    for clause in ("where", "group", "having", "order"):
        if value := params.get(f"${clause}"):
            parts.append(f"{clause}{' by' if clause in ('group', 'order') else ''} {value}")
    return " ".join(parts)


def count_asked(params: Mapping[str, str], name: str, default: int, text: str) -> int:
    """Return the whole number that `$limit` or `$offset` is, or raise SodaError 400."""
    value = params.get(name, str(default)).strip()
    if not (value.isascii() and value.isdigit() and len(value) < 12):  # noqa: PLR2004
        raise errors.no_integer(text, name, value)
    return int(value)


def _prepared(clause: str, writer: Writer) -> str:
    """Quote the columns' names (`date`, `:id`), and refuse what is not SoQL."""
    out = []
    for word in _WORD.findall(clause):
        if word in _FORBIDDEN or word == '"':
            raise errors.malformed(writer.query, f"unexpected `{word}'")
        if word == ":*":
            out.append(_STAR)
        elif word[0] == "`":
            out.append(f'"{word[1:-1].replace(chr(34), "")}"')
        elif (word[0] == ":" and len(word) > 1) or word.lower() in writer.dataset.columns:
            out.append(f'"{word}"')
        else:
            out.append(word)
    return "".join(out)


def _parsed(statement: str, parts: set[str], query: str) -> exp.Select:
    """Parse a statement of our own around one clause; the clause must not have opened another."""
    try:
        tree = sqlglot.parse_one(statement, dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        why = str(error).splitlines()[0]
        raise errors.malformed(query, f"Expected an expression, but got `{why}'") from None
    filled = {key for key, value in tree.args.items() if value} if tree else set()
    if not isinstance(tree, exp.Select) or not filled <= parts | {"expressions", "from_", "from"}:
        raise errors.malformed(query, "Expected the end of the clause")
    return tree


def _list(clause: str, kind: str, writer: Writer) -> list[exp.Expression]:
    if not clause.strip():
        return []
    prepared = _prepared(clause, writer)
    tree = _parsed(f"select 1 from t {kind} by {prepared}", {kind}, writer.query)
    nodes: list[exp.Expression] = tree.args[kind].expressions
    return nodes


def _condition(clause: str, writer: Writer) -> str:
    prepared = _prepared(clause, writer)
    tree = _parsed(f"select 1 from t where {prepared}", {"where"}, writer.query)
    typed = writer.value(tree.args["where"].this)
    if typed.kind != "checkbox":
        raise errors.type_mismatch(writer.query, "a filter must be true or false")
    return typed.sql


def _select(clause: str, dataset: Dataset, writer: Writer) -> list[tuple[str, Typed]]:
    prepared = _prepared(clause or "*", writer)
    tree = _parsed(f"select {prepared} from t", set(), writer.query)
    selected: dict[str, Typed] = {}
    for node in tree.expressions:
        inner = node.this if isinstance(node, exp.Alias) else node
        if isinstance(inner, exp.Star):
            names: Mapping[str, Kind] = dataset.columns
        elif isinstance(inner, exp.Column) and inner.name == "*system":
            names = SYSTEM_COLUMNS
        else:
            typed = writer.value(inner)
            name = node.alias if isinstance(node, exp.Alias) else _default_name(inner)
            selected[name] = typed
            if isinstance(node, exp.Alias):
                writer.aliases[name.lower()] = typed
            continue
        selected |= {name: writer.column(name) for name in names}
    return list(selected.items())


def _default_name(node: exp.Expression) -> str:
    if isinstance(node, exp.Column):
        return node.name.lower()
    words = re.findall(r"\w+", node.sql(dialect="duckdb").lower())
    return "_".join(words)


def _order(clause: str, writer: Writer) -> tuple[list[str], bool]:
    """Return the sort terms, and whether they leave no ties."""
    terms, total = [], False
    for node in _list(clause, "order", writer):
        inner = node.this if isinstance(node, exp.Ordered) else node
        direction = "desc" if isinstance(node, exp.Ordered) and node.args.get("desc") else "asc"
        # The portal sorts on PostgreSQL: nulls last when ascending, first when descending.
        nulls = "first" if direction == "desc" else "last"
        terms.append(f"{writer.value(inner).sql} {direction} nulls {nulls}")
        total = total or (isinstance(inner, exp.Column) and inner.name == ":id")
    return terms, total
