"""Log records on the screen: notifications of the desktop and message boxes (LOG-4)."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import threading
import time

_MOST_LETTERS = 1000
_LEAST_PAUSE = 2.0  # seconds between two of them: a flood of errors must not cover the screen


class ScreenHandler(logging.Handler):
    """Shows records by a program of the system; what can not be shown, or comes too fast, is dropped.

    Args:
        title: above the text.
    """

    def __init__(self, title: str = "Hadron") -> None:
        super().__init__()
        self.title = title
        self._last = 0.0
        self._counting = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record."""
        try:
            with self._counting:
                now = time.monotonic()
                if now - self._last < _LEAST_PAUSE:
                    return
                self._last = now
            command = self.command(self.format(record)[:_MOST_LETTERS], record.levelno >= logging.ERROR)
            if command is not None:
                self._run(command)
        except Exception:
            self.handleError(record)

    def command(self, text: str, urgent: bool) -> list[str] | None:
        """Return the command that shows a text, None where there is none."""
        raise NotImplementedError

    @staticmethod
    def _run(command: list[str]) -> None:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        threading.Thread(target=process.wait, name="hadron-notify", daemon=True).start()


def _first(*commands: list[str]) -> list[str] | None:
    """Return the first command whose program is installed."""
    return next((command for command in commands if shutil.which(command[0])), None)


def _apple(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _powershell(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class NotificationHandler(ScreenHandler):
    """A notification of the desktop for each record."""

    def command(self, text: str, urgent: bool) -> list[str] | None:
        """See `ScreenHandler`."""
        if sys.platform == "darwin":
            return ["osascript", "-e", f"display notification {_apple(text)} with title {_apple(self.title)}"]
        if sys.platform == "win32":
            script = (
                "Add-Type -AssemblyName System.Windows.Forms; $n = New-Object Windows.Forms.NotifyIcon; "
                "$n.Icon = [Drawing.SystemIcons]::Information; $n.Visible = $true; "
                f"$n.ShowBalloonTip(9000, {_powershell(self.title)}, {_powershell(text)}, 0); Start-Sleep 9"
            )
            return ["powershell", "-NoProfile", "-Command", script]
        urgency = "critical" if urgent else "normal"
        return _first(["notify-send", f"--urgency={urgency}", "--", self.title, text])


class MessageBoxHandler(ScreenHandler):
    """A window with each record, which stays until somebody closes it."""

    def command(self, text: str, urgent: bool) -> list[str] | None:
        """See `ScreenHandler`."""
        if sys.platform == "darwin":
            return [
                "osascript",
                "-e",
                f'display dialog {_apple(text)} with title {_apple(self.title)} buttons {{"OK"}}',
            ]
        if sys.platform == "win32":
            script = (
                "Add-Type -AssemblyName System.Windows.Forms; "
                f"[Windows.Forms.MessageBox]::Show({_powershell(text)}, {_powershell(self.title)})"
            )
            return ["powershell", "-NoProfile", "-Command", script]
        kind = "--error" if urgent else "--info"
        return _first(
            ["zenity", kind, f"--title={self.title}", "--no-markup", f"--text={text}"],
            ["kdialog", f"--title={self.title}", "--msgbox", text],
            ["xmessage", "-title", self.title, text],
        )
