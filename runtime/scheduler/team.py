"""Several workers, each a process of its own, started again when they die (CLI-35, CLI-36)."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from runtime.scheduler.roles import program
from runtime.scheduler.wishes import WorkerWish

log = logging.getLogger("web2py.scheduler")

EXIT_USAGE = 2
_LONGEST_PAUSE = 30.0
_LAST_GRACE = 5.0  # seconds for a worker to sign off
_GOOD_LIFE = 60.0  # seconds after which a worker's death counts as the first one again


class Team:
    """The workers that `-K` asks for.

    Args:
        site: the site folder.
        wishes: one for each worker.
        level: lowest level of their messages.
        quiet: no messages at all.
    """

    def __init__(
        self, site: Path, wishes: Sequence[WorkerWish], level: int = logging.WARNING, quiet: bool = False
    ) -> None:
        self._site = site
        self._level = level
        self._quiet = quiet
        self._members = [_Member(self._command(wish), str(wish)) for wish in wishes]

    def start(self) -> None:
        """Start all of them."""
        for member in self._members:
            member.start()

    def wait(self) -> int:
        """Wait until all have ended by themselves; returns the first exit code that is not 0, else 0."""
        return max((member.wait() for member in self._members), default=0)

    def stop(self, grace: float = 5.0, hasten: threading.Event | None = None) -> None:
        """Let all finish their task, at most `grace` seconds, then end them at once.

        Args:
            grace: seconds.
            hasten: ends the wait when it is set.
        """
        for member in self._members:
            member.ask_to_end()
        end = time.monotonic() + grace
        while any(member.is_alive() for member in self._members) and time.monotonic() < end:
            if hasten is not None and hasten.is_set():
                break
            time.sleep(0.05)
        for member in self._members:
            member.stop()

    def _command(self, wish: WorkerWish) -> list[str]:
        return [
            *program(), "--worker", "--watch-input", f"--folder={self._site}", f"--level={self._level}",
            *(["--quiet"] if self._quiet else []), str(wish),
        ]  # fmt: skip


class _Member:
    """One worker process and its successors."""

    def __init__(self, command: list[str], title: str) -> None:
        self._command = command
        self._title = title
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"hadron-worker-{title}", daemon=True)
        self._code = 0
        self._lock = threading.Lock()

    def start(self) -> None:
        self._thread.start()

    def wait(self) -> int:
        while self._thread.is_alive():
            self._thread.join(0.5)  # in steps, so that signals are handled
        return self._code

    def ask_to_end(self) -> None:
        self._stopping.set()
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                with contextlib.suppress(OSError):
                    self._process.stdin.close()

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it now; its task is queued again."""
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()  # it was asked before: the second time it does not wait
            try:
                process.wait(_LAST_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(_LAST_GRACE)

    def _keep(self) -> None:
        pause = 1.0
        while not self._stopping.is_set():
            began = time.monotonic()
            with self._lock:
                if self._stopping.is_set():
                    return
                self._process = self._spawn()
            self._code = self._process.wait()
            if self._stopping.is_set() or self._code in (0, EXIT_USAGE):
                return
            if time.monotonic() - began > _GOOD_LIFE:
                pause = 1.0
            log.error("worker of %s ended with exit code %d; again in %g s", self._title, self._code, pause)
            self._stopping.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _spawn(self) -> subprocess.Popen[bytes]:
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
            return subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, creationflags=flags
            )
        # a session of its own: Ctrl+C is for the program that leads the team
        # and standard output may be a supervisor's: messages go to standard error
        return subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
