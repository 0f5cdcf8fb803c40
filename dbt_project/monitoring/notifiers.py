"""Where alerts go. A URL holds secrets: nothing that leaves this module contains any part of it."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbt_project.monitoring.alert_settings import URLS
from ingestion.core.errors import WarehouseError
from ingestion.core.fetching.network import network_hint

if TYPE_CHECKING:
    from apprise import NotifyBase

SALT = b"warehouse alerts"


@dataclass(frozen=True)
class Message:
    """One message to a reader."""

    title: str
    body: str
    is_failure: bool = False


@dataclass(frozen=True)
class ConsoleNotifier:
    """Prints to the terminal, where no URL is set."""

    echo: Callable[[str], None]
    name: str = "printed"
    id: str = "printed"

    def send(self, message: Message) -> None:
        """Print the message."""
        self.echo(f"{message.title}: {message.body}")


@dataclass(frozen=True)
class AppriseNotifier:
    """Sends to the service behind a URL.

    Attributes:
        name: of the service, without secrets.
        id: identifies the URL in the record of what was sent.
    """

    plugin: NotifyBase
    name: str
    id: str

    def send(self, message: Message) -> None:
        """Deliver a message.

        Raises:
            WarehouseError: the service did not take it; the message names no part of the URL.
        """
        from apprise import Apprise, NotifyFormat, NotifyType  # noqa: PLC0415

        sender = Apprise()
        sender.add(self.plugin)
        with _silent_libraries():
            result = sender.notify(
                title=message.title,
                body=message.body,
                body_format=NotifyFormat.TEXT,
                notify_type=NotifyType.FAILURE if message.is_failure else NotifyType.WARNING,
            )
        if not result:
            # Of what the library reports, only a status code surely holds no secret.
            said = " ".join(entry.message for entry in result.logs())
            code = re.search(r"\berror=(\d{3})\b", said)
            why = f"it answered {code[1]}" if code else "it refused or could not be reached"
            hint = network_hint()
            msg = f"{self.name}: {why}" + (f"; {hint}" if hint else "")
            raise WarehouseError(msg)


Notifier = ConsoleNotifier | AppriseNotifier


def create_notifiers(
    urls: Sequence[str], echo: Callable[[str], None]
) -> tuple[list[Notifier], list[str]]:
    """The notifiers of the URLs, and a line for each unusable URL.

    Without URLs there is one notifier, which prints.
    """
    if not urls:
        return [ConsoleNotifier(echo)], []
    # This imports every service, which takes half a second.
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415

    asset = AppriseAsset(app_id="warehouse", app_desc="warehouse alerts", async_mode=False)
    found: list[Notifier] = []
    unusable: list[str] = []
    for number, url in enumerate(urls, start=1):
        with _silent_libraries():
            plugin = Apprise.instantiate(url, asset=asset)
        if plugin is None:
            unusable.append(f"URL {number} of {URLS} is not for a service that apprise knows")
            continue
        name = f"{plugin.service_name} (URL {number} of {URLS})"
        found.append(AppriseNotifier(plugin, name, _id(url)))
    return found, unusable


def _id(url: str) -> str:
    """Equal for equal URLs, and too slow to compute to guess a password from it."""
    scheme = url.partition("://")[0].lower()
    return f"{scheme}-{hashlib.scrypt(url.encode(), salt=SALT, n=2**14, r=8, p=1, dklen=6).hex()}"


@contextmanager
def _silent_libraries() -> Iterator[None]:
    """Keep what libraries log about a URL from every handler; apprise still returns its result."""
    loggers = [logging.getLogger(name) for name in ("apprise", "requests", "urllib3")]
    propagated, handler = [logger.propagate for logger in loggers], logging.NullHandler()
    disabled = logging.root.manager.disable
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    logging.disable(max(disabled, logging.INFO))
    try:
        yield
    finally:
        logging.disable(disabled)
        for logger, propagate in zip(loggers, propagated, strict=True):
            logger.propagate = propagate
            logger.removeHandler(handler)
