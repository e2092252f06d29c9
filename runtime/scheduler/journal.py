"""The executor's own notes of what it has begun and ended: they outlive a killed worker.

The result of a task travels through a pipe to the worker, which writes it
into the database a few milliseconds later. If the worker is killed in
between, whoever takes its tasks back on this machine reads here which of
them had ended, which were running and which had not begun.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from dataclasses import dataclass, replace

from runtime.scheduler.records import Outcome

RUNS_PER_FILE = 200
"""Runs after which the other of the two files is begun; a worker never holds as many unreported ones."""

_KEPT_SECONDS = 14 * 24 * 3600.0  # of a worker that nobody has taken over

MOST_OUTPUT_NOTED = 64 * 1024
"""Bytes of printed text that are noted of one run."""


@dataclass(frozen=True)
class Entry:
    """What is known of a run that was begun; `outcome` is None when it has not ended."""

    outcome: Outcome | None = None
    output: str = ""


def journal_path(instance: str) -> str:
    """Return where the journal of a worker lies, without the ending of its two files.

    Raises:
        OSError: the folder can not be made, or belongs to somebody else.
    """
    owner = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    folder = os.path.join(_temporary_folder(), f"hadron-scheduler-{owner}")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    _sweep(folder)
    found = os.stat(folder)
    if hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & 0o077):
        raise OSError(f"{folder} is not private to this user")
    return os.path.join(folder, instance)


def _temporary_folder() -> str:
    """Return the folder that `tempfile` would choose; in the usual places without loading it."""
    given = next((os.environ[name] for name in ("TMPDIR", "TEMP", "TMP") if os.environ.get(name)), "/tmp")  # noqa: S108
    if os.name == "posix" and os.path.isdir(given) and os.access(given, os.W_OK | os.X_OK):
        return os.path.abspath(given)
    return tempfile.gettempdir()


def _sweep(folder: str) -> None:
    """Remove journals that nobody has read or written for long."""
    now = time.time()
    for name in os.listdir(folder):
        file = os.path.join(folder, name)
        with contextlib.suppress(OSError):
            if now - os.stat(file).st_mtime > _KEPT_SECONDS:
                os.unlink(file)


def _files(path: str) -> tuple[str, str]:
    return f"{path}.0", f"{path}.1"


class Journal:
    """Written by an executor, line by line: a line that was written survives every kill.

    Args:
        path: see `journal_path`.
    """

    def __init__(self, path: str) -> None:
        self._files = _files(path)
        times = [os.stat(one).st_mtime_ns if os.path.exists(one) else 0 for one in self._files]
        self._number = times.index(max(times))  # go on behind what an executor before has noted
        self._runs = 0
        self._noted = 0
        self._stream = self._open(os.O_APPEND)

    def _open(self, how: int) -> int:
        return os.open(self._files[self._number], os.O_WRONLY | os.O_CREAT | how, 0o600)

    def begin(self, run_id: int) -> None:
        """Note that a run begins."""
        self._runs += 1
        if self._runs > RUNS_PER_FILE:
            os.close(self._stream)
            self._number = 1 - self._number
            self._stream = self._open(os.O_APPEND | os.O_TRUNC)
            self._runs = 1
        self._noted = 0
        os.write(self._stream, b'{"event": "begin", "run_id": %d}\n' % run_id)

    def note(self, line: bytes, always: bool) -> None:
        """Note a message to the worker.

        Args:
            line: the message with its line end.
            always: False for printed text, of which only so much is noted.
        """
        self._noted += 0 if always else len(line)
        if always or self._noted <= MOST_OUTPUT_NOTED:
            with contextlib.suppress(OSError):  # a full disk must not fail the task
                os.write(self._stream, line)


def read_journal(path: str) -> dict[int, Entry] | None:
    """Return what was noted, by run; None when there is no journal."""
    found: dict[int, Entry] = {}
    present = [one for one in _files(path) if os.path.exists(one)]
    if not present:
        return None
    for file in sorted(present, key=lambda one: os.stat(one).st_mtime_ns):
        current = 0
        with open(file, "rb") as stream:
            for line in stream:
                try:
                    values = json.loads(line)
                except ValueError:
                    continue  # half a line
                event = values.get("event")
                if event == "begin":
                    current = int(values["run_id"])
                    found[current] = Entry()
                elif event == "output" and current in found:
                    found[current] = replace(found[current], output=found[current].output + values["text"])
                elif event == "done" and values.get("run_id") in found:
                    outcome = Outcome(values["status"], values.get("result"), values.get("traceback"))
                    found[values["run_id"]] = replace(found[values["run_id"]], outcome=outcome)
    return found


def remove_journal(path: str) -> None:
    """Delete the files of a journal."""
    for file in _files(path):
        with contextlib.suppress(OSError):
            os.unlink(file)
