"""The languages of an application with their progress (TR-01)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Theme, paint
from desktop.widgets.buttons import Button
from desktop.widgets.fields import FaultLine, Labelled
from desktop.widgets.labels import label
from desktop.widgets.row_list import as_row_list
from runtime.i18n.accept import normal_name
from runtime.i18n.plural_rules import PluralRule, examples, rule_for

from .languages import LanguageLine

HEADS = ("Language", "Code", "Done", "To go", "Warnings", "Unused", "Plural forms")
LANGUAGE, CODE, DONE, TO_GO, WARNINGS, UNUSED, PLURALS = range(len(HEADS))
RIGHT = frozenset({TO_GO, WARNINGS, UNUSED})
NARROW_HIDES = (UNUSED, PLURALS)
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


def rule_words(rule: PluralRule) -> str:
    """A plural rule by example: ``1 | 2, 3, 4 | 0, 5, 6``."""
    if rule.nplurals == 1:
        return "one form"
    return " | ".join(", ".join(map(str, numbers)) for numbers in examples(rule))


class LanguagesModel(QAbstractTableModel):
    """One row per language file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: list[LanguageLine] = []

    def show_lines(self, lines: Sequence[LanguageLine]) -> None:
        """Replaces the rows."""
        if list(lines) != self.lines:
            self.beginResetModel()
            self.lines = list(lines)
            self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return HEADS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if section in RIGHT else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def text(self, row: int, column: int) -> str:
        """What a cell says."""
        line = self.lines[row]
        counts = line.counts
        if counts.problem and column not in (LANGUAGE, CODE):
            return "cannot be read" if column == DONE else ""
        name = "Source texts" if counts.language == "default" else counts.name
        return (
            name,
            f"{counts.language}.py",
            f"{line.percent} %",
            str(line.to_go or ""),
            str(line.warnings or ""),
            str(counts.unused or ""),
            rule_words(counts.rule),
        )[column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        text = self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[index.column()]}: {text or 'none'}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.lines[index.row()].counts.problem or (text if index.column() == PLURALS else None)
        return None


class LanguagesDelegate(QStyledItemDelegate):
    """Paints rows with a bar for what is done."""

    def __init__(self, theme: Theme, model: LanguagesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._model = theme, model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self._theme.size("row") + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, color, column = self._theme, self._theme.color, index.column()
        model = self._model
        line, text = model.lines[index.row()], model.text(index.row(), column)
        rect = QRectF(option.rect)
        if QStyle.StateFlag.State_Selected in option.state:
            painter.fillRect(rect, color("select.row"))  # the orders above are about this row
            if column == LANGUAGE:
                painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), color("select.mark"))
        elif QStyle.StateFlag.State_MouseOver in option.state:
            painter.fillRect(rect, color("surface.hover"))
        paint.hairline(painter, rect.left(), rect.bottom() - 1, rect.width(), color("border.hairline"))
        area = rect.adjusted(16 if column == LANGUAGE else 8, 0, -8, 0)
        side = Qt.AlignmentFlag.AlignRight if column in RIGHT else Qt.AlignmentFlag.AlignLeft
        font = theme.fonts.style("body", 500 if column == LANGUAGE else 400)
        ink = "text.primary" if column in (LANGUAGE, TO_GO) else "text.secondary"
        if line.counts.problem and column == DONE:
            mark = color("status.failed.mark")
            theme.icons.draw(painter, "mark-cross-small", mark, area.left() - 2, area.center().y() - 8)
            paint.text(painter, area.adjusted(20, 0, 0, 0), text, font, color("status.failed.text"))
            return
        if column == DONE:
            width = paint.text_width(font, "100 %")
            track = QRectF(area.left(), area.center().y() - 3, area.width() - width - 14, 6)
            paint.box(painter, track, color("surface.sunken"), None, 3)
            if line.percent:
                done = QRectF(track.left(), track.top(), max(6, track.width() * line.percent / 100), 6)
                paint.box(painter, done, color("select.mark"), None, 3)
            side = Qt.AlignmentFlag.AlignRight
        elif column == WARNINGS and text:
            width = paint.text_width(font, text)
            mark = color("status.problem.mark")
            icon = area.right() - width - 22
            theme.icons.draw(painter, "mark-triangle-bang", mark, icon, area.center().y() - 8)
            ink = "status.problem.text"
        paint.text(painter, area, text, font, color(ink), side)


class LanguagesTable(QTableView):
    """The languages.

    Signals:
        opened(str): show the strings of this language.
    """

    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows = LanguagesModel(self)
        self.setObjectName("translations.languages")
        self.setAccessibleName("Languages")
        self.setModel(self.rows)
        self.setItemDelegate(LanguagesDelegate(theme, self.rows, self))
        as_row_list(self)
        self.setFrameShape(QTableView.Shape.NoFrame)
        head = self.horizontalHeader()
        head.setAccessibleName("Columns of the list of languages")
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(LANGUAGE, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(DONE, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(self._on_double)
        theme.changed.connect(self._measure)
        self._measure()

    def _measure(self) -> None:
        row = self._theme.size("row") + 4
        self.verticalHeader().setDefaultSectionSize(row)
        self.horizontalHeader().setFixedHeight(self._theme.size("table_header"))
        font = self._theme.fonts.style("body", 500)
        samples = {CODE: "zh-hant.py", TO_GO: "00 000", WARNINGS: "Warnings", UNUSED: "Unused"}
        for column, sample in samples.items():
            self.setColumnWidth(column, paint.text_width(font, sample) + 28)
        self.setColumnWidth(PLURALS, paint.text_width(font, "1 | 2, 3, 4 | 0, 5, 6 | 11") + 20)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column in NARROW_HIDES:
            self.setColumnHidden(column, self.width() < 680)

    def current(self) -> LanguageLine | None:
        """The language in the current row."""
        index = self.currentIndex()
        return self.rows.lines[index.row()] if index.isValid() else None

    def show_lines(self, lines: Sequence[LanguageLine]) -> None:
        """Replaces the rows; the same language stays the current one."""
        before = self.current()
        self.rows.show_lines(lines)
        names = [line.counts.language for line in lines]
        if before is not None and before.counts.language in names:
            self.selectRow(names.index(before.counts.language))
        elif names:
            self.selectRow(0)

    def _on_double(self, index: QModelIndex) -> None:
        self.opened.emit(self.rows.lines[index.row()].counts.language)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self.current()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and line is not None:
            self.opened.emit(line.counts.language)
        else:
            super().keyPressEvent(event)


class LanguageSheet(QDialog):
    """Code and name of a language, with its plural rule shown while typing.

    Signals:
        given(str, str): code and name.
    """

    given = Signal(str, str)

    def __init__(
        self,
        theme: Theme,
        title: str,
        verb: str,
        code: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("translations.language")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label(title, "title"))
        self.code = QLineEdit(code)
        self.code.setObjectName("translations.language.code")
        self.code.setPlaceholderText("it, pt-br, zh-hant")
        self.name = QLineEdit(name)
        self.name.setObjectName("translations.language.name")
        self.name.setPlaceholderText("Italiano")
        self.code_field = Labelled(theme, "Code", self.code)
        column.addWidget(self.code_field)
        column.addWidget(Labelled(theme, "Name, in the language itself", self.name))
        self.rule = label("", "secondary", wrap=True)
        self.rule.setMinimumWidth(360)
        column.addWidget(self.rule)
        self.fault = FaultLine(theme)
        column.addWidget(self.fault)
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = Button(theme, "Cancel")
        cancel.clicked.connect(self.reject)
        self.apply = Button(theme, verb, "primary")
        self.apply.setObjectName("translations.language.apply")
        self.apply.clicked.connect(self.give)
        row.addWidget(cancel)
        row.addWidget(self.apply)
        column.addLayout(row)
        self.code.textChanged.connect(self._on_code)
        self.code.returnPressed.connect(self.give)
        self.name.returnPressed.connect(self.give)
        self._on_code()

    def _on_code(self) -> None:
        language = normal_name(self.code.text())
        self.apply.setEnabled(bool(language) and language != "default")
        if not self.code.text().strip():
            self.rule.setText("The code chooses the plural rule.")
            return
        if not language:
            self.rule.setText("This is not the code of a language. Write it as it, pt-br or zh-hant.")
            return
        rule = rule_for(language)
        if rule.language == "default":
            self.rule.setText(f"{language}: no plural rule is known, one form for every number.")
        else:
            forms = "1 plural form" if rule.nplurals == 1 else f"{rule.nplurals} plural forms"
            self.rule.setText(f"{language}: {forms}: {rule_words(rule)}")

    def give(self) -> None:
        """Takes what was typed."""
        if self.apply.isEnabled():
            self.given.emit(self.code.text(), self.name.text())
            self.accept()
