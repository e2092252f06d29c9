"""The sheet that queues a task, or edits one: everything is checked while it is typed (SC-07, SC-19)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QIntValidator
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.shell.questions import BARE_DIALOG
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.cards import Card
from desktop.widgets.fields import Choice, Labelled, Segment
from desktop.widgets.labels import CutLabel, label
from runtime.admin.scheduler.arguments import check_arguments, code_of, example_of, read_json
from runtime.admin.scheduler.entries import TaskDetail
from runtime.foundation.problems import UserError

from .actions import SchedulerActions
from .words import moment_words

PAUSE = 300  # milliseconds without a key until the next times are asked for
NUMBERS = {"period": 60, "repeats": 0, "timeout": 60, "retry_failed": 0, "sync_output": 2}
COLUMN_FIELDS = {"args": "args", "vars": "vars", "cronline": "cronline", "start_time": "start_time",
                 "stop_time": "stop_time", "group_name": "group_name", "task_name": "task_name", **{
                     name: name for name in NUMBERS}}  # fmt: skip


class JsonField(QPlainTextEdit):
    """A few lines of JSON; Tab goes on to the next field."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName(f"scheduler.sheet.{name}")
        self.setProperty("field", True)
        self.setTabChangesFocus(True)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        self.setFont(self._theme.fonts.style("code"))
        self.setFixedHeight(3 * (self._theme.line_height("code") + 1) + 20)


class TaskSheet(QDialog):
    """Queues a task or edits one.

    Args:
        theme: where its colours come from.
        actions: asks the next times, queues, edits.
        functions: what can be queued, see `runtime.admin.scheduler.functions`.
        groups: known names of groups; the first is the default.
        edited: the task to edit; None queues a new one.
        like: the task whose values a new one begins with.

    Signals:
        given: the task was queued or changed.
    """

    given = Signal()

    def __init__(
        self,
        theme: Theme,
        actions: SchedulerActions,
        functions: Sequence[dict[str, Any]],
        groups: Sequence[str],
        edited: TaskDetail | None = None,
        like: TaskDetail | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._actions, self._edited = theme, actions, edited
        self._functions = {one["name"]: one for one in functions}
        self._groups = tuple(groups) or ("main",)
        self._fresh = True
        title = f"Edit {edited.task.name}" if edited else "Queue a task"
        self.setObjectName("scheduler.sheet")
        self.setProperty("sheet", True)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowFlags(BARE_DIALOG)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.setObjectName("scheduler-times-pause")
        self._pause.timeout.connect(self._ask_times)
        self._build(title)
        self._fill(edited or like)
        self._connect()
        self._check()

    # building

    def _build(self, title: str) -> None:
        theme = self._theme
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(10)
        column.addWidget(label(title, "title"))
        self.note = label("", "hint", wrap=True, name="scheduler.sheet.note")
        column.addWidget(self.note)
        names = [(name, name) for name in self._functions] or [("", "No function found")]
        self.function = Choice(theme, "Function", names)
        self.signature = CutLabel("secondary")
        self.doc = CutLabel("small")
        self.args, self.vars = JsonField(theme, "args"), JsonField(theme, "vars")
        self.name, self.group = QLineEdit(), QLineEdit()
        self.start, self.stop = QLineEdit(), QLineEdit()
        self.how = Segment(theme, "Runs", [("once", "Once"), ("every", "Every"), ("cron", "Cron")])
        self.period, self.cronline, self.repeats = QLineEdit(), QLineEdit(), QLineEdit()
        self.timeout, self.retry_failed, self.sync_output = QLineEdit(), QLineEdit(), QLineEdit()
        for part in ("function", "name", "group", "start", "stop", "how", "period", "cronline", "repeats",
                     "timeout", "retry_failed", "sync_output"):  # fmt: skip
            getattr(self, part).setObjectName(f"scheduler.sheet.{part}")
        for part, least in (
            ("period", 0),
            ("repeats", 0),
            ("timeout", 1),
            ("retry_failed", -1),
            ("sync_output", 0),
        ):
            field = getattr(self, part)
            field.setValidator(QIntValidator(least, 2_000_000_000, field))
        self.start.setPlaceholderText("now")
        self.stop.setPlaceholderText("never")
        self.repeats.setPlaceholderText("no end")
        self.cronline.setPlaceholderText("*/5 * * * *")
        self.fields = {
            "function": Labelled(theme, "Function", self.function),
            "args": Labelled(theme, "Positional arguments, a JSON list", self.args),
            "vars": Labelled(theme, "Named arguments, a JSON dictionary", self.vars),
            "task_name": Labelled(theme, "Name", self.name),
            "group_name": Labelled(theme, "Group", self.group),
            "how": Labelled(theme, "When", self.how),
            "period": Labelled(theme, "Seconds from start to start", self.period),
            "cronline": Labelled(theme, "Minute hour day month weekday", self.cronline),
            "repeats": Labelled(theme, "How often, 0 without end", self.repeats),
            "start_time": Labelled(theme, "First run", self.start),
            "stop_time": Labelled(theme, "Not after", self.stop),
            "timeout": Labelled(theme, "Timeout, seconds", self.timeout),
            "retry_failed": Labelled(theme, "Retries, -1 for ever", self.retry_failed),
            "sync_output": Labelled(theme, "Show output every, seconds", self.sync_output),
        }
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 10, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        fields = self.fields
        grid.addWidget(fields["function"], 0, 0, 1, 6)
        about = QVBoxLayout()
        about.setSpacing(0)
        about.addWidget(self.signature)
        about.addWidget(self.doc)
        grid.addLayout(about, 1, 0, 1, 6)
        grid.addWidget(fields["args"], 2, 0, 1, 3)
        grid.addWidget(fields["vars"], 2, 3, 1, 3)
        grid.addWidget(fields["how"], 3, 0, 1, 2)
        grid.addWidget(fields["period"], 3, 2, 1, 2)
        grid.addWidget(fields["cronline"], 3, 2, 1, 2)
        grid.addWidget(fields["repeats"], 3, 4, 1, 2)
        grid.addWidget(fields["start_time"], 4, 0, 1, 2)
        grid.addWidget(fields["stop_time"], 4, 2, 1, 2)
        grid.addWidget(fields["timeout"], 4, 4, 1, 2)
        grid.addWidget(fields["task_name"], 5, 0, 1, 2)
        grid.addWidget(fields["group_name"], 5, 2, 1, 2)
        grid.addWidget(fields["retry_failed"], 5, 4, 1, 2)
        grid.addWidget(fields["sync_output"], 6, 0, 1, 2)
        times = QVBoxLayout()
        times.setSpacing(4)
        times.addWidget(label("Next times", "caption"))
        self.times = label("", "medium", wrap=True, name="scheduler.sheet.times")
        times.addWidget(self.times)
        times.addStretch(1)
        grid.addLayout(times, 6, 2, 1, 4)
        for at in range(6):
            grid.setColumnStretch(at, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setAccessibleName("Fields of the task")
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        page.setProperty("page", True)
        column.addWidget(area, 1)
        card = Card("scheduler.sheet.code")
        row = QHBoxLayout()
        row.setContentsMargins(10, 4, 4, 4)
        self.code = label("", "", name="scheduler.sheet.code.text")
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.code.setWordWrap(True)
        self.copy = Button(theme, "Copy code", "quiet", "copy", small=True)
        self.copy.setObjectName("scheduler.sheet.copy")
        self.copy.clicked.connect(self._copy_code)
        row.addWidget(self.code, 1)
        row.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        card.body.addLayout(row)
        column.addWidget(card)
        self.fault = label("", "fault", wrap=True, name="scheduler.sheet.fault")
        column.addWidget(self.fault)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        self.cancel = Button(theme, "Cancel")
        self.cancel.clicked.connect(self.reject)
        self.give = Button(theme, "Change the task" if self._edited else "Queue the task", "primary")
        self.give.setObjectName("scheduler.sheet.give")
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.give)
        column.addLayout(buttons)
        theme.changed.connect(self._fonts)
        self._fonts()
        room = self.screen().availableSize()
        wide = page.minimumSizeHint().width() + 70
        self.resize(min(max(720, wide), room.width() - 40), min(max(640, wide - 80), room.height() - 60))

    def _fonts(self) -> None:
        self.code.setFont(self._theme.fonts.style("code"))

    def _connect(self) -> None:
        self.function.chosen.connect(self._on_function)
        self.how.chosen.connect(self._on_how)
        self.give.clicked.connect(self._give)
        for field in (self.args, self.vars):
            field.textChanged.connect(self._check)
        for part in ("name", "group", "start", "stop", "period", "cronline", "repeats", "timeout",
                     "retry_failed", "sync_output"):  # fmt: skip
            getattr(self, part).textChanged.connect(self._check)

    # filling

    def _fill(self, like: TaskDetail | None) -> None:
        for name, value in NUMBERS.items():
            getattr(self, name).setText(str(value))
        self.group.setText(self._groups[0])
        if like is not None:
            self._fill_from(like)
        elif self._functions:
            self._on_function(self.function.value())
        self._show_function()
        if self._edited is not None:
            self.function.setEnabled(False)
            running = self._edited.task.state in ("running", "assigned")
            self.note.setText(
                "It runs just now: this run goes on with the old values, the next one uses these."
                if running else ""
            )  # fmt: skip
            self.start.setEnabled(not running)
        self.note.setVisible(bool(self.note.text()))
        self._show_how()

    def _fill_from(self, like: TaskDetail) -> None:
        task = like.task
        if task.function not in self._functions:
            names = [*self._functions, task.function]
            self.function.set_options([(name, name) for name in names], task.function)
        else:
            self.function.set_value(task.function)
        self.args.setPlainText(like.args)
        self.vars.setPlainText(like.vars)
        self.name.setText(task.name)
        self.group.setText(task.group)
        self.how.set_value("cron" if task.cronline else "once" if task.repeats == 1 else "every")
        self.cronline.setText(task.cronline)
        for name, value in (
            ("period", task.period), ("repeats", task.repeats), ("timeout", like.timeout),
            ("retry_failed", like.retry_failed), ("sync_output", like.sync_output),
        ):  # fmt: skip
            getattr(self, name).setText(str(value))
        if like.stop_time:
            self.stop.setText(local_text(like.stop_time))
        if (
            self._edited is not None
            and task.next_run is not None
            and task.state not in ("running", "assigned")
        ):
            self.start.setText(local_text(task.next_run))
            self.fields["start_time"].caption.setText("Next run")
        self._fresh = False

    def _on_function(self, name: str) -> None:
        known = self._functions.get(name)
        if known is not None and self._fresh:
            args, named = example_of(known["parameters"])
            self.args.setPlainText(args)
            self.vars.setPlainText(named)
        self._show_function()
        self._check()

    def _show_function(self) -> None:
        known = self._functions.get(self.function.value())
        if known is None:
            self.signature.set_text("The application's models define no function of this name.")
            self.doc.set_text("")
            return
        place = f"   {known['file']}:{known['line']}" if known["file"] else ""
        self.signature.set_text(f"{known['name']}{known['signature']}{place}")
        self.doc.set_text(known["doc"].partition("\n")[0])
        self.doc.setToolTip(known["doc"])
        self.doc.setVisible(bool(known["doc"]))

    def _on_how(self, _how: str) -> None:
        self._show_how()
        self._check()

    def _show_how(self) -> None:
        how = self.how.value()
        self.fields["period"].setVisible(how == "every")
        self.fields["cronline"].setVisible(how == "cron")
        self.fields["repeats"].setVisible(how != "once")

    # checking

    def columns(self) -> dict[str, Any]:
        """What is to be queued, by column; times as seconds since 1970.

        Raises:
            ValueError: a time can't be read; its text is the name of the field.
        """
        how = self.how.value()
        columns: dict[str, Any] = {
            "args": self.args.toPlainText().strip() or "[]",
            "vars": self.vars.toPlainText().strip() or "{}",
            "task_name": self.name.text().strip() or self.function.value(),
            "group_name": self.group.text().strip() or self._groups[0],
            "repeats": 1 if how == "once" else _number(self.repeats, 0),
            "timeout": _number(self.timeout, 60),
            "retry_failed": _number(self.retry_failed, 0),
            "sync_output": _number(self.sync_output, 0),
        }
        if how == "every":
            columns["period"] = _number(self.period, 60)
        if how == "cron" or self._edited is not None:
            columns["cronline"] = self.cronline.text().strip() if how == "cron" else ""
        for name, field in (("start_time", self.start), ("stop_time", self.stop)):
            text = field.text().strip()
            if text and text != field.placeholderText():
                columns[name] = _moment(text, name)
            elif name == "stop_time" and self._edited is not None:
                columns[name] = None
        if self._edited is not None and "start_time" in columns:
            columns["next_run_time"] = columns.pop("start_time")
        return columns

    def faults(self) -> dict[str, str]:
        """What is wrong now, by field."""
        found: dict[str, str] = {}
        values: dict[str, Any] = {}
        for name, box, kind in (("args", self.args, list), ("vars", self.vars, dict)):
            try:
                values[name] = read_json(box.toPlainText(), kind)
            except UserError as error:
                found[name] = str(error)
        known = self._functions.get(self.function.value())
        if known is None and self._edited is None:
            found["function"] = "The application has no function that can be queued."
        elif known is not None and not found:
            wrong = check_arguments(known["parameters"], values["args"], values["vars"])
            if wrong:
                found["args" if "positional" in wrong else "vars"] = wrong
        for name, field in (("start_time", self.start), ("stop_time", self.stop)):
            try:
                if field.text().strip() not in ("", field.placeholderText()):
                    _moment(field.text().strip(), name)
            except ValueError:
                found[name] = "A time such as 2026-11-20 10:30."
        if self.how.value() == "cron" and len(self.cronline.text().split()) not in (5, 6):
            found["cronline"] = "Five fields, such as 0 7 * * 1-5."
        return found

    def _check(self) -> None:
        self._fresh = self._fresh and not (self.args.hasFocus() or self.vars.hasFocus())
        found = self.faults()
        self.show_faults(found)
        self.give.setEnabled(not found)
        self.give.setToolTip(next(iter(found.values()), ""))
        self._show_code(found)
        if found:
            self.times.setText("-")
            self._pause.stop()
        else:
            self._pause.start()

    def show_faults(self, found: dict[str, str]) -> None:
        """Shows what is wrong at the fields; what belongs to no field stands below."""
        for name, field in self.fields.items():
            field.say(found.get(name, ""))
        rest = [f"{name}: {text}" for name, text in found.items() if name not in self.fields]
        self.fault.setText(" ".join(rest))
        self.fault.setVisible(bool(rest))

    def _show_code(self, found: dict[str, str]) -> None:
        if {"args", "vars", "start_time", "stop_time"} & set(found) and not self._readable():
            self.copy.setEnabled(False)
            return
        columns = self.columns()
        args, named = read_json(columns.pop("args"), list), read_json(columns.pop("vars"), dict)
        for name in ("start_time", "stop_time", "next_run_time"):
            if columns.get(name):
                columns[name] = local_text(columns[name])
        self.code.setText(code_of(self.function.value(), args, named, columns))
        self.copy.setEnabled(True)

    def _readable(self) -> bool:
        try:
            columns = self.columns()
            read_json(columns["args"], list)
            read_json(columns["vars"], dict)
        except (ValueError, UserError):
            return False
        return True

    def _copy_code(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text())

    def _ask_times(self) -> None:
        columns = self.columns()
        schedule = {
            "period": columns.get("period", 60),
            "repeats": columns["repeats"],
            "times_run": self._edited.task.times_run if self._edited else 0,
            "cronline": columns.get("cronline") or "",
            "stop_time": columns.get("stop_time"),
            "start_time": columns.get("start_time") or columns.get("next_run_time"),
        }
        self._actions.look("times", self._on_times, self._on_no_times, owner=self, **schedule)

    def _on_times(self, times: Sequence[float]) -> None:
        now = time.time()
        self.times.setText(", ".join(moment_words(moment, now) for moment in times) or "none")

    def _on_no_times(self, error: Exception) -> None:
        self.times.setText("-")
        self.fields["cronline"].say(str(error))
        self.give.setEnabled(False)

    # giving

    def _give(self) -> None:
        self.give.setEnabled(False)
        columns = self.columns()
        if self._edited is not None:
            self._actions.edit(self._edited.task.id, columns, self._on_answer)
        else:
            self._actions.queue({"function": self.function.value(), **columns}, self._on_answer)

    def _on_answer(self, faults: dict[str, str]) -> None:
        if faults:
            self.show_faults({COLUMN_FIELDS.get(name, name): text for name, text in faults.items()})
            self.give.setEnabled(True)
            return
        self.given.emit()
        self.accept()


def _number(field: QLineEdit, default: int) -> int:
    text = field.text().strip()
    return int(text) if text.lstrip("-").isdecimal() else default


def _moment(text: str, name: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(name) from None


def local_text(moment: float) -> str:
    """A time as the fields take it."""
    return datetime.fromtimestamp(moment).isoformat(" ", "seconds")
