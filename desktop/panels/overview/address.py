"""Address, port, threads, folder, password: edited in place, checked while typing (SV-02, SV-08, SV-09)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLineEdit, QWidget

from desktop.processes.state import Fault, PortReport, ServerSettings, ServerState
from desktop.secrets import strength_hint
from desktop.shell.preferences import Layout
from desktop.shell.questions import Answer, Question
from desktop.shell.supervisor import Supervisor
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.fields import Choice, Labelled, PasswordField, Stepper

from .model import reach
from .network import own_addresses
from .words import words_of_faults

TYPING_PAUSE = 300  # milliseconds without a key until a port is looked at
CONFIRMED = "network_confirmed"  # addresses the person said yes to, separated by spaces
LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104  offered to the person, never a default


class AddressForm(QWidget):
    """The fields of the server's settings; each takes effect when it is left.

    Signals:
        password_given(str): the person set a new administration password.
    """

    password_given = Signal(str)

    def __init__(
        self, theme: Theme, supervisor: Supervisor, layout: Layout, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._supervisor, self._layout = theme, supervisor, layout
        self._state: ServerState | None = None
        self._interfaces: list[str] | None = None
        self._columns = 0
        self._build()
        self._pause = QTimer(self, singleShot=True, interval=TYPING_PAUSE)
        self._pause.setObjectName("overview-port-pause")
        self._pause.timeout.connect(self._look_at_port)
        self._connect()
        self.show_settings()

    def _build(self) -> None:
        theme = self._theme
        self.address = Choice(theme, "Reachable from", [(LOOPBACK, "This computer only")])
        self.port = QLineEdit()
        self.threads = Stepper(theme, "Threads", 1, 64)
        self.folder = QLineEdit()
        self.choose = Button(theme, "Choose…", small=False)
        self.choose.setAccessibleName("Choose the site folder")
        self.password = PasswordField(theme, "Administration password")
        self.set_password = Button(theme, "Set password")
        self.set_password.setEnabled(False)
        for part in ("address", "port", "threads", "folder", "choose", "password", "set_password"):
            getattr(self, part).setObjectName(f"overview.address.{part}")
        self.password.reveal.setObjectName("overview.address.reveal")
        self.fields = {
            "address": Labelled(theme, "Reachable from", self.address),
            "port": Labelled(theme, "Port", self.port),
            "threads": Labelled(theme, "Threads", self.threads),
            "site_folder": Labelled(theme, "Site folder", self.folder, [self.choose]),
            "password": Labelled(
                theme,
                "Password of the administration pages",
                self.password,
                [self.password.reveal, self.set_password],
            ),
        }
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(24, 2, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(12)
        self._arrange(wide=True)

    def _arrange(self, wide: bool) -> None:
        """Two rows in wide windows, one field per row and half in narrow ones."""
        if self._columns == (6 if wide else 2):
            return
        self._columns = 6 if wide else 2
        order = list(self.fields.values())
        for field in order:
            self._grid.removeWidget(field)
        places = [(0, 0, 3), (0, 3, 2), (0, 5, 1), (1, 0, 3), (1, 3, 3)]
        if not wide:
            places = [(0, 0, 2), (1, 0, 1), (1, 1, 1), (2, 0, 2), (3, 0, 2)]
        for field, (row, column, span) in zip(order, places, strict=True):
            self._grid.addWidget(field, row, column, 1, span)
        for column in range(6):
            self._grid.setColumnStretch(
                column, 1 if column < self._columns and not (wide and column == 5) else 0
            )

    def set_narrow(self, narrow: bool) -> None:
        """Stacks the fields where room is little."""
        self._arrange(wide=not narrow)

    def _connect(self) -> None:
        self.address.chosen.connect(self._on_address)
        self.port.textEdited.connect(self._on_port_typed)
        self.port.editingFinished.connect(self._on_port_left)
        self.threads.value_changed.connect(self._on_threads)
        self.folder.editingFinished.connect(self._on_folder)
        self.choose.clicked.connect(self._choose_folder)
        self.password.textChanged.connect(self._on_password_typed)
        self.password.returnPressed.connect(self.set_password.click)
        self.set_password.clicked.connect(self._on_password)
        self._supervisor.port_checked.connect(self._on_port_checked)
        self._supervisor.settings_checked.connect(self.show_faults)

    # showing

    def show_server(self, editable: bool, state: ServerState) -> None:
        """Locks the fields while the server changes its state; says whether there is a password."""
        self._state = state
        for control in (self.address, self.port, self.threads, self.folder, self.choose):
            control.setEnabled(editable)
        self.password.setPlaceholderText(
            "Set; type to change it" if state.password_set else "None; those pages stay closed"
        )
        if not self.port.hasFocus() and not self.folder.hasFocus():
            self.show_settings()

    def show_settings(self) -> None:
        """Fills the fields from the supervisor's settings."""
        settings = self._supervisor.settings
        self.address.set_options(self._address_options(settings.address), settings.address)
        if self.port.text() != str(settings.port):
            self.port.setText(str(settings.port))
        self.threads.set_value(settings.threads)
        if self.folder.text() != str(settings.site_folder):
            self.folder.setText(str(settings.site_folder))

    def _address_options(self, present: str) -> list[tuple[str, str]]:
        options = [(LOOPBACK, "This computer only")]
        options += [(address, f"Network at {address}") for address in self._interfaces or ()]
        options.append((EVERYWHERE, "All networks of this computer"))
        if all(present != address for address, _ in options):
            options.insert(1, (present, present))
        return options

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._interfaces is None:
            self._interfaces = own_addresses()
            self.show_settings()

    def show_faults(self, faults: list[Fault]) -> None:
        """Says below each field what is wrong with it, or speaks against it, and nothing below the others."""
        for name, field in self.fields.items():
            if name != "password":
                field.say(*words_of_faults(faults, name))

    # taking

    def _apply(self, settings: ServerSettings) -> None:
        if settings != self._supervisor.settings:
            self.show_faults(self._supervisor.apply(settings))

    def _port_typed(self) -> int | None:
        text = self.port.text().strip()
        return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535 else None

    def _on_port_typed(self) -> None:
        if self._port_typed() is None:
            self._pause.stop()
            self.fields["port"].say("A port is a number from 1 to 65535, for example 8000.")
        else:
            self.fields["port"].say("")
            self._pause.start()

    def _look_at_port(self) -> None:
        port = self._port_typed()
        if port is not None:
            self._supervisor.check_port(port)

    def _on_port_checked(self, report: PortReport) -> None:
        if report.port != self._port_typed() or not self.port.isEnabled():
            return
        if report.free or report.ours:
            self.fields["port"].say("")
        else:
            self.fields["port"].say(report.sentence)

    def _on_port_left(self) -> None:
        port = self._port_typed()
        if port is None:
            self.fields["port"].say("")
            self.show_settings()
        else:
            self._apply(replace(self._supervisor.settings, port=port))

    def _on_threads(self, threads: int) -> None:
        self._apply(replace(self._supervisor.settings, threads=threads))

    def _on_folder(self) -> None:
        folder = Path(self.folder.text().strip()).expanduser()
        self._apply(replace(self._supervisor.settings, site_folder=folder))

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Choose the site folder", self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._on_folder_chosen)
        dialog.open()

    def _on_folder_chosen(self, folder: str) -> None:
        self.folder.setText(folder)
        self._on_folder()

    def _on_address(self, address: str) -> None:
        if reach(address)[1] == "neutral" or address in self._layout.load_text(CONFIRMED).split():
            self._apply(replace(self._supervisor.settings, address=address))
            return
        question = Question(
            self._theme,
            "Open the server to the network?",
            f"Other computers will reach the applications at {address}, port "
            f"{self._supervisor.settings.port}. "
            "Pages for administration stay closed without their password.",
            [Answer("stay", "Keep it on this computer", "primary"), Answer("open", "Open to the network")],
            parent=self.window(),
        )
        self._asked = address
        question.answered.connect(self._on_network_answered)
        question.open()

    def _on_network_answered(self, answer: str) -> None:
        if answer != "open":
            self.show_settings()
            return
        self._layout.save_text(CONFIRMED, f"{self._layout.load_text(CONFIRMED)} {self._asked}".strip())
        self._apply(replace(self._supervisor.settings, address=self._asked))
        self.address.set_value(self._supervisor.settings.address)

    def _on_password_typed(self, text: str) -> None:
        self.set_password.setEnabled(bool(text))
        advice = strength_hint(text) if text else ""
        self.fields["password"].say(advice or ("Good." if text else ""), "hint" if advice else "good")

    def _on_password(self) -> None:
        if self.password.text():
            self.set_password.setEnabled(False)
            self.password_given.emit(self.password.text())

    def show_password_kept(self, sentence: str, tone: str = "good") -> None:
        """The answer to `password_given`: where the password is kept, or why it is not."""
        if tone != "fault":
            self.password.clear()
            self.password.reveal.setChecked(False)
        self.fields["password"].say(sentence, tone)
