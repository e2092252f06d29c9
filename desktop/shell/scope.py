"""Which application the panels look at: one, or all (SH-02)."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from .preferences import Layout

KEPT = "scope"


class Scope(QObject):
    """One value that all panels follow; kept between starts.

    Signals:
        changed(str): the name of the application, empty for all.
        applications_changed: another list of names.
    """

    changed = Signal(str)
    applications_changed = Signal()

    def __init__(self, layout: Layout, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._layout = layout
        self._application = layout.load_text(KEPT)
        self._names: tuple[str, ...] = ()

    @property
    def application(self) -> str:
        """Name of the application looked at; empty for all."""
        return self._application

    @property
    def applications(self) -> tuple[str, ...]:
        """Names of the site's applications, as far as they were read."""
        return self._names

    def set(self, application: str) -> None:
        """Looks at `application`, or at all of them when it is empty."""
        if application != self._application:
            self._application = application
            self._layout.save_text(KEPT, application)
            self.changed.emit(application)

    def show_applications(self, names: tuple[str, ...]) -> None:
        """Takes the names of the site's applications; a scope that is not among them becomes all."""
        if names != self._names:
            self._names = names
            self.applications_changed.emit()
        if self._application and self._application not in names:
            self.set("")
