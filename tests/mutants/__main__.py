"""Change one operator or constant of a model or macro: do the dbt tests catch it? `make mutants`.

Each mutant is built, with what depends on it, on a small demo: by full refresh, and as an increment
if that changed nothing. If a mart is different, a data test, contract, constraint or unit test has
to fail. The sample takes the same number of mutants of each file, as far as a file has so many.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from dbt_project.paths import ROOT
from tests.mutants.mutations import mutations
from tests.mutants.trial import Mutant, Outcome

FOLDERS = ("models", "macros")
SAID_EVERY = 50
TITLES = {
    "survived": "Survivors: a mart is different, and every test passes",
    "equivalent": "Equivalent: no mart is different on this data",
    "unbuildable": "Could not be built",
    "caught": "Caught",
}


def sample(count: int, seed: int, only: str = "") -> list[Mutant]:
    """Mutants at random, evenly of all files.

    Args:
        count: how many.
        seed: decides which.
        only: part of the path of the files.
    """
    chance = random.Random(seed)
    left: list[list[Mutant]] = []
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.sql")):
            if only in file.relative_to(ROOT).as_posix():
                found = [Mutant(file, m) for m in mutations(file.read_text(encoding="utf-8"))]
                chance.shuffle(found)
                left.append(found)
    chosen: list[Mutant] = []
    while len(chosen) < count and any(left):
        chance.shuffle(left)
        chosen += [mutants.pop() for mutants in left if mutants]
    return chosen[:count]


def main() -> None:
    """Try mutants, and print what became of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--mutants", type=int, default=100, help="how many (100)")
    parser.add_argument("--seed", type=int, default=1, help="decides which (1)")
    parser.add_argument("--only", default="", help="part of the path of the files to change")
    parser.add_argument("--all", action="store_true", help="list those that were caught, too")
    parser.add_argument("--folder", type=Path, help="to keep what is loaded and built")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        outcomes = _try(asked, asked.folder or Path(temporary, "mutants"))
    sys.stdout.write(report(outcomes, ["survived", "equivalent", "unbuildable"], asked.all))


def _try(asked: argparse.Namespace, folder: Path) -> list[tuple[Mutant, Outcome]]:
    # dbt takes seconds to import.
    from tests.mutants.preparing import prepare  # noqa: PLC0415

    begun = time.monotonic()
    trial = prepare(folder.absolute())
    _say(f"loaded and built in {time.monotonic() - begun:.0f} s")
    outcomes = []
    begun = time.monotonic()
    for mutant in sample(asked.mutants, asked.seed, asked.only):
        outcome = trial.of(mutant)
        outcomes.append((mutant, outcome))
        if outcome.verdict == "survived":
            _say(_line(mutant, outcome))
        if len(outcomes) % SAID_EVERY == 0:
            _say(f"{len(outcomes)} of {asked.mutants} mutants")
    seconds = (time.monotonic() - begun) / max(len(outcomes), 1)
    _say(f"{len(outcomes)} mutants, {seconds:.1f} s each")
    return outcomes


def report(
    outcomes: list[tuple[Mutant, Outcome]], kinds: list[str], with_caught: bool = False
) -> str:
    """What became of each mutant, and the score, as text."""
    lines = []
    for kind in [*kinds, *(["caught"] if with_caught else [])]:
        chosen = [_line(*each) for each in outcomes if each[1].verdict == kind]
        lines += ["", f"{TITLES[kind]} ({len(chosen)})", *sorted(chosen)]
    counts = Counter(outcome.verdict for _, outcome in outcomes)
    changed = counts["caught"] + counts["survived"]
    share = f" ({100 * counts['caught'] / changed:.1f} %)" if changed else ""
    lines += ["", f"{counts['caught']} of {changed} that changed a mart were caught{share};"]
    lines += [f"{counts['equivalent']} changed none, {counts['unbuildable']} could not be built"]
    return "\n".join(lines) + "\n"


def _line(mutant: Mutant, outcome: Outcome) -> str:
    marts = ", ".join(f"{name.split('.', 1)[1]} {rows}" for name, rows in outcome.marts.items())
    return "  ".join(filter(None, [str(mutant), outcome.why, marts]))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
