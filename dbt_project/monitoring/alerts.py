"""Report what is wrong: each condition once, to each service, until it has cleared.

Flow: what was published and recorded -> conditions -> what is new of them -> apprise, or the
terminal -> data/alerts.json.
Run: warehouse alerts
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from dbt_project.monitoring.alert_conditions import Alert, find_alerts
from dbt_project.monitoring.alert_settings import Limits
from dbt_project.monitoring.alert_state import SentAlerts, sender_lock
from dbt_project.monitoring.notifiers import ConsoleNotifier, Message, Notifier, create_notifiers
from dbt_project.paths import Paths
from ingestion.core.errors import WarehouseError
from ingestion.core.process.signals import raise_if_stopped

# More new alerts of a kind than this are sent in one message.
SINGLY = 5
SHOWN = 20

KINDS = {
    "sensor": "sensors need replacement",
    "unchecked": "sources were not loaded in time",
    "unchanged": "sources have not changed in time",
    "rejected": "marts hold too many rejected rows",
    "difference": "parts of sources differ",
    "audit": "audits failed",
    "run": "runs failed",
    "postgres": "servers do not have the published build",
    "killed": "runs were killed",
}
FAILURES = ("audit", "run", "postgres", "killed")


def send_alerts(
    paths: Paths,
    *,
    now: datetime,
    urls: Sequence[str],
    limits: Limits,
    echo: Callable[[str], None],
) -> list[Alert]:
    """Send what is new since the last time; waits for another sender, never for a run.

    Args:
        paths: of the warehouse; nothing need exist yet.
        now: UTC; ages count to it.
        urls: of services, as apprise writes them; without any, alerts are printed.
        limits: that trigger an alert.
        echo: prints a line.

    Returns:
        What at least one service was sent now.

    Raises:
        WarehouseError: a URL is not for a known service, or a delivery failed. What was delivered
            is recorded; the rest is tried again next time.
    """
    destinations, failures = create_notifiers(urls, echo)
    delivered: list[Alert] = []
    if paths.data.is_dir():
        with sender_lock(paths):
            sent = SentAlerts(paths.alerts)
            found = find_alerts(paths, now=now, limits=limits)
            sent.forget_cleared(found)
            standing = [alert for alerts in found.values() for alert in alerts or ()]
            for service in destinations:
                new = [alert for alert in standing if sent.should_send(alert, service.id)]
                sent_now, refused = _deliver(new, service, sent, echo)
                delivered += [alert for alert in sent_now if alert not in delivered]
                failures += refused
    if failures:
        msg = (
            f"some alerts were not delivered, and are tried again next time: {'; '.join(failures)}"
        )
        raise WarehouseError(msg)
    return delivered


def _deliver(
    new: Sequence[Alert], service: Notifier, sent: SentAlerts, echo: Callable[[str], None]
) -> tuple[list[Alert], list[str]]:
    """Send the messages to one service; one that fails does not block the others."""
    sent_now: list[Alert] = []
    failures: dict[str, int] = {}
    for alerts in _batches(new):
        message = _message(alerts)
        raise_if_stopped()
        try:
            service.send(message)
        except WarehouseError as error:
            failures[str(error)] = failures.get(str(error), 0) + len(alerts)
            continue
        sent.record(alerts, service.id)
        sent_now += alerts
        if not isinstance(service, ConsoleNotifier):
            echo(f"sent       {service.name}: {message.title}")
    return sent_now, [f"{why} ({count} left)" for why, count in failures.items()]


def _batches(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """One alert at a time, but many of a kind together."""
    batches: list[list[Alert]] = []
    for kind in KINDS:
        alike = [alert for alert in alerts if alert.kind == kind]
        batches += [alike] if len(alike) > SINGLY else [[alert] for alert in alike]
    return batches


def _message(alerts: Sequence[Alert]) -> Message:
    is_failure = alerts[0].kind in FAILURES
    if len(alerts) == 1:
        return Message(alerts[0].title, alerts[0].text, is_failure)
    lines = [f"- {alert.title}: {alert.text}" for alert in alerts[:SHOWN]]
    if len(alerts) > SHOWN:
        lines.append(f"- and {len(alerts) - SHOWN} more")
    return Message(f"{len(alerts)} {KINDS[alerts[0].kind]}", "\n".join(lines), is_failure)
