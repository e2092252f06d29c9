"""The side of the inspector that asks: starts the child, sends questions, kills what does not answer."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import psutil

from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.inspector.stamps import source_stamp

_TICK = 0.05  # seconds between two looks at cancel, memory and time
_MEMORY_EVERY = 0.25
_START = 60.0  # seconds that the start of the process may take, on a computer that is busy
_GRACE = 1.5  # seconds a question may last longer than its limit before the child is killed
_STDERR_KEPT = 8192
_STAMP_EVERY = 0.5
_NICE = 15  # of a child that steps back for everything else


@dataclass(frozen=True)
class Limits:
    """What a child may use.

    Attributes:
        load: seconds that the models may take.
        memory: bytes of memory.
        answer: bytes of one answer.
        gentle: the child steps back for everything else that the computer does.
        untouched: models may write neither files of the site nor into databases.
    """

    load: float = 15.0
    memory: int = 2_000_000_000
    answer: int = 64_000_000
    gentle: bool = False
    untouched: bool = False


def inspector_command(site: Path, application: str, limits: Limits, controller: str = "default") -> list[str]:
    """Return the command of the child, frozen or not."""
    if getattr(sys, "frozen", False):
        start = [sys.executable, "inspect"]
    else:
        start = [sys.executable, "-u", "-m", "runtime.admin.inspector"]
    return [
        *start, f"--folder={site}", f"--load={limits.load:g}", f"--memory={limits.memory}",
        f"--answer={limits.answer}", f"--controller={controller}",
        *(["--untouched"] if limits.untouched else []), application,
    ]  # fmt: skip


class Inspector:
    """Asks about one application. Any thread may ask; questions are answered one after the other.

    The child starts with the first question, and again when models, modules or
    settings of the application have changed, or when it had to be killed.

    Args:
        site: the site folder.
        application: its name.
        limits: what the child may use.
        controller: whose own models run too, as ``models/<controller>/`` and ``response.models_to_run`` say;
            with those of a function as ``controller/function``.
    """

    def __init__(
        self, site: Path, application: str, limits: Limits | None = None, controller: str = "default"
    ) -> None:
        self.site, self.application, self.controller = Path(site), application, controller
        self.limits = limits or Limits()
        self.used = time.monotonic()
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._stamp: tuple[Any, ...] = ()  # of the files that the child has read
        self._seen: tuple[Any, ...] = ()  # of the files as they were last looked at
        self._stamped = 0.0
        self._report: dict[str, Any] | None = None
        self._closed = False

    @property
    def folder(self) -> Path:
        """The application's folder."""
        return self.site / "applications" / self.application

    @property
    def pid(self) -> int | None:
        """Process id of the child; None while there is none."""
        return self._child.pid if self._child is not None else None

    @property
    def busy(self) -> bool:
        """Is a question under way?"""
        return self._lock.locked()

    def ask(
        self,
        question: str,
        *,
        limit: float = 5.0,
        cancelled: Callable[[], bool] | None = None,
        on_progress: Callable[[dict[str, Any]], None] | None = None,
        **arguments: Any,
    ) -> dict[str, Any]:
        """Ask the child and wait for its answer; not for the GUI thread.

        Args:
            question: name of what is asked, see `runtime.admin.inspector.child.QUESTIONS`.
            limit: seconds it may take once the models have run; 0 for no limit.
            cancelled: asked often; True calls the question off.
            on_progress: told of progress by questions that report it.
            arguments: of the question, as JSON can hold them.

        Returns:
            the answer; with ``statements`` (SQL and seconds each) and ``seconds``.

        Raises:
            InspectorProblem: there is no answer, and why.
        """
        is_cancelled = cancelled or (lambda: False)
        while not self._lock.acquire(timeout=_TICK):
            if is_cancelled():
                raise InspectorProblem("cancelled", "The question was called off.")
        try:
            if self._closed:
                raise InspectorProblem("cancelled", "The inspector was closed.")
            self.used = time.monotonic()
            try:
                return self._ask(question, arguments, limit, is_cancelled, on_progress)
            except _NotBegunError:  # it was dying already when it was asked: another one may answer
                return self._ask(question, arguments, limit, is_cancelled, on_progress)
        finally:
            self._lock.release()

    def _ask(
        self,
        question: str,
        arguments: dict[str, Any],
        limit: float,
        cancelled: Callable[[], bool],
        on_progress: Callable[[dict[str, Any]], None] | None,
    ) -> dict[str, Any]:
        child = self._ready_child()
        try:
            return child.ask(question, arguments, limit, cancelled, on_progress)
        finally:
            if not child.alive:
                self._child = None
            self.used = time.monotonic()

    def describe(self, *, cancelled: Callable[[], bool] | None = None) -> dict[str, Any]:
        """Return what the application is made of; models that fail are part of the answer, not an error.

        Returns:
            ``loads``; ``problem`` (see `InspectorProblem.as_dict`) or None; ``printed`` (the beginning of
            what the models print); ``databases``, each with name, engine, host, database and tables;
            ``schedulers``, each with name, database and functions; ``advice`` for a person, or "".

        Raises:
            InspectorProblem: only for ``cancelled``, and ``refused`` where there is no such application.
        """
        stamp = self._current_stamp()
        report = self._report
        if report is not None and stamp == self._stamp and report["loads"]:
            return report
        try:
            report = self.ask("describe", cancelled=cancelled, limit=30.0)
        except InspectorProblem as problem:
            if problem.kind in ("cancelled", "refused"):
                raise
            report = {
                "application": self.application, "loads": False, "problem": problem.as_dict(),
                "printed": "", "databases": [], "schedulers": [], "advice": "",
            }  # fmt: skip
        self._report = report
        return report

    def forget(self) -> None:
        """Let the next question run the models again, whatever was found before."""
        self._report = None
        self._stamp = ("again",)

    def restart(self) -> None:
        """End the child; the next question starts a new one."""
        with self._lock:
            self._end_child()

    def close(self) -> None:
        """End the child, also in the middle of a question."""
        self._closed = True
        child = self._child
        if child is not None:
            child.kill()

    def _ready_child(self) -> _Child:
        stamp = self._current_stamp()
        if self._child is not None and not (stamp == self._stamp and self._child.alive):
            self._end_child()
        if self._child is None:
            if not self.folder.is_dir():
                raise InspectorProblem("refused", f"There is no application {self.application!r}.")
            self._stamp, self._report = stamp, None
            command = inspector_command(self.site, self.application, self.limits, self.controller)
            self._child = _Child(command, self.limits)
        return self._child

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def _current_stamp(self) -> tuple[Any, ...]:
        """Return what changes whenever a file that the models use changes."""
        now = time.monotonic()
        if self._child is not None and now - self._stamped < _STAMP_EVERY:
            return self._seen
        self._stamped = now
        self._seen = source_stamp(self.folder)
        return self._seen


class _NotBegunError(InspectorProblem):
    """The child has ended before it took the question."""


class _Child:
    """One living child process."""

    def __init__(self, command: list[str], limits: Limits) -> None:
        self._limits = limits
        self._messages: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._numbers = 0
        self._loaded = False
        self._memory_seen = 0.0
        self._stderr: deque[bytes] = deque()
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
        )
        if limits.gentle:
            self._step_back()
        for target in (self._read, self._drain):
            threading.Thread(target=target, name="hadron-inspector", daemon=True).start()

    def _step_back(self) -> None:
        """Let all other processes come first; what the models start steps back too."""
        with contextlib.suppress(psutil.Error, OSError):
            process = psutil.Process(self._process.pid)
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else _NICE)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End it now with all processes that its models have started."""
        process = self._process
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        with contextlib.suppress(OSError, psutil.Error):
            if sys.platform != "win32":
                os.killpg(process.pid, signal.SIGKILL)
            elif process.poll() is None:
                for one in psutil.Process(process.pid).children(recursive=True):
                    one.kill()
                process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)

    def ask(
        self,
        question: str,
        arguments: dict[str, Any],
        limit: float,
        cancelled: Callable[[], bool],
        on_progress: Callable[[dict[str, Any]], None] | None,
    ) -> dict[str, Any]:
        self._numbers += 1
        number = self._numbers
        self._send({"id": number, "ask": question, "limit": limit, "arguments": arguments})
        deadline = self._end_of(limit) if self._loaded else time.monotonic() + _START
        called_off, has_begun = 0.0, False
        while True:
            try:
                message = self._messages.get(timeout=_TICK)
            except Empty:
                now = time.monotonic()
                self._check_memory(now)
                if cancelled() and not called_off:
                    called_off = now
                    self._send({"cancel": number})
                if called_off and now - called_off > _GRACE:
                    self.kill()
                    raise InspectorProblem("cancelled", "The question was called off.") from None
                if now > deadline:
                    self.kill()
                    raise self._too_late(limit) from None
                continue
            event = message.get("event")
            if event == "end":
                raise self._ended(has_begun)
            if event == "loaded":
                self._loaded = True
                deadline = self._end_of(limit)
            elif message.get("id") != number:
                continue
            elif event == "begun":
                has_begun = True
                if not self._loaded:
                    deadline = time.monotonic() + self._limits.load + _GRACE
            elif event == "progress" and on_progress is not None:
                on_progress(message["progress"])
            elif event == "answer":
                self._loaded = True
                answer: dict[str, Any] = message["answer"]
                return answer
            elif event == "fault":
                problem = InspectorProblem.of(message["fault"])
                if message.get("last"):
                    self.kill()
                raise problem

    def _end_of(self, limit: float) -> float:
        return time.monotonic() + limit + _GRACE if limit else float("inf")

    def _send(self, message: dict[str, Any]) -> None:
        stream = self._process.stdin
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):  # one that has died says so by its `end`
            stream.write(json.dumps(message).encode() + b"\n")
            stream.flush()

    def _check_memory(self, now: float) -> None:
        """Kill a child that uses too much; on Linux the system refuses it memory before that."""
        if now - self._memory_seen < _MEMORY_EVERY:
            return
        self._memory_seen = now
        with contextlib.suppress(psutil.Error):
            if psutil.Process(self._process.pid).memory_info().rss > self._limits.memory:
                self.kill()
                raise InspectorProblem("memory", too_much_memory(self._limits.memory))

    def _too_late(self, limit: float) -> InspectorProblem:
        if not self._loaded:
            return InspectorProblem("hang", f"The models did not end within {self._limits.load:g} s.")
        return InspectorProblem("limit", f"There was no answer within {limit:g} s.")

    def _ended(self, has_begun: bool) -> InspectorProblem:
        self.kill()
        if not has_begun and self._loaded:
            return _NotBegunError("exit", "The process of the application ended.")
        code = self._process.returncode
        while_ = "while the models ran" if not self._loaded else "in the middle of a question"
        how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
        return InspectorProblem(
            "exit", f"The process of the application {how} {while_}.", detail=self._stderr_text()
        )

    def _stderr_text(self) -> str:
        return b"".join(self._stderr).decode("utf-8", "replace")[-_STDERR_KEPT:]

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with contextlib.suppress(OSError, ValueError), stream:
            while line := stream.readline(self._limits.answer + 4096):
                with contextlib.suppress(ValueError):  # half a line: it was killed while it wrote
                    message = json.loads(line)
                    if isinstance(message, dict):
                        self._messages.put(message)
        self._messages.put({"event": "end"})

    def _drain(self) -> None:
        """Read what is printed past Python, keep its end, so that no print ever blocks the child."""
        stream = self._process.stderr
        assert stream is not None
        size = 0
        with contextlib.suppress(OSError, ValueError), stream:
            while data := os.read(stream.fileno(), 65536):
                self._stderr.append(data)
                size += len(data)
                while len(self._stderr) > 1 and size - len(self._stderr[0]) > _STDERR_KEPT:
                    size -= len(self._stderr.popleft())


def too_much_memory(limit: int) -> str:
    """Return the sentence about a child that used more than `limit` bytes."""
    return f"The application needs more than {limit // 1_000_000} MB of memory."
