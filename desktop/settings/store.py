"""The store of options: read at start, told by signal, written in the background (ST-02, ST-03)."""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.processes.lane import Lane
from desktop.processes.state import ServerSettings
from desktop.settings.document import write_document
from desktop.settings.schema import BY_NAME, OPTIONS, OptionError, Value, option
from runtime.config import default_site_folder
from runtime.foundation.files import write_atomic
from runtime.foundation.locks import file_lock

FILE_NAME = "settings.toml"
WRITE_DELAY = 400  # milliseconds after the last change

Document = dict[str, Any]


def config_folder() -> Path:
    """Where the settings of this user lie; ``HADRON_CONFIG_DIR`` names another folder."""
    named = os.environ.get("HADRON_CONFIG_DIR")
    return Path(named) if named else Path(platformdirs.user_config_dir("Hadron", appauthor=False))


class SettingsStore(QObject):
    """Options by dotted name.

    Reading and writing never waits for the disk after the construction, which reads one small file.  The
    file is read again before it is written, so that what a person or a second window wrote meanwhile stays.

    Args:
        folder: of the file; default that of the user.

    Signals:
        changed: name and new value of an option.
        problem: a sentence about the file, to be shown as a notice.

    Attributes:
        problems: what was wrong with the file when it was read; sentences.
    """

    changed = Signal(str, object)
    problem = Signal(str)

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = (folder or config_folder()) / FILE_NAME
        self.problems: list[str] = []
        self._values: dict[str, Value] = {}
        self._forced: dict[str, tuple[Value, str]] = {}
        self._dirty: dict[str, Value | None] = {}  # to be written; None means back to the default
        self._lane = Lane("settings", self)
        self._timer = QTimer(self, singleShot=True, interval=WRITE_DELAY)
        self._timer.setObjectName("settings-write")
        self._timer.timeout.connect(self._write_soon)
        document, self.problems = read_file(self.path)
        self._values = values_of(document)

    # reading

    def get(self, name: str, default: Any = None) -> Any:
        """The effective value of `name`; `default` for what is no option."""
        if name in self._forced:
            return self._forced[name][0]
        if name in self._values:
            return self._values[name]
        return BY_NAME[name].default if name in BY_NAME else default

    def source(self, name: str) -> str:
        """Where the value comes from: "default", "settings", or what forces it ("command line")."""
        if name in self._forced:
            return self._forced[name][1]
        return "settings" if name in self._values else "default"

    # changing

    def set(self, name: str, value: Any) -> None:
        """Keep `value`; tells `changed` if it differs.

        Raises:
            OptionError: no such option, or a value it cannot have.
        """
        checked = option(name).check(value)
        if self._values.get(name, BY_NAME[name].default) != checked:
            self._keep(name, checked)

    def reset(self, name: str) -> None:
        """Back to the default.

        Raises:
            OptionError: no such option.
        """
        option(name)
        if name in self._values:
            self._keep(name, None)

    def force(self, name: str, value: Any, source: str) -> None:
        """Let `value` count for this run only, whatever the settings say; `source` is shown beside it.

        Raises:
            OptionError: no such option, or a value it cannot have.
        """
        self._forced[name] = (option(name).check(value), source)
        self.changed.emit(name, self.get(name))

    def _keep(self, name: str, value: Value | None) -> None:
        before = self.get(name)
        if value is None:
            self._values.pop(name, None)
        else:
            self._values[name] = value
        self._dirty[name] = value
        self._timer.start()
        if self.get(name) != before:
            self.changed.emit(name, self.get(name))

    # the file

    def flush(self) -> None:
        """Write what is not written yet, now; for the end of the program."""
        self._timer.stop()
        dirty, self._dirty = self._dirty, {}
        if dirty:
            try:
                update_file(self.path, dirty)
            except (OSError, TimeoutError) as error:
                self._on_failed(error, dirty)

    def _write_soon(self) -> None:
        dirty, self._dirty = self._dirty, {}
        if dirty:
            path = self.path
            self._lane.submit(
                lambda: update_file(path, dirty),
                self._on_written,
                lambda error: self._on_failed(error, dirty),
            )

    def _on_written(self, result: tuple[Document, list[str]]) -> None:
        document, problems = result
        for sentence in problems:
            self.problem.emit(sentence)
        found = values_of(document)
        for name in BY_NAME:
            if name not in self._dirty and found.get(name) != self._values.get(name):
                before = self.get(name)
                if name in found:
                    self._values[name] = found[name]
                else:
                    self._values.pop(name, None)
                if self.get(name) != before:
                    self.changed.emit(name, self.get(name))

    def _on_failed(self, error: Exception, dirty: Mapping[str, Value | None]) -> None:
        self._dirty = {**dirty, **self._dirty}  # written with the next change
        reason = getattr(error, "strerror", None) or error
        self.problem.emit(f"The settings could not be saved in {self.path}: {reason}.")


def read_file(path: Path) -> tuple[Document, list[str]]:
    """The tables of a settings file, and what is wrong with it, in sentences.

    A file with anything wrong in it is set aside as a copy before anybody could overwrite it.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        return {}, [f"The settings in {path} cannot be read ({error.strerror}); the defaults are used."]
    try:
        document: Document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        kept = _set_aside(path, data)
        return {}, [f"The settings file cannot be understood ({error}). {kept} The defaults are used."]
    wrong = _remove_wrong(document)
    if wrong:
        kept = _set_aside(path, data)
        return document, [f"In the settings, {text}; its default is used. {kept}" for text in wrong]
    return document, []


def update_file(path: Path, changes: Mapping[str, Value | None]) -> tuple[Document, list[str]]:
    """Write `changes` into the file, keeping the rest of it; returns its tables and problems.

    Raises:
        OSError, TimeoutError: it could not be written; the old file is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with file_lock(path.with_suffix(".lock")):
        document, problems = read_file(path)
        for name, value in changes.items():
            section, key = BY_NAME[name].section, BY_NAME[name].key
            table = document.setdefault(section, {})
            if value is None:
                table.pop(key, None)
            else:
                table[key] = value
        write_atomic(path, write_document(document))
    return document, problems


def values_of(document: Mapping[str, Any]) -> dict[str, Value]:
    """The values of all options a checked document holds."""
    return {o.name: document[o.section][o.key] for o in OPTIONS if o.key in document.get(o.section, {})}


def _remove_wrong(document: Document) -> list[str]:
    """Take values out that options cannot have; returns what was wrong with each."""
    wrong = []
    for o in OPTIONS:
        table = document.get(o.section, {})
        if not isinstance(table, dict):
            wrong.append(f"[{o.section}] is no table")
            del document[o.section]
        elif o.key in table:
            try:
                o.check(table[o.key])
            except OptionError as error:
                wrong.append(str(error))
                del table[o.key]
    return wrong


def _set_aside(path: Path, data: bytes) -> str:
    """Keep a copy of a broken file; says where."""
    copy = path.with_name(f"{path.stem}.broken-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
    try:
        write_atomic(copy, data)
    except OSError as error:
        return f"It could not be copied aside ({error.strerror})."
    return f"It was kept as {copy.name}."


def server_settings(store: SettingsStore) -> ServerSettings:
    """What the server is to be started with."""
    folder = store.get("server.site_folder")
    return ServerSettings(
        address=store.get("server.address"),
        port=store.get("server.port"),
        site_folder=Path(folder) if folder else default_site_folder(),
        threads=store.get("server.threads"),
        cron=store.get("server.cron"),
        keep_serving=store.get("server.keep_serving"),
        embedded=store.get("server.embedded"),
        start_with_window=store.get("server.start_with_window"),
    )


def keep_server_settings(store: SettingsStore, settings: ServerSettings) -> None:
    """Remember settings that the supervisor has accepted.

    Raises:
        OptionError: a value an option cannot have.
    """
    folder = settings.site_folder
    values: dict[str, Value] = {"site_folder": "" if folder == default_site_folder() else str(folder)}
    for key in ("address", "port", "threads", "cron", "keep_serving", "embedded", "start_with_window"):
        values[key] = getattr(settings, key)
    for key, value in values.items():
        name = f"server.{key}"
        if value != store.get(name):  # what the command line forces for this run stays out of the file
            store.set(name, value)
