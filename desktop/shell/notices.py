"""Notices: news for the person, kept until a window exists, shown as at most three bars (SH-12)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.theme import Theme, paint
from desktop.theme.paint import box
from desktop.widgets.buttons import Button, IconButton
from desktop.widgets.labels import label
from desktop.widgets.marks import StateMark

MOST_BARS = 3
MOST_KEPT = 50

_LOOK = {
    "info": ("mark-dot", "changing"),
    "done": ("mark-check", "serving"),
    "warning": ("mark-triangle-bang", "problem"),
    "error": ("mark-cross-small", "failed"),
}


@dataclass(frozen=True)
class NoticeAction:
    """A button of a notice."""

    text: str
    run: Callable[[], object]


@dataclass(frozen=True)
class Notice:
    """One piece of news.

    Attributes:
        key: what it is about; a later notice with the same key takes its place.
        level: ``info``, ``done``, ``warning`` or ``error``.
        text: one sentence: what happened, why, what can be done.
        detail: technical text for *Copy details*.
    """

    key: str
    level: str
    text: str
    detail: str = ""
    actions: tuple[NoticeAction, ...] = ()
    when: float = field(default_factory=time.time)
    open: bool = True


class Notices(QObject):
    """All notices of this run, newest last.

    Signals:
        changed: the list or what is open of it is different.
        posted(Notice): a new one, also when it replaced another.
    """

    changed = Signal()
    posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notices: list[Notice] = []
        self._unseen = 0
        self._count = 0

    def post(
        self,
        level: str,
        text: str,
        detail: str = "",
        actions: Sequence[NoticeAction] = (),
        replace: str = "",
        quiet: bool = False,
    ) -> None:
        """Adds a notice; one with the same `replace` key is updated in its place.

        A `quiet` one goes to the list without a bar, because it can be seen elsewhere already.
        """
        self._count += 1
        key = replace or f"#{self._count}"
        notice = Notice(key, level, text, detail, tuple(actions), open=not quiet)
        for at, known in enumerate(self._notices):
            if known.key == notice.key:
                self._notices[at] = notice
                break
        else:
            self._notices.append(notice)
            del self._notices[:-MOST_KEPT]
        self._unseen += 1
        self.posted.emit(notice)
        self.changed.emit()

    def dismiss(self, key: str) -> None:
        """Closes the bar of `key`; the notice stays in the list."""
        for at, known in enumerate(self._notices):
            if known.key == key and known.open:
                self._notices[at] = replace(known, open=False)
                self.changed.emit()

    def reopen(self, key: str) -> None:
        """Shows the bar of `key` again."""
        for at, known in enumerate(self._notices):
            if known.key == key and not known.open:
                self._notices[at] = replace(known, open=True)
                self.changed.emit()

    def open_notices(self) -> list[Notice]:
        """Those shown as bars: the newest three that were not closed, oldest first."""
        return [notice for notice in self._notices if notice.open][-MOST_BARS:]

    def all(self) -> list[Notice]:
        """All notices, newest first."""
        return self._notices[::-1]

    @property
    def unseen(self) -> int:
        """How many came since :meth:`mark_seen`."""
        return self._unseen

    def mark_seen(self) -> None:
        """The person has opened the list."""
        self._unseen = 0
        self.changed.emit()


class NoticeBar(QFrame):
    """One notice as a tinted bar with mark, sentence and quiet buttons.

    Signals:
        closed(str): key of the notice the person closed.
    """

    closed = Signal(str)

    def __init__(self, theme: Theme, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.notice = notice
        self.setObjectName(f"notice.{notice.key}")
        shape, self._status = _LOOK[notice.level]
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 3, 8, 3)
        row.setSpacing(8)
        mark = StateMark(theme)
        mark.show_state(shape, self._status, notice.level)
        row.addWidget(mark)
        self.words = label(notice.text, wrap=True)
        row.addWidget(self.words, 1)
        self.buttons: list[Button] = []
        for action in notice.actions:
            self._add_button(row, action.text, action.run)
        if notice.detail:
            self._add_button(row, "Copy details", self._copy)
        close = IconButton(theme, "close", f"Close this notice: {notice.text}")
        close.clicked.connect(self._on_close)
        row.addWidget(close)
        self.setMinimumHeight(theme.size("notice"))
        self.setAccessibleName(f"{notice.level}: {notice.text}")

    def _add_button(self, row: QHBoxLayout, text: str, run: Callable[[], object]) -> None:
        button = Button(self._theme, text, "quiet", small=True)
        button.clicked.connect(run)
        row.addWidget(button)
        self.buttons.append(button)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.notice.text}\n{self.notice.detail}")

    def _on_close(self) -> None:
        self.closed.emit(self.notice.key)

    def paintEvent(self, event: object) -> None:
        painter, color = paint.painter_of(self), self._theme.color
        group = f"status.{self._status}"
        box(painter, self.rect(), color(f"{group}.tint"))
        paint.hairline(painter, 0, self.height() - 1, self.width(), color(f"{group}.border"))


class NoticeStack(QWidget):
    """The bars of the open notices, one below the other."""

    def __init__(self, theme: Theme, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._notices = theme, notices
        self._bars: list[NoticeBar] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        notices.changed.connect(self._refresh)
        self._refresh()

    def bars(self) -> list[NoticeBar]:
        """The bars shown, oldest first."""
        return list(self._bars)

    def _refresh(self) -> None:
        wanted = self._notices.open_notices()
        if [bar.notice for bar in self._bars] != wanted:
            for bar in self._bars:
                bar.hide()
                bar.deleteLater()
            self._bars = [NoticeBar(self._theme, notice, self) for notice in wanted]
            for bar in self._bars:
                bar.closed.connect(self._notices.dismiss)
                self._column.addWidget(bar)
        self.setVisible(bool(self._bars))
