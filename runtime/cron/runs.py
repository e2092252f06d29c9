"""Running jobs: each in a process of its own, watched to its end (CRON-06..13, CRON-21, CRON-22)."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import psutil

from runtime.cron.jobs import Job
from runtime.cron.records import Records
from runtime.foundation.program import child_environment, program

log = logging.getLogger("web2py.cron")

OUTPUT_BYTES = 16_384
"""The end of a job's output that is kept."""
_TICKET = re.compile(r"^ticket: (\S+)\r?$", re.MULTILINE)
_RECORDS_AFTER_END = 2.0  # seconds to write down the ends of what was ended
_OUTPUT_AFTER_END = 1.0  # seconds for the rest of the output, which a program left behind may hold open


def command_of(site: Path, job: Job) -> tuple[str | list[str], bool]:
    """Return the command that runs a job, and whether it is for the system's shell (CRON-06..10)."""
    entry = job.entry
    if entry.is_external:
        return entry.command, True
    models = [] if entry.models else ["--no-models"]
    target = entry.target
    words = ["run", f"--folder={site}", "--cronjob", *models, job.application, target, *entry.arguments]
    return [*program(), *words], False


class Runs:
    """The jobs that this process has started.

    Args:
        site: the site folder, where the jobs run.
        records: where their results go.
    """

    def __init__(self, site: Path, records: Records) -> None:
        self._site = site
        self._records = records
        self._running: set[_Run] = set()
        self._lock = threading.Lock()
        self._stopping = False
        self._asked: list[_Run] = []

    def start(self, jobs: Sequence[Job]) -> list[threading.Thread]:
        """Start jobs and return the threads that watch them; one that can not be started is logged."""
        return [thread for job in jobs if (thread := self._start(job)) is not None]

    def _start(self, job: Job) -> threading.Thread | None:
        with self._lock:
            if self._stopping:
                return None
            try:
                run = _Run(self._site, job, self._records)
            except (OSError, ValueError) as error:  # no process left; a NUL in the command
                log.error("%s can not be started: %s", job, error)
                return None
            self._running.add(run)
        thread = threading.Thread(target=self._watch, args=(run,), name=f"hadron-cron-{job.id}", daemon=True)
        thread.start()
        return thread

    def _watch(self, run: _Run) -> None:
        try:
            run.watch()
        finally:
            with self._lock:
                self._running.discard(run)

    def running(self) -> list[str]:
        """Return the ids of the jobs that run."""
        with self._lock:
            return [run.job.id for run in self._running]

    def begin_stop(self) -> None:
        """Start no more, and ask what runs to end."""
        with self._lock:
            if self._stopping:
                return
            self._stopping = True
            self._asked = list(self._running)
        for run in self._asked:
            run.end(force=False)

    def stop(self, grace: float) -> None:
        """Wait `grace` seconds for the ends of what runs, then end it (DESK-10)."""
        self.begin_stop()
        deadline = time.monotonic() + grace
        while any(run.lives() for run in self._asked) and time.monotonic() < deadline:
            time.sleep(0.02)
        for run in self._asked:
            run.end(force=True)
        end = time.monotonic() + _RECORDS_AFTER_END
        while self.running() and time.monotonic() < end:
            time.sleep(0.02)


class _Run:
    """One process of a job.

    Raises:
        OSError: it can not be started.
    """

    def __init__(self, site: Path, job: Job, records: Records) -> None:
        self.job = job
        self._records = records
        command, in_shell = command_of(site, job)
        options: dict[str, Any] = {}
        if sys.platform == "win32":
            options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        else:
            options["start_new_session"] = True  # a group of its own, that can be ended as a whole
        self._process = subprocess.Popen(  # the shell is what a crontab's commands are for
            command,
            shell=in_shell,
            cwd=site,
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **options,
        )
        log.info("%s has started, process %d", job, self._process.pid)
        self._number = self._note_start()
        self._tail = bytearray()
        self._reader = threading.Thread(target=self._read, name="hadron-cron-output", daemon=True)
        self._reader.start()

    def _note_start(self) -> int | None:
        entry, pid = self.job.entry, self._process.pid
        try:
            since = psutil.Process(pid).create_time()
        except psutil.Error:
            since = time.time()
        try:
            return self._records.begin(
                self.job.id, self.job.application, entry.line, entry.command, pid, since
            )
        except sqlite3.Error as error:
            log.warning("the run of %s can not be recorded: %s", self.job, error)
            return None

    def _read(self) -> None:
        stream: IO[bytes] | None = self._process.stdout
        assert stream is not None
        with contextlib.suppress(OSError, ValueError), stream:
            while data := stream.read1(65_536):  # type: ignore[attr-defined]  # a buffered reader
                self._tail += data
                del self._tail[:-OUTPUT_BYTES]

    def watch(self) -> None:
        """Wait for the end and note it."""
        status = self._process.wait()
        self._reader.join(_OUTPUT_AFTER_END)
        output = bytes(self._tail).decode("utf-8", "replace")
        found = _TICKET.findall(output)
        if status:
            log.error("%s has failed with exit code %d\n%s", self.job, status, output.rstrip())  # ERR-12
        else:
            log.info("%s has ended", self.job)
        if self._number is not None:
            try:
                self._records.end(self._number, status, output, found[-1] if found else None)
            except sqlite3.Error as error:
                log.warning("the end of %s can not be recorded: %s", self.job, error)

    def lives(self) -> bool:
        """Whether the process, or one that it left in its group, has not ended."""
        if self._process.poll() is None:
            return True
        if sys.platform == "win32":
            return False
        try:
            os.killpg(self._process.pid, 0)
        except OSError:
            return False
        return True

    def end(self, *, force: bool) -> None:
        """Ask the process and its children to end, or end them at once."""
        if not self.lives():
            return
        with contextlib.suppress(OSError, psutil.Error):
            if sys.platform != "win32":
                os.killpg(self._process.pid, signal.SIGKILL if force else signal.SIGTERM)
            elif force:
                for child in psutil.Process(self._process.pid).children(recursive=True):
                    child.kill()
                self._process.kill()
            else:
                self._process.send_signal(signal.CTRL_BREAK_EVENT)
