"""The desktop's options: one table, one readable file, one signal."""

from desktop.settings.schema import BY_NAME, OPTIONS, SECTIONS, Option, OptionError
from desktop.settings.store import SettingsStore, config_folder, keep_server_settings, server_settings
from desktop.settings.window_state import WindowState

__all__ = [
    "BY_NAME", "OPTIONS", "SECTIONS", "Option", "OptionError", "SettingsStore", "WindowState",
    "config_folder", "keep_server_settings", "server_settings",
]  # fmt: skip
