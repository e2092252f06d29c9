"""Opening a file at a line in the person's own editor (TK-09, TR-08, AP-16)."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

EDITORS = (
    ("code", "-g {file}:{line}"),
    ("codium", "-g {file}:{line}"),
    ("zed", "{file}:{line}"),
    ("subl", "{file}:{line}"),
    ("pycharm", "--line {line} {file}"),
    ("kate", "--line {line} {file}"),
    ("gedit", "+{line} {file}"),
    ("gvim", "+{line} {file}"),
    ("notepad++", "-n{line} {file}"),
)
"""Editors with a window that take a line, in the order they are looked for."""


def command_for(file: str, line: int, wanted: str, find: Callable[[str], str | None]) -> list[str] | None:
    """Return the command that opens `file` at `line`, None when no editor is known.

    Args:
        file: absolute path.
        line: counted from 1.
        wanted: the option ``editor.command``: ``code -g {file}:{line}``; empty to look for one.
        find: finds a program.
    """
    if wanted.strip():
        try:
            program, *rest = shlex.split(wanted, posix=os.name != "nt")
        except ValueError:
            return None
        found = find(program)
        if found is None:
            return None
        filled = [_filled(part, file, line) for part in rest]
        return [found, *filled, *([] if any("{file}" in part for part in rest) else [file])]
    for program, pattern in EDITORS:
        found = find(program)
        if found is not None:
            return [found, *(_filled(part, file, line) for part in pattern.split(" "))]
    return None


def _filled(part: str, file: str, line: int) -> str:
    return part.replace("{file}", file).replace("{line}", str(line))


def open_at(file: str, line: int, wanted: str = "") -> bool:
    """Open `file` in an editor, else with the system's program for it; tell whether something was started."""
    if not Path(file).is_file():
        return False
    command = command_for(file, line, wanted, shutil.which)
    if command is not None:
        try:
            subprocess.Popen(command, start_new_session=True)
            return True
        except OSError:
            pass
    return QDesktopServices.openUrl(QUrl.fromLocalFile(file))
