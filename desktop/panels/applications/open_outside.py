"""Opening folders and terminals with the system's own programs (UI-AP-16)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from runtime.foundation.program import child_environment

TERMINALS = (
    ("x-terminal-emulator", ()),
    ("gnome-terminal", ("--working-directory={folder}",)),
    ("konsole", ("--workdir", "{folder}")),
    ("xfce4-terminal", ("--working-directory={folder}",)),
    ("kitty", ("--directory", "{folder}")),
    ("alacritty", ("--working-directory", "{folder}")),
    ("xterm", ()),
)
"""Terminals of Linux, in the order they are looked for; those without arguments start in their folder."""


def terminal_command(folder: str, platform: str, find: Callable[[str], str | None]) -> list[str] | None:
    """Return the command that opens a terminal in `folder`, None when no terminal is known.

    Args:
        platform: as `sys.platform` has it.
        find: finds a program.
    """
    if platform == "darwin":
        return ["open", "-a", "Terminal", folder]
    if platform == "win32":
        found = find("wt")
        return [found, "-d", folder] if found else ["cmd", "/c", "start", "cmd"]
    for name, arguments in TERMINALS:
        found = find(name)
        if found:
            return [found, *(part.format(folder=folder) for part in arguments)]
    return None


def open_terminal(folder: Path) -> bool:
    """Open a terminal in `folder`; tell whether one was started."""
    command = terminal_command(str(folder), sys.platform, shutil.which)
    if command is None or not folder.is_dir():
        return False
    try:
        subprocess.Popen(command, cwd=folder, env=child_environment(), start_new_session=os.name != "nt")
        return True
    except OSError:
        return False


def show_in_folder(path: Path) -> bool:
    """Show a file in the system's file manager, selected where that can be asked for."""
    try:
        if sys.platform == "win32":
            subprocess.Popen(["explorer", f"/select,{path}"])
            return True
        if sys.platform == "darwin":
            subprocess.Popen(["open", "-R", str(path)], env=child_environment())
            return True
    except OSError:
        return False
    folder = path if path.is_dir() else path.parent
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
