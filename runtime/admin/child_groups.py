"""Ending a child process together with all that it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress


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


def end_with_parent() -> None:
    """In a child whose standard input is a pipe: end with all it has started when its parent has gone.

    Nothing else reads from the pipe any more; standard input is empty from then on.
    """
    pipe = os.dup(0)  # not inherited by what this process starts
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    sys.stdin = open(os.devnull, encoding="utf-8")

    def watch() -> None:
        with suppress(OSError):
            while os.read(pipe, 4096):
                pass
        if os.name != "nt" and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, name="hadron-parent", daemon=True).start()
