"""Opening a file at a line in the person's own editor (TR-08)."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

WITH_LINE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("code", ("--goto", "{path}:{line}")),
    ("codium", ("--goto", "{path}:{line}")),
    ("zed", ("{path}:{line}",)),
    ("subl", ("{path}:{line}",)),
    ("pycharm", ("--line", "{line}", "{path}")),
    ("kate", ("--line", "{line}", "{path}")),
    ("gedit", ("+{line}", "{path}")),
    ("gvim", ("+{line}", "{path}")),
)
"""Editors with a window that take a line, in the order they are looked for."""


def editor_command(path: Path, line: int) -> list[str]:
    """The command that opens `path` at `line`: that of ``HADRON_EDITOR``, else the first known editor."""
    named = shlex.split(os.environ.get("HADRON_EDITOR", ""))
    program = Path(named[0]).stem if named else ""
    for name, arguments in WITH_LINE:
        if named and name != program:
            continue
        found = named[0] if named else shutil.which(name)
        if found:
            filled = [part.format(path=path, line=line) for part in arguments]
            return [found, *named[1:], *filled]
    return [*named, str(path)] if named else []


def open_file(path: Path, line: int = 1) -> bool:
    """Open a file in the person's editor, at `line` where it can; False when nothing could."""
    command = editor_command(path, line)
    if command and QProcess.startDetached(command[0], command[1:])[0]:
        return True
    return path.exists() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
