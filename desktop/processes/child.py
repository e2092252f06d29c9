"""A server in a child process of the desktop.

Threads read the child's output because a QProcess kills its program when it is destroyed, and a server that
keeps serving has to outlive the desktop (ST-11).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.processes.hosts import HostUnreachable, LogRelay, ServerHost, ask, ended
from desktop.processes.lane import Lane
from desktop.processes.protocol import (
    LINE_LIMIT,
    LOG_LIMIT,
    WAITING_LINES,
    HostEvent,
    LineSplitter,
    parse_event,
    parse_log,
)

CHUNK = 64 * 1024  # bytes per read
LAST_WORDS = 1.0  # seconds to read what an ended child had still written
NICENESS = 10  # the window comes first when both want the processor; measured against 0 and 5

Connect = Callable[[str, str], Any]
"""Makes a control client from address and key."""


class ChildHost(ServerHost):
    """Runs `command`, gives it the secrets on standard input, listens to its events.

    Args:
        command: program and arguments; nothing secret.
        greeting: first line on standard input, as JSON: password, keep_serving.
        connect: makes a control client.
    """

    _said = Signal(object)  # HostEvent, from a reading thread

    def __init__(
        self,
        command: Sequence[str],
        greeting: Mapping[str, Any],
        connect: Connect,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._greeting = dict(greeting)
        self._connect = connect
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._questions: Any = None  # control clients: one for what is polled ...
        self._orders: Any = None  # ... and one that never waits for it
        self._stop_asked = False
        self._kill_asked = False
        self._released = False
        self._lane = Lane("server-stop", self)
        self._relay = LogRelay(self)
        self._relay.lines.connect(self.logged)
        self._said.connect(self._tell)

    # ServerHost, on the GUI thread

    def launch(self) -> None:
        threading.Thread(target=self._watch, name="server-watch", daemon=True).start()

    def stop(self, seconds: float) -> None:
        with self._lock:
            self._stop_asked = True
        if self._orders is None:
            self._ask_without_channel()
        else:
            orders = self._orders
            self._lane.submit(lambda: orders.call("drain", grace=seconds), None, self._on_stop_refused)

    def kill(self) -> None:
        with self._lock:
            self._kill_asked = True
            process = self._process
        if process is not None:
            process.kill()

    def release(self) -> None:
        self._released = True
        self._lane.close()

    def call(self, name: str, **arguments: Any) -> Any:
        if self._questions is None:
            raise HostUnreachable("the server has not told its control channel yet")
        return ask(self._questions, name, **arguments)

    def _on_stop_refused(self, _error: Exception) -> None:
        self._ask_without_channel()

    def _ask_without_channel(self) -> None:
        """Close standard input, which means stop; a server that outlives it is sent SIGTERM."""
        with self._lock:
            process = self._process
        if process is None:
            return
        if self._greeting.get("keep_serving"):
            process.terminate()
        elif process.stdin is not None:
            try:
                process.stdin.close()
            except OSError:
                pass  # it has ended: the watching thread says so

    def _tell(self, event: HostEvent) -> None:
        if self._released:
            return
        if event.name == "listening":
            control = event.data.get("control")
            if isinstance(control, dict) and {"address", "key"} <= control.keys():
                self._questions = self._connect(control["address"], control["key"])
                self._orders = self._connect(control["address"], control["key"])
        elif event.name == "ended":
            self._relay.flush()
            self._lane.close()
        self.happened.emit(event)

    # the watching threads

    def _watch(self) -> None:
        try:
            process = self._spawn()
        except OSError as error:
            reason = error.strerror or error
            sentence = f"The server's program {self._command[0]} could not be started: {reason}."
            self._emit(HostEvent("failed", {"kind": "program", "message": sentence}))
            self._emit(ended(sentence))
            return
        self._greet(process)
        self._emit(HostEvent("spawned", {"pid": process.pid}))  # before anything that it says
        readers = [
            threading.Thread(target=reader, args=(process,), name=name, daemon=True)
            for name, reader in (("server-events", self._read_events), ("server-log", self._read_log))
        ]
        for reader in readers:
            reader.start()
        code = process.wait()
        for reader in readers:
            reader.join(LAST_WORDS)  # a program started by the server may hold the pipe for longer
        self._emit(ended(describe_exit(code)))

    def _spawn(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=os.name == "posix",  # Ctrl+C in the desktop's terminal is the desktop's
            creationflags=creation_flags(),
        )
        if os.name == "posix":
            try:
                os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
            except OSError:
                pass  # ended already, or not allowed: only a courtesy
        return process

    def _greet(self, process: subprocess.Popen[bytes]) -> None:
        line = json.dumps(self._greeting).encode() + b"\n"
        try:
            if process.stdin is not None:
                process.stdin.write(line)
        except OSError:
            pass  # it has ended: the watching thread says so
        with self._lock:
            self._process = process
            stop, kill = self._stop_asked, self._kill_asked
        if kill:
            process.kill()
        elif stop:
            self._ask_without_channel()

    def _read_events(self, process: subprocess.Popen[bytes]) -> None:
        splitter = LineSplitter(LINE_LIMIT)
        for data in _chunks(process.stdout):
            self._take_events(splitter.feed(data)[0])
        self._take_events(splitter.finish())

    def _take_events(self, lines: list[str]) -> None:
        for line in lines:
            event = parse_event(line)
            if event is not None:
                self._emit(event)
            elif not self._released:
                self._relay.put(parse_log([line[:LOG_LIMIT]], source="output", level="warning"))

    def _read_log(self, process: subprocess.Popen[bytes]) -> None:
        splitter = LineSplitter(LOG_LIMIT)
        source, level = "server", "info"
        for data in _chunks(process.stderr):
            lines, passed = splitter.feed(data, keep=WAITING_LINES)
            if self._released:
                continue  # still emptied: a full pipe would stop the server
            parsed = parse_log(lines, source, level)
            if parsed:
                source, level = parsed[-1].source, parsed[-1].level
            self._relay.put(parsed, passed)
        self._relay.put(parse_log(splitter.finish(), source, level))

    def _emit(self, event: HostEvent) -> None:
        if not self._released:
            try:
                self._said.emit(event)
            except RuntimeError:
                self._released = True  # the host was deleted while its server lives


def _chunks(stream: Any) -> Any:
    """What comes out of a pipe, as it comes."""
    descriptor = stream.fileno()
    while True:
        try:
            data = os.read(descriptor, CHUNK)
        except OSError:
            return
        if not data:
            return
        yield data


def creation_flags() -> int:
    """What keeps a child of the window from its console, and behind it; Windows only."""
    if sys.platform == "win32":
        return (
            subprocess.CREATE_NO_WINDOW
            | subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        )
    return 0


def describe_exit(code: int) -> str:
    """How a process ended, in words."""
    if code == 0:
        return "The server ended without saying why."
    if code > 0:
        return f"The server ended with exit code {code}."
    if -code == getattr(signal, "SIGKILL", 9):
        return "The server was killed (signal 9): by a person, another program, or for want of memory."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    return f"The server was ended by signal {-code} ({name})."
