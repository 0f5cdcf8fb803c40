"""The page of questions and queries, made of the tests that answer them.

Run: python -m tests.support.questions, after a question or its query was changed.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, fill

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "questions.md"
TESTS = ROOT / "tests" / "python" / "questions"
WIDTH = 120
SUBJECTS = {
    "crime": "Crime",
    "footfall": "Footfall",
    "education": "Education",
    "frame": "The data itself",
}
INTRODUCTION = """\
# Questions and their queries

Questions that a budget office, a journalist, the owner of the stores and an education ministry
ask, each with the query of the published marts that answers it. A test computes each answer a
second time with pandas, from the rows as they were received. Years, places and names in a query are
those of its test: put yours in their place. [analysts.md](analysts.md) explains the marts.
"""


@dataclass(frozen=True)
class Question:
    """A question, and the queries that answer it.

    Attributes:
        text: the question, in a line.
        queries: SQL on the published marts.
    """

    text: str
    queries: tuple[str, ...]


def questions(subject: str) -> Iterator[Question]:
    """The questions of a subject, each once, by file and in the order of the tests."""
    seen = set[str]()
    for file in sorted(TESTS.glob(f"test_{subject}_*questions.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        constants = dict(_queries(module))
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                text = re.sub(r"^\d+\. ", "", " ".join((ast.get_docstring(node) or "").split()))
                names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
                found = tuple(constants[name] for name in dict.fromkeys(names) if name in constants)
                if text.endswith("?") and found and text not in seen:
                    seen.add(text)
                    yield Question(text, found)


def _queries(module: ast.Module) -> Iterator[tuple[str, str]]:
    """The constants of a module that are queries, by name."""
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            value = node.value.value
            if isinstance(value, str) and value.lstrip().startswith(("select", "with", "from")):
                yield ast.unparse(node.targets[0]), dedent(value).strip()


def render(keep: Callable[[str], bool] = lambda _: True) -> str:
    """The page, with the questions to keep, given as they stand on it."""
    parts = [INTRODUCTION]
    for subject, title in SUBJECTS.items():
        blocks = [_block(question) for question in questions(subject)]
        parts += [f"## {title}\n", *filter(keep, blocks)]
    return "\n".join(parts)


def _block(question: Question) -> str:
    text = fill(f"**{question.text}**", WIDTH)
    return "\n".join([f"{text}\n", *(f"```sql\n{query}\n```\n" for query in question.queries)])


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
