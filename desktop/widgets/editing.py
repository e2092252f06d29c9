"""The switch that lets a panel change things: read first, write on purpose."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.theme import Theme

from .labels import label
from .marks import Toggle


class EditingSwitch(QWidget):
    """The word and the switch; off whenever a panel is made.

    Signals:
        switched(bool): the person may change things from now on, or not.
    """

    switched = Signal(bool)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label("Editing", "secondary"))
        self.toggle = Toggle(theme, "Editing")
        self.toggle.setObjectName(f"{name}.editing")
        self.toggle.setToolTip("Nothing is changed while this is off")
        self.toggle.toggled.connect(self.switched)
        row.addWidget(self.toggle)

    def is_on(self) -> bool:
        """May things be changed?"""
        return self.toggle.isChecked()

    def set_on(self, on: bool) -> None:
        """Switches as the person does."""
        self.toggle.setChecked(on)
