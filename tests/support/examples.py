"""The example question of each mart, as its description ends."""

import re
from dataclasses import dataclass

import yaml  # type: ignore[import-untyped]

from dbt_project.paths import ROOT

HELP = """
The description of {mart} in {path} must end with an example, in this form (two blank lines before
it, one after the question, the query two further in):

    description: >-
      What a row is. Grain: … Key: …


      Example: A question of an analyst? No row where nothing was rejected.

      ```sql
        select …
        from {mart}
      ```

What follows the question is needed only where the demo has no row for it.
"""
EXAMPLE = re.compile(
    r"\n\nExample: (?P<question>[^?`]+\?)(?P<note>[^`]*)\n```sql\n(?P<sql>[^`]+)\n```",
)


@dataclass(frozen=True)
class Example:
    """A question with its query.

    Attributes:
        mart: whose it is, as `schema.name`.
        question: of an analyst.
        note: when the query has no row; empty where it always has one.
        sql: the query.
    """

    mart: str
    question: str
    note: str
    sql: str


def marts() -> dict[str, str]:
    """The file of each mart, by its full name and below the root."""
    files = sorted((ROOT / "models/marts").glob("*/[!_]*.yml"))
    return {f"{file.parent.name}.{file.stem}": str(file.relative_to(ROOT)) for file in files}


def example_of(mart: str) -> Example:
    """The example that a mart's description ends with; where it has none, says what to write."""
    path = marts()[mart]
    (model,) = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))["models"]
    _, start, text = model["description"].partition("\n\nExample: ")
    found = EXAMPLE.fullmatch(start + text)
    assert found, HELP.format(mart=mart, path=path)
    return Example(mart, found["question"], found["note"].strip(), found["sql"])
