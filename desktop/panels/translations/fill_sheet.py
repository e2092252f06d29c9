"""The sheet that fills what is not translated from other files, the texts to see first (TR-17)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.theme import Theme, paint
from desktop.widgets.buttons import Button
from desktop.widgets.cards import EmptyState
from desktop.widgets.fields import Choice as Field
from desktop.widgets.labels import label

from .choices import Choice, ChoicesModel, DiffSheet
from .filling import Offer
from .listing import counted

WIDEST_SOURCE = 240  # pixels of the column that names the source
WIDEST_CHOICE = 380


class FillModel(ChoicesModel):
    """Rows that have no text yet: where theirs would come from, and what the checks say of it."""

    HEADS = ("From", "Source", "Translation", "Look at")

    def texts(self, choice: Choice) -> tuple[str, str, str, str]:
        """What the columns say of a row."""
        return choice.what, choice.source, choice.after, choice.warning


class FillSheet(DiffSheet):
    """Chooses a file or all of them, shows what each string would become, and how many are chosen.

    Args:
        name: of the language that is filled.
        left: strings of it that are not translated.
        offers: what there is, the first of it shown.

    Signals:
        file_wanted: a file of elsewhere is to be chosen.
    """

    file_wanted = Signal()

    def __init__(
        self, theme: Theme, name: str, left: int, offers: Sequence[Offer], parent: QWidget | None = None
    ) -> None:
        verb = "is" if left == 1 else "are"
        sentence = (
            f"{counted(left, 'string')} of {name} {verb} not translated. Texts come from the same language "
            "of other applications, its parent and its relatives. What is chosen is one step to undo."
        )
        self.model: ChoicesModel
        super().__init__(
            theme,
            "Fill from other files",
            sentence,
            FillModel(offers[0].choices if offers else ()),
            "Fill",
            parent=parent,
        )
        self.setObjectName("translations.fill")
        self._offers = list(offers)
        options = [(str(at), f"{offer.where} ({len(offer.choices)})") for at, offer in enumerate(offers)]
        self.source = Field(theme, "Texts of", options or [("", "No file")])
        self.source.setObjectName("translations.fill.source")
        self.source.setMaximumWidth(WIDEST_CHOICE)
        self.source.setEnabled(len(options) > 1)
        self.source.chosen.connect(self._on_source)
        other = Button(theme, "Another file…", "secondary", "file")
        other.setObjectName("translations.fill.other")
        other.clicked.connect(self._on_other)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label("Texts of", "secondary"))
        row.addWidget(self.source, 1)
        row.addWidget(other)
        row.addStretch(1)
        self.column.insertLayout(2, row)
        if offers:
            self._fit_names(theme, offers)
        else:
            self._show_nothing(theme, left)
            other.setFocus()

    def _fit_names(self, theme: Theme, offers: Sequence[Offer]) -> None:
        font = theme.fonts.style("body")
        names = {choice.what for offer in offers for choice in offer.choices}
        widest = max(paint.text_width(font, one) for one in names) + 44
        self.table.setColumnWidth(0, min(WIDEST_SOURCE, max(self.table.columnWidth(0), widest)))

    def _show_nothing(self, theme: Theme, left: int) -> None:
        none = "No other file of this site has a text for what is not translated here."
        empty = EmptyState(theme, "translations", none if left else "Nothing is left to translate here.")
        self.column.replaceWidget(self.table, empty)
        self.table.hide()
        self.count.hide()
        for button in self.for_all:
            button.hide()

    def _on_source(self, at: str) -> None:
        self.model.replace(self._offers[int(at)].choices)

    def _on_other(self) -> None:
        self.reject()
        self.file_wanted.emit()
