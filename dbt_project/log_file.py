"""The structured log: data/logs/warehouse.jsonl, a JSON line an event, bounded in size.

It has what the terminal shows of a run, and the run's events: start, steps and end. It is rotated
at WAREHOUSE_LOG_SIZE, and WAREHOUSE_LOG_FILES older ones stay.
"""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler

from dbt_project.paths import Paths
from ingestion.core.warehouse_settings import WarehouseSettings

NAME = "warehouse.jsonl"
# Events for the log alone: the terminal shows them differently.
events = logging.getLogger("warehouse")
events.propagate = False
events.addHandler(logging.NullHandler())
LOGGERS = ("warehouse", "ingestion", "dbt_project", "reports")


class LogFile(RotatingFileHandler):
    """Writes JSON lines: time, level, logger, message, run_id.

    Attributes:
        run_id: of the current run.
    """

    run_id: str | None = None

    def format(self, record: logging.LogRecord) -> str:
        """A record as a line of JSON."""
        at = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "run_id": self.run_id,
        }
        return json.dumps(line)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Continue: a full disk ends a run by what the run cannot write, not by its log."""


@contextmanager
def logged(paths: Paths) -> Iterator[LogFile]:
    """Write the loggers' messages to the data folder's log until the block ends.

    Raises:
        WarehouseError: a setting of the log cannot be used.
    """
    settings = WarehouseSettings.from_env(os.environ, "log_size", "log_files")
    paths.logs.mkdir(parents=True, exist_ok=True)
    log = LogFile(
        paths.logs / NAME,
        maxBytes=settings.log_size,
        backupCount=settings.log_files,
        encoding="utf-8",
        delay=True,
    )
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(log)
        logger.setLevel(logging.INFO)
    try:
        yield log
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(log)
            logger.setLevel(level)
        log.close()
