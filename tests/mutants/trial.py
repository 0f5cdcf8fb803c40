"""Build a mutant, and see whether dbt's tests catch it."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import duckdb
from dbt_common.exceptions import DbtBaseException
from jinja2 import TemplateError

from dbt_project.paths import ROOT
from tests.mutants.compiling import Compiled
from tests.mutants.mutations import Mutation
from tests.mutants.scenes import ContractError, Scene, rows_that_differ

Verdict = Literal["caught", "survived", "equivalent", "unbuildable"]
SECONDS = 20.0
BROKEN = (duckdb.Error, DbtBaseException, TemplateError, ArithmeticError, TypeError, ValueError)


@dataclass(frozen=True)
class Mutant:
    """A file with one change."""

    file: Path
    mutation: Mutation

    @property
    def line(self) -> int:
        return self.file.read_text(encoding="utf-8").count("\n", 0, self.mutation.start) + 1

    def __str__(self) -> str:
        before = self.file.read_text(encoding="utf-8")
        start, end = before.rfind("\n", 0, self.mutation.start) + 1, self.mutation.end
        stop = before.find("\n", end)
        line = before[start : stop if stop >= 0 else len(before)]
        at = self.mutation.start - start
        old, new = before[self.mutation.start : end], self.mutation.after
        shown = line[:at] + "[" + (old + " → " + new) + "]" + line[at + len(old) :]
        return f"{self.file.relative_to(ROOT)}:{self.line}  {' '.join(shown.split())}"


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant.

    Attributes:
        verdict: `caught` and `survived` if it changed a mart, `equivalent` if it changed none.
        why: the test that failed, or the error.
        marts: how many rows of each mart differ, of one that survived.
    """

    verdict: Verdict
    why: str = ""
    marts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """What mutants are tried on.

    Attributes:
        compiled: the project.
        scenes: a full refresh, and an increment.
        folder: for the files of the mutant that is tried.
    """

    compiled: Compiled
    scenes: Sequence[Scene]
    folder: Path

    def of(self, mutant: Mutant) -> Outcome:
        """Build a mutant by full refresh, and as an increment if that changed nothing."""
        outcome = Outcome("equivalent", "no statement is different")
        text = mutant.mutation.applied(mutant.file.read_text(encoding="utf-8"))
        try:
            with self.compiled.changed(mutant.file, text) as nodes:
                for scene in self.scenes:
                    texts = self.compiled.texts(nodes, full_refresh=scene.full_refresh)
                    changed = {n: new for n, new in texts.items() if new != scene.texts[n]}
                    if changed and outcome.verdict == "equivalent":
                        outcome = self._in_scene(scene, changed)
        except BROKEN as error:
            return Outcome("unbuildable", " ".join(str(error).split())[:160])
        return outcome

    def _in_scene(self, scene: Scene, texts: Mapping[str, str]) -> Outcome:
        changed = set(texts) & self.compiled.models
        affected = self.compiled.descendants(changed)
        with scene.start(self.folder) as connection, _limited(connection):
            # An increment starts from what was built before: everything is built again.
            built = affected if scene.full_refresh else self.compiled.models
            try:
                scene.build(connection, built, texts)
            except duckdb.ConstraintException as error:
                return Outcome("caught", f"constraint: {str(error).splitlines()[0]}")
            except ContractError as error:
                return Outcome("caught", f"contract: {error}")
            found = scene.marts(connection, built)
            marts = [name for name, rows in found.items() if rows != scene.expected[name]]
            if not marts:
                unit = next(self.compiled.unit_tests(changed), "no mart is different")
                return Outcome("equivalent", unit)
            failed = next(self._failing(scene, connection, affected, texts), None)
            if failed:
                return Outcome("caught", failed)
            rows = {name: rows_that_differ(connection, scene.result, name) for name in marts}
        return Outcome("survived", "increment" if not scene.full_refresh else "", rows)

    def _failing(
        self,
        scene: Scene,
        connection: duckdb.DuckDBPyConnection,
        affected: set[str],
        texts: Mapping[str, str],
    ) -> Iterator[str]:
        """The names of tests that fail: of data first, which take no time."""
        nodes = self.compiled.manifest.nodes
        for test in scene.tests:
            if affected & set(nodes[test].depends_on.nodes) and scene.fails(
                connection, test, texts
            ):
                yield nodes[test].name
        yield from self.compiled.unit_tests(set(texts) & self.compiled.models)


@contextmanager
def _limited(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupt what takes longer than a wrong join may."""
    timer = threading.Timer(SECONDS, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
