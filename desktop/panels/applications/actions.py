"""The panel's actions in the registry: one object behind button, menu, key and palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject

from desktop.shell.actions import Actions

GROUP = "Applications"
PANEL, APP, OPENED, FILE, SERVED, FAULT = "panel", "app", "opened", "file", "served", "fault"
REASONS = {
    PANEL: "Go to Applications first.",
    APP: "Choose an application first.",
    OPENED: "Open an application first.",
    FILE: "Open a file first.",
    SERVED: "Start the server first.",
    FAULT: "No line of the application is known to fail.",
}


class Order(NamedTuple):
    """An action: its name, words, icon, what must be there, keys, short words."""

    name: str
    text: str
    icon: str = ""
    need: str = PANEL
    keys: str | list[str] = ""
    short: str = ""


TABLE: tuple[Order, ...] = (
    Order("new", "New application…", "plus"),
    Order("install", "Install an application…", "disk"),
    Order("show_bin", "Bin of the site", "trash"),
    Order("open", "Open the application", "code", APP),
    Order("back_to_list", "All applications", "chevron-left", OPENED),
    Order("browse", "Open the application in the browser", "open", SERVED, "", "In browser"),
    Order("turn", "Turn the application off", "", APP),
    Order("rename", "Rename the application…", "", APP),
    Order("duplicate", "Duplicate the application…", "copy", APP),
    Order("pack", "Pack the application…", "disk", APP),
    Order("compile", "Compile the application", "", APP),
    Order("remove_compiled", "Remove the compiled code", "", APP),
    Order("clean", "Clean the application…", "", APP),
    Order("uninstall", "Uninstall the application…", "trash", APP),
    Order("folder", "Show the application in its folder", "folder", APP, "", "Show in folder"),
    Order("terminal", "Open a terminal here", "terminal", APP),
    Order("copy_path", "Copy the path", "copy", APP),
    Order("refresh", "Read the applications again", "restart", PANEL, "F5"),
    Order("fault", "Go to the line that does not load", "warning-outline", FAULT, "", "Go to the line"),
    Order("check_all", "Check all applications now", "check"),
    Order("quick", "Open a file, action or table by name", "search", PANEL, "Ctrl+P"),
    Order("search_files", "Search in files", "search", APP, "Ctrl+Shift+F"),
    Order("run_tests", "Run the tests of the application", "check", OPENED, "", "Run tests"),
    Order("show_git", "Changes in git", "git", OPENED),
    Order("about", "About the application, and its TODO list", "info", APP),
    Order("routes", "Try the routes of the application", "link", OPENED),
    Order("plugins", "Plugins of the application", "apps", OPENED),
    Order("graph", "Picture of the tables", "table", OPENED),
    Order("run", "Run the action in the browser", "play", SERVED, "F9", "Run"),
    Order("run_with", "Run an action with arguments…", "", SERVED),
    Order("new_file", "New file…", "plus", OPENED, "Ctrl+N"),
    Order("rename_file", "Rename the file…", "", FILE, "F2"),
    Order("duplicate_file", "Duplicate the file…", "copy", FILE),
    Order("delete_file", "Move the file to the bin", "trash", FILE),
    Order("save", "Save the file", "disk", FILE, "Ctrl+S", "Save"),
    Order("save_everything", "Save all files", "disk", OPENED, "Ctrl+Shift+S"),
    Order("own_editor", "Open in my editor", "code", FILE, "Ctrl+E"),
    Order("find", "Find in the file", "search", FILE),
    Order("replace", "Replace in the file", "", FILE, "Ctrl+H"),
    Order("find_next", "Next place found", "", FILE, "F3"),
    Order("find_previous", "Previous place found", "", FILE, "Shift+F3"),
    Order("line", "Go to line…", "", FILE, "Ctrl+G"),
    Order("comment", "Comment the lines, or not", "", FILE, "Ctrl+M"),
    Order("wrap", "Break long lines", "", PANEL),
    Order("next_problem", "Next problem of the file", "warning-outline", FILE, "F8"),
    Order("previous_problem", "Previous problem of the file", "", FILE, "Shift+F8"),
    Order("jump", "Go from action to view, and back", "link", FILE, "F4"),
)


class PanelActions(QObject):
    """Registers the actions; they work only while the panel is shown.

    Args:
        actions: the registry.
        orders: who carries them out: one of these has a method for each name of `TABLE`.
    """

    def __init__(self, actions: Actions, orders: Sequence[QObject], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._have: dict[str, bool] = {}
        for order in TABLE:
            actions.add(
                f"applications.{order.name}",
                order.text,
                next(getattr(one, order.name) for one in orders if hasattr(one, order.name)),
                group=GROUP,
                icon=order.icon,
                shortcut=order.keys,
                short=order.short,
            )
        actions.get("applications.wrap").setCheckable(True)
        self.show_state({})

    def show_state(self, have: dict[str, bool], turn: str = "") -> None:
        """Brings enabled states in line with what is there.

        Args:
            have: needs that are met.
            turn: words for turning the application off or on.
        """
        if turn:
            self._actions.set_text("applications.turn", turn)
        if have == self._have:
            return
        self._have = dict(have)
        for order in TABLE:
            missing = PANEL if not have.get(PANEL) else order.need
            met = bool(have.get(PANEL)) and bool(have.get(order.need))
            if order.need == SERVED and have.get(PANEL) and not have.get(APP):
                missing, met = APP, False
            self._actions.set_enabled(f"applications.{order.name}", met, REASONS[missing])
