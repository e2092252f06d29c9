"""Cron for who looks after a site: jobs with next run and last result, switches (CRON-14, SV-18)."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from runtime.cron import Job, Record, Records, Runs, find_job
from runtime.cron.jobs import crontabs_of_site
from runtime.foundation.problems import UserError

T = TypeVar("T")

_INTERRUPT_GRACE = 2.0  # seconds that a job gets when Ctrl+C ends the wait for it


@dataclass(frozen=True)
class JobEntry:
    """A job as a list shows it.

    Attributes:
        id: for `set_enabled`, `history` and `run_now`.
        application: whose.
        line: of its crontab.
        schedule: as written.
        command: as written.
        enabled: whether it runs when it is due.
        next_run: seconds since 1970; None for ``@reboot`` and for a job that is switched off.
        last: its last run, if there is one on record.
    """

    id: str
    application: str
    line: int
    schedule: str
    command: str
    enabled: bool
    next_run: float | None
    last: Record | None


@dataclass(frozen=True)
class ProblemEntry:
    """A line of a crontab that can not be read (CRON-23)."""

    application: str
    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Overview:
    """All jobs of a site, and the lines that are none."""

    jobs: list[JobEntry]
    problems: list[ProblemEntry]


def overview(site: Path, now: datetime.datetime | None = None) -> Overview:
    """Read the crontabs and records of a site; no code of an application runs.

    Args:
        site: the site folder.
        now: local time that next runs are counted from; default the present.

    Raises:
        UserError: the records can not be read.
    """
    now = now or datetime.datetime.now()
    records = Records(site)
    latest, disabled = _reading(records.latest), _reading(records.disabled)
    found = Overview([], [])
    for application, crontab in crontabs_of_site(site).items():
        found.jobs.extend(
            _entry(job, latest.get(job.id), job.id not in disabled, now) for job in crontab.jobs
        )
        found.problems.extend(
            ProblemEntry(application, problem.line, problem.text, problem.reason)
            for problem in crontab.problems
        )
    return found


def _entry(job: Job, last: Record | None, enabled: bool, now: datetime.datetime) -> JobEntry:
    following = job.entry.schedule.next_after(now) if enabled else None
    return JobEntry(
        id=job.id,
        application=job.application,
        line=job.entry.line,
        schedule=str(job.entry.schedule),
        command=job.entry.command,
        enabled=enabled,
        next_run=following.timestamp() if following is not None else None,
        last=last,
    )


def history(site: Path, job: str | None = None, limit: int = 100) -> list[Record]:
    """Return the last runs of a job, or of all jobs, newest first.

    Raises:
        UserError: there is no such job, or the records can not be read.
    """
    records = Records(site)
    if job is None:
        return _reading(lambda: records.last(limit))
    found = find_job(site, job)
    return _reading(lambda: records.of_job(found.id, limit))


def set_enabled(site: Path, job: str, enabled: bool) -> Job:
    """Switch a job on or off; its line in the crontab stays as it is.

    Raises:
        UserError: there is no such job, or the records can not be written.
    """
    found = find_job(site, job)
    _reading(lambda: Records(site).set_enabled(found.id, enabled))
    return found


def run_now(site: Path, job: str) -> Record | None:
    """Run a job now, whether it is due or switched off, and wait for it; returns its record.

    Raises:
        UserError: there is no such job, or it can not be started.
    """
    found = find_job(site, job)
    records = Records(site)
    runs = Runs(site, records)
    threads = runs.start([found])
    if not threads:
        raise UserError(f"{found} can not be started")
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        runs.stop(_INTERRUPT_GRACE)
        raise
    return next(iter(_reading(lambda: records.of_job(found.id, 1))), None)


def command(name: str, site: Path, mode: str, runs: Runs | None, **arguments: Any) -> dict[str, Any]:
    """Carry out a command about cron of a server's control channel: ``cron``, ``cron_run``, ``cron_enable``.

    Args:
        name: of the command.
        site: the site folder.
        mode: ``none``, ``hard`` or ``soft``.
        runs: of the server's cron; None when it has none.
        arguments: `job`, an id or ``APP:LINE``; `enabled`.

    Raises:
        UserError: there is no such job, or the server runs no cron.
    """
    if name == "cron":
        return {
            "mode": mode,
            "running": runs.running() if runs is not None else [],
            **as_json(overview(site)),
        }
    job = str(arguments["job"])
    if name == "cron_enable":
        set_enabled(site, job, bool(arguments["enabled"]))
        return {"enabled": bool(arguments["enabled"])}
    found = find_job(site, job)
    if runs is None:
        raise UserError("this server runs no cron; `hadron cron run` runs a job without it")
    return {"started": bool(runs.start([found]))}


def as_json(found: Overview) -> dict[str, Any]:
    """Return an overview as JSON can hold it; a run has its `state` and `duration` too."""
    jobs = [asdict(job) | {"last": record_as_json(job.last) if job.last else None} for job in found.jobs]
    return {"jobs": jobs, "problems": [asdict(problem) for problem in found.problems]}


def record_as_json(record: Record) -> dict[str, Any]:
    """Return a run as JSON can hold it."""
    return asdict(record) | {"state": record.state, "duration": record.duration}


def _reading(read: Callable[[], T]) -> T:
    try:
        return read()
    except sqlite3.Error as error:
        raise UserError(f"the records of cron (cron.sqlite) can not be used: {error}") from error
