"""The panels that are made after the first paint, in the order of the side bar."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from desktop.shell.context import PanelContext


class PanelSpec(NamedTuple):
    """A panel: its place in the window, and the module whose class ``Part`` makes it."""

    id: str
    text: str
    icon: str
    shortcut: str

    @property
    def module(self) -> str:
        """Where its ``Part`` is."""
        return f"desktop.panels.{self.id}.part"


PANELS: tuple[PanelSpec, ...] = (
    PanelSpec("applications", "Applications", "apps", "Ctrl+2"),
    PanelSpec("translations", "Translations", "translations", "Ctrl+3"),
    PanelSpec("tickets", "Tickets", "tickets", "Ctrl+4"),
    PanelSpec("cache", "Cache", "cache", "Ctrl+5"),
    PanelSpec("scheduler", "Scheduler", "scheduler", "Ctrl+6"),
    PanelSpec("databases", "Databases", "databases", "Ctrl+7"),
    PanelSpec("logs", "Logs", "logs", "Ctrl+8"),
)


def read_modules() -> None:
    """Imports the parts' modules; meant for a thread in the background, for it takes a while."""
    for spec in PANELS:
        import_module(spec.module)


def make_parts(context: PanelContext, parent: QObject) -> dict[str, Any]:
    """Makes all parts, by id; each fills the place that was reserved for it."""
    return {spec.id: import_module(spec.module).Part(context, spec, parent) for spec in PANELS}
