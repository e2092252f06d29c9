"""*Reset window layout*: sizes and places as in a first start; what was typed and chosen stays (ST-10)."""

from __future__ import annotations

from PySide6.QtCore import QObject

from .actions import Actions
from .notices import Notices
from .preferences import Layout
from .window import MainWindow

PLACES = frozenset(
    {
        "geometry",
        "maximized",
        "side",
        "drawer.height",
        "drawer.open",
        "translations.sizes",
        "applications.list",
    }
)
COLUMNS = ("scheduler.columns.", "databases.columns.")
DONE = "The window is as in a first start. Columns and splitters of the panels follow at the next start."


def is_layout(key: str) -> bool:
    """Whether a key of the store of places is about how the window looks, not about what was chosen in it."""
    return key in PLACES or key.startswith(COLUMNS)


class LayoutReset(QObject):
    """Registers the action."""

    def __init__(
        self,
        actions: Actions,
        window: MainWindow,
        layout: Layout,
        notices: Notices,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._layout, self._notices = window, layout, notices
        actions.add("window.reset_layout", "Reset window layout", self.reset, group="Window", icon="window")

    def reset(self) -> None:
        """Forgets sizes and places, and gives the window those of a first start."""
        self._window.drawer.close_drawer()
        self._window.take_first_place()
        self._layout.forget(is_layout)
        self._notices.post("done", DONE, replace="layout")
