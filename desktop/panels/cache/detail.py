"""A key with its facts and its value (CA-05)."""

from __future__ import annotations

import base64
import time
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.background import Tasks
from desktop.theme import Theme
from desktop.widgets.buttons import IconButton
from desktop.widgets.labels import CutLabel, label
from desktop.widgets.log_lines import printable
from desktop.widgets.value.texts import size_words
from desktop.widgets.value.view import Value, ValueView

from .model import Key, Session, age_words, key_size, store_words, when_words


class Detail(QWidget):
    """The pane at the right: which key or session, its facts, its value.

    Args:
        theme: where its colours come from.
        name: first part of the object names.
        tasks: where large values are taken apart.

    Signals:
        copy_wanted, menu_wanted: copy the name, open the menu.
        whole_wanted: the person wants all of a value that was cut.
    """

    copy_wanted = Signal()
    menu_wanted = Signal()
    whole_wanted = Signal()

    def __init__(self, theme: Theme, name: str, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Details")
        self.setProperty("page", True)
        self.setMinimumWidth(240)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 8, 6)
        self.name = CutLabel("strong", middle=True)
        self.name.setObjectName(f"{name}.name")
        self.copy = IconButton(theme, "copy", "Copy the name")
        self.more = IconButton(theme, "more", "More about this")
        self.more.setObjectName(f"{name}.more")
        self.copy.clicked.connect(self.copy_wanted)
        self.more.clicked.connect(self.menu_wanted)
        head.addWidget(self.name, 1)
        head.addWidget(self.copy)
        head.addWidget(self.more)
        column.addLayout(head)
        self._facts = QGridLayout()
        self._facts.setContentsMargins(16, 0, 16, 8)
        self._facts.setHorizontalSpacing(16)
        self._facts.setVerticalSpacing(6)
        self._facts.setColumnMinimumWidth(0, 60)
        self._facts.setColumnStretch(1, 1)
        self.facts = [(label("", "secondary"), CutLabel("")) for _ in range(3)]
        for at, (name_label, value) in enumerate(self.facts):
            self._facts.addWidget(name_label, at, 0)
            self._facts.addWidget(value, at, 1)
        column.addLayout(self._facts)
        self.value = ValueView(theme, f"{name}.value", tasks)
        self.value.whole_wanted.connect(self.whole_wanted)
        column.addWidget(self.value, 1)

    def _show(self, name: str, facts: list[tuple[str, str]]) -> None:
        self.name.set_text(printable(name))
        for (name_label, value), (words, shown) in zip(self.facts, facts, strict=True):
            name_label.setText(words)
            value.set_text(printable(shown))
        for button in (self.copy, self.more):
            button.setEnabled(bool(name))

    def show_nothing(self, words: str) -> None:
        """Shows that nothing is chosen."""
        self._show("", [("", ""), ("", ""), ("", "")])
        self.name.set_text(words)
        self.value.show_value(Value(null=True))
        self.value.text.setPlaceholderText("")

    def show_key(self, key: Key, now: float) -> None:
        """Shows the facts of a key; its value follows."""
        written = f"{when_words(key.stored)}, {age_words(key.stored, now)} ago" if key.stored else "not known"
        kind = key.type or "unreadable"
        self._show(
            key.key,
            [
                ("Store", f"{store_words(key.store)}, {key.application}"),
                ("Size", f"{key_size(key)}, {kind}"),
                ("Written", written),
            ],
        )

    def show_session(self, session: Session) -> None:
        """Shows the facts of a session."""
        used = f"{age_words(time.time() - session.age, time.time())} ago" if session.age >= 0 else "not known"
        self._show(
            session.id,
            [
                ("Visitor", session.client or "not known"),
                ("Kept in", f"{session.kind}, {session.application}, {size_words(session.size)}"),
                ("Used", used),
            ],
        )

    def show_value(self, answer: dict[str, Any]) -> None:
        """Shows a value in its forms."""
        if answer.get("fault"):
            self.value.show_value(Value(fault=answer["fault"]))
            return
        data = base64.b64decode(answer["base64"]) if answer.get("base64") else None
        text = answer.get("text")
        self.value.show_value(
            Value(
                text=text, data=data, python=answer.get("python", ""), size=answer.get("size", 0),
                packed=answer.get("tree", ""), typed=answer.get("tree_kind") == "python",
                parts_fault=answer.get("tree_fault", ""),
            )
        )  # fmt: skip

    def show_fault(self, text: str) -> None:
        """Shows why there is no value."""
        self.value.show_value(Value(fault=printable(text)))
