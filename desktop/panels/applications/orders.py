"""Orders to whole applications, in the background, with undo where there is one (UI-AP-03..06)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.background import Context
from desktop.panels.overview.words import counted
from desktop.panels.tickets.model import ago
from desktop.shell.context import PanelContext
from desktop.shell.notices import NoticeAction
from desktop.shell.questions import Answer, Question
from runtime.admin import bin as site_bin
from runtime.admin import install, maintenance
from runtime.admin.applications import create_application, name_problem, pack, set_enabled
from runtime.admin.install import Candidate
from runtime.admin.pack_reading import PackEntry
from runtime.admin.packs import pack_files, packable

from .listing import Listing
from .model import COMPILED, Row, size_words
from .open_outside import show_in_folder
from .sheets import BinSheet, CleanSheet, InstallSheet, NameSheet, PackSheet, UninstallSheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

LANE = "applications.orders"
NOTICE = "applications-order"


class AppOrders(QObject):
    """What can be done with applications.

    Args:
        context: the shared parts.
        listing: the applications.
        parent: over which sheets open.

    Signals:
        made(str): an application is there that was not: its name.
        gone(str): one is not there any more.
        renamed(str, str): old and new name.
    """

    made = Signal(str)
    gone = Signal(str)
    renamed = Signal(str, str)

    def __init__(self, context: PanelContext, listing: Listing, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._listing, self._over = context, listing, parent

    # helpers

    def _run(
        self,
        title: str,
        function: Callable[[Context], Any],
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[Exception], None] | None = None,
        reading: bool = False,
    ) -> None:
        self._context.tasks.run(
            function,
            owner=self,
            title=title,
            lane=LANE,
            on_done=on_done,
            on_failed=on_failed or self._on_failed,
            reading=reading,
        )

    def _on_failed(self, error: Exception) -> None:
        self._context.notices.post("error", str(error), replace=NOTICE)
        self._listing.refresh(figures=False)

    def _say(self, words: str, *actions: NoticeAction) -> None:
        self._context.notices.post("done", words, actions=list(actions), replace=NOTICE)

    def _after(self, words: str, name: str = "", *actions: NoticeAction) -> None:
        self._say(words, *actions)
        self._listing.refresh(figures=False)
        if name:
            self._listing.refresh_one(name)

    def _name_problem(self, name: str) -> str | None:
        return name_problem(name, [row.name for row in self._listing.rows])

    def _ask_name(self, id: str, title: str, verb: str, then: Callable[..., None], **more: Any) -> None:
        sheet = NameSheet(
            self._context.theme,
            f"applications.{id}",
            title,
            verb,
            self._name_problem,
            parent=self._over,
            **more,
        )
        sheet.given.connect(then)
        sheet.open()

    # making

    def new(self) -> None:
        """Makes an application from the template or an empty one (UI-AP-03)."""
        kinds = [("template", "From the template"), ("empty", "Empty")]
        self._ask_name("new", "New application", "Create", self._create, choice=kinds)

    def _create(self, name: str, kind: str) -> None:
        site = self._listing.site

        def work(_context: Context) -> None:
            if kind == "empty":
                install.create_empty(site, name)
            else:
                create_application(site, name)

        self._run(f"Creating {name}", work, lambda _none: self._on_made(name, f"{name} was created."))

    def _on_made(self, name: str, words: str, *actions: NoticeAction) -> None:
        self._after(words, "", *actions)
        self._listing.refresh()
        self.made.emit(name)

    def install(self, source: str = "") -> None:
        """Asks what to install, shows what it holds, installs it (UI-AP-04)."""
        sheet = InstallSheet(self._context.theme, self._name_problem, self._over)
        sheet.look_wanted.connect(partial(self._look_at, sheet))
        sheet.given.connect(self._install)
        sheet.destroyed.connect(self._drop_seen)
        self._seen: Candidate | None = None
        sheet.open()
        if source:
            sheet.source.setText(source)
            self._look_at(sheet, source)

    def _look_at(self, sheet: InstallSheet, source: str) -> None:
        site = self._listing.site

        def work(context: Context) -> Candidate:
            return install.look_at(site, source, context.progress, lambda: context.cancelled)

        def on_done(candidate: Candidate) -> None:
            self._drop_seen()
            self._seen = candidate
            sheet.show_candidate(candidate)

        self._context.tasks.run(
            work,
            owner=sheet,
            title=f"Looking at {source}",
            key="applications.look_at",
            on_done=on_done,
            on_failed=lambda error: sheet.show_fault(str(error)),
        )

    def _drop_seen(self) -> None:
        candidate, self._seen = self._seen, None
        if candidate is not None and candidate.scratch is not None:
            self._run("Clearing up", lambda _context: install.drop(candidate), reading=True)

    def _install(self, candidate: Candidate, name: str, overwrite: bool) -> None:
        self._seen = None  # it is used now; what it fetched goes when that is done
        site = self._listing.site
        if overwrite:
            self._confirm_overwrite(site, candidate, name)
        else:
            self._install_now(candidate, name, False)

    def _confirm_overwrite(self, site: Path, candidate: Candidate, name: str) -> None:
        def on_done(found: tuple[int, int, int]) -> None:
            added, changed, removed = found
            question = Question(
                self._context.theme,
                f"Overwrite {name}?",
                f"{counted(added, 'file')} would be new, {changed} of another size, {removed} gone. "
                f"The present application goes to the bin, with its databases and uploads.",
                [Answer("overwrite", f"Overwrite {name}", "danger"), Answer("stay", "Keep it", "primary")],
                parent=self._over,
            )

            def on_answer(answer: str, _ticked: bool) -> None:
                if answer == "overwrite":
                    self._install_now(candidate, name, True)
                else:
                    self._run("Clearing up", lambda _context: install.drop(candidate), reading=True)

            question.answered.connect(on_answer)
            question.open()

        self._run("Comparing", lambda _context: install.differences(site, candidate, name), on_done)

    def _install_now(self, candidate: Candidate, name: str, overwrite: bool) -> None:
        site = self._listing.site

        def work(context: Context) -> site_bin.Thrown | None:
            try:
                _info, old = install.install(
                    site, candidate, name, overwrite=overwrite, cancelled=lambda: context.cancelled
                )
            finally:
                install.drop(candidate)
            return old

        def on_done(old: site_bin.Thrown | None) -> None:
            kept = " The former one is in the bin." if old is not None else ""
            self._on_made(name, f"{name} was installed.{kept}")

        self._run(f"Installing {name}", work, on_done)

    # changing

    def turn(self, row: Row) -> None:
        """Turns an application off, or on again."""
        site, on = self._listing.site, row.kind == "off"

        def on_done(_none: None) -> None:
            words = (
                f"{row.name} is on again." if on else f"{row.name} is off: visitors see a maintenance page."
            )
            self._after(
                words, "", *([] if on else [NoticeAction("Turn on", partial(self._turn_on, row.name))])
            )

        self._run(
            f"Turning {row.name} {'on' if on else 'off'}",
            lambda _context: set_enabled(site, row.name, on),
            on_done,
        )

    def _turn_on(self, name: str) -> None:
        row = self._listing.find(name)
        if row is not None and row.kind == "off":
            self.turn(row)

    def rename(self, row: Row) -> None:
        """Asks for another name."""

        def then(new: str, _choice: str) -> None:
            site = self._listing.site

            def on_done(_info: object) -> None:
                self._after(f"{row.name} is called {new} now. Links to its pages have changed too.")
                self.renamed.emit(row.name, new)

            self._run(f"Renaming {row.name}", lambda _c: maintenance.rename(site, row.name, new), on_done)

        self._ask_name("rename", f"Rename {row.name}", "Rename", then, value=row.name)

    def duplicate(self, row: Row) -> None:
        """Asks for the name of a copy and whether its data are copied too."""

        def then(new: str, choice: str) -> None:
            site = self._listing.site

            def work(context: Context) -> None:
                maintenance.duplicate(
                    site, row.name, new, with_data=choice == "data", cancelled=lambda: context.cancelled
                )

            self._run(
                f"Duplicating {row.name}",
                work,
                lambda _none: self._on_made(new, f"{new} is a copy of {row.name}."),
            )

        kinds = [("data", "With data"), ("plain", "Without data")]
        name = next(
            f"{row.name}_copy{number}"
            for number in ("", *map(str, range(2, 1000)))
            if self._name_problem(f"{row.name}_copy{number}") is None
        )
        self._ask_name("duplicate", f"Duplicate {row.name}", "Duplicate", then, value=name, choice=kinds)

    def compile(self, row: Row) -> None:
        """Compiles the sources; mistakes are named with their lines."""
        site = self._listing.site
        self._run(
            f"Compiling {row.name}",
            lambda _context: maintenance.compile_sources(site, row.name),
            lambda found: self._after(
                f"{counted(len(found), 'controller')} of {row.name} compiled.", row.name
            ),
        )

    def remove_compiled(self, row: Row) -> None:
        """Takes the compiled code away."""
        site = self._listing.site
        self._run(
            f"Removing the compiled code of {row.name}",
            lambda _context: maintenance.remove_compiled(site, row.name),
            lambda _none: self._after(f"The compiled code of {row.name} is in the bin.", row.name),
        )

    def clean(self, row: Row) -> None:
        """Asks which leftovers go."""
        site = self._listing.site

        def on_found(found: list[maintenance.Leftover]) -> None:
            sheet = CleanSheet(self._context.theme, row.name, found, self._over)
            sheet.given.connect(partial(self._clean, row.name))
            sheet.open()

        self._run(
            f"Measuring {row.name}",
            lambda _context: maintenance.leftovers(site, row.name),
            on_found,
            reading=True,
        )

    def _clean(self, name: str, parts: tuple[str, ...]) -> None:
        site = self._listing.site
        self._run(
            f"Cleaning {name}",
            lambda _context: maintenance.clean(site, name, parts),
            lambda count: self._after(f"{counted(count, 'file')} of {name} deleted.", name),
        )

    def pack(self, row: Row) -> None:
        """Asks what to pack and where to (UI-AP-05)."""
        target = Path.home() / f"{row.name}.w2p"

        def on_found(entries: list[PackEntry]) -> None:
            has_sources = row.kind != COMPILED
            sheet = PackSheet(self._context.theme, row.name, target, has_sources, entries, self._over)
            sheet.given.connect(partial(self._pack, row))
            sheet.open()

        self._run(f"Looking at {row.name}", lambda _c: packable(row.folder), on_found, reading=True)

    def _pack(self, row: Row, target: str, kind: str, chosen: bool | tuple[str, ...]) -> None:
        path, site = Path(target).expanduser(), self._listing.site

        def work(_context: Context) -> tuple[int, int]:
            if isinstance(chosen, tuple):
                entries = pack_files(row.folder, chosen, path)
            else:
                entries = pack(site, row.name, path, with_data=chosen, compiled_only=kind == "compiled")
            return len(entries), path.stat().st_size

        def on_done(found: tuple[int, int]) -> None:
            words = f"{counted(found[0], 'file')} packed into {path}, {size_words(found[1])}."
            self._say(words, NoticeAction("Show in folder", partial(show_in_folder, path)))

        self._run(f"Packing {row.name}", work, on_done)

    # removing

    def uninstall(self, row: Row) -> None:
        """Moves an application to the bin; asks first."""
        site = self._listing.site

        def on_known(with_data: bool) -> None:
            sheet = UninstallSheet(self._context.theme, row.name, with_data, self._over)
            sheet.given.connect(partial(self._uninstall, row.name))
            sheet.open()

        self._run(
            f"Looking at {row.name}",
            lambda _context: maintenance.has_databases(site, row.name),
            on_known,
            reading=True,
        )

    def _uninstall(self, name: str) -> None:
        site = self._listing.site

        def on_done(thrown: site_bin.Thrown) -> None:
            undo = NoticeAction("Undo", partial(self.put_back, thrown))
            self._after(f"{name} is in the bin.", "", undo)
            self.gone.emit(name)

        self._run(f"Uninstalling {name}", lambda _c: maintenance.uninstall(site, name), on_done)

    def put_back(self, thrown: site_bin.Thrown) -> None:
        """Brings something back from the bin."""
        site = self._listing.site
        self._run(
            f"Putting {thrown.path} back",
            lambda _context: site_bin.put_back(site, thrown),
            lambda path: self._after(f"{thrown.path} is back.", path.name),
        )

    def show_bin(self) -> None:
        """Shows what is in the bin."""
        site = self._listing.site

        def on_found(found: list[site_bin.Thrown]) -> None:
            now = time.time()
            sheet = BinSheet(self._context.theme, found, lambda when: ago(when, now), self._over)
            sheet.back_wanted.connect(self.put_back)
            sheet.empty_wanted.connect(partial(self._empty_bin, len(found)))
            sheet.open()

        self._run("Looking into the bin", lambda _c: site_bin.contents(site), on_found, reading=True)

    def _empty_bin(self, count: int) -> None:
        site = self._listing.site
        self._run(
            "Emptying the bin",
            lambda _context: site_bin.empty(site, days=0),
            lambda done: self._say(f"{counted(done, 'thing')} of {count} destroyed."),
        )

    def forget_old(self) -> None:
        """Destroys what is in the bin for more than 30 days."""
        site = self._listing.site
        self._run("Looking into the bin", lambda _c: site_bin.empty(site), lambda _n: None, reading=True)
