"""The command line that serves as this window does (SV-21)."""

from __future__ import annotations

import shlex
import subprocess
import sys

from desktop.processes.state import DEFAULT_ADDRESS, DEFAULT_PORT, DEFAULT_THREADS, ServerSettings

CRON = {"hard": "--run-cron", "soft": "--softcron"}


def command_line(settings: ServerSettings, password_set: bool) -> str:
    """What to type into a terminal, quoted for the shell of this system.

    Args:
        settings: of the server; what is as usual is left out.
        password_set: there is a password of the administration; the command asks for it.
    """
    program = sys.executable if getattr(sys, "frozen", False) else "hadron"
    words = [program, "serve", "-f", str(settings.site_folder)]
    if settings.address != DEFAULT_ADDRESS:
        words += ["-i", settings.address]
    if settings.port != DEFAULT_PORT:
        words += ["-p", str(settings.port)]
    if settings.threads != DEFAULT_THREADS:
        words += ["--maxthreads", str(settings.threads)]
    if settings.cron in CRON:
        words.append(CRON[settings.cron])
    if password_set:
        words += ["-a", "<ask>"]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
