"""Settings of a source, read by dlt: environment, `.dlt/config.toml`, `.dlt/secrets.toml`.

A source declares a `configspec` with its settings, their types and defaults, as dlt's users do, and
checks in `check` what a type cannot say.
"""

import inspect
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, NoReturn, Self

from dlt.common.configuration import resolve_configuration
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.configuration.specs.base_configuration import is_secret_hint

from ingestion.core.errors import LoadError
from ingestion.core.fetching.http import is_web_address
from ingestion.core.process.configuration import file_providers, restrict_dlt
from ingestion.core.process.secrets import MASK, mask, remember, remember_urls, wrong_letter
from ingestion.core.source import Source
from ingestion.core.warehouse_settings import Setting, setting_text


class Probe(NamedTuple):
    """A request that costs a source little.

    Attributes:
        path: of the route.
        params: its query.
        headers: with the token, if there is one.
    """

    path: str = "/"
    params: Mapping[str, str] = MappingProxyType({})
    headers: Mapping[str, str] = MappingProxyType({})


class SourceSettings(BaseConfiguration):
    """What the settings of all sources share.

    Attributes:
        source: whose they are.
        address_example: an example of the setting that says where the source is.
    """

    source: ClassVar[Source]
    address_example: ClassVar[str] = "https://host"

    @classmethod
    def read(cls) -> Self:
        """Return the settings as they are given.

        Raises:
            LoadError: a value is not of its type.
        """
        source = cls.source
        restrict_dlt()
        cls._require_known_names()
        try:
            settings = resolve_configuration(cls(), sections=("sources", source.key))
        except ConfigurationException as error:
            first_line = str(error).strip().splitlines()[0]
            msg = (
                f"the configuration of {source.name} cannot be read: {mask(first_line)} "
                "(see .env.example)"
            )
            raise LoadError(msg) from error
        settings._take_texts()
        return settings

    def _take_texts(self) -> None:
        """Strip texts, which come from files with line ends, and know secrets before they are used.

        Raises:
            LoadError: a secret has a letter that cannot be right; names the variable alone.
        """
        for name, hint in self.get_resolvable_fields().items():
            value = getattr(self, name)
            if not isinstance(value, str):
                continue
            text = value.strip()
            setattr(self, name, text or value[:0])
            remember_urls(text)
            if is_secret_hint(hint):
                remember(text)
                if why := wrong_letter(text, is_header=True):
                    self.refuse(name, f"{why}: copy it again, without what surrounds it")

    @classmethod
    def _require_known_names(cls) -> None:
        """Refuse a name in dlt's files that is not a setting: the default would be used instead.

        Those in the environment are refused when a command starts.

        Raises:
            LoadError: names it, and the settings.
        """
        known = list(cls().get_resolvable_fields())
        for provider in file_providers():
            for name in provider.given(cls.source.key):
                if name not in known:
                    msg = (
                        f"{provider.name} has sources.{cls.source.key}.{name}, which is not a "
                        f"setting: correct it to one of {', '.join(known)}"
                    )
                    raise LoadError(msg)

    @classmethod
    def variables(cls) -> list[str]:
        """Return the environment variables that set its settings."""
        return [cls._variable(name) for name in cls().get_resolvable_fields()]

    @classmethod
    def describe(cls) -> list[Setting]:
        """Return its settings without values; their meanings are those of the docstring."""
        defaults, meanings = cls(), _attributes(cls)
        return [
            Setting(
                cls._variable(name),
                meanings[name],
                setting_text(getattr(defaults, name)),
                is_secret=is_secret_hint(hint),
            )
            for name, hint in defaults.get_resolvable_fields().items()
        ]

    @classmethod
    def in_force(cls) -> list[Setting]:
        """Return its settings with their values, masked, and where they come from.

        Raises:
            LoadError: they cannot be read.
        """
        settings = cls.read()
        fields = settings.get_resolvable_fields()
        found = []
        for setting, (name, hint) in zip(cls.describe(), fields.items(), strict=True):
            value = setting_text(getattr(settings, name))
            shown = MASK if setting.is_secret and value else mask(value)
            found.append(replace(setting, value=shown, origin=cls._origin(name, hint)))
        return found

    @classmethod
    def _origin(cls, name: str, hint: Any) -> str:
        """Where dlt found the value of a setting."""
        if os.environ.get(cls._variable(name)):
            return "environment"
        for provider in file_providers():
            value, _ = provider.get_value(name, hint, "", "sources", cls.source.key)
            if value is not None:
                return str(provider.name)
        return "default"

    @classmethod
    def _variable(cls, name: str) -> str:
        return f"SOURCES__{cls.source.key}__{name}".upper()

    @classmethod
    def read_checked(cls) -> Self:
        """Return the settings of a source that can be loaded.

        Raises:
            LoadError: a value is missing or invalid; names the variable.
        """
        settings = cls.read()
        if not getattr(settings, cls.source.address):
            msg = (
                f"{cls.source.name} has no address: set {cls.source.address_variable}, for example "
                f"to {cls.address_example} (see .env.example)"
            )
            raise LoadError(msg)
        settings.check()
        return settings

    def check(self) -> None:
        """Refuse invalid values.

        Raises:
            LoadError: names the variable, what is wrong and what to do.
        """

    def probe(self) -> Probe:
        """Return what to ask the source to see whether it answers and takes the token."""
        return Probe()

    def addresses(self) -> list[str]:
        """Return where the source is, as URLs."""
        return [str(getattr(self, self.source.address))]

    def refuse(self, name: str, why: str) -> NoReturn:
        """Refuse the value of a setting.

        Raises:
            LoadError: always.
        """
        msg = f"{self._variable(name)} {why}"
        raise LoadError(msg)

    def require_web_address(self) -> None:
        """Refuse an address that is not a URL; it is not quoted, for it may contain a password."""
        if not is_web_address(getattr(self, self.source.address)):
            why = "is not a web address: write it as https://host, without a password"
            self.refuse(self.source.address, why)

    def require_at_least(self, **minimums: float) -> None:
        """Refuse numbers below a minimum, by setting."""
        for name, least in minimums.items():
            if not (value := getattr(self, name)) >= least:
                self.refuse(name, f"is {value}: set it to {least} or more")

    def require_day(self, name: str) -> date:
        """Return the day that a setting names."""
        text = str(getattr(self, name))
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.refuse(name, f"is {text!r}, which is not a day: write it as 2024-01-01")


def _attributes(settings: type[SourceSettings]) -> dict[str, str]:
    """The meanings that the docstring of a class gives its attributes, on one line each."""
    _, _, text = (inspect.getdoc(settings) or "").partition("Attributes:")
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", text, re.MULTILINE)
    return {name: " ".join(meaning.split()).rstrip(".") for name, meaning in found}
