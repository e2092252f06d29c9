"""Puts colours on the lines of a document that are seen, and on no others (UI-AP-11)."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextDocument, QTextLayout

from desktop.theme import Theme

from .languages import LANGUAGES, Language, Span, colored_lines

SLICE = 0.004  # seconds of scanning before the person's keys are looked at again
LATER = 40  # milliseconds after which lines below a change get their new colours; typing comes first
COLORED = 1  # lowest bit of a block's user state; the rest is the state it begins in


class Colors(QObject):
    """Keeps the state in which each line begins, and colours what the view asks for.

    Each block's user state holds that state and whether it is coloured.  `_known` lines
    from the top have a true state; the rest is scanned in slices between events.

    Args:
        document: whose lines.
        theme: gives the colours.

    Signals:
        colored(int, int): from which to which line colours are other ones, to be painted.
    """

    colored = Signal(int, int)

    def __init__(self, document: QTextDocument, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._language: Language = LANGUAGES["plain"]
        self._formats: dict[str, QTextCharFormat] = {}
        self._known = 0
        self._old_known = 0  # states beyond the change that hold if the scan meets them
        self._blocks = document.blockCount()
        self._seen = (0, 0)
        self._busy = self._filling = False
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.setObjectName("editor-scan")
        self._timer.timeout.connect(self._scan_on)
        self._later = QTimer(self, singleShot=True, interval=LATER)
        self._later.setObjectName("editor-colors")
        self._later.timeout.connect(self._show_again)
        document.contentsChange.connect(self._on_change)
        theme.changed.connect(self._on_theme)

    @property
    def complete(self) -> bool:
        """Whether the state of every line is known."""
        return self._known >= self._document.blockCount()

    def set_language(self, language: Language) -> None:
        """Colours by another language from now on."""
        self._language = language
        self.restart()
        self._scan(0)

    def set_filling(self, on: bool) -> None:
        """Until the document is filled, new lines come at its end: what is known stays as it is."""
        self._filling = on
        self._blocks = self._document.blockCount()
        if not on:
            self._timer.start()

    def restart(self) -> None:
        """Forgets all states and colours."""
        block = self._document.begin()
        while block.isValid() and block.userState() != -1:
            block.setUserState(-1)
            block = block.next()
        self._known = self._old_known = 0
        self._blocks = self._document.blockCount()
        self._timer.start()

    def _on_theme(self) -> None:
        self._formats.clear()
        first, last = self._seen
        block = self._document.begin()
        while block.isValid():
            if block.userState() & COLORED and block.userState() != -1:
                block.setUserState(block.userState() & ~COLORED)
            block = block.next()
        self.show(first, last)

    def _on_change(self, position: int, removed: int, added: int) -> None:
        if self._busy or self._filling:
            return
        first = self._document.findBlock(position)
        last = self._document.findBlock(position + added)
        if not last.isValid():
            last = self._document.lastBlock()
        count = self._document.blockCount()
        grown, self._blocks = count - self._blocks, count
        at, end = first.blockNumber(), last.blockNumber()
        block = first
        for number in range(at, end + 1):
            keep = block.userState() if number == at and block.userState() != -1 else -1
            block.setUserState(keep & ~COLORED if keep != -1 else -1)
            block = block.next()
        self._old_known = max(self._known, self._old_known) + grown if self._known > at else 0
        self._known = min(self._known, at + 1)
        self._scan(end + 1)
        self.show(max(at, self._seen[0]), min(end, self._seen[1]), seen=self._seen)
        self._later.start()

    def _show_again(self) -> None:
        self.show(*self._seen)

    def _scan_on(self) -> None:
        self._scan(0)
        first, last = self._seen
        if first <= self._known:
            self.show(first, last)

    def _scan(self, least: int) -> None:
        """Goes on giving lines their states: at least up to line `least`, then until the slice is over."""
        rules, count = self._language.rules, self._document.blockCount()
        if self._known == 0:
            self._document.begin().setUserState(0)
            self._known = 1
        block = self._document.findBlockByNumber(self._known - 1)
        state = max(block.userState(), 0) >> 1
        end = time.perf_counter() + SLICE
        while self._known < count:
            state = rules.next_state(state, block.text())
            block = block.next()
            before = block.userState()
            if before != -1 and before >> 1 == state:
                if least <= self._known < self._old_known:  # from here on everything is as it was
                    self._known = self._old_known
                    break
            else:
                block.setUserState(state << 1)
            self._known += 1
            if self._known > least and self._known % 64 == 0 and time.perf_counter() > end:
                break
        if self._known < count:
            self._timer.start()
        else:
            self._old_known = 0

    def show(self, first: int, last: int, seen: tuple[int, int] | None = None) -> None:
        """Colours the lines from number `first` to `last`, as far as they are not.

        `seen` are the lines that the person sees, where these are more.
        """
        self._seen = seen or (first, last)
        if self._busy or not self._language.lexer:
            return
        block = self._document.findBlockByNumber(first)
        run: list[QTextBlock] = []
        for number in range(first, last + 1):
            if not block.isValid():
                break
            state = block.userState()
            if state != -1 and state & COLORED:
                self._color(run, first)
                run = []
            else:
                if not run:
                    first = number
                run.append(block)
            block = block.next()
        self._color(run, first)

    def _color(self, run: list[QTextBlock], first: int) -> None:
        if not run:
            return
        state = max(run[0].userState(), 0) >> 1
        lines = colored_lines(self._language, [block.text() for block in run], state)
        self._busy = True
        for number, (block, spans) in enumerate(zip(run, lines, strict=True), first):
            block.layout().setFormats([self._range(span) for span in spans])
            if number < self._known:
                block.setUserState(max(block.userState(), 0) | COLORED)
        self._busy = False
        self.colored.emit(first, first + len(run) - 1)

    def _range(self, span: Span) -> QTextLayout.FormatRange:
        start, length, name = span
        out = QTextLayout.FormatRange()
        out.start, out.length = start, length
        out.format = self._format(name)
        return out

    def _format(self, name: str) -> QTextCharFormat:
        found = self._formats.get(name)
        if found is None:
            found = self._formats[name] = QTextCharFormat()
            found.setForeground(self._theme.color(name))
        return found
