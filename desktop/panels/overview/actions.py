"""The orders to the server as actions: the same ones behind button, key, menu, tray and palette."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence

from desktop.processes.state import Phase, RunningRequest, ServerState
from desktop.shell.actions import Actions
from desktop.shell.supervisor import Supervisor

from .command import command_line
from .long_requests import long_ones
from .model import ServerView, present, reason_against, toggle_of

GROUP = "Server"
TOGGLE_KEYS = "Ctrl+Shift+Space"  # start or stop: always on the action that does it now
OWN_START_REST = 2000  # milliseconds in which the start/stop key does not call off a start nobody asked for
TOGGLES = frozenset(
    {
        "server.start",
        "server.stop",
        "server.cancel",
        "server.stop_now",
        "server.start_now",
        "server.try_again",
    }
)


def open_url(address: str) -> bool:
    """Hands an address to the system's browser."""
    return QDesktopServices.openUrl(QUrl(address))


class ServerActions(QObject):
    """Registers the server's actions and keeps their texts and enabled states true.

    Args:
        actions: the registry.
        supervisor: who runs the server.
        open_address: opens an address in the browser; False means it could not.

    Signals:
        port_wanted: the person wants to choose a port (the panel shows the field).
        log_wanted: the person wants to see the last lines of the log.
        not_opened(str): no browser took this address.
        confirm_wanted(str, object): ``"stop"`` or ``"restart"`` would break these running requests off.
        routes_read(str): the server read the routes again; why it could not, "" when it did.
        administration_refused(str): why the administration can't be opened.
        copied(str): this command line is on the clipboard.
        view_changed(ServerView): what is to be shown of the server is different.
    """

    port_wanted = Signal()
    log_wanted = Signal()
    not_opened = Signal(str)
    confirm_wanted = Signal(str, object)
    routes_read = Signal(str)
    administration_refused = Signal(str)
    view_changed = Signal(object)
    copied = Signal(str)

    def __init__(
        self,
        actions: Actions,
        supervisor: Supervisor,
        open_address: Callable[[str], bool] = open_url,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._actions, self._supervisor, self._open_address = actions, supervisor, open_address
        self._asking = ""
        self._key_rests = False
        self._register()
        supervisor.state_changed.connect(self.refresh)
        self._clock = QTimer(self, interval=1000)
        self._clock.setObjectName("overview-clock")
        self._clock.timeout.connect(self._tick)
        self.refresh()

    @property
    def view(self) -> ServerView:
        """What is to be shown now."""
        return present(self._supervisor.state, time.time())

    @property
    def state(self) -> ServerState:
        """The state of the server."""
        return self._supervisor.state

    def set_ticking(self, on: bool) -> None:
        """Updates shown times every second; off while nobody sees them."""
        if on:
            self._clock.start()
        else:
            self._clock.stop()

    def _register(self) -> None:
        add, to = self._actions.add, self._supervisor
        add("server.start", "Start server", to.start, group=GROUP, icon="play", short="Start")
        add("server.stop", "Stop server", self.stop, group=GROUP, icon="stop", short="Stop")
        restart = {"icon": "restart", "shortcut": "Ctrl+Shift+R", "short": "Restart"}
        add("server.restart", "Restart server", self.restart, group=GROUP, **restart)
        add("server.open", "Open in browser", self.open, group=GROUP, icon="open", shortcut="Ctrl+Shift+B")
        add("server.copy_address", "Copy address", self.copy_address, group=GROUP, icon="copy")
        add("serve.copy_command", "Copy as command line", self.copy_command, group=GROUP, icon="terminal")
        add("server.admin", "Open administration", self.open_administration, group=GROUP, icon="lock")
        add("server.reload_routes", "Reload routes", self.reload_routes, group=GROUP, icon="restart")
        add("server.cancel", "Cancel start", to.cancel, group=GROUP, icon="close", short="Cancel")
        add("server.stop_now", "Stop now", to.stop_now, group=GROUP, icon="stop")
        add("server.start_now", "Start now", to.start_now, group=GROUP, icon="play")
        add("server.give_up", "Give up", to.give_up, group=GROUP)
        add("server.try_again", "Try again", to.try_again, group=GROUP, icon="restart")
        add("server.use_port", "Use another port", self.use_port, group=GROUP, icon="check")
        add("server.choose_port", "Choose a port…", self.port_wanted.emit, group=GROUP)
        add("server.show_log", "Show log", self.log_wanted.emit, group=GROUP, icon="logs", short="Log")

    def refresh(self, _state: object = None) -> None:
        """Brings texts and enabled states in line with the server's state."""
        state = self._supervisor.state
        view = self.view
        free = state.cause.next_free_port if state.cause else None
        self._actions.set_text("server.use_port", f"Use port {free}" if free else "Use another port")
        toggle = toggle_of(state)
        if self._key_rests and toggle == "server.cancel":
            toggle = ""
        for entry in self._actions:
            if not entry.id.startswith("server."):
                continue
            if entry.id in TOGGLES:
                entry.action.setShortcut(QKeySequence(TOGGLE_KEYS if entry.id == toggle else ""))
            allowed = entry.id in view.allowed
            self._actions.set_enabled(entry.id, allowed, reason_against(entry.id, state))
        self.view_changed.emit(view)

    def _tick(self) -> None:
        self.view_changed.emit(self.view)

    def start_by_itself(self) -> None:
        """Starts the server because the program was opened.

        Whoever presses the start/stop key while the window appears means *start*, so for a moment that key
        does not call this start off; the buttons do.
        """
        self._key_rests = True
        QTimer.singleShot(OWN_START_REST, self, self._wake_key)
        self._supervisor.start()

    def _wake_key(self) -> None:
        self._key_rests = False
        self.refresh()

    def stop(self) -> None:
        """Stops the server; asks first where long requests would be broken off."""
        self._look_first("stop")

    def restart(self) -> None:
        """Restarts the server; asks first where long requests would be broken off."""
        self._look_first("restart")

    def _look_first(self, order: str) -> None:
        if not self._asking:
            self._asking = order
            self._supervisor.look_at_requests(self._on_requests)

    def _on_requests(self, requests: Sequence[RunningRequest]) -> None:
        order, self._asking = self._asking, ""
        running_long = long_ones(requests)
        if running_long:
            self.confirm_wanted.emit(order, running_long)
        else:
            self.carry_out(order)

    def carry_out(self, order: str) -> None:
        """Gives ``"stop"`` or ``"restart"`` without asking (any more)."""
        if order == "stop":
            self._supervisor.stop()
        elif order == "restart":
            self._supervisor.restart()

    def open(self, path: str = "") -> None:
        """Opens the server's address in the browser.

        Args:
            path: of the page, with the slash before it; default the first page of the site.
        """
        url = self._supervisor.state.url
        if not url:
            return
        address = url.rstrip("/") + path if path else url
        if not self._open_address(address):
            self.not_opened.emit(address)

    def copy_address(self) -> None:
        """Puts the server's address on the clipboard."""
        QGuiApplication.clipboard().setText(self._supervisor.state.url or "")

    def copy_command(self) -> None:
        """Puts the command line that serves in the same way on the clipboard (SV-21)."""
        text = command_line(self._supervisor.settings, self._supervisor.state.password_set)
        QGuiApplication.clipboard().setText(text)
        self.copied.emit(text)

    def open_at(self, address: str) -> None:
        """Opens one of the server's addresses in the browser."""
        if not self._open_address(address):
            self.not_opened.emit(address)

    def reload_routes(self) -> None:
        """Lets the server read ``routes.py`` again (REWR-03)."""
        self._supervisor.ask(
            "reload_routes",
            lambda found: self.routes_read.emit(str(found.get("error") or "")),
            self.routes_read.emit,
        )

    def open_administration(self, path: str = "") -> None:
        """Opens the administration in the browser, logged in by a link that works once (ADMIN-08).

        Args:
            path: of the page to go on to, as that of an application's databases.
        """

        def go(found: dict[str, str]) -> None:
            if not self._open_address(found["url"]):
                self.not_opened.emit(self._supervisor.state.url or "")

        url = self._supervisor.state.url or ""
        self._supervisor.ask("admin_link", go, self.administration_refused.emit, url=url, send=path)

    def use_port(self) -> None:
        """Takes the free port that the failed start named."""
        cause = self._supervisor.state.cause
        if cause is not None and cause.next_free_port:
            self._supervisor.use_port(cause.next_free_port)

    def tray_items(self) -> tuple[str, ...]:
        """Ids of the actions the tray offers now (SH-04)."""
        phase = self._supervisor.state.phase
        if phase in (Phase.SERVING, Phase.ADOPTED):
            return ("server.open", "pages.menu", "-", "server.stop", "server.restart")
        view = self.view
        if phase is Phase.DRAINING:
            return ("server.stop_now", "server.restart")
        hidden = {"server.choose_port", "server.show_log"}
        return tuple(button.action for button in view.buttons if button.action not in hidden)
