"""Ending a child process together with all that it has started."""

from __future__ import annotations

import os
import signal
import subprocess


def end_group(child: subprocess.Popen[bytes]) -> None:
    """End a child that was started in a session of its own, and on POSIX all it has started."""
    if child.poll() is not None:
        return
    try:
        if os.name == "nt":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)
    except OSError:
        pass
    child.wait()
