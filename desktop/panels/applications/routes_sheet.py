"""Tries an address against the site's routes and says who answers; lists the actions (UI-AP-21)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop.background import Tasks
from desktop.theme import Theme
from desktop.widgets.fields import Choice, Labelled
from desktop.widgets.labels import label
from desktop.widgets.lines import Line, Lines
from desktop.widgets.sheets import Sheet
from runtime.admin.routes import RouteTrial, try_route
from runtime.admin.structure import Structure

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


class RoutesSheet(Sheet):
    """Routes of an application.

    Args:
        site: the site folder.
        structure: its parts.
        tasks: tries in the background.

    Signals:
        opened(str, int): an action was chosen: its file and line.
    """

    opened = Signal(str, int)

    def __init__(
        self, theme: Theme, site: Path, structure: Structure, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        name = structure.folder.name
        words = "Type an address to see which action answers. Nothing is run."
        super().__init__(theme, "applications.routes", f"Routes of {name}", words, parent)
        self._site, self._tasks, self._structure = site, tasks, structure
        self.trial: RouteTrial | None = None
        row = QHBoxLayout()
        self.address = QLineEdit(f"/{name}/default/index")
        self.address.setObjectName("applications.routes.address")
        self.method = Choice(theme, "Method", [(method, method) for method in METHODS])
        row.addWidget(Labelled(theme, "Address", self.address), 1)
        row.addWidget(Labelled(theme, "Method", self.method))
        self.column.addLayout(row)
        self.answer = label("", "medium", wrap=True)
        self.column.addWidget(self.answer)
        self.steps = Lines(theme, "applications.routes.steps", "What happens, step by step")
        self.steps.setMaximumHeight(160)
        self.column.addWidget(self.steps)
        self.column.addWidget(label("Actions of the application", "caption"))
        self.actions_list = Lines(theme, "applications.routes.actions", "Actions")
        self.actions_list.show_lines(
            [
                Line(
                    f"/{name}/{entry.path.removeprefix('controllers/').removesuffix('.py')}/{symbol.name}",
                    icon="action",
                    note="no view" if symbol.broken else symbol.target.removeprefix("views/"),
                    data=(entry.path, symbol.line),
                )
                for entry, symbol in structure.actions()
            ]
        )
        self.actions_list.wanted.connect(self._on_action)
        self.column.addWidget(self.actions_list, 1)
        self.verb = self.add_verbs("Close", cancel="")
        self.verb.clicked.connect(self.accept)
        self._soon = QTimer(self, singleShot=True, interval=200)
        self._soon.timeout.connect(self.go)
        self.address.textChanged.connect(lambda _text: self._soon.start())
        self.method.chosen.connect(lambda _value: self.go())
        self.resize(760, 600)
        self.address.setFocus()
        self.go()

    def go(self) -> None:
        """Tries the address."""
        site, url, method = self._site, self.address.text().strip() or "/", self.method.value()
        self._tasks.run(
            lambda _context: try_route(site, url, method),
            owner=self,
            title="Trying an address",
            key="applications.routes",
            reading=True,
            on_done=self._on_tried,
            on_failed=lambda error: self.answer.setText(str(error)),
        )

    def _on_tried(self, trial: RouteTrial) -> None:
        self.trial = trial
        self.answer.setText(_answer(trial, self._structure))
        self.steps.show_lines([Line(step, note=str(number)) for number, step in enumerate(trial.steps, 1)])

    def _on_action(self, place: tuple[str, int]) -> None:
        self.opened.emit(*place)
        self.accept()


def _answer(trial: RouteTrial, structure: Structure) -> str:
    if trial.refusal:
        return f"Nobody answers: {trial.refusal}"
    if trial.redirect:
        return f"The visitor is sent to {trial.redirect[1]} ({trial.redirect[0]})."
    if trial.static_file:
        return f"The file {trial.static_file} is sent." + ("" if trial.static_exists else " It is not there.")
    words = f"{trial.function} in controllers/{trial.controller}.py of {trial.application} answers"
    words += f", with args {trial.args}." if trial.args else "."
    if trial.application == structure.folder.name:
        path = f"controllers/{trial.controller}.py"
        known = {(entry.path, symbol.name) for entry, symbol in structure.actions()}
        if not structure.compiled and (path, trial.function) not in known:
            words += " But there is no such action: the visitor gets 404."
    return words
