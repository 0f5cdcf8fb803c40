"""One word per concept, in plain English: see docs/glossary.md.

Each entry says what not to write, as a regular expression, and what to write instead.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUFFIXES = {".py", ".sql", ".md", ".yml", ".yaml", ".toml", ".svelte", ".js", ".mjs", ".css"}
# Files without a suffix that people read.
PLAIN = {"Makefile", "run", ".editorconfig", ".sqlfluff", ".gitignore", ".env.example"}
# What is installed or generated is not ours to word; the changelog has the names that were changed.
SKIPPED = {"node_modules", ".evidence", "__pycache__", "CHANGELOG.md"}
AREAS: Mapping[str, tuple[str, ...]] = {
    "documents": ("*.md", "docs", ".github", ".ci", ".dlt", "*.yml", "*.toml", *PLAIN),
    "ingestion": ("ingestion",),
    "dbt_project": ("dbt_project",),
    "reports": ("reports",),
    "models": ("models", "macros", "seeds", "tests/generic", "tests/singular"),
    "tests": ("tests/python", "tests/support"),
    "benchmarks": ("tests/benchmarks",),
}

# Words and phrases of prose, in any case.
WORDS: Mapping[str, str] = {
    r"\btell(s|ing)?\b(?!\(\))": "show, report, give, list, say",
    r"\btold\b": "shown, reported, given, listed, said",
    r"(?<!good )\bnews\b": "rows received, changes, what is new",
    r"\bmend(s|ed|ing)?\b": "fix, correct, repair",
    r"\b(hang|hangs|hung|hanging) on\b": "depend on",
    r"\bheld against\b": "compared with",
    r"\b(is|are|was|were) held\b(?! by)|\b(rows?|readings|submissions|features) held\b": "loaded",
    r"(?<![a-z_])touched": "affected",
    r"\b(rows?|keys?|days?|months?|crimes?)( \w+)? (is|are|was|were) looked at\b"
    r"|\blooked at again\b": "affected",
    r"\bunfit\b": "rejected, invalid",
    r"\b(and|row|version|crime|it) lives\b|\bliving (crime|row|version)s?\b": "is current",
    r"\bgone\b": "deleted at source, removed, no longer there",
    r"\b(a|an|each|every|one|of|per|another|between|next|last|first|this|that|the|whole|its)"
    r"[ _]rounds?\b(?!\(| button)|\bis_round\b|\brun_rounds\b": "run, iteration",
    r"\b(the whole way|whole way of|the way of the data)\b": "the full pipeline, data flow",
    r"\b(is|are|was|were|be|been|goes|went|stays|stayed|that is) away\b": "unreachable",
    r"\bapart by\b": "comma-separated, separated by",
    r"(?<!there )(?<!what )\b(is|are|was|were) no (?!longer\b|more than|less than|fewer than|later|"
    r"earlier|older|newer|slower|faster|worse|better|different|other|one\b)": "is not a",
    r"\b(go|goes|going|went)[ _]back to (an?|the|one|that|it)\b": "roll back, return to",
    r"\bundo(es|ne|ing)?\b(?!\.js)": "roll back, rolled back",
    r"\bthe (build|publication|run|load|one|iteration|project) before\b"
    r"(?! it| that| the| this)": "the previous …",
    r"\b(shows?|shown|showed) (the|a|an|another) (newer |older )?(build|publication)\b": "publish",
    r"\b(bring|brings|bringing|brought) (\w+ ){0,4}up to date\b": "build, update",
    r"\bbest provided\b": "most advantaged",
    r"\bwho reads several files\b": "if you read several files",
    r"\b(stand|stands) before (it|these|them|an?|the)\b": "override, take precedence over",
    r"\bend(s)? with a word\b": "stop with a message",
    r"\blisten(s)? at\b": "listen on",
    r"\bbuilds? that (is|are) kept\b": "retained build",
    r"\bwho rather\b": "name the thing",
    r"\bwhere on a web server it will lie\b": "URL path prefix",
    r"\bleads to its page\b": "click … for details",
}

# Names in code, exactly as written.
NAMES: Mapping[str, str] = {
    r"\b(Asker|Unanswered)\b": "ConcurrentFetcher, FailedRequest",
    r"\bclass (Held|Ended|Told|Shell|Ready|Recent|Printed|Notified|Deed)\b": "a noun that says "
    "what it is, such as LoadedRows, Finished, RequestLimits, ConsoleNotifier",
    r"\b(OtherDatabase|other_database)\b": "SqlAlchemyDatabase",
    r"\b(def|import) (said|counted|reconciled|settle|point|seal|tidy|carry_pages|go_back|"
    r"claim|bring_runs|tell|made|held|run_of|drawn|facts|lacking|owes)\b": "a verb that says what",
    r"\bplace\.opened\(": "DatabaseRef.connect",
    r"\bis_worth_a_record\b": "should_record",
    r"\b(ROWS|BYTES|SECONDS)_A_[A-Z]+\b": "…_PER_…",
    r"\b(MOST|LONGEST)(_[A-Z]+)*\b(?! \w)": "MAX_…",
    r"\bint_\w+__\w+_(touched|judged|checked|located|placed|told|held)\b": "…_affected, "
    "…_validated, …_enriched",
    r"\b(runs_told|days_held)\b": "valid_runs, day_counts_loaded",
    r"\brelation_left\b|^left as \(": "previous_relation, previous",
    r"\b(against_usual|breaks_a_(\w+_)?rule|rules_broken)\b": "vs_average, violates_rules, …",
    r"^beside as \(": "with_lags",
    r"^ {6}- name: store_sensors$": "sensor_count",
    r"\b(rows_here|readings_here|rows_in_traffic|rows_in_fact)\b": "rows_in_warehouse",
    r"\bsubmission_hour_reconciliation\b": "submission_source_reconciliation",
    r"<Standing\b": "FreshnessBanner",
}
# Files whose names are not to come back; other names of this kind say what they are.
FILES = {
    *{"asking", "holdings", "words", "single", "counting", "reconciling", "other", "shell"},
    *{"patience", "looking", "surveyed", "subjects", "kills", "shop", "house", "undo", "Standing"},
}


def files(area: str) -> Iterator[Path]:
    """The text files of an area, but for this one."""
    for pattern in AREAS[area]:
        for found in ROOT.glob(pattern):
            paths = found.rglob("*") if found.is_dir() else [found]
            for path in paths:
                parts = path.relative_to(ROOT).parts
                is_text = path.suffix in SUFFIXES or path.name in PLAIN
                ours = is_text and path.is_file() and path != Path(__file__)
                if ours and SKIPPED.isdisjoint(parts):
                    yield path


def findings(text: str) -> Iterator[tuple[int, str, str]]:
    """Line number, what was found and what to write instead, of each word in a text."""
    # A phrase may continue on the next line, of a comment too.
    lines = [re.sub(r"^\s*(?:#|--|\*|>)?\s*", "", line) for line in text.split("\n")]
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    for pattern, instead in WORDS.items():
        for match in re.finditer(pattern, " ".join(lines), re.IGNORECASE):
            yield bisect_right(starts, match.start()), match.group(), instead
    for pattern, instead in NAMES.items():
        for match in re.finditer(pattern, text, re.MULTILINE):
            yield text.count("\n", 0, match.start()) + 1, match.group(), instead


@pytest.mark.parametrize("area", AREAS)
def test_plain_words_are_used(area: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {' '.join(word.split())!r}: {instead}"
        for path in sorted(set(files(area)))
        for line, word, instead in findings(path.read_text(encoding="utf-8"))
    ]
    assert not found, f"{len(found)} words of the list\n" + "\n".join(found)


@pytest.mark.parametrize("area", AREAS)
def test_files_are_named_for_what_they_are(area: str) -> None:
    assert [path for path in files(area) if path.stem in FILES] == []


@pytest.mark.parametrize(
    "text",
    [
        "gives what a load was told",
        "# a crime that is gone at\n# its source",
        "what hangs on it",
        "WAREHOUSE_ALERT_URLS, apart by commas",
        "'abc' is no number",
        "Between rounds: 1s",
        "the build\nbefore",
        "Do the whole way from simulated sources",
        "a database that is away",
        "Address to listen at",
        "MOST_BYTES = 5",
        "def go_back(paths: Paths) -> None:",
        "select * from int_footfall__readings_checked",
    ],
)
def test_a_word_of_the_list_is_found(text: str) -> None:
    assert list(findings(text))


@pytest.mark.parametrize(
    "text",
    [
        "there is no row, and it is no longer needed",
        "round(visits / 4) of each round(x)",
        "position = file.tell()",
        "the lock is held by another run",
        "no rejected row is good news",
        "the day before that, or the month before",
        "`--every` gives the time between iterations",
        "last_checked_at, database_checks",
    ],
)
def test_ordinary_english_is_not_found(text: str) -> None:
    assert list(findings(text)) == []
