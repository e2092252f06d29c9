"""The jobs of a site: crontabs found, read again when they change (CRON-01)."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from runtime.cron.crontab import CrontabProblem, Entry, parse_crontab
from runtime.foundation.paths import APPLICATION_NAME
from runtime.foundation.problems import UserError

log = logging.getLogger("web2py.cron")


@dataclass(frozen=True)
class Job:
    """A job of an application.

    Attributes:
        id: stays the same as long as time and command of the line do.
        application: whose.
        entry: the line.
    """

    id: str
    application: str
    entry: Entry

    def __str__(self) -> str:
        return f"{self.application}, line {self.entry.line}: {self.entry.command}"


@dataclass(frozen=True)
class Crontab:
    """What one crontab holds."""

    jobs: tuple[Job, ...]
    problems: tuple[CrontabProblem, ...]


_KNOWN: dict[Path, tuple[tuple[int, int], Crontab]] = {}


def crontab_path(site: Path, application: str) -> Path:
    """Return where the crontab of an application lies."""
    return site / "applications" / application / "cron" / "crontab"


def crontabs_of_site(site: Path) -> dict[str, Crontab]:
    """Return the crontabs of all applications by name, without those that are switched off.

    A line that can not be read is logged once for each change of its file (CRON-23).
    """
    found: dict[str, Crontab] = {}
    try:
        names = sorted(entry.name for entry in (site / "applications").iterdir())
    except OSError:
        return found
    for name in names:
        if APPLICATION_NAME.fullmatch(name) and not (site / "applications" / name / "DISABLED").exists():
            crontab = _read(site, name)
            if crontab is not None:
                found[name] = crontab
    return found


def _read(site: Path, application: str) -> Crontab | None:
    path = crontab_path(site, application)
    try:
        info = path.stat()
        stamp = (info.st_mtime_ns, info.st_size)
        known = _KNOWN.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        text = path.read_text("utf-8", "replace")
    except OSError:
        return None
    entries, problems = parse_crontab(text)
    for problem in problems:
        log.error("%s, line %d is left out: %s: %s", path, problem.line, problem.text, problem.reason)
    crontab = Crontab(_number(application, entries), tuple(problems))
    _KNOWN[path] = (stamp, crontab)
    return crontab


def _number(application: str, entries: list[Entry]) -> tuple[Job, ...]:
    seen: Counter[str] = Counter()
    jobs = []
    for entry in entries:
        words = f"{application}\0{entry.schedule}\0{entry.command}"
        seen[words] += 1  # a line may stand there twice
        digest = hashlib.sha256(f"{words}\0{seen[words]}".encode()).hexdigest()
        jobs.append(Job(digest[:12], application, entry))
    return tuple(jobs)


def jobs_of_site(site: Path) -> list[Job]:
    """Return the jobs of all applications."""
    return [job for crontab in crontabs_of_site(site).values() for job in crontab.jobs]


def find_job(site: Path, name: str) -> Job:
    """Return the job with an id, or the beginning of one, or ``APP:LINE``.

    Raises:
        UserError: there is none, or more than one.
    """
    jobs = jobs_of_site(site)
    found = [job for job in jobs if name in (job.id, f"{job.application}:{job.entry.line}")]
    found = found or [job for job in jobs if name and job.id.startswith(name)]
    if len(found) != 1:
        reason = "there is no job" if not found else "more than one job is called"
        raise UserError(f"{reason} {name!r}; `hadron cron list` shows them")
    return found[0]
