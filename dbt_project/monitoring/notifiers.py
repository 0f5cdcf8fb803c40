"""Where alerts go. A URL holds secrets: nothing that leaves this file contains any part of it."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dbt_project.monitoring.alert_settings import URLS
from ingestion.core.errors import WarehouseError

if TYPE_CHECKING:
    from apprise import NotifyBase

SALT = b"warehouse alerts"


@dataclass(frozen=True)
class Message:
    """What a reader gets at once."""

    title: str
    body: str
    is_failure: bool = False


class Notifier(Protocol):
    """A place that messages go to."""

    @property
    def name(self) -> str:
        """What a user may read of it."""

    @property
    def id(self) -> str:
        """Stands for it in the memory of what was sent."""

    def send(self, message: Message) -> None:
        """Deliver a message.

        Raises:
            WarehouseError: it was not delivered.
        """


@dataclass(frozen=True)
class ConsoleNotifier:
    """The terminal, where no URL is set."""

    echo: Callable[[str], None]
    name: str = "printed"
    id: str = "printed"

    def send(self, message: Message) -> None:
        """Print the message."""
        self.echo(f"{message.title}: {message.body}")


@dataclass(frozen=True)
class AppriseNotifier:
    """A service behind one of the URLs."""

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
            # Of what the library says only a status code is certain to hold no secret.
            said = " ".join(entry.message for entry in result.logs())
            code = re.search(r"\berror=(\d{3})\b", said)
            why = f"it answered {code[1]}" if code else "it refused or could not be reached"
            msg = f"{self.name}: {why}"
            raise WarehouseError(msg)


def create_notifiers(
    urls: Sequence[str], echo: Callable[[str], None]
) -> tuple[list[Notifier], list[str]]:
    """The services of the URLs, and a line for each URL that is none.

    Without URLs the one service is to print.
    """
    if not urls:
        return [ConsoleNotifier(echo)], []
    # Every service's module is imported, which takes half a second.
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415

    asset = AppriseAsset(app_id="warehouse", app_desc="warehouse alerts", async_mode=False)
    found: list[Notifier] = []
    unusable: list[str] = []
    for number, url in enumerate(urls, start=1):
        with _silent_libraries():
            plugin = Apprise.instantiate(url, asset=asset)
        if plugin is None:
            unusable.append(f"URL {number} of {URLS} is of no service that apprise knows")
            continue
        name = f"{plugin.service_name} (URL {number} of {URLS})"
        found.append(AppriseNotifier(plugin, name, _id(url)))
    return found, unusable


def _id(url: str) -> str:
    """The same for the same URL, and too slow to compute for guessing a password from it."""
    scheme = url.partition("://")[0].lower()
    return f"{scheme}-{hashlib.scrypt(url.encode(), salt=SALT, n=2**14, r=8, p=1, dklen=6).hex()}"


@contextmanager
def _silent_libraries() -> Iterator[None]:
    """Keep what libraries log of a URL from every handler; apprise still tells its result."""
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
