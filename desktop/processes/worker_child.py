"""One supervised worker: its process, started again when it dies (SV-14, SV-15)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.processes.child import LAST_WORDS, NICENESS, creation_flags, describe_exit
from desktop.processes.protocol import LOG_LIMIT, LineSplitter, parse_log
from desktop.processes.state import LogLine
from runtime.admin.scheduler.processes import EXIT_LATER, EXIT_USAGE, STARTED

FIRST_RETRY, LAST_RETRY = 1.0, 30.0  # seconds before a worker is started again; doubles
CRASH_LIMIT, CRASH_WINDOW = 5, 120.0  # so many ends within so many seconds mean failed
LOG_TAIL = 20


class WorkerChild(QObject):
    """A worker and its successors.  No call of it waits.

    Args:
        wish: ``app`` or ``app:group1:group2``.
        command: makes program and arguments; called in the background.

    Attributes:
        phase: ``starting``, ``running``, ``finishing``, ``waiting`` (for another try), ``failed``, ``gone``.
        name: of the worker, once it has said it.
        pid: of the process; None while there is none.
        cause: why it failed or ended last, in one sentence.

    Signals:
        changed: something of these is different.
        ended: it has gone for good.
    """

    changed = Signal()
    ended = Signal()
    _spawned = Signal(object)
    _said = Signal(str)
    _lines = Signal(object)
    _exited = Signal(object, str)

    def __init__(
        self, wish: str, command: Callable[[], Sequence[str]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.wish = wish
        self.application, _, groups = wish.partition(":")
        self.groups = tuple(groups.split(":")) if groups else ()
        self._command = command
        self.phase, self.name, self.cause = "starting", "", ""
        self.pid: int | None = None
        self.since = time.time()
        self.log: deque[LogLine] = deque(maxlen=LOG_TAIL)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._ending = False
        self._pause = FIRST_RETRY
        self._crashes: list[float] = []
        self._retry = QTimer(self, singleShot=True)
        self._retry.setObjectName("worker-retry")
        self._retry.timeout.connect(self.launch)
        self._spawned.connect(self._on_spawned)
        self._said.connect(self._on_said)
        self._lines.connect(self._on_lines)
        self._exited.connect(self._on_exited)

    # orders

    def launch(self) -> None:
        """Starts the process."""
        if self._ending:
            return
        self._retry.stop()
        self._show("starting")
        threading.Thread(target=self._watch, name=f"worker-{self.wish}", daemon=True).start()

    def finish(self) -> None:
        """Lets it finish its task, then end."""
        self._ending = True
        self._retry.stop()
        with self._lock:
            process = self._process
            if process is not None and process.stdin is not None:
                try:
                    process.stdin.close()
                except OSError:
                    pass  # it has ended: the watching thread says so
        if process is None and self.phase != "starting":
            self._gone()
        elif self.phase != "gone":
            self._show("finishing")

    def terminate(self) -> None:
        """Ends it without waiting for its task, which is queued again."""
        self.finish()
        with self._lock:
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()

    def kill(self) -> None:
        """Ends the process at once; it is started again unless it was told to finish."""
        with self._lock:
            process = self._process
        if process is not None and process.poll() is None:
            process.kill()

    @property
    def alive(self) -> bool:
        """Is there a process, or one on its way?"""
        return self.phase in ("starting", "running", "finishing")

    # what happened, on the GUI thread

    def _show(self, phase: str) -> None:
        if phase != self.phase:
            self.phase, self.since = phase, time.time()
        self.changed.emit()

    def _on_spawned(self, pid: int) -> None:
        self.pid = pid
        self.changed.emit()

    def _on_said(self, name: str) -> None:
        self.name = name
        self._pause = FIRST_RETRY
        if not self._ending:
            self._show("running")

    def _on_lines(self, lines: list[LogLine]) -> None:
        self.log.extend(lines)

    def _on_exited(self, code: int | None, sentence: str) -> None:
        self.pid, self.name = None, ""
        if self._ending or code == 0:  # told so from here, or by an order in its row
            self._gone()
            return
        self.cause = self._cause(code, sentence)
        now = time.monotonic()
        if code != EXIT_LATER:
            self._crashes = [at for at in self._crashes if now - at < CRASH_WINDOW] + [now]
        if code in (None, EXIT_USAGE) or len(self._crashes) >= CRASH_LIMIT:
            self._show("failed")
            return
        self._retry.start(int(self._pause * 1000))
        self._pause = min(self._pause * 2, LAST_RETRY)
        self._show("waiting")

    def _cause(self, code: int | None, sentence: str) -> str:
        """What it said last when it could not work, else how it ended."""
        said = [line.text for line in self.log if line.text.startswith("hadron: ")]
        if code in (EXIT_USAGE, EXIT_LATER) and said:
            return said[-1].removeprefix("hadron: ")
        return sentence

    @property
    def retry_in(self) -> float:
        """Seconds until the next try; 0 when none is planned."""
        return max(0, self._retry.remainingTime()) / 1000

    def try_again(self) -> None:
        """After it failed: start anew."""
        if self.phase in ("failed", "waiting"):
            self._crashes, self._pause = [], FIRST_RETRY
            self.launch()

    def _gone(self) -> None:
        if self.phase != "gone":
            self._show("gone")
            self.ended.emit()

    # the watching threads

    def _emit(self, signal: Any, *values: Any) -> None:
        try:
            signal.emit(*values)
        except RuntimeError:
            pass  # deleted while its process ended

    def _watch(self) -> None:
        try:
            process = self._spawn(list(self._command()))
        except Exception as error:
            self._emit(self._exited, None, f"The worker could not be started: {error}.")
            return
        with self._lock:
            self._process = process
            ending = self._ending
        self._emit(self._spawned, process.pid)
        if ending:
            assert process.stdin is not None
            process.stdin.close()
        log = threading.Thread(target=self._read_log, args=(process,), name="worker-log", daemon=True)
        words = threading.Thread(target=self._read_words, args=(process,), name="worker-words", daemon=True)
        log.start()
        words.start()
        code = process.wait()
        log.join(LAST_WORDS)
        with self._lock:
            self._process = None
        self._emit(self._exited, code, describe_exit(code).replace("The server", "The worker"))

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=os.name == "posix",
            creationflags=creation_flags(),
        )
        if sys.platform != "win32":
            try:
                os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
            except OSError:
                pass  # only a courtesy
        return process

    def _read_words(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in iter(process.stdout.readline, b""):
            found = STARTED.match(line.decode("utf-8", "replace"))
            if found is not None:
                self._emit(self._said, found["name"])

    def _read_log(self, process: subprocess.Popen[bytes]) -> None:
        splitter = LineSplitter(LOG_LIMIT)
        assert process.stderr is not None
        source, level = "worker", "info"
        while True:
            try:
                data = os.read(process.stderr.fileno(), 65536)
            except OSError:
                break
            if not data:
                break
            parsed = parse_log(splitter.feed(data)[0], source, level)
            if parsed:
                level = parsed[-1].level
                self._emit(self._lines, parsed)
        rest = parse_log(splitter.finish(), source, level)
        if rest:
            self._emit(self._lines, rest)
