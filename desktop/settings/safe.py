"""A start with safe settings: as they come, and nothing begins by itself (ST-10)."""

from __future__ import annotations

from desktop.settings.schema import OPTIONS
from desktop.settings.store import SettingsStore

SOURCE = "safe start"
SAFE_WORDS = (
    "Started with safe settings: nothing of what you have chosen counts for this run, but the site folder. "
    "Neither server nor workers start by themselves, no application is checked."
)
CHOSEN_STAYS = frozenset({"server.site_folder", "general.first_run_done", "general.close_explained"})
OFF = ("workers.start_with_server", "general.check_applications")


def take_safe_settings(store: SettingsStore) -> None:
    """Let every option be as it comes for this run; the file stays as it is."""
    for each in OPTIONS:
        if each.name not in CHOSEN_STAYS:
            store.force(each.name, False if each.name in OFF else each.default, SOURCE)
