"""Views found in their folder, compiled once and kept until one of their files changes."""

from __future__ import annotations

import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from runtime.foundation.paths import safe_join
from runtime.views.codegen import Generator
from runtime.views.compiled import CompiledView, build, compile_question
from runtime.views.linker import NeedsName, link
from runtime.views.problems import TemplateError, ViewNotFound
from runtime.views.scanner import DEFAULT_DELIMITERS, decode

Stamp = tuple[str, int, int, int]
"""Path, modification time in ns, size in bytes, file number."""

_Key = tuple[str, str, tuple[str, str], tuple[str, ...], str | None]

Otherwise = Callable[
    [str, str, tuple[str, str], tuple[str, ...]], tuple[CompiledView, tuple[Stamp, ...]] | None
]
"""Finds a view that has no file, by folder, name, delimiters and chosen layouts."""

_PLAIN = re.compile(r"\w[\w.-]*(?:/\w[\w.-]*)*", re.ASCII)
_MAX_TEXTS = 256
_MAX_VIEWS = 10_000


@dataclass(slots=True)
class _Entry:
    view: CompiledView
    stamps: tuple[Stamp, ...]
    checked: float


class ViewLoader:
    """The compiled views of a process, shared by its threads.

    Args:
        check_interval: seconds for which a compiled view is used without a look at
            its files; 0 looks at every request, so that edits show at once (FLOW-14).
        otherwise: asked for views that have no file (compiled applications).
    """

    def __init__(self, check_interval: float = 0.0, otherwise: Otherwise | None = None) -> None:
        self.check_interval = check_interval
        self._otherwise = otherwise
        self._entries: dict[_Key, _Entry] = {}
        self._texts: OrderedDict[_Key, _Entry] = OrderedDict()
        self._lock = threading.RLock()

    def get(
        self,
        folder: str,
        name: str,
        delimiters: tuple[str, str] = DEFAULT_DELIMITERS,
        choices: tuple[str, ...] = (),
    ) -> CompiledView:
        """Return the compiled view `name` (ACT-07, RESP-29).

        Args:
            folder: the application's views folder; nothing outside of it is read.
            name: path below it, as ``default/index.html``.
            delimiters: begin and end of a tag (RESP-30).
            choices: names of the layouts whose name is computed, as far as they are known.

        Raises:
            ViewNotFound: there is no such file.
            TemplateError: there is a mistake in it, or in a file it extends or includes.
            UnsafePath: the name leads out of the folder.
        """
        return self._get((folder, name, delimiters, choices, None))

    def get_text(
        self, content: str, delimiters: tuple[str, str] = DEFAULT_DELIMITERS, folder: str | None = None
    ) -> CompiledView:
        """Return the compiled template `content`, which may extend and include views of `folder`.

        Raises:
            TemplateError: there is a mistake in it, or in a file it extends or includes.
        """
        return self._get((folder or "", "", delimiters, (), content))

    def clear(self) -> None:
        """Forget all compiled views."""
        with self._lock:
            self._entries.clear()
            self._texts.clear()

    def _get(self, key: _Key) -> CompiledView:
        entry = (self._entries if key[4] is None else self._texts).get(key)
        if entry is not None and self._is_fresh(entry):
            return entry.view
        with self._lock:
            entry = (self._entries if key[4] is None else self._texts).get(key)
            if entry is not None and _unchanged(entry.stamps):
                entry.checked = time.monotonic()
                return entry.view
            entry = self._compile(key)
            if key[4] is None:
                if len(self._entries) >= _MAX_VIEWS:  # computed names may spell one file in many ways
                    self._entries.clear()
                self._entries[key] = entry
            else:
                self._texts[key] = entry
                while len(self._texts) > _MAX_TEXTS:
                    self._texts.popitem(last=False)
            return entry.view

    def _is_fresh(self, entry: _Entry) -> bool:
        if not self.check_interval:
            return _unchanged(entry.stamps)
        now = time.monotonic()
        if now - entry.checked < self.check_interval:
            return True
        if not _unchanged(entry.stamps):
            return False
        entry.checked = now
        return True

    def _compile(self, key: _Key) -> _Entry:
        folder, name, delimiters, choices, content = key
        stamps: list[Stamp] = []

        def read(wanted: str) -> tuple[str, str]:
            if not folder:
                raise ViewNotFound(wanted)
            path, text, stamp = read_view(folder, wanted)
            stamps.append(stamp)
            return path, text

        def find(wanted: str, chosen: tuple[str, ...]) -> CompiledView:
            if chosen:
                return self._get((folder, name, delimiters, chosen, content))
            if not folder:
                raise ViewNotFound(wanted)
            return self._get((folder, wanted, delimiters, (), None))

        checked = time.monotonic()
        try:
            path, text = read(name) if content is None else ("<view>", content)
        except ViewNotFound:
            found = self._otherwise(folder, name, delimiters, choices) if self._otherwise else None
            if found is None:
                raise
            return _Entry(found[0], found[1], checked)
        try:
            linked = link(path, text, read, delimiters, Generator(), choices)
        except NeedsName as need:
            places = (
                ((1, path),)
                if need.path == path
                else ((1, path), (need.line - need.expression.line + 1, need.path))
            )
            question = compile_question(need.expression.source, need.path, need.line, places)
            view = CompiledView(name, path, None, places, question, choices, find)
        else:
            view = build(linked, name, choices, find)
        return _Entry(view, tuple(dict.fromkeys(stamps)), checked)


def read_view(folder: str, name: str) -> tuple[str, str, Stamp]:
    """Return path, text and stamp of the view `name` below `folder`.

    Raises:
        ViewNotFound: it does not exist or cannot be read.
        UnsafePath: it lies outside of `folder`.
        TemplateError: it is not UTF-8.
    """
    if _PLAIN.fullmatch(name) and not os.path.exists(os.path.join(folder, name)):
        raise ViewNotFound(name)  # the usual way to a generic view: spares resolving the path
    path = str(safe_join(folder, name))
    try:
        with open(path, "rb") as stream:
            status = os.fstat(stream.fileno())
            data = stream.read()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise ViewNotFound(name) from None
    except OSError as error:
        raise TemplateError(path, 1, f"the file cannot be read: {error.strerror}") from error
    return path, decode(data, path), (path, status.st_mtime_ns, status.st_size, status.st_ino)


def _unchanged(stamps: tuple[Stamp, ...]) -> bool:
    for path, modified, size, number in stamps:
        try:
            status = os.stat(path)
        except OSError:
            return False
        if status.st_mtime_ns != modified or status.st_size != size or status.st_ino != number:
            return False
    return True
