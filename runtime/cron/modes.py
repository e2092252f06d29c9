"""Hard, soft and external cron (CRON-14..18)."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from runtime.cron.jobs import Job, jobs_of_site
from runtime.cron.master import Master
from runtime.cron.records import Records
from runtime.cron.runs import Runs
from runtime.cron.schedule import MINUTE

log = logging.getLogger("web2py.cron")

_HARD_LOOKS_BACK = 10  # minutes: a computer that slept runs what was due in the last ones, once
_SOFT_LOOKS_BACK = 24 * 60  # minutes: jobs wait for the next page


def due_jobs(site: Path, records: Records, last: int, now: int) -> list[Job]:
    """Return the jobs with a time after the minute `last` and not after `now`, without those switched off."""
    disabled = _disabled(records)
    return [
        job for job in jobs_of_site(site) if job.id not in disabled and job.entry.schedule.is_due(last, now)
    ]


def _disabled(records: Records) -> frozenset[str]:
    try:
        return records.disabled()
    except sqlite3.Error as error:
        log.warning("the records of cron can not be read: %s", error)
        return frozenset()


def run_due(site: Path, stopping: threading.Event) -> int:
    """External cron: start what is due in this minute, wait for it; returns how many jobs ran (CRON-17).

    Args:
        site: the site folder.
        stopping: ends the jobs when it is set.

    Raises:
        OSError: the site folder can not be used.
        TimeoutError: another process keeps ``cron.master``.
    """
    records = Records(site)
    runs = Runs(site, records)
    claimed = Master(site).claim(time.time(), look_back=1)
    if claimed is None:
        return 0
    threads = runs.start(due_jobs(site, records, *claimed))
    for thread in threads:
        while thread.is_alive():
            thread.join(0.1)
            if stopping.is_set():
                runs.stop(grace=5.0)
                break
    return len(threads)


class _Cron:
    """What hard and soft cron share: a thread that runs minutes, the jobs it started, the stop."""

    mode = ""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.records = Records(site)
        self.runs = Runs(site, self.records)
        self._master = Master(site)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"hadron-{self.mode}-cron", daemon=True)

    def start(self) -> None:
        """Run the ``@reboot`` jobs and begin (CRON-05)."""
        self._thread.start()

    def begin_stop(self) -> None:
        """Start no more jobs and ask the running ones to end."""
        self._stopping.set()
        self._wake()
        self.runs.begin_stop()

    def stop(self, grace: float = 5.0) -> None:
        """Stop; jobs get `grace` seconds to end, then they are ended."""
        self.begin_stop()
        self.runs.stop(grace)
        if self._thread.ident is not None:  # it was started
            self._thread.join(5.0)

    def _wake(self) -> None:
        """Let the thread see that it has to end."""

    def _work(self) -> None:
        self._guarded(self._run_reboot_jobs)
        self._loop()

    def _loop(self) -> None:
        raise NotImplementedError

    def _run_reboot_jobs(self) -> None:
        jobs = [job for job in jobs_of_site(self.site) if job.entry.schedule.at_start]
        if jobs and self._master.claim_start():
            disabled = _disabled(self.records)
            self.runs.start([job for job in jobs if job.id not in disabled])

    def _tick(self, look_back: int) -> None:
        claimed = self._master.claim(time.time(), look_back)
        if claimed is not None:
            self.runs.start(due_jobs(self.site, self.records, *claimed))

    def _guarded(self, step: Callable[[], None]) -> None:
        """Do a step; what goes wrong is logged and does not end cron."""
        try:
            step()
        except Exception as error:
            log.error("cron could not do its work: %s", error, exc_info=error)


class HardCron(_Cron):
    """A thread that runs what is due at the beginning of each minute (CRON-16).

    Args:
        site: the site folder.
    """

    mode = "hard"

    def _loop(self) -> None:
        look_back = 1  # what was due while no server ran stays undone
        while not self._stopping.is_set():
            self._guarded(partial(self._tick, look_back))
            look_back = _HARD_LOOKS_BACK
            self._stopping.wait(MINUTE - time.time() % MINUTE + 0.01)


class SoftCron(_Cron):
    """Runs what became due since the last page, after the next one (CRON-15).

    Args:
        site: the site folder.
    """

    mode = "soft"

    def __init__(self, site: Path) -> None:
        super().__init__(site)
        self._page = threading.Event()
        self._minute = 0

    def page_served(self) -> None:
        """Called after each page, from its thread; returns at once."""
        minute = int(time.time() // MINUTE)
        if minute != self._minute:
            self._minute = minute
            self._page.set()

    def _wake(self) -> None:
        self._page.set()

    def _loop(self) -> None:
        self._guarded(lambda: self._master.begin(time.time()))
        while True:
            self._page.wait()
            self._page.clear()
            if self._stopping.is_set():
                return
            self._guarded(partial(self._tick, _SOFT_LOOKS_BACK))
