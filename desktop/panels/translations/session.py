"""Languages being edited: opening, undo, drafts, writing, and what other programs write meanwhile.

Reading and writing happen in the background, one after the other in one lane; everything else in the GUI
thread, so that no lock is needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal
from PySide6.QtGui import QUndoGroup, QUndoStack

from desktop.background import Context, Tasks
from desktop.settings.folders import data_folder
from runtime.admin.languages import ScanResult
from runtime.admin.languages_checks import Finding
from runtime.admin.languages_marks import Marks, load_marks
from runtime.i18n.files import load_texts

from . import languages, storage
from .commands import Change, Rows, Words, short
from .languages import LanguageLine
from .listing import Listing, counted, sentence_of
from .memory import Memory
from .model import Conflict, Sheet, Values

DRAFT_PAUSE = 2000  # milliseconds after the first key that is not kept until a draft is (TR-10)
CHECK_PAUSE = 100  # milliseconds the checks wait, so that the list is painted first
WATCH_PAUSE = 200  # milliseconds in which changes of the folder count as one


@dataclass
class OpenFile:
    """One language with its undo stack.

    Attributes:
        draft: where what is not written yet is kept.
        memory: suggestions; None until they are read.
        typing: number of the present session of typing; its keys are one undo step.
        asked: conflicts the person was asked about when the file changed; asked again at writing only.
    """

    sheet: Sheet
    stack: QUndoStack
    draft: Path
    memory: Memory | None = None
    typing: int = 0
    asked: set[Conflict] = field(default_factory=set)


class Session(Listing):
    """The languages of one application.

    Args:
        tasks: runs the background work.
        site: tells the present site folder.
        data: where drafts and the bin lie; default the user's data folder.

    Signals:
        opened: another file is shown, or none (`current`).
        rows_changed(set): values or findings of these keys changed.
        rows_reset: rows came or went.
        words_changed: plural words changed.
        said(str): a line for the foot of the panel.
        conflicts(OpenFile, list): keys both sides changed.
        broken(str): the file cannot be read, and why.
    """

    opened = Signal()
    rows_changed = Signal(object)
    rows_reset = Signal()
    words_changed = Signal()
    said = Signal(str)
    conflicts = Signal(object, object)
    broken = Signal(str)

    def __init__(
        self,
        tasks: Tasks,
        site: Callable[[], Path],
        data: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(tasks, site, parent)
        self.data = data or data_folder()
        self.current: OpenFile | None = None
        self.problem = ""
        self.wanted_language = ""
        self.write_at_once = False
        self.files: dict[str, OpenFile] = {}
        self.undo = QUndoGroup(self)
        self._no_stack = QUndoStack(self.undo)
        self._pause = QTimer(self, singleShot=True, interval=DRAFT_PAUSE)
        self._pause.setObjectName("translations-draft")
        self._pause.timeout.connect(self.keep_drafts)
        self._watch_pause = QTimer(self, singleShot=True, interval=WATCH_PAUSE)
        self._watch_pause.setObjectName("translations-watch")
        self._watch_pause.timeout.connect(self.look_at_disk)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._on_disk)
        self._watcher.fileChanged.connect(self._on_disk)

    # opening

    def show_language(self, language: str) -> None:
        """Show a language; read it unless it is open already."""
        self.write_all()
        if self.application is None:
            return
        self.wanted_language = language
        if language in self.files:
            self._show(self.files[language])
            self.look_at_disk()
            return
        self.open_language(language, show=True)

    def open_language(
        self, language: str, show: bool = False, then: Callable[[OpenFile], None] | None = None
    ) -> None:
        """Read a language in the background; `then` gets it."""
        application, data = self.application, self.data
        if application is None:
            return

        def done(opened: storage.Opened) -> None:
            if application == self.application:
                file = self._on_opened(language, opened)
                if show:
                    self._show(file)
                    self._restore(file, opened.draft)
                if then is not None:
                    then(file)

        def failed(error: Exception) -> None:
            if show and application == self.application:
                self._show(None, sentence_of(error))
                self.broken.emit(self.problem)
            else:
                self._on_failed(error)

        title = f"Opening {language}.py"
        key = "translations.open" if show else ""
        self.run(
            title, lambda _context: storage.open_language(application, language, data), done, failed, key
        )

    def _on_opened(self, language: str, opened: storage.Opened) -> OpenFile:
        sheet = opened.sheet
        stack = QUndoStack(self.undo)
        file = OpenFile(sheet, stack, storage.draft_path(self.data, sheet.path))
        self.files[language] = file
        if self.scanned is not None:
            self._mark_unused(file, self.scanned)
        if opened.problem:
            self.told.emit("warning", opened.problem)
        QTimer.singleShot(CHECK_PAUSE, self, lambda: self._check(file))
        return file

    def _check(self, file: OpenFile) -> None:
        sheet, site = file.sheet, self.site
        application, language, rule = sheet.application, sheet.language, sheet.rule
        texts = {row.key: row.values.text for row in sheet.rows}
        marks = Marks(
            ignored={language: {row.key: set(row.values.ignored) for row in sheet.rows if row.values.ignored}}
        )

        def work(_context: Context) -> tuple[dict[str, list[Finding]], Memory]:
            copy = Sheet(application, language, texts, {}, marks, rule)
            return copy.find_faults(), Memory(languages.applications(site), application, language)

        def done(result: tuple[dict[str, list[Finding]], Memory]) -> None:
            faults, file.memory = result
            sheet.take_faults(faults)
            if self.current is file:
                self.rows_changed.emit({row.key for row in sheet.rows})

        self.run(f"Checking {language}.py", work, done, lane="translations.checks")

    def _show(self, file: OpenFile | None, problem: str = "") -> None:
        self.current, self.problem = file, problem
        self.undo.setActiveStack(file.stack if file is not None else self._no_stack)
        self._watch()
        self.opened.emit()

    def show_wanted(self, application: Path, lines: list[LanguageLine]) -> None:
        name, _, language = self.wanted.partition("/")
        self._watch()
        if name == application.name and self.current is None:
            self.want("", "")
            if any(line.counts.language == language for line in lines):
                self.show_language(language)

    def leave_application(self) -> None:
        self.write_all()
        self.files.clear()
        self._show(None)

    def take_scan(self, found: ScanResult) -> None:
        super().take_scan(found)
        for file in self.files.values():
            self._mark_unused(file, found)
            if file is self.current:
                self.rows_changed.emit({row.key for row in file.sheet.rows})

    def _mark_unused(self, file: OpenFile, found: ScanResult) -> None:
        changes = found.files.get(file.sheet.language)
        if changes is not None and not changes.problem and found.places:
            file.sheet.mark_unused(changes.unused)

    def forget(self, language: str) -> None:
        """Close a language without writing it; its file is about to go."""
        file = self.files.pop(language, None)
        if file is not None:
            file.draft.unlink(missing_ok=True)
            if file is self.current:
                self._show(None)

    def close_language(self) -> None:
        """Back to the list of languages; what is edited is written."""
        self.write_all()
        self._show(None)
        self.find_languages()

    def _restore(self, file: OpenFile, draft: storage.Draft) -> None:
        """Put back what was typed the last time and never reached the file."""
        sheet, conflicts = file.sheet, []
        rows: dict[str, tuple[Values | None, Values | None]] = {}
        for key, (before, values) in draft.rows.items():
            if key not in sheet:
                rows[key] = (None, values)
            elif sheet[key].values != values:
                row = sheet[key]
                rows[key] = (row.values, values)
                if row.values.text not in (before, values.text) and values.text != before:
                    conflicts.append(Conflict(key, values.text, row.values.text, before))
        for key in draft.removed:
            if key in sheet:
                rows[key] = (sheet[key].values, None)
        words = {word: (sheet.words.get(word), forms) for word, forms in draft.words.items()}
        words = {word: pair for word, pair in words.items() if pair[0] != pair[1]}
        if rows or words:
            self.push(file, "Restore the draft", rows, words)
            when = time.strftime("%H:%M", time.localtime(draft.when))
            self.said.emit(f"Draft of {when} restored, {counted(len(rows) + len(words), 'string')}")
        if conflicts:
            self.conflicts.emit(file, conflicts)

    # changing

    def push(
        self,
        file: OpenFile,
        text: str,
        rows: Rows,
        words: Words | None = None,
        session: int | None = None,
    ) -> None:
        """Carry out a change as one undo step."""

        def apply(values: Mapping[str, Values | None], forms: Mapping[str, tuple[str, ...] | None]) -> None:
            self._apply(file, values, forms)

        file.stack.push(Change(text, apply, rows, words, session))

    def _apply(
        self,
        file: OpenFile,
        rows: Mapping[str, Values | None],
        words: Mapping[str, tuple[str, ...] | None],
    ) -> None:
        sheet, reset = file.sheet, False
        touched: set[str] = set()
        for key, values in rows.items():
            if values is None:
                if key in sheet:
                    sheet.remove_row(key)
                    reset = True
            elif key in sheet:
                touched |= sheet.set_values(key, values)
            else:
                sheet.add_row(key, values)
                reset = True
        for word, forms in words.items():
            if forms is None:
                sheet.words.pop(word, None)
            else:
                sheet.words[word] = forms
        if not self._pause.isActive():  # started by each key it would wait for the end of long typing
            self._pause.start()
        if file is not self.current:
            return
        if reset:
            self.rows_reset.emit()
        elif touched:
            self.rows_changed.emit(touched)
        if words:
            self.words_changed.emit()

    def set_text(self, key: str, text: str, title: str = "", typed: bool = False) -> None:
        """Change a translation; an empty one means not translated. Typing in one string is one step."""
        file = self.current
        if file is None or key not in file.sheet:
            return
        row = file.sheet[key]
        after = replace(row.values, text=text or row.source, new=False, same=row.values.same and not text)
        if text and text not in (row.source, row.key):
            after = replace(after, same=False)
        if after != row.values:
            name = title or f"translate “{short(row.source)}”"
            self.push(file, name, {key: (row.values, after)}, session=file.typing if typed else None)

    def end_typing(self) -> None:
        """What is typed from now on is another undo step."""
        if self.current is not None:
            self.current.typing += 1

    def set_values(self, key: str, title: str, **changes: Any) -> None:
        """Change anything of a string as a step of its own."""
        file = self.current
        if file is not None and key in file.sheet:
            values = file.sheet[key].values
            after = replace(values, **changes)
            if after != values:
                self.push(file, title, {key: (values, after)})

    def set_forms(self, word: str, forms: tuple[str, ...] | None, typed: bool = False) -> None:
        """Change, add or take out the plural forms of a word."""
        file = self.current
        if file is not None and file.sheet.words.get(word) != forms:
            pair = {word: (file.sheet.words.get(word), forms)}
            session = file.typing if typed else None
            self.push(file, f"plural of “{short(word)}”", {}, pair, session)

    # drafts and writing

    def keep_drafts(self) -> None:
        """Keep what is not in the files yet outside of the application; runs 2 s after the last key."""
        if self.write_at_once:
            self.write_all()
            return
        for file in self.files.values():
            draft, target = storage.draft_of(file.sheet), file.draft

            def work(
                _context: Context, target: Path = target, draft: storage.Draft = draft
            ) -> tuple[bool, float]:
                return bool(draft), storage.write_draft(target, draft)

            self.run("Keeping the draft", work, self._on_draft, self._on_no_draft)

    def _on_draft(self, kept: tuple[bool, float]) -> None:
        if kept[0]:
            self.said.emit(f"Draft saved {time.strftime('%H:%M', time.localtime(kept[1]))}")

    def _on_no_draft(self, error: Exception) -> None:
        self.told.emit("error", f"The draft could not be kept. {sentence_of(error)} Save with Ctrl+S.")

    def flush(self) -> None:
        """Keep the last keys now; for the end of the program only, as it waits for the disk."""
        if self._pause.isActive():
            self._pause.stop()
            for file in self.files.values():
                try:
                    storage.write_draft(file.draft, storage.draft_of(file.sheet))
                except OSError:
                    continue

    def write_all(self, then: Callable[[bool], None] | None = None) -> None:
        """Write every file that was edited; `then` learns whether nothing is left to write."""
        files = list(self.files.values())
        for file in files:
            self.write(file)
        if then is not None:  # the lane is done with the writing before this
            self.run(
                "Writing", lambda _context: None, lambda _done: then(not any(f.sheet.dirty for f in files))
            )

    def write(self, file: OpenFile) -> None:
        """Write a file, merged by key with what it holds meanwhile (TR-10, TR-11)."""
        if not file.sheet.dirty:
            return
        order = storage.order_of(file.sheet)

        def done(written: storage.Written) -> None:
            self._on_written(file, written)

        def failed(error: Exception) -> None:
            name = f"{file.sheet.language}.py"
            self.told.emit(
                "error", f"{name} was not written. {sentence_of(error)} The draft keeps your changes."
            )
            self._pause.start()

        key = f"translations.write.{file.sheet.path}"
        self.run(
            f"Writing {file.sheet.language}.py", lambda _context: storage.write(order), done, failed, key
        )

    def _on_written(self, file: OpenFile, written: storage.Written) -> None:
        sheet = file.sheet
        sheet.take_saved(written.rows, written.words, written.removed)
        conflicting = {conflict.key for conflict in written.conflicts}
        merged = sheet.merge(written.texts)
        if not sheet.dirty:
            file.stack.setClean()
        self._pause.stop()
        self._keep_one(file)
        if file is self.current:
            if merged.added or merged.removed:
                self.rows_reset.emit()
            self.rows_changed.emit(set(written.rows) | set(merged.changed))
            parts = [f"Saved {time.strftime('%H:%M')}", *_told_of(merged.added)]
            self.said.emit(" · ".join(parts))
        conflicts = written.conflicts + [one for one in merged.conflicts if one.key not in conflicting]
        if conflicts:
            self.conflicts.emit(file, conflicts)

    def _keep_one(self, file: OpenFile) -> None:
        draft, target = storage.draft_of(file.sheet), file.draft
        self.run(
            "Keeping the draft", lambda _context: storage.write_draft(target, draft), None, self._on_no_draft
        )

    def settle(self, file: OpenFile, choices: Mapping[str, tuple[Conflict, str]]) -> None:
        """Take the chosen text of each key both sides changed; `mine` is written over the file's."""
        rows = {}
        for key, (conflict, choice) in choices.items():
            if key in file.sheet:
                file.sheet.settle_conflict(conflict)
                values = file.sheet[key].values
                text = {"mine": conflict.mine, "theirs": conflict.theirs, "before": conflict.before}[choice]
                rows[key] = (values, replace(values, text=text))
        if rows:
            self.push(file, f"settle {counted(len(rows), 'string')}", rows)
            self.write(file)

    # what others write

    def _watch(self) -> None:
        wanted = set()
        if self.application is not None:
            folder = self.application / "languages"
            wanted = {str(folder), *(str(file.sheet.path) for file in self.files.values())}
        watched = set(self._watcher.files() + self._watcher.directories())
        if watched - wanted:
            self._watcher.removePaths(sorted(watched - wanted))
        if wanted - watched:
            self._watcher.addPaths(sorted(wanted - watched))

    def _on_disk(self, _path: str) -> None:
        self._watch_pause.start()

    def look_at_disk(self) -> None:
        """Take what other programs wrote into the open files (TR-11)."""
        self._watch()  # a replaced file is not watched any more
        for file in self.files.values():
            folder, path = file.sheet.folder, file.sheet.path

            def work(
                _context: Context, folder: Path = folder, path: Path = path
            ) -> tuple[dict[str, str], Marks] | None:
                if not path.exists():
                    return None
                return load_texts(path), load_marks(folder)

            def done(found: tuple[dict[str, str], Marks] | None, file: OpenFile = file) -> None:
                if found is not None:
                    self._on_changed(file, *found)

            self.run(f"Reading {path.name}", work, done, key=f"translations.read.{path}")

    def _on_changed(self, file: OpenFile, texts: dict[str, str], marks: Marks) -> None:
        merged = file.sheet.merge(texts, marks)
        if file is not self.current:
            return
        if merged.added or merged.removed:
            self.rows_reset.emit()
        if merged.changed:
            self.rows_changed.emit(set(merged.changed))
        for line in _told_of(merged.added):
            self.said.emit(line)
        news = [one for one in merged.conflicts if one not in file.asked]
        file.asked.update(news)
        if news:
            self.conflicts.emit(file, news)


def _told_of(added: list[str]) -> list[str]:
    if not added:
        return []
    verb = "was" if len(added) == 1 else "were"
    return [f"{counted(len(added), 'key')} {verb} added by the running application and merged"]
