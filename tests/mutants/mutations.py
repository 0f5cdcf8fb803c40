"""What may be wrong in SQL: each change of one operator or constant of a file of models or macros.

Tokens of the source text are changed, not of what dbt compiles, so that a mutant is what somebody
could have typed. Comments, docs, configuration and names are left alone. Jinja is searched where it
holds SQL: in texts (a list of rules) and numbers (the 100 of a percentage, say).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

JINJA = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
COMMENT = re.compile(r"--[^\n]*")
# Arguments that name something of dbt, and are no SQL.
NAMING = re.compile(
    r"\b(config|ref|source|dispatch|env_var|attribute|map|join|indent|replace|selectattr)\s*\([^()]*\)"
)
# SQL of other engines, which is not executed here.
OTHER_ENGINES = re.compile(r"\{%-?\s*macro spark__.*?endmacro\s*-?%\}", re.DOTALL)
TEXT = re.compile(r"'(?:[^'\\\n]|'')*'|\"[^\"\n]*\"")
UNITS = {
    **{"day": "week", "week": "day", "month": "year", "year": "month", "hour": "day"},
    **{"minute": "hour", "second": "minute", "quarter": "month"},
}
SWAPS = [
    (r"<>|!=", "="),
    (r"<=", "<"),
    (r">=", ">"),
    (r"<(?![=>])", "<="),
    (r"(?<![<=])>(?!=)", ">="),
    (r"(?<![<>!=])=(?!=)", "<>"),
    (r"(?<=\s)\+(?=\s)", "-"),
    (r"(?<=\s)-(?=\s)", "+"),
    (r"(?<=[\s(,])-(?=[\w.{])", ""),
    (r"(?<=[\w)}] )/(?= )", "*"),
    (r"(?<=[\w)}] )(?<!select )\*(?= [\w({])", "/"),
    (r"\bor\b", "and"),
    (r"\bmin(?=\()", "max"),
    (r"\bmax(?=\()", "min"),
    (r"\bsum(?=\()", "max"),
    (r"\bgreatest(?=\()", "least"),
    (r"\bleast(?=\()", "greatest"),
    (r"\blag(?=\()", "lead"),
    (r"\blead(?=\()", "lag"),
    (r"\brow_number(?=\()", "rank"),
    (r"\brank(?=\()", "row_number"),
    (r"\bfloor(?=\()", "ceil"),
    (r"\blower(?=\()", "upper"),
    (r"\bupper(?=\()", "lower"),
    (r"\bleft join\b", "inner join"),
    (r"\binner join\b", "left join"),
    (r"\bfull outer join\b", "left join"),
    (r"\bunion all\b", "union"),
    (r"\bunion(?! all)\b", "union all"),
    (r"\basc\b", "desc"),
    (r"\bdesc\b", "asc"),
    (r"\bnulls first\b", "nulls last"),
    (r"\bnulls last\b", "nulls first"),
    (r"\bis not null\b", "is null"),
    (r"\bis null\b", "is not null"),
    (r"(?<!is )\bnot (?!null)", ""),
    (r"(?<!not )\bin(?= \()", "not in"),
    (r"\bdistinct ", ""),
    (r"\btrue\b", "false"),
    (r"\bfalse\b", "true"),
]
SWAPPING = [(re.compile(pattern), after) for pattern, after in SWAPS]
AND = re.compile(r"\band\b")
BETWEEN = re.compile(r"\bbetween\b(?:(?!\band\b).)*$", re.DOTALL)
NUMBER = re.compile(r"(?<![\w.'\"$])\d+(?:\.\d+)?(?![\w.'\"])")
# A whole condition on a line of its own.
CONJUNCT = re.compile(r"(?<=\n)[ ]*(?:and|or) (?P<condition>[^\n]+)\n")
WHERE = re.compile(r"\bwhere (?P<condition>[^\n]+)(?=\n|$)")
WHERE_BELOW = re.compile(r"\bwhere\n[ ]*(?P<condition>[^\n]+)(?=\n)")
UNIT = re.compile(rf"(?<=')(?:{'|'.join(UNITS)})(?=')|(?<=extract\()(?:{'|'.join(UNITS)})\b")


@dataclass(frozen=True, order=True)
class Mutation:
    """A change of a text.

    Attributes:
        start: where what is replaced starts.
        end: where it ends.
        after: what stands there instead.
    """

    start: int
    end: int
    after: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.after + text[self.end :]


def mutations(text: str) -> list[Mutation]:
    """Every mutation of a file's text, in order."""
    found = set(_of_sql(_blanked(text)))
    for jinja in JINJA.finditer(text):
        if not jinja[0].startswith("{#"):
            found |= set(_of_jinja(_blanked_inside(jinja), jinja.start()))
    unused = [(macro.start(), macro.end()) for macro in OTHER_ENGINES.finditer(text)]
    return sorted(
        mutation
        for mutation in found
        if not any(start <= mutation.start < end for start, end in unused)
    )


def _blank(found: re.Match[str]) -> str:
    """As many characters, so that places stay what they are."""
    return re.sub(r"[^\n]", "\x00", found[0])


def _blanked(text: str) -> str:
    """The text with nothing but SQL left."""
    return COMMENT.sub(_blank, JINJA.sub(_blank, text))


def _blanked_inside(jinja: re.Match[str]) -> str:
    return NAMING.sub(_blank, jinja[0])


def _of_sql(sql: str) -> Iterator[Mutation]:
    """Mutations of plain SQL; of its texts only what they say."""
    code = TEXT.sub(_blank, sql)
    yield from _of_code(code)
    for text in TEXT.finditer(sql):
        if text[0].startswith("'"):
            yield from _of_text(text[0], text.start())
    for unit in UNIT.finditer(sql):
        yield Mutation(unit.start(), unit.end(), UNITS[unit[0]])


def _of_code(code: str) -> Iterator[Mutation]:
    for pattern, after in SWAPPING:
        for found in pattern.finditer(code):
            yield Mutation(found.start(), found.end(), after)
    for found in AND.finditer(code):
        if not BETWEEN.search(code[: found.start()]):
            yield Mutation(found.start(), found.end(), "or")
    for found in NUMBER.finditer(code):
        yield Mutation(found.start(), found.end(), _next(found[0]))
    for found in CONJUNCT.finditer(code):
        if _is_whole(found["condition"]):
            yield Mutation(found.start(), found.end(), "")
    for pattern in (WHERE, WHERE_BELOW):
        for found in pattern.finditer(code):
            if _is_whole(found["condition"]):
                yield Mutation(found.start("condition"), found.end("condition"), "true")


def _of_text(text: str, place: int) -> Iterator[Mutation]:
    """A constant of text says something else."""
    inner = text[1:-1]
    if inner and inner not in UNITS and "\x00" not in inner:
        yield Mutation(place + 1, place + 1 + len(inner), _next(inner))


def _of_jinja(jinja: str, place: int) -> Iterator[Mutation]:
    if re.match(r"\{%-?\s*(macro|endmacro|else|endif|endfor|call|endcall)\b", jinja):
        return
    for number in NUMBER.finditer(TEXT.sub(_blank, jinja)):
        yield Mutation(place + number.start(), place + number.end(), _next(number[0]))
    for text in TEXT.finditer(jinja):
        start = place + text.start() + 1
        if text[0][1:-1] in UNITS:
            yield Mutation(start, start + len(text[0]) - 2, UNITS[text[0][1:-1]])
        else:
            for found in _of_sql(text[0][1:-1]):
                yield Mutation(start + found.start, start + found.end, found.after)


def _next(constant: str) -> str:
    """Another constant of the same kind: a number more, or a text that ends otherwise."""
    digits = re.search(r"\d+$", constant)
    if not digits:
        return f"{constant}x"
    counted = str(int(digits[0]) + 1).zfill(len(digits[0]))
    return constant[: digits.start()] + counted


def _is_whole(condition: str) -> bool:
    """Whether a condition ends on its line."""
    return (
        condition.count("(") == condition.count(")")
        and not re.search(r"\b(and|or|then|case|when)\b", condition)
        and condition.rstrip()[-1:] not in ("", ",", "=")
    )
