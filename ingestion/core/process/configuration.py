"""What dlt reads: the settings of our sources, and nothing else of the environment.

dlt looks for each of its options in the environment, also without their sections: a variable
TIMEOUT or WORKERS of another program would become a setting, and LOAD__WORKERS of another pipeline
would change this one.
"""

from contextlib import nullcontext
from typing import Any

from dlt.common.configuration.container import Container
from dlt.common.configuration.exceptions import ConfigProviderException
from dlt.common.configuration.providers.dictionary import DictionaryProvider
from dlt.common.configuration.providers.environ import EnvironProvider
from dlt.common.configuration.providers.provider import ConfigProvider
from dlt.common.configuration.providers.toml import (
    ConfigTomlProvider,
    SecretsTomlProvider,
    SettingsTomlProvider,
)
from dlt.common.configuration.specs import PluggableRunContext
from dlt.common.runtime import signals
from dlt.common.runtime.run_context import RunContext

from ingestion.core.errors import LoadError

# What a load relies on, wherever the command is run from.
OPTIONS: dict[str, Any] = {
    "normalize": {"parquet_normalizer": {"add_dlt_load_id": True, "add_dlt_id": False}},
    "load": {"truncate_staging_dataset": True, "workers": 1},
    # Packages are read once, at once, from the same disk.
    "data_writer": {"compression": "none"},
    "runtime": {"dlthub_telemetry": False, "log_level": "WARNING"},
    # dlt's own naming would turn `case_` into `casex`.
    "schema": {"naming": "duck_case"},
    "providers": {"enable_airflow_secrets": False},
}
SECTION, DEPTH = "sources", 2


class _Options(DictionaryProvider):
    """Our own options of dlt, which nothing overrides."""

    def __init__(self) -> None:
        super().__init__()
        self._config_doc = OPTIONS


class _OfSources:
    """Restricts a provider to `sources.<source>.<setting>`."""

    def get_value(
        self, key: str, hint: type[Any], pipeline_name: str | None, *sections: str
    ) -> tuple[Any | None, str]:
        """Return a setting of a source; of anything else there is none."""
        if pipeline_name or len(sections) < DEPTH or sections[0] != SECTION:
            return None, key
        found: tuple[Any | None, str] = super().get_value(  # type: ignore[misc]
            key, hint, pipeline_name, *sections
        )
        return found


class _Environment(_OfSources, EnvironProvider):
    pass


class FileProvider(_OfSources, SettingsTomlProvider):
    """Reads a file of dlt's."""

    def given(self, source: str) -> list[str]:
        """The names of the settings that the file has of a source, right or wrong."""
        found = self._config_doc.get(SECTION, {}).get(source, {})
        return list(found) if isinstance(found, dict) else []


class _Secrets(FileProvider, SecretsTomlProvider):
    pass


class _Config(FileProvider, ConfigTomlProvider):
    pass


class _RunContext(RunContext):
    def initial_providers(self) -> list[ConfigProvider]:
        folders = self.settings_dir, self.global_dir
        return [_Options(), _Environment(), _Secrets(*folders), _Config(*folders)]


def restrict_dlt() -> None:
    """Let dlt read the settings of sources alone, from here on.

    Raises:
        LoadError: a configuration file cannot be read.
    """
    # dlt would take the signals for itself, finish what it does, and lose them.
    signals.intercepted_signals = nullcontext  # type: ignore[assignment]
    container = Container()
    if PluggableRunContext in container:
        current = container[PluggableRunContext]
        if isinstance(current.context, _RunContext):
            return
    try:
        container[PluggableRunContext] = PluggableRunContext(_RunContext(None))
    except ConfigProviderException as error:
        # The library's message quotes a line of the file, which may hold a secret.
        files = ", ".join(getattr(error, "full_paths", [".dlt/config.toml", ".dlt/secrets.toml"]))
        msg = f"the configuration cannot be read: correct the TOML of {files}"
        raise LoadError(msg) from None


def file_providers() -> list[FileProvider]:
    """What reads `.dlt/secrets.toml` and `.dlt/config.toml`, in the order in which dlt asks.

    `restrict_dlt` was called before.
    """
    providers = Container()[PluggableRunContext].providers.providers
    return [found for found in providers if isinstance(found, FileProvider)]
