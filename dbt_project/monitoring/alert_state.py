"""What was sent already, in data/alerts.json."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dbt_project.files import OWN, file_lock, read_json, umask, write_json
from dbt_project.monitoring.alert_conditions import Alert
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError

LOCK = ".alerts.lock"
MAX_WAIT_SECONDS = 60


class SentAlerts:
    """Which service was sent which current condition, and how large it was then.

    A service that is new, or whose URL changed, is sent all current conditions.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        found = read_json(path)
        if found is None and path.exists():
            msg = f"{path} is damaged: remove it, and current alerts are sent once more"
            raise WarehouseError(msg)
        self._sizes: dict[str, dict[str, int]] = found or {}

    def should_send(self, alert: Alert, service: str) -> bool:
        """Whether a service was not sent the alert yet, or only when it was half the size."""
        size = self._sizes.get(alert.key, {}).get(service)
        return size is None or (alert.size > 0 and alert.size >= 2 * size)

    def record(self, alerts: Iterable[Alert], service: str) -> None:
        """Record a delivery, on disk before the next one is tried."""
        for alert in alerts:
            self._sizes.setdefault(alert.key, {})[service] = alert.size
        write_json(self._path, self._sizes)

    def forget_cleared(self, alerts_by_kind: dict[str, list[Alert] | None]) -> None:
        """Forget what has cleared, so that it is reported again when it comes back."""
        standing = {alert.key for alerts in alerts_by_kind.values() for alert in alerts or ()}
        unknown = {kind for kind, alerts in alerts_by_kind.items() if alerts is None}
        kept = {
            key: sizes
            for key, sizes in self._sizes.items()
            if key in standing or key.partition("/")[0] in unknown
        }
        if kept != self._sizes:
            self._sizes = kept
            write_json(self._path, kept)


@contextmanager
def sender_lock(paths: Paths) -> Iterator[None]:
    """Wait for another sender of alerts for the data folder; runs are not affected.

    Raises:
        WarehouseError: it takes longer than a minute, or the folder cannot be written.
    """
    busy = f"another `warehouse alerts` is still sending for {paths.data}: try again later"
    with file_lock(paths.data / LOCK, wait=MAX_WAIT_SECONDS, busy=lambda: busy), umask(OWN):
        yield
