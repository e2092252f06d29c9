"""Starting with the log-in, as the system itself keeps it: no option of ours, always read back (SH-15).

Linux: a file in the folder ``autostart``. macOS: a launch agent. Windows: a value of the key ``Run``.
"""

from __future__ import annotations

import contextlib
import os
import plistlib
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from xml.parsers.expat import ExpatError

from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError
from runtime.foundation.program import program

HIDDEN, SERVER = "--taskbar", "--start-server"
NAME, LABEL = "Hadron", "org.hadron.desktop"
RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
LONGEST_RUN = 260
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"


@dataclass(frozen=True)
class LoginState:
    """What the system does at the log-in.

    Attributes:
        on: it starts this program.
        server: the program starts the server then.
        note: what a person has to know: switched off in the system, another copy; empty for nothing.
    """

    on: bool = False
    server: bool = False
    note: str = ""


class Keeper(Protocol):
    """Where one system keeps the programs of a log-in."""

    def read(self) -> tuple[list[str], bool] | None:
        """The command that is kept, and whether the system has it switched off; None without one."""

    def write(self, command: Sequence[str]) -> None:
        """Keep a command, and switch it on."""

    def remove(self) -> None:
        """Keep none."""


class LoginStart:
    """Reads and changes it; not for the GUI thread.

    Args:
        keeper: default that of this system.
        command: that starts this program, default as it was started.
    """

    def __init__(self, keeper: Keeper | None = None, command: Sequence[str] | None = None) -> None:
        self._keeper = keeper or keeper_of(sys.platform)
        self._command = list(command or own_command())

    def state(self) -> LoginState:
        """What the system would do now.

        Raises:
            UserError: it can't be read.
        """
        try:
            found = self._keeper.read()
        except OSError as error:
            raise UserError(f"What starts at the log-in can't be read: {error.strerror or error}.") from error
        if found is None:
            return LoginState()
        command, off = found
        server = SERVER in command
        if off:
            return LoginState(False, server, "Switched off in the system's own settings.")
        kept = [each for each in command if each not in (HIDDEN, SERVER)]
        if kept != self._command:
            return LoginState(True, server, f"Another copy is started: {shlex.join(kept)}")
        return LoginState(True, server)

    def set(self, on: bool, server: bool) -> LoginState:
        """Let this program start hidden at the log-in, with the server or without, or not; return what is so.

        Raises:
            UserError: it can't be changed.
        """
        try:
            if on:
                self._keeper.write([*self._command, HIDDEN, *([SERVER] if server else [])])
            else:
                self._keeper.remove()
        except OSError as error:
            raise UserError(
                f"The start at the log-in can't be changed: {error.strerror or error}."
            ) from error
        return self.state()


def own_command() -> list[str]:
    """The command that starts this window, without a console where the system would show one."""
    command = program()
    if sys.platform == "win32":
        quiet = Path(command[0]).with_name("pythonw.exe")
        if Path(command[0]).name.lower() == "python.exe" and quiet.is_file():
            command[0] = str(quiet)
    return command


def keeper_of(platform: str) -> Keeper:
    """The keeper of a system, as `sys.platform` names it."""
    if platform == "win32":
        return WindowsKeeper()
    if platform == "darwin":
        return MacKeeper(Path.home() / "Library" / "LaunchAgents")
    named = os.environ.get("XDG_CONFIG_HOME")
    return LinuxKeeper((Path(named) if named else Path.home() / ".config") / "autostart")


class LinuxKeeper:
    """A desktop entry that the session starts; desktops switch it off by a line in it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "hadron.desktop"

    def read(self) -> tuple[list[str], bool] | None:
        try:
            text = self._path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None
        values = dict(re.findall(r"^([\w-]+)\s*=\s*(.*?)\s*$", text, re.MULTILINE))
        off = values.get("Hidden") == "true" or values.get("X-GNOME-Autostart-enabled") == "false"
        return _read_exec(values.get("Exec", "")), off

    def write(self, command: Sequence[str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            "[Desktop Entry]", "Type=Application", f"Name={NAME}", "Icon=hadron", "Terminal=false",
            f"Exec={' '.join(map(_quoted, command))}", "X-GNOME-Autostart-enabled=true", "",
        ]  # fmt: skip
        write_atomic(self._path, "\n".join(lines))

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


def _quoted(word: str) -> str:
    """A word as Exec has it: in quotes, escaped for them and for the file, percent signs doubled."""
    if not re.fullmatch(r"[\w./@:+,=-]+", word):
        word = '"' + re.sub(r'(["`$\\])', r"\\\1", word) + '"'
    return word.replace("\\", "\\\\").replace("%", "%%")


def _read_exec(text: str) -> list[str]:
    """The words of such a value."""
    plain = text.replace("\\\\", "\\").replace("%%", "%")
    found = re.findall(r'"((?:\\.|[^"\\])*)"|(\S+)', plain)
    return [bare or re.sub(r"\\(.)", r"\1", quoted) for quoted, bare in found]


class MacKeeper:
    """A launch agent of the user; the system's settings switch it off in a list of their own."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{LABEL}.plist"

    def read(self) -> tuple[list[str], bool] | None:
        try:
            found: Any = plistlib.loads(self._path.read_bytes())
            command = [str(each) for each in found["ProgramArguments"]]
        except FileNotFoundError:
            return None
        except (plistlib.InvalidFileException, ExpatError, KeyError, TypeError, ValueError):
            return [], False
        return command, found.get("RunAtLoad") is not True or _is_disabled(LABEL)

    def write(self, command: Sequence[str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        agent = {
            "Label": LABEL,
            "ProgramArguments": list(command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
        }
        write_atomic(self._path, plistlib.dumps(agent))
        _launchctl("enable", f"gui/{os.getuid()}/{LABEL}")

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


def _launchctl(*arguments: str) -> str:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            ["launchctl", *arguments], capture_output=True, text=True, timeout=10, check=False
        )
        return done.stdout
    return ""


def _is_disabled(label: str) -> bool:
    listed = _launchctl("print-disabled", f"gui/{os.getuid()}")
    return re.search(rf'"{re.escape(label)}" => (?:true|disabled)', listed) is not None


class WindowsKeeper:
    """A value of the registry; the task manager switches it off in a value beside.

    Args:
        registry: the module `winreg`, or what stands for it.
    """

    def __init__(self, registry: Any = None) -> None:
        if registry is None:
            import winreg as registry  # there on Windows only
        self._registry = registry

    def read(self) -> tuple[list[str], bool] | None:
        text = self._value(RUN)
        if text is None:
            return None
        approved = self._value(APPROVED)
        off = isinstance(approved, bytes) and bool(approved) and approved[0] % 2 == 1
        return _split_windows(str(text)), off

    def _value(self, path: str) -> Any:
        registry = self._registry
        try:
            with registry.OpenKey(registry.HKEY_CURRENT_USER, path) as key:
                return registry.QueryValueEx(key, NAME)[0]
        except FileNotFoundError:
            return None

    def write(self, command: Sequence[str]) -> None:
        registry, line = self._registry, subprocess.list2cmdline(command)
        if len(line) > LONGEST_RUN:
            raise OSError(f"Windows starts commands of up to {LONGEST_RUN} letters, this has {len(line)}")
        with registry.CreateKey(registry.HKEY_CURRENT_USER, RUN) as key:
            registry.SetValueEx(key, NAME, 0, registry.REG_SZ, line)
        self._delete(APPROVED)  # what the task manager has switched off is on again

    def remove(self) -> None:
        self._delete(RUN)

    def _delete(self, path: str) -> None:
        registry = self._registry
        with contextlib.suppress(FileNotFoundError):
            access = registry.KEY_SET_VALUE
            with registry.OpenKey(registry.HKEY_CURRENT_USER, path, 0, access) as key:
                registry.DeleteValue(key, NAME)


def _split_windows(text: str) -> list[str]:
    """The words of a command line that `subprocess.list2cmdline` has made of paths and options."""
    return [word[1:-1] if word.startswith('"') else word for word in re.findall(r'"[^"]*"|\S+', text)]
