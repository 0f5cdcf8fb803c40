"""SoQL expressions: typed as the portal types them, written as DuckDB SQL.

Comparing follows the column's type: times as times, numbers as numbers, the rest as text. A literal
takes the type of what it is compared with.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlglot import exp

from ingestion.simulators.chicago_crime import errors
from ingestion.simulators.chicago_crime.datasets import Dataset, Kind, quoted

_TIMES = ("calendar_date", "fixed_timestamp")
_COMPARISONS: dict[type[exp.Expression], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
_AGGREGATES: dict[type[exp.Expression], str] = {
    exp.Min: "min",
    exp.Max: "max",
    exp.Sum: "sum",
    exp.Avg: "avg",
    exp.Count: "count",
}
_TRUNCATE = {"date_trunc_y": "year", "date_trunc_ym": "month", "date_trunc_ymd": "day"}
# What a node of the tree may carry; anything else (a window's frame, a subquery) is refused.
_PARTS = {"this", "expression", "low", "high", "is_string", "big_int", "negate"}
_WITH_LIST = (exp.In, exp.Anonymous)
_LOCATION = "case when latitude is not null and longitude is not null then latitude end"


@dataclass(frozen=True)
class Typed:
    """An expression: its SQL, its Socrata type, and the column or literal that it is, if one."""

    sql: str
    kind: Kind
    column: str | None = None
    literal: str | None = None
    aggregate: bool = False

    @property
    def text_sql(self) -> str:
        """Return the SQL of the text that a computed value is served as."""
        if self.kind == "calendar_date":
            return f"strftime({self.sql}, '%Y-%m-%dT%H:%M:%S.%g')"
        if self.kind == "fixed_timestamp":
            return f"strftime({self.sql}, '%Y-%m-%dT%H:%M:%S.%gZ')"
        if self.kind == "number":
            whole = f"cast(cast({self.sql} as bigint) as varchar)"
            return (
                f"case when {self.sql} = floor({self.sql}) then {whole} "
                f"else cast({self.sql} as varchar) end"
            )
        return f"cast({self.sql} as varchar)"


class Writer:
    """Writes the expressions of one request; collects its parameters and aliases."""

    def __init__(self, dataset: Dataset, query: str) -> None:
        self.dataset = dataset
        self.query = query
        self.parameters: dict[str, object] = {}
        self.aliases: dict[str, Typed] = {}
        self._writers: dict[type[exp.Expression], Callable[[exp.Expression], Typed]] = {
            exp.Paren: self._paren,
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.Boolean: lambda node: Typed("true" if node.this else "false", "checkbox"),
            exp.Neg: self._negative,
            exp.Not: self._not,
            exp.And: lambda node: self._connect(node, "and"),
            exp.Or: lambda node: self._connect(node, "or"),
            exp.Is: self._is,
            exp.Between: self._between,
            exp.In: self._in,
            exp.Like: self._like,
            exp.StartsWith: self._starts_with,
            exp.Upper: lambda node: self._text_function(node, "upper"),
            exp.Lower: lambda node: self._text_function(node, "lower"),
            exp.Anonymous: self._function,
        }

    def write(self, node: exp.Expression) -> Typed:
        """Return the expression typed and written, or raise SodaError 400."""
        kind = type(node)
        parts = {key for key, value in node.args.items() if value}
        if not parts <= _PARTS | ({"expressions"} if kind in _WITH_LIST else set()):
            raise errors.malformed(self.query, f"Expected an expression, but got `{kind.__name__}'")
        if kind in _COMPARISONS:
            return self._compare(node, _COMPARISONS[kind])
        if kind in _AGGREGATES:
            return self._aggregate(node, _AGGREGATES[kind])
        if kind not in self._writers:
            if isinstance(node, exp.Func):
                raise self._no_function(node.sql_name().lower())
            raise errors.malformed(self.query, f"Expected an expression, but got `{kind.__name__}'")
        return self._writers[kind](node)

    def value(self, node: exp.Expression) -> Typed:
        """Write an expression that a bare literal may not stand for."""
        typed = self.write(node)
        if typed.literal is not None:
            raise errors.malformed(self.query, f"Expected a column, but got `{typed.literal}'")
        return typed

    def column(self, name: str) -> Typed:
        """Return a column of the data set by its name."""
        kind = self.dataset.all_columns.get(name.lower())
        if kind is None:
            raise errors.no_such_column(self.query, name)
        name = name.lower()
        sql = quoted(name)
        if kind in _TIMES:
            sql = quoted(f"t:{name}")
        elif name in self.dataset.numbers_kept:
            sql = quoted(f"n:{name}")
        elif kind == "number":
            sql = f"try_cast({sql} as double)"
        elif kind == "checkbox":
            sql = f"({sql} = 'true')"
        elif kind == "location":
            sql = f"({_LOCATION})"
        return Typed(sql, kind, column=name)

    def equals(self, name: str, value: str) -> str:
        """Return the filter that a plain parameter `column=value` stands for."""
        column = self.column(name)
        return f"{column.sql} = {self._bound(value, column.kind)}"

    def _parameter(self, value: object) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def _bound(self, value: str, kind: Kind) -> str:
        """Bind a literal as a value of a type."""
        try:
            if kind in _TIMES:
                time = datetime.fromisoformat(value)
                in_utc = time.astimezone(UTC) if time.tzinfo else time
                return self._parameter(in_utc.replace(tzinfo=None))
            if kind == "number":
                return self._parameter(float(value) if not value.isdigit() else int(value))
            if kind == "checkbox":
                return self._parameter({"true": True, "false": False}[value.lower()])
        except (ValueError, KeyError, OverflowError):
            raise errors.type_mismatch(self.query, f"'{value}' is not a valid {kind}") from None
        return self._parameter(value)

    def _as(self, typed: Typed, kind: Kind) -> str:
        """Return the SQL of an operand as a type, taking literals along."""
        if typed.literal is not None:
            if typed.kind == "number" and kind != "number":
                raise errors.type_mismatch(self.query, f"{typed.literal} is a number, not {kind}")
            return self._bound(typed.literal, kind)
        both_times = typed.kind in _TIMES and kind in _TIMES
        if typed.kind != kind and not both_times:
            raise errors.type_mismatch(self.query, f"{typed.kind} is compared with {kind}")
        return typed.sql

    def _operands(self, *nodes: exp.Expression) -> list[str]:
        operands = [self.write(node) for node in nodes]
        kind = next((o.kind for o in operands if o.literal is None), operands[0].kind)
        return [self._as(operand, kind) for operand in operands]

    def _compare(self, node: exp.Expression, operator: str) -> Typed:
        left, right = self._operands(node.this, node.expression)
        return Typed(f"({left} {operator} {right})", "checkbox")

    def _between(self, node: exp.Expression) -> Typed:
        value, low, high = self._operands(node.this, node.args["low"], node.args["high"])
        return Typed(f"({value} between {low} and {high})", "checkbox")

    def _in(self, node: exp.Expression) -> Typed:
        if not node.expressions:
            raise errors.malformed(self.query, "Expected a list of literals")
        value, *choices = self._operands(node.this, *node.expressions)
        return Typed(f"({value} in ({', '.join(choices)}))", "checkbox")

    def _connect(self, node: exp.Expression, word: str) -> Typed:
        left, right = (self._condition(n) for n in (node.this, node.expression))
        return Typed(f"({left} {word} {right})", "checkbox")

    def _not(self, node: exp.Expression) -> Typed:
        return Typed(f"(not {self._condition(node.this)})", "checkbox")

    def _condition(self, node: exp.Expression) -> str:
        return self._as(self.write(node), "checkbox")

    def _is(self, node: exp.Expression) -> Typed:
        if not isinstance(node.expression, exp.Null):
            raise errors.malformed(self.query, "Expected NULL")
        value = self.value(node.this)
        # A text that is not a number or time is still a value: it becomes null.
        sql = (
            value.sql if value.column is None or value.kind == "location" else quoted(value.column)
        )
        return Typed(f"({sql} is null)", "checkbox")

    def _like(self, node: exp.Expression) -> Typed:
        value, pattern = (self._as(self.write(n), "text") for n in (node.this, node.expression))
        word = "not like" if node.args.get("negate") else "like"
        return Typed(f"({value} {word} {pattern})", "checkbox")

    def _starts_with(self, node: exp.Expression) -> Typed:
        value, prefix = (self._as(self.write(n), "text") for n in (node.this, node.expression))
        return Typed(f"starts_with({value}, {prefix})", "checkbox")

    def _text_function(self, node: exp.Expression, name: str) -> Typed:
        return Typed(f"{name}({self._as(self.write(node.this), 'text')})", "text")

    def _paren(self, node: exp.Expression) -> Typed:
        return self.write(node.this)

    def _column(self, node: exp.Expression) -> Typed:
        if not isinstance(node.this, exp.Identifier):
            raise errors.malformed(self.query, "Expected a column name")
        return self.aliases.get(node.name.lower()) or self.column(node.name)

    def _literal(self, node: exp.Expression) -> Typed:
        kind: Kind = "text" if node.is_string else "number"
        return Typed("", kind, literal=str(node.this))

    def _negative(self, node: exp.Expression) -> Typed:
        if not (isinstance(node.this, exp.Literal) and not node.this.is_string):
            raise errors.malformed(self.query, "Expected a number")
        return Typed("", "number", literal=f"-{node.this.this}")

    def _function(self, node: exp.Expression) -> Typed:
        name = str(node.this).lower()
        if name not in _TRUNCATE or len(node.expressions) != 1:
            raise self._no_function(name)
        value = self._as(self.write(node.expressions[0]), "calendar_date")
        return Typed(f"date_trunc('{_TRUNCATE[name]}', {value})", "calendar_date")

    def _aggregate(self, node: exp.Expression, name: str) -> Typed:
        if name == "count":
            if isinstance(node.this, exp.Star | exp.Literal):
                return Typed("count(*)", "number", aggregate=True)
            value = self.value(node.this)
            return Typed(f"count({value.sql})", "number", aggregate=True)
        value = self.value(node.this)
        if name in ("sum", "avg"):
            return Typed(f"{name}({self._as(value, 'number')})", "number", aggregate=True)
        if value.kind in ("checkbox", "location"):
            raise errors.type_mismatch(self.query, f"{name} of {value.kind}")
        return Typed(f"{name}({value.sql})", value.kind, aggregate=True)

    def _no_function(self, name: str) -> errors.SodaError:
        message = f"Query coordinator error: query.soql.no-such-function; No such function: {name}"
        return errors.bad_query("query.soql.no-such-function", message, self.query)
