"""Which tables the applications in scope have, and which of them is opened (DB-01)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from runtime.admin.inspector import InspectorProblem

from .model import Branch, Place, branches

if TYPE_CHECKING:
    from .view import DatabasesPanel


class Tables(QObject):
    """The list at the left: what is in it, what is opened from it.

    Args:
        panel: shows rows.
    """

    def __init__(self, panel: DatabasesPanel) -> None:
        super().__init__(panel)
        self._panel, self._asker, self._session = panel, panel.asker, panel.session
        self._applications: tuple[str, ...] = ()
        self._single = ""
        self._opened: set[str] = set()
        self._wanted: tuple[Place, dict[str, str]] | None = None

    def show_applications(self, single: str, names: tuple[str, ...]) -> None:
        """Takes the applications in scope: one, or all."""
        if (single, names) == (self._single, self._applications):
            return
        self._single, self._applications = single, names
        if single and self._panel.isVisible():
            self._asker.describe(Place(single))
        self.show()
        self._panel.show_state()

    def describe(self) -> None:
        """Asks what the one application in scope is made of, if there is only one."""
        if self._single:
            self._asker.describe(Place(self._single))

    def in_scope(self) -> tuple[str, ...]:
        """The applications in scope."""
        return (self._single,) if self._single else self._applications

    def show(self, _text: str = "") -> None:
        """Shows what is known of them, as far as the person looks for it."""
        self._panel.places.show_branches(
            branches(
                self.in_scope(),
                self._asker.known,
                self._opened,
                bool(self._single),
                self._panel.finder.text(),
            )
        )
        self._panel.list.choose(self._session.place)

    def fold(self, place: Place, opened: bool) -> None:
        """Opens or closes an application, or a controller of it; the models run when it is opened first."""
        if opened:
            self._opened.add(place.scope)
            for one in (*place.above(), place):
                self._asker.describe(one)
        else:
            self._opened.discard(place.scope)
        self.show()

    def choose(self, branch: Branch) -> None:
        """Opens the table of a line, or the model that does not load."""
        if branch.kind == "table":
            self.open(branch.place, None)
        elif branch.kind in ("fault", "controller") and branch.fault:
            self._show_load_fault(branch.place)

    def on_known(self, changed: Place) -> None:
        """More is known of the models of a place; a table that was wanted of it can be opened."""
        self.show()
        if self._wanted is not None and self._wanted[0].scope == changed.scope:
            place, filters = self._wanted
            known = self._asker.known[changed.scope]
            if known.report is not None:
                self._wanted = None
                self._open_known(place, filters)
        if changed.scope == self._session.place.scope:
            self._session.refresh_facts()
            self._panel.show_count()
        self._panel.show_state()

    def open(self, place: Place, filters: dict[str, str] | None) -> None:
        """Opens a table; runs the models of its application first if that was not done."""
        known = self._asker.known.get(place.scope)
        if known is None or known.report is None:
            self._wanted = (place, filters or {})
            for one in (*place.above(), place):
                self._opened.add(one.scope)
                self._asker.describe(one)
            self.show()
            return
        self._open_known(place, filters)

    def _open_known(self, place: Place, filters: dict[str, str] | None) -> None:
        known = self._asker.known[place.scope]
        if not place.database and known.report is not None:
            place = next(
                (replace(place, database=one["name"]) for one in known.report["databases"]
                 if any(table["name"] == place.table for table in one["tables"])), place,
            )  # fmt: skip
        facts = known.table(place)
        if facts is None:
            self._panel.say_problem(
                InspectorProblem("gone", f"There is no table {place.table} in {place.application}.")
            )
            return
        if filters is not None:  # a filter without name is that of the key
            filters = {name or (facts["key"] or ["id"])[0]: text for name, text in filters.items()}
        if not self._session.open(place, filters):
            self._panel.list.choose(self._session.place)
            self._panel.said.emit(
                "warning", "Write or discard the changes first; then another table can be opened."
            )
            return
        if filters is not None:
            self._panel.grid.show_filters(self._session.filters)

    def read_models(self) -> None:
        """Runs the models again."""
        for scope in list(self._asker.known):
            application, _, controller = scope.partition("/")
            if application in self.in_scope():
                place = Place(application, controller=controller)
                self._asker.inspector(place).forget()
                self._asker.describe(place, again=True)

    def empty_words(self) -> str:
        """Why there are no rows, and how some get here."""
        session = self._session
        if session.problem is not None and session.place.table:
            return str(session.problem)
        if session.place.table:
            return "Reading the first rows…"
        if not self.in_scope():
            return "No applications in this site folder yet. Make one first."
        if self._single:
            report = (
                known.report if (known := self._asker.known.get(self._single)) is not None else None
            ) or {}
            if report and not report["loads"]:
                return f"{self._single} does not load. {report['problem']['message']}"
            if report and not report["databases"]:
                return f"{self._single} opens no database. A model does so by db = DAL(…)."
        return "Choose a table at the left. Its rows are shown page by page; nothing is changed by looking."

    def _show_load_fault(self, place: Place) -> None:
        known, application = self._asker.known.get(place.scope), place.application
        problem = known.report["problem"] if known is not None and known.report is not None else None
        if problem:
            self._panel.said.emit("warning", f"{place.whole().words()} does not load. {problem['message']}")
            if problem["file"]:
                self._panel.line_wanted.emit(application, problem["file"], problem["line"])
