"""The ways to read the survey's own file that are compared; each in a process of its own.

Run: python -m tests.benchmarks.alternatives.survey_file_loads WAY FILE FOLDER. Writes one line
of JSON: the students, and the seconds without the start of the process and its imports.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pyreadstat

from ingestion.core.loading import load
from ingestion.core.progress import LineProgress
from ingestion.core.source import LoadOptions
from ingestion.sources.pisa.columns import STUDENT_COLUMNS


def warehouse(file: Path, folder: Path) -> int:
    """Load as the command does."""
    report = load(
        "pisa",
        LoadOptions(files=(file,)),
        data_dir=folder,
        progress=LineProgress(),
        clock=lambda: datetime.now(UTC),
    )
    return report.rows["file_students"]


def pyreadstat_alone(file: Path, folder: Path) -> int:
    """Read the same columns at once, and drop them."""
    del folder
    _, about = pyreadstat.read_sav(str(file), metadataonly=True)
    needed = [name for name in about.column_names if name.lower() in STUDENT_COLUMNS]
    frame, _ = pyreadstat.read_sav(str(file), usecols=needed, disable_datetime_conversion=True)
    return len(frame)


WAYS = {"warehouse": warehouse, "pyreadstat": pyreadstat_alone}


def main() -> None:
    """Read once and say how long it took."""
    way, file, folder = sys.argv[1:]
    began = time.perf_counter()
    students = WAYS[way](Path(file), Path(folder))
    output = {"students": students, "seconds": time.perf_counter() - began}
    sys.stdout.write(f"{json.dumps(output)}\n")


if __name__ == "__main__":
    main()
