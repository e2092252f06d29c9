"""The large state with its buttons: what is true now, then what can be done (SV-01, SV-04 .. SV-07)."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.processes.state import ServerState
from desktop.shell.actions import Actions
from desktop.theme import Theme
from desktop.widgets.base import PaintedButton
from desktop.widgets.buttons import RING, Button, IconButton, popup_below
from desktop.widgets.cards import Card, FoldHead, Section
from desktop.widgets.charts import StartSteps
from desktop.widgets.labels import CutLabel, Link, label
from desktop.widgets.log_lines import LogLines
from desktop.widgets.marks import Pill, StateMark

from .address import AddressForm
from .model import ButtonView, ServerView, reach, summary_of
from .network import NetworkLinks
from .words import counted

PLAIN_STATES = frozenset({"stopped", "changing", "serving"})
STAYS = frozenset({"server.stop", "server.cancel", "server.stop_now"})  # never folded into "more"


class ServerCard(Card):
    """State, address, buttons, log of a failure, address form.

    Signals:
        shown: the form or log was opened, so that the panel scrolls to it.
    """

    shown = Signal(object)

    def __init__(
        self, theme: Theme, actions: Actions, form: AddressForm, parent: QWidget | None = None
    ) -> None:
        super().__init__("overview.server", parent)
        self._theme, self._actions, self.form = theme, actions, form
        self._buttons: list[Button] = []
        self._faces: tuple[object, ...] = ()
        self._narrow = False
        self._log_wish: bool | None = None
        self._phase = ""
        self._build_state()
        self._build_log()
        self._build_form()

    # building

    def _build_state(self) -> None:
        self._top = Section(first=True)
        self._top.row.setContentsMargins(16, 12, 13, 13)
        grid = QGridLayout()
        grid.setHorizontalSpacing(9)
        grid.setVerticalSpacing(6)
        self._top.row.addLayout(grid)
        self.mark = StateMark(self._theme, 28)
        grid.addWidget(self.mark, 0, 0)
        column = QVBoxLayout()
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(12)
        self.title = label("", "display", name="overview.server.title")
        self.when = CutLabel("secondary")
        self.when.setObjectName("overview.server.when")
        self._right = QWidget()
        self._right_row = QHBoxLayout(self._right)
        self._right_row.setContentsMargins(0, 0, 0, 0)
        self._right_row.setSpacing(2)
        head.addWidget(self.title)
        head.addWidget(self.when, 1)
        head.addWidget(self._right)
        grid.addLayout(head, 0, 1)
        grid.addLayout(column, 1, 1)
        grid.setColumnStretch(1, 1)
        column.addWidget(self._build_address())
        self.network = NetworkLinks(self._theme)
        column.addWidget(self.network)
        self.sentence = label("", wrap=True, name="overview.server.sentence")
        column.addWidget(self.sentence)
        self.steps = StartSteps(self._theme)
        self.steps.setObjectName("overview.server.steps")
        column.addWidget(self.steps)
        self.crashes = label("", "secondary", wrap=True, name="overview.server.crashes")
        column.addWidget(self.crashes)
        self._below = QWidget()
        self._below_row = QHBoxLayout(self._below)
        self._below_row.setContentsMargins(0, 4, 0, 0)
        self._below_row.setSpacing(2)
        for words in (self.title, self.sentence, self.crashes):
            words.setContentsMargins(RING, 0, 0, 0)
        column.addWidget(self._below)
        self.body.addWidget(self._top)
        self.more = IconButton(self._theme, "more", "More to do with the server")
        self.more.setObjectName("overview.server.more")
        self.more.clicked.connect(self._open_more)
        self._more_menu = QMenu(self)

    def _build_address(self) -> QWidget:
        self._address = QWidget()
        row = QHBoxLayout(self._address)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.url = Link(self._theme)
        self.url.setObjectName("overview.server.url")
        self.url.opened.connect(self._actions.get("server.open").trigger)
        self.copy = IconButton(self._theme, "copy", "Copy address")
        self.copy.setObjectName("overview.server.copy")
        self.copy.clicked.connect(self._actions.get("server.copy_address").trigger)
        self.reach = Pill(self._theme)
        for widget in (self.url, self.copy, self.reach):
            row.addWidget(widget)
        row.addStretch(1)
        return self._address

    def _build_log(self) -> None:
        self._log = Section()
        self._log.row.setContentsMargins(0, 4, 0, 0)
        self._log.row.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(16, 2, 10, 2)
        self.log_head = FoldHead(self._theme, "Last lines of the log")
        self.log_head.setObjectName("overview.log.fold")
        self.log_head.clicked.connect(self._on_log_folded)
        self.copy_log = Button(self._theme, "Copy", "quiet", "copy", small=True)
        self.copy_log.setObjectName("overview.log.copy")
        self.copy_log.setAccessibleName("Copy the last lines of the log")
        self.copy_log.clicked.connect(self._copy_log)
        head.addWidget(self.log_head, 1)
        head.addWidget(self.copy_log)
        self._log.row.addLayout(head)
        self.log = LogLines(self._theme)
        self.log.setObjectName("overview.log.lines")
        self._log.row.addWidget(self.log)
        self.body.addWidget(self._log)

    def _build_form(self) -> None:
        self._place = Section()
        self._place.row.setContentsMargins(16, 5, 16, 5)
        head = QHBoxLayout()
        self.fold = FoldHead(self._theme, "Address and process")
        self.fold.setObjectName("overview.address.fold")
        self.fold.toggled.connect(self._on_form_folded)
        self.restart_pill = Pill(self._theme)
        self.restart = Button(self._theme, "Restart now", small=True)
        self.restart.setObjectName("overview.address.restart")
        self.restart.clicked.connect(self._actions.get("server.restart").trigger)
        head.addWidget(self.fold, 1)
        head.addWidget(self.restart_pill)
        head.addWidget(self.restart)
        self._place.row.addLayout(head)
        self.form.hide()
        self._place.row.addWidget(self.form)
        self.body.addWidget(self._place)

    # showing

    def show_server(self, view: ServerView, state: ServerState) -> None:
        """Brings everything in line with the server."""
        if state.phase != self._phase:
            self._phase = state.phase
            self._log_wish = None
        self.mark.show_state(self._theme.shape(view.mark), view.status, f"Server: {view.title}")
        self.title.setText(view.title)
        self.when.set_text(view.when)
        self.sentence.setText(view.sentence)
        self.sentence.setVisible(bool(view.sentence))
        self.steps.show_steps(view.steps)
        self.steps.setVisible(bool(view.steps))
        self._show_crashes(state)
        self._show_address(state, "server.open" in view.allowed)
        self._show_buttons(view)
        self._show_log(view, state)
        plain = view.status in PLAIN_STATES or (view.status == "problem" and not view.below)
        tint = "" if plain else view.status
        self.set_status(tint)
        self.fold.set_summary(summary_of(state))
        self.restart_pill.show_text("Needs restart" if state.needs_restart else "", "", "problem")
        self.restart.setVisible(state.needs_restart)
        self.form.show_server(view.editable, state)

    def _show_crashes(self, state: ServerState) -> None:
        shown = list(state.crashes[-5:]) if self._phase in ("crashed", "failed") else []
        times = ", ".join(time.strftime("%H:%M:%S", time.localtime(crash.time)) for crash in shown)
        self.crashes.setText(f"{counted(len(state.crashes), 'crash', 'crashes')}: {times}" if shown else "")
        self.crashes.setToolTip("\n".join(crash.sentence for crash in shown))
        self.crashes.setVisible(bool(shown))

    def _show_address(self, state: ServerState, reachable: bool) -> None:
        self._address.setVisible(reachable and bool(state.url))
        self.network.show_server(state)
        self.url.show_link(state.url or "", state.url or "")
        words, status = reach(state.address)
        self.reach.show_text(words, "lock" if status == "neutral" else "globe", status)

    def set_narrow(self, narrow: bool) -> None:
        """Puts secondary buttons into *more*."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._faces = ()

    def _show_buttons(self, view: ServerView) -> None:
        texts = tuple(self._actions.get(button.action).iconText() for button in view.buttons)
        faces = (view.buttons, texts, view.below, self._narrow)
        if faces == self._faces:
            return
        self._faces = faces
        holder = self.window().focusWidget()  # also while another window is the active one
        had_focus = any(button is holder for button in self._buttons)
        for old in self._buttons:
            old.hide()
            old.deleteLater()
        self._buttons = []
        row = self._below_row if view.below else self._right_row
        for used in (self._below_row, self._right_row):
            while used.count():
                used.takeAt(0)
        self._more_menu.clear()
        for button in view.buttons:
            if self._folds(view, button):
                self._more_menu.addAction(self._actions.get(button.action))
                continue
            made = self._make_button(button)
            row.addWidget(made)
            self._buttons.append(made)
        self._right_row.addWidget(self.more)
        self.more.setVisible(not self._more_menu.isEmpty())
        self._below_row.addStretch(1)
        self._below.setVisible(view.below)
        self._right.setVisible(not view.below)
        if had_focus or (view.below and self._may_take_focus(holder)):
            self._focus_next_step(isinstance(holder, PaintedButton) and holder.ring)

    def _folds(self, view: ServerView, button: ButtonView) -> bool:
        return self._narrow and not view.below and button.kind != "primary" and button.action not in STAYS

    def _make_button(self, view: ButtonView) -> Button:
        action = self._actions.get(view.action)
        button = Button(self._theme, action.iconText(), view.kind, self._actions.icon_of(view.action))
        button.setObjectName(f"overview.server.{view.action.partition('.')[2]}")
        button.setToolTip(action.toolTip())
        button.clicked.connect(action.trigger)
        return button

    def _may_take_focus(self, holder: QWidget | None) -> bool:
        """Not from a person who types somewhere."""
        if holder is None:
            return True
        return self.isAncestorOf(holder) and not self.form.isAncestorOf(holder)

    def _focus_next_step(self, ring: bool) -> None:
        """The likely next step gets the focus, seen where it was seen before.

        Where there is none, something harmless gets it: a key pressed twice must not take back the first one.
        """
        by_kind = {button.kind: button for button in self._buttons}
        target = by_kind.get("primary") or by_kind.get("quiet") or self.fold
        target.show()  # a new one would be shown by its layout later, and could not have the focus before
        reason = Qt.FocusReason.OtherFocusReason if ring else Qt.FocusReason.ActiveWindowFocusReason
        target.setFocus(reason)

    def focus_main(self) -> None:
        """Lets Enter and Space press the most likely next step; its ring shows once keys are used."""
        for button in self._buttons:
            if button.kind == "primary":
                button.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    def buttons(self) -> list[Button]:
        """The buttons of the state, in the order of the screen."""
        return list(self._buttons)

    def _open_more(self) -> None:
        popup_below(self._more_menu, self.more)

    # log

    def _show_log(self, view: ServerView, state: ServerState) -> None:
        matters = bool(state.log_tail) and (view.show_log or view.status in ("changing", "problem", "failed"))
        is_open = view.show_log if self._log_wish is None else self._log_wish
        self._log.setVisible(matters)
        self.log.show_lines(state.log_tail)
        self.log_head.setChecked(is_open)
        self.log_head.set_summary(counted(len(state.log_tail), "line"))
        self.log.setVisible(is_open)
        self.copy_log.setVisible(is_open)
        bottom = 6 if is_open else 4
        self._log.row.setContentsMargins(0, 4, 0, bottom)

    def open_log(self) -> None:
        """Shows the last lines of the log."""
        self._log_wish = True
        self._set_log_open(True)

    def _on_log_folded(self) -> None:
        self._log_wish = self.log_head.isChecked()
        self._set_log_open(self._log_wish)

    def _set_log_open(self, is_open: bool) -> None:
        self.log_head.setChecked(is_open)
        self.log.setVisible(is_open)
        self.copy_log.setVisible(is_open)
        self._log.setVisible(True)

    def _copy_log(self) -> None:
        QGuiApplication.clipboard().setText(self.log.as_text())

    # form

    def _on_form_folded(self, is_open: bool) -> None:
        self.form.setVisible(is_open)
        self._place.row.setContentsMargins(16, 5, 16, 14 if is_open else 5)
        if is_open:
            self.shown.emit(self.form)

    def choose_port(self) -> None:
        """Opens the form and puts the cursor into the port."""
        self.fold.setChecked(True)
        self.form.port.setFocus(Qt.FocusReason.OtherFocusReason)
        self.form.port.selectAll()
