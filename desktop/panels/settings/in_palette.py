"""Each option in the command palette (SH-10)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from desktop.settings.schema import OPTIONS
from desktop.shell.actions import Actions

from .view import SettingsPanel


def add_settings(actions: Actions, come_to: Callable[[str], None], panel: SettingsPanel) -> None:
    """Register an action for each option that the page shows.

    Args:
        actions: the registry.
        come_to: brings a panel forward, by its id.
        panel: the page.
    """

    def show(title: str) -> None:
        come_to("settings")
        panel.show_words(title)

    for option in OPTIONS:
        if option.shown:
            name, text = f"setting.{option.name}", f"Setting: {option.title}"
            actions.add(name, text, partial(show, option.title), group="Settings", icon="settings")
