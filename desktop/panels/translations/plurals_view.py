"""Plural words: one field per form of the language's rule, and a preview for any number (TR-12)."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Theme, paint
from desktop.widgets.buttons import Button
from desktop.widgets.fields import Labelled
from desktop.widgets.labels import label
from runtime.i18n.plural_rules import examples

from .bulk import needed_words
from .model import Sheet


class PluralsView(QWidget):
    """The words at the left, the forms of one at the right.

    Signals:
        forms_changed(str, object): a word and its forms, None to take it out.
        closed: back to the strings.
    """

    forms_changed = Signal(str, object)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sheet: Sheet | None = None
        self._word = ""
        self.fields: list[QLineEdit] = []
        self.setAccessibleName("Plural words")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._build_list(), 2)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setAccessibleName("Forms of the word")
        row.addWidget(self._area, 3)

    def _build_list(self) -> QWidget:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        self.add = QLineEdit()
        self.add.setProperty("tool", True)
        self.add.setObjectName("translations.plurals.add")
        self.add.setAccessibleName("Word to add")
        self.add.setPlaceholderText("Add a word in its singular, Enter")
        self.add.returnPressed.connect(self._on_add)
        column.addWidget(self.add)
        self.words = QListWidget()
        self.words.setObjectName("translations.plurals.words")
        self.words.setAccessibleName("Words")
        self.words.setFrameShape(QListWidget.Shape.NoFrame)
        self.words.currentItemChanged.connect(self._on_word)
        column.addWidget(self.words, 1)
        back = Button(self._theme, "Back to the strings", "quiet", "chevron-left", small=True)
        back.setObjectName("translations.plurals.back")
        back.clicked.connect(self.closed)
        column.addWidget(back, 0, Qt.AlignmentFlag.AlignLeft)
        return side

    def show_sheet(self, sheet: Sheet | None) -> None:
        """Shows the words of a language; the same word stays chosen."""
        other = sheet is not self._sheet
        self._sheet = sheet
        words = needed_words(sheet) if sheet is not None else []
        shown = [self.words.item(at).data(Qt.ItemDataRole.UserRole) for at in range(self.words.count())]
        if words != shown:
            self.words.blockSignals(True)
            self.words.clear()
            for word in words:
                item = QListWidgetItem(word)
                item.setData(Qt.ItemDataRole.UserRole, word)
                item.setSizeHint(QSize(40, self._theme.size("row")))
                self.words.addItem(item)
            self.words.blockSignals(False)
        self._mark_missing()
        if self._word not in words:
            self._word = words[0] if words else ""
        if words:
            self.words.blockSignals(True)
            self.words.setCurrentRow(words.index(self._word))
            self.words.blockSignals(False)
        if other or not self._refill():
            self._build_forms()

    def _mark_missing(self) -> None:
        sheet = self._sheet
        for at in range(self.words.count()):
            item = self.words.item(at)
            word = item.data(Qt.ItemDataRole.UserRole)
            forms = sheet.words.get(word, ()) if sheet else ()
            missing = sheet is not None and sheet.rule.nplurals - 1 > len([form for form in forms if form])
            item.setText(f"{word}  (forms missing)" if missing else word)

    def _refill(self) -> bool:
        """Brings the fields in line without building them again; False when they are other fields."""
        if self._sheet is None or not self.fields or self.fields[0].property("word") != self._word:
            return False
        forms = self._sheet.words.get(self._word, ())
        for at, field in enumerate(self.fields):
            text = forms[at] if at < len(forms) else ""
            if field.text() != text:
                field.setText(text)
        self._show_preview()
        return True

    def _build_forms(self) -> None:
        page = QWidget()
        page.setProperty("page", True)
        column = QVBoxLayout(page)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        self.fields = []
        self.number: QLineEdit | None = None
        sheet = self._sheet
        if sheet is None or not self._word:
            column.addWidget(
                label("No text here has a plural word such as %%{book}.", "secondary", wrap=True)
            )
        elif sheet.rule.nplurals == 1:
            column.addWidget(label(f"{sheet.name} has one form for every number.", "secondary", wrap=True))
        else:
            self._fill_forms(column, sheet)
        column.addStretch(1)
        self._area.setWidget(page)
        self._show_preview()

    def _fill_forms(self, column: QVBoxLayout, sheet: Sheet) -> None:
        column.addWidget(label(self._word, "title"))
        numbers = [
            ", ".join(map(str, found)) + ("…" if len(found) > 2 else "") for found in examples(sheet.rule)
        ]
        column.addWidget(label(f"For {numbers[0]} it stays as it is.", "secondary"))
        forms = sheet.words.get(self._word, ())
        for at in range(1, sheet.rule.nplurals):
            field = QLineEdit(forms[at - 1] if at <= len(forms) else "")
            field.setProperty("word", self._word)
            field.setObjectName(f"translations.plurals.form{at}")
            field.setAccessibleName(f"Form of {self._word} for {numbers[at]}")
            field.setPlaceholderText(sheet.rule.construct_plural_form(self._word, at))
            field.textEdited.connect(self._on_edited)
            self.fields.append(field)
            column.addWidget(Labelled(self._theme, f"For {numbers[at]}", field))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.number = QLineEdit("7")
        self.number.setObjectName("translations.plurals.number")
        self.number.setAccessibleName("Number for the preview")
        self.number.setValidator(QIntValidator(0, 9_999_999, self.number))
        self.number.setFixedWidth(paint.text_width(self._theme.fonts.style("body"), "0000000") + 24)
        self.number.textChanged.connect(self._show_preview)
        row.addWidget(label("Preview for", "secondary"))
        row.addWidget(self.number)
        self.preview = label("", "heading", name="translations.plurals.preview")
        row.addWidget(self.preview, 1)
        column.addLayout(row)
        if self._word in sheet.words:
            drop = Button(self._theme, "Remove the word", "quiet", small=True)
            drop.setObjectName("translations.plurals.remove")
            drop.clicked.connect(self._on_drop)
            column.addWidget(drop, 0, Qt.AlignmentFlag.AlignLeft)

    def _show_preview(self) -> None:
        if self._sheet is None or self.number is None:
            return
        number = int(self.number.text() or "0")
        form = self._sheet.rule.get_plural_id(number)
        texts = [self._word, *(field.text() or field.placeholderText() for field in self.fields)]
        self.preview.setText(f"{number} {texts[form]}" if form < len(texts) else "")

    # what the person does

    def _on_word(self, item: QListWidgetItem | None) -> None:
        self._word = item.data(Qt.ItemDataRole.UserRole) if item is not None else ""
        self._build_forms()

    def _on_edited(self) -> None:
        forms = [field.text() for field in self.fields]
        while forms and not forms[-1]:
            forms.pop()
        self._show_preview()
        self.forms_changed.emit(self._word, tuple(forms) or None)

    def _on_add(self) -> None:
        word = self.add.text().strip()
        sheet = self._sheet
        if word and sheet is not None:
            self.add.clear()
            self._word = word
            built = [sheet.rule.construct_plural_form(word, at) for at in range(1, sheet.rule.nplurals)]
            self.forms_changed.emit(word, tuple(built))

    def _on_drop(self) -> None:
        self.forms_changed.emit(self._word, None)
