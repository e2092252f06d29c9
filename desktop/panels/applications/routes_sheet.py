"""Tries an address against the site's routes and says who answers; lists the actions (UI-AP-21)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop.background import Tasks
from desktop.theme import Theme
from desktop.widgets.fields import Choice, Labelled, Segment
from desktop.widgets.labels import label
from desktop.widgets.lines import Line, Lines
from desktop.widgets.sheets import Sheet
from runtime.admin.route_rules import MATCHED, TriedRule
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
        rule_opened(str, int): a pattern was chosen: its file within the site, and line.
    """

    opened = Signal(str, int)
    rule_opened = Signal(str, int)

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
        self.column.addWidget(self.steps, 4)
        self.lists = Segment(theme, "Shown", [("rules", "Patterns"), ("actions", "Actions")])
        self.lists.setObjectName("applications.routes.lists")
        self.lists.chosen.connect(lambda _value: self._show_list())
        self.rules_head = label("", "secondary")
        choice = QHBoxLayout()
        choice.addWidget(self.lists)
        choice.addWidget(self.rules_head, 1)
        self.column.addLayout(choice)
        self.rules = Lines(theme, "applications.routes.rules", "Patterns of routes.py")
        self.rules.wanted.connect(self._on_rule)
        self.column.addWidget(self.rules, 4)
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
        self.column.addWidget(self.actions_list, 4)
        self.verb = self.add_verbs("Close", cancel="")
        self.verb.clicked.connect(self.accept)
        self.lists.set_value("rules")
        self._show_list()
        self._soon = QTimer(self, singleShot=True, interval=200)
        self._soon.timeout.connect(self.go)
        self.address.textChanged.connect(lambda _text: self._soon.start())
        self.method.chosen.connect(lambda _value: self.go())
        self.set_room(760, 640)
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

        self._show_rules(trial)

    def _show_list(self) -> None:
        """Shows the patterns, or the actions of the application."""
        is_rules = self.lists.value() == "rules"
        self.rules.setVisible(is_rules)
        self.actions_list.setVisible(not is_rules)
        self.rules_head.setVisible(is_rules)

    def _show_rules(self, trial: RouteTrial) -> None:
        """Lists the patterns with what the address made of each, on the way in and back."""
        words = "Of routes.py: in, then out." if trial.rules else "There are no patterns in routes.py."
        self.rules_head.setText(words)
        self.rules.show_lines([_line_of(rule) for rule in trial.rules])
        matched = [at for at, rule in enumerate(trial.rules) if rule.result == MATCHED]
        if matched:
            self.rules.scrollTo(self.rules.model().index(matched[0], 0))

    def _on_rule(self, place: tuple[str, int]) -> None:
        self.rule_opened.emit(*place)
        self.accept()

    def _on_action(self, place: tuple[str, int]) -> None:
        self.opened.emit(*place)
        self.accept()


def _line_of(rule: TriedRule) -> Line:
    """A pattern: what it makes, and whether this address met it."""
    is_met = rule.result == MATCHED
    into = f"{rule.target}, here {rule.made}" if rule.made and rule.made != rule.target else rule.target
    return Line(
        f"{rule.group}  {rule.pattern}",
        rest=f"\N{RIGHTWARDS ARROW} {into}" if rule.group != "routers" else into,
        icon="mark-check" if is_met else "mark-dash",
        tint="status.serving.mark" if is_met else "status.stopped.mark",
        note=rule.result,
        tip=f"{rule.pattern}\n{into}\n{rule.file}" + (f", line {rule.line}" if rule.line else ""),
        data=(rule.file, rule.line),
    )


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
