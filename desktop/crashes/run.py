"""Marks that the window runs, and notes how it ended, so that the next start can tell (SH-16)."""

from __future__ import annotations

import contextlib
import faulthandler
import hashlib
import json
import logging
import os
import shutil
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from runtime.foundation.files import write_atomic
from runtime.foundation.version import build_version

from .log import DesktopLog

log = logging.getLogger("hadron.desktop")

BEAT = 60.0  # seconds between two signs of life, by which the time of a power cut is known
MARK, FAULTS, ERROR = "running.json", "faults.txt", "error.txt"


def key_of(site: Path) -> str:
    """A short name for the runs of one site folder."""
    whole = os.path.abspath(site).encode("utf-8", "surrogateescape")
    return hashlib.sha256(whole).hexdigest()[:16]


def desktop_log(data: Path, site: Path) -> Path:
    """The log that the window of `site` keeps in the user's folder `data`."""
    return data / "logs" / f"desktop-{key_of(site)}.log"


def reports_folder(data: Path) -> Path:
    """Where the reports of this user lie."""
    return data / "crashes"


def latest_report(data: Path) -> Path | None:
    """The newest report kept, None without one."""
    found = sorted(reports_folder(data).glob("crash-*.txt"))
    return found[-1] if found else None


@dataclass(frozen=True)
class Traces:
    """What a run that did not end by itself has left.

    Attributes:
        folder: where its files were put aside.
        site: its site folder.
        log: the log of the window.
        next: when the next run began, seconds since 1970; later lines of logs are not its own.
    """

    folder: Path
    site: Path
    log: Path
    next: float


class Run:
    """One run of the window, from `begin` to `end`; only whoever holds the lock of the site folder has one.

    As a context it ends with the block; an exception that leaves the block is kept for the next start.

    Args:
        data: the user's folder.
        site: the site folder.
    """

    def __init__(self, data: Path, site: Path) -> None:
        self._data = data
        self._faults: IO[bytes] | None = None
        self._over = threading.Event()
        self._changing = threading.Lock()
        self._hooks = sys.excepthook, threading.excepthook
        self._place(site)

    def _place(self, site: Path) -> None:
        self._site = site
        self._folder = self._data / "runs" / key_of(site)
        self._log = DesktopLog(desktop_log(self._data, site))

    def begin(self) -> Traces | None:
        """Begin; return what the run before has left, if it did not end by itself.

        A folder that can't be written means that nothing is noted: no reason not to open the window.
        """
        found = self._mark()
        self._hooks = sys.excepthook, threading.excepthook
        sys.excepthook = _log_unexpected
        threading.excepthook = _log_unexpected_in_thread
        log.info("Hadron %s begins, site folder %s", build_version(), self._site)
        threading.Thread(target=self._beat, name="hadron-run", daemon=True).start()
        return found

    def follow(self, site: Path) -> Traces | None:
        """Go on as the run of another site folder, where the next start looks; return as `begin`.

        From any thread; only whoever holds the lock of that folder may call it.
        """
        with self._changing:
            if self._over.is_set() or site == self._site:
                return None
            log.info("site folder %s from now on", site)
            self._unmark()
            with contextlib.suppress(OSError):
                (self._folder / MARK).unlink(missing_ok=True)
            self._place(site)
            found = self._mark()
            log.info("Hadron %s goes on with the site folder %s", build_version(), site)
            return found

    def _mark(self) -> Traces | None:
        """Note that the run goes on, and open what tells how it ends."""
        found = None
        try:
            found = self._put_aside()
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            mark = {
                "pid": os.getpid(),
                "started": time.time(),
                "version": build_version(),
                "site": str(self._site),
            }
            write_atomic(self._folder / MARK, json.dumps(mark), mode=0o600)
            self._faults = open(self._folder / FAULTS, "wb", buffering=0)
            faulthandler.enable(self._faults)
        except OSError as error:
            log.warning("how this run ends can't be noted in %s: %s", self._folder, error.strerror or error)
        self._log.open()
        return found

    def end(self) -> None:
        """The window ends as it should; may be called twice."""
        with self._changing:
            if self._over.is_set():
                return
            log.info("Hadron ends")
            self._stop()
            with contextlib.suppress(OSError):
                (self._folder / MARK).unlink(missing_ok=True)

    def fail(self, error: BaseException) -> None:
        """The window ends by an error that nobody has caught; the next start tells of it."""
        with self._changing:
            if self._over.is_set():
                return
            text = "".join(traceback.format_exception(error))
            log.critical("the window ends by an error", exc_info=error)
            with contextlib.suppress(OSError):
                write_atomic(self._folder / ERROR, text, mode=0o600)
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, SystemExit):
            self.end()
        else:
            self.fail(error)

    def _stop(self) -> None:
        self._over.set()
        sys.excepthook, threading.excepthook = self._hooks
        self._unmark()

    def _unmark(self) -> None:
        self._log.close()
        if self._faults is not None:
            faulthandler.disable()
            self._faults.close()
            self._faults = None

    def _put_aside(self) -> Traces | None:
        """Move the files of a run that did not end to where they stay until the report is made."""
        aside = self._folder.with_name(f"{self._folder.name}-ended")
        if (self._folder / MARK).exists():
            shutil.rmtree(aside, ignore_errors=True)  # of an older one, whose report could not be made
            os.rename(self._folder, aside)
        if not (aside / MARK).exists():
            return None
        return Traces(aside, self._site, desktop_log(self._data, self._site), time.time())

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            with contextlib.suppress(OSError):
                os.utime(self._folder / MARK)


def _log_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Qt goes on after an error in a slot: the log keeps what would only be said on a console."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.error("unexpected error", exc_info=(kind, error, trace))


def _log_unexpected_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        name = arguments.thread.name if arguments.thread is not None else "a thread"
        log.error("unexpected error in %s", name, exc_info=arguments.exc_value)
