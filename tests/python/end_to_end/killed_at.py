"""Run the command line until it is about to do something, and kill it there: no race decides.

Run: python -m tests.python.end_to_end.killed_at EVENT PATTERN ARGUMENTS…
EVENT is one of Python's audit events, for example os.rename; PATTERN tells the path meant.
"""

import os
import signal
import sys
from fnmatch import fnmatch

from dbt_project.cli import app

MOST_PATHS = 2


def main() -> None:
    wanted, pattern, *arguments = sys.argv[1:]

    def look(event: str, args: tuple[object, ...]) -> None:
        if event == wanted and any(fnmatch(str(arg), pattern) for arg in args[:MOST_PATHS]):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)
    app(arguments, prog_name="warehouse")


if __name__ == "__main__":
    main()
