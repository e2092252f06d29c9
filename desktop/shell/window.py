"""The window: side bar, header, panels, notices, status bar; hiding, leaving, coming back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QGuiApplication,
    QHideEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.background import Tasks
from desktop.theme import Theme
from desktop.theme.icons import brand_icon

from .actions import Actions, keys_of
from .drawer import DrawerPlace
from .geometry import DEFAULT_SIZE, first_place, placed, to_text, within
from .header import Header
from .keys_sheet import KeysSheet
from .menus import GO, HELP, WINDOW, HeaderMenus
from .notices import Notices, NoticeStack
from .palette import Palette
from .panes import step_pane
from .preferences import Layout, Preferences
from .questions import Answer, Question
from .sidebar import NARROWEST, WIDEST, SideBar
from .statusbar import StatusBar
from .tray import NoTray, Tray

FRAME_KNOWN = 150  # milliseconds after which a window manager has put its frame around a shown window
RECENT = 8  # actions remembered for the palette


class MainWindow(QMainWindow):
    """Hadron's window.

    Args:
        theme, actions, preferences, layout, notices, tasks: shared parts, made by the composition.

    Signals:
        quit_wanted: the person leaves.
        visibility_changed(bool): the window was shown or hidden.
        panel_shown(str): another panel is shown.
    """

    panel_shown = Signal(str)
    quit_wanted = Signal()
    visibility_changed = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        actions: Actions,
        preferences: Preferences,
        layout: Layout,
        notices: Notices,
        tasks: Tasks,
    ) -> None:
        super().__init__()
        self._theme, self._actions, self._notices = theme, actions, notices
        self._preferences, self._layout = preferences, layout
        self._panels: dict[str, QWidget] = {}
        self._recent: list[str] = []
        self._folded: bool | None = None
        self._leaving = False
        self._tray: Tray = NoTray(self)
        self._frame_timer = QTimer(self, singleShot=True, interval=FRAME_KNOWN)
        self._frame_timer.setObjectName("window-frame")
        self._frame_timer.timeout.connect(self._fit_frame)
        self.serving: Callable[[], bool] = bool
        self.outlives: Callable[[], bool] = bool
        self.setObjectName("window")
        self.setWindowTitle("Hadron")
        self._title = ""
        self.setAccessibleName("Hadron")
        self.setWindowIcon(brand_icon("hadron"))
        self.setMinimumSize(*theme.tokens.value("width.window_min"))
        self._register()
        self._tasks = tasks
        self._build(tasks)
        actions.used.connect(self._remember)
        notices.changed.connect(self._show_unseen)

    # building

    def _register(self) -> None:
        add = self._actions.add
        add(
            "palette.open",
            "Jump to an action…",
            self.open_palette,
            group=GO,
            icon="search",
            shortcut="Ctrl+K",
        )
        add("window.show", "Show window", self.come_forward, group=WINDOW, icon="window")
        add("window.hide", "Hide window", self.close, group=WINDOW)
        add(
            "window.close_part", "Close tab, or hide window", self.close_part, group=WINDOW, shortcut="Ctrl+W"
        )
        add("pane.next", "Next pane", self.next_pane, group=GO, shortcut="F6")
        add("pane.previous", "Previous pane", self.previous_pane, group=GO, shortcut="Shift+F6")
        add("zoom.in", "Larger text", self.zoom_in, group=WINDOW, shortcut=["Ctrl++", "Ctrl+="])
        add("zoom.out", "Smaller text", self.zoom_out, group=WINDOW, shortcut="Ctrl+-")
        add("zoom.reset", "Normal text", self.zoom_reset, group=WINDOW, shortcut="Ctrl+0")
        add("tasks.show", "Tasks", self.open_tasks, group=WINDOW)
        add("help.keys", "Keys", self.open_keys, group=HELP, shortcut="Ctrl+/")
        add("help.change_keys", "Change keys…", self.change_keys, group=HELP)
        add("help.about", "About Hadron", self.open_about, group=HELP)
        add("app.quit", "Quit Hadron", self.ask_to_quit, group=WINDOW, shortcut="Ctrl+Q")

    def _build(self, tasks: Tasks) -> None:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.header = Header(self._theme, keys_of(self._actions.get("palette.open")))
        self.sidebar = SideBar(self._theme)
        self.stack = QStackedWidget()
        self.stack.setAccessibleName("Content")
        self.stack.setMinimumSize(1, 1)  # no panel may widen the window or narrow the side bar
        self.bars = NoticeStack(self._theme, self._notices)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.bars)
        self.drawer = DrawerPlace(self.stack, self._layout)
        inner.addWidget(self.drawer, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("window.splitter")
        self.splitter.setAccessibleName("Width of the side bar")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.sidebar)
        self.splitter.addWidget(content)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.handle(1).setAccessibleName("Edge of the side bar")
        self.splitter.splitterMoved.connect(self._on_side_moved)
        self.status = StatusBar(self._theme, tasks)
        column.addWidget(self.header)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.status)
        self._whole = QStackedWidget()  # the panels with their frame, or a page over all of it
        self._whole.setMinimumSize(1, 1)
        self._whole.addWidget(whole)
        self.setCentralWidget(self._whole)
        self.menus = HeaderMenus(self.header, self._actions, self._notices, self)
        self.header.palette_wanted.connect(self.open_palette)
        self.sidebar.chosen.connect(self.show_panel)
        self.status.zoom_reset.connect(self._theme.set_zoom_normal)
        self.status.tasks_wanted.connect(self.open_tasks)

    def cover(self, page: QWidget) -> None:
        """Shows a page over the whole window."""
        self._whole.addWidget(page)
        self._whole.setCurrentWidget(page)
        self._show_title()

    def uncover(self) -> None:
        """Takes the page away, for ever."""
        page = self._whole.currentWidget()
        if page is not None and self._whole.count() > 1:
            self._whole.setCurrentIndex(0)
            self._whole.removeWidget(page)
            page.deleteLater()
            self._show_title()

    def _show_title(self) -> None:
        """Names what is seen: the page over everything, else the panel."""
        page = self._whole.currentWidget() if self._whole.count() > 1 else None
        title = page.windowTitle() if page is not None else self._title
        self.setWindowTitle(f"{title} – Hadron" if title else "Hadron")

    def add_panel(
        self, id: str, text: str, icon: str, panel: QWidget, shortcut: str, *, last: bool = False
    ) -> None:
        """Adds a panel, its item in the side bar, its action ``panel.<id>``; or fills a reserved one."""
        if id in self._panels:
            self._fill_panel(id, panel)
        else:
            self._place_panel(id, text, icon, panel, shortcut, last)

    def reserve_panel(self, id: str, text: str, icon: str, shortcut: str) -> None:
        """Shows item and key of a panel whose parts are made after the first paint, by :meth:`add_panel`."""
        page = QWidget()
        page.setProperty("page", True)
        self._place_panel(id, text, icon, page, shortcut, last=False)

    def _fill_panel(self, id: str, panel: QWidget) -> None:
        page = self._panels[id]
        shown = self.stack.currentWidget() is page
        self._panels[id] = panel
        self.stack.insertWidget(self.stack.indexOf(page), panel)
        self.stack.removeWidget(page)
        page.deleteLater()
        if shown:
            self.show_panel(id)

    def _place_panel(self, id: str, text: str, icon: str, panel: QWidget, shortcut: str, last: bool) -> None:
        self._panels[id] = panel
        self.stack.addWidget(panel)
        self.sidebar.add(id, text, icon, last=last)
        name = f"{text}…" if last else text
        self._actions.add(
            f"panel.{id}", name, lambda: self._go_to(id), group=GO, icon=icon, shortcut=shortcut, short=text
        )

    def finish(self) -> None:
        """Takes the actions' keys and what was kept of the last time; call once, after all panels."""
        self.take_keys()
        self._restore()

    def take_keys(self) -> None:
        """Lets the keys of all actions work in the window; call again when there are more."""
        for entry in self._actions:
            self.addAction(entry.action)

    def set_tray(self, tray: Tray) -> None:
        """Takes the tray icon to hide into."""
        self._tray = tray
        tray.toggle_wanted.connect(self.toggle)

    # panels

    def _go_to(self, id: str) -> None:
        self.come_forward()
        self.show_panel(id)

    def show_panel(self, id: str) -> None:
        """Shows a panel; an unknown id changes nothing."""
        if id in self._panels:
            self.stack.setCurrentWidget(self._panels[id])
            self.sidebar.set_current(id)
            self._title = str(getattr(self._panels[id], "title", id.title()))
            self.header.title.set_text(self._title)
            self._show_title()
            self._layout.save_text("panel", id)
            self.panel_shown.emit(id)

    def panels(self) -> list[QWidget]:
        """All panels, in the order of the side bar's making."""
        return list(self._panels.values())

    def close_part(self) -> None:
        """Closes what the panel has open in a tab; the window when there is nothing of that kind."""
        close_tab = getattr(self.stack.currentWidget(), "close_tab", None)
        if close_tab is None or not close_tab():
            self.close()

    def current_panel(self) -> str:
        """Id of the panel shown."""
        return next(id for id, panel in self._panels.items() if panel is self.stack.currentWidget())

    # what was kept

    def screens(self) -> list[QRect]:
        """Usable areas of the present screens."""
        return [screen.availableGeometry() for screen in QGuiApplication.screens()]

    def _restore(self) -> None:
        screens = self.screens()
        rect = placed(self._layout.load_text("geometry"), screens)
        if rect is not None:
            self.setGeometry(rect)
        elif screens:
            self.setGeometry(first_place(screens[0]))
        else:
            self.resize(DEFAULT_SIZE)
        self._opened = self.size()
        if self._layout.load_text("maximized") == "yes":
            self.setWindowState(Qt.WindowState.WindowMaximized)
        self._fold(self.width() < self._theme.tokens.value("width.fold_side_below"))
        wanted = self._layout.load_text("panel")
        self.show_panel(wanted if wanted in self._panels else next(iter(self._panels)))

    def keep(self) -> None:
        """Stores place, size, splitter; the panel is stored when it is chosen."""
        if not self.isMaximized() and not self.isFullScreen():
            self._layout.save_text("geometry", to_text(self.geometry()))
        self._layout.save_text("maximized", "yes" if self.isMaximized() else "no")
        if not self._folded:
            self._layout.save_text("side", str(self.splitter.sizes()[0]))

    def take_first_place(self) -> None:
        """Takes size and place of a first start, and the side bar its width."""
        self.showNormal()
        self._layout.save_text("side", "")
        self._folded = None
        self.setGeometry(first_place(self.screen().availableGeometry()))
        self._fold(self.width() < self._theme.tokens.value("width.fold_side_below"))

    def _fit_frame(self) -> None:
        """Once the real frame is known: a window that opened too large for its screen with it gives way."""
        handle, screen = self.windowHandle(), self.screen()
        if handle is None or screen is None or self.isMaximized() or self.size() != self._opened:
            return
        room = screen.availableGeometry().marginsRemoved(handle.frameMargins())
        if self.width() > room.width() or self.height() > room.height():
            self.setGeometry(within(self.geometry(), handle.frameMargins(), screen.availableGeometry()))

    # narrow windows

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold(self.width() < self._theme.tokens.value("width.fold_side_below"))

    def _fold(self, folded: bool) -> None:
        if folded == self._folded:
            return
        if folded and self._folded is False:
            self._layout.save_text("side", str(self.splitter.sizes()[0]))
        self._folded = folded
        self.sidebar.set_folded(folded)
        self.header.set_narrow(folded)
        self.splitter.handle(1).setEnabled(not folded)
        if folded:
            narrow = self._theme.tokens.value("width.side_folded")
            self.splitter.setSizes([narrow, max(1, self.width() - narrow)])
        else:
            kept = self._layout.load_text("side")
            width = int(kept) if kept.isdecimal() and NARROWEST <= int(kept) <= WIDEST else 0
            width = width or self._theme.tokens.value("width.side")
            self.splitter.setSizes([width, max(1, self.width() - width - self.splitter.handleWidth())])
            self.header.set_side(width)

    def _on_side_moved(self, width: int) -> None:
        self.header.set_side(width)

    def _show_unseen(self) -> None:
        self.header.set_unseen(self._notices.unseen)

    # actions

    def _remember(self, id: str) -> None:
        if id in self._recent:
            self._recent.remove(id)
        self._recent.insert(0, id)
        del self._recent[RECENT:]

    def open_palette(self) -> None:
        """Opens the command palette."""
        palette = Palette(self._theme, self._actions, self._recent, self)
        palette.show()
        palette.field.setFocus()

    def open_about(self) -> None:
        """Shows version, change notes and libraries."""
        from .about import AboutSheet  # the first paint does not wait for it

        AboutSheet(self._theme, self._tasks, self).open()

    def open_tasks(self) -> None:
        """Shows what is under way, and how the last tasks ended."""
        from .task_list import TaskSheet  # the first paint does not wait for it

        TaskSheet(self._theme, self._tasks, self).open()

    def open_keys(self) -> None:
        """Opens the sheet of keys."""
        panel = self._panels[self.current_panel()]
        KeysSheet(self._theme, self._actions, panel, str(getattr(panel, "title", "")), self).open()

    def change_keys(self) -> None:
        """Opens the sheet that gives actions other keys."""
        from .keys_editor import KeysEditor  # the first paint does not wait for it

        KeysEditor(self._theme, self._actions, self._preferences, self).open()

    def zoom_in(self) -> None:
        """Makes all text larger."""
        self._zoom(1)

    def zoom_out(self) -> None:
        """Makes all text smaller."""
        self._zoom(-1)

    def zoom_reset(self) -> None:
        """All text as large as the system's."""
        self._theme.set_zoom_normal()

    def _zoom(self, steps: int) -> None:
        self._theme.zoom_by(steps)

    def panes(self) -> list[QWidget]:
        """The parts F6 goes through."""
        below = self.drawer.drawer
        panes = [self.header, self.sidebar, self.bars, self.stack.currentWidget(), below, self.status]
        return [pane for pane in panes if pane is not None and pane.isVisible()]

    def next_pane(self) -> None:
        """Moves the focus to the next part of the window."""
        self._step_pane(1)

    def previous_pane(self) -> None:
        """Moves the focus to the part of the window before."""
        self._step_pane(-1)

    def _step_pane(self, step: int) -> None:
        step_pane(self.panes(), self.focusWidget(), step)

    def announce(self, words: str) -> None:
        """Lets a screen reader say `words`."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    # showing, hiding, leaving

    def come_forward(self) -> None:
        """Shows the window above the others, also from minimized."""
        state = self.windowState() & ~Qt.WindowState.WindowMinimized
        self.setWindowState(state)
        self.show()
        self.raise_()
        self.activateWindow()

    def toggle(self) -> None:
        """Hides a window that can be seen, shows one that cannot."""
        if self.isVisible() and not self.isMinimized():
            self.keep()
            self.hide()
        else:
            self.come_forward()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._frame_timer.start()
        self.visibility_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.visibility_changed.emit(False)

    def let_go(self) -> None:
        """From now on closing closes; called when the program ends."""
        self._leaving = True
        self.keep()

    def ask_to_quit(self) -> None:
        """Leaves Hadron."""
        self.quit_wanted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.keep()
        if self._leaving:
            event.accept()
            return
        event.ignore()
        if self._preferences.get("general.close_quits", False):
            self.quit_wanted.emit()
        elif not self._tray.available:
            self._close_without_tray()
        elif self._preferences.get("general.close_explained", False):
            self.hide()
        else:
            self._explain_hiding()

    def _close_without_tray(self) -> None:
        if not self.serving():
            self.quit_wanted.emit()
            return
        text = "This desktop has no tray where the window could hide. "
        if self.outlives():
            answers = [Answer("quit", "Quit, keep serving")]
            text += "The server goes on without a window; Hadron finds it again at the next start."
        else:
            answers = [Answer("quit", "Stop and quit"), Answer("minimize", "Minimize, keep serving")]
            text += "Quitting stops the server, unless Keep serving when I quit is on in Settings."
        self._ask("Quit Hadron?", text, [*answers, Answer("stay", "Stay", "primary")])

    def _explain_hiding(self) -> None:
        self._ask(
            "Hadron goes on in the tray",
            "The window hides and the server keeps its state. The tray icon brings the window back, and its "
            "menu has Quit Hadron.",
            [Answer("stay", "Stay"), Answer("quit", "Quit Hadron"), Answer("hide", "Hide window", "primary")],
            "Don't tell me again",
        )

    def _ask(self, title: str, text: str, answers: list[Answer], tick: str = "") -> None:
        question = Question(self._theme, title, text, answers, tick, self)
        question.tick.setChecked(bool(tick))
        question.answered.connect(self._on_close_answered)
        question.open()

    def _on_close_answered(self, answer: str, ticked: bool) -> None:
        if ticked and answer != "stay":
            self._preferences.set("general.close_explained", True)
        if answer == "hide":
            self.hide()
        elif answer == "minimize":
            self.showMinimized()
        elif answer == "quit":
            self.quit_wanted.emit()
