"""`PluginManager`: settings of plugins, whether they are there or not."""

from __future__ import annotations

from typing import Any

from runtime.foundation.current import current
from runtime.foundation.storage import Storage


class PluginManager:
    """Settings shared by an application and its plugins.

    ``plugins.wiki.theme = 'dark'`` in a model sets; the plugin itself calls
    ``PluginManager('wiki', theme='light')`` for defaults that do not overwrite,
    and reads ``plugins.wiki.theme``. All managers of a request share their
    settings; a plugin that nobody spoke of reads as empty.

    Args:
        plugin: name of a plugin to give defaults to.
        defaults: its settings, used where nothing else was set.
    """

    def __init__(self, plugin: str | None = None, **defaults: Any) -> None:
        shared = getattr(current, "_plugin_settings", None)
        if shared is None:
            shared = {}
            current._plugin_settings = shared
        object.__setattr__(self, "_settings", shared)
        if plugin:
            settings = self[plugin]
            settings.installed = True
            for name, value in defaults.items():
                if name not in settings:
                    settings[name] = value

    def __getattr__(self, name: str) -> Storage:
        if name.startswith("__"):
            raise AttributeError(name)
        settings: Storage = self._settings.setdefault(name, Storage())
        return settings

    __getitem__ = __getattr__

    def __setattr__(self, name: str, value: Any) -> None:
        self._settings[name] = value

    def keys(self) -> list[str]:
        """Names of the plugins that something was set for."""
        return list(self._settings)

    def __contains__(self, name: object) -> bool:
        return name in self._settings
