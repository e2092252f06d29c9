"""The text of a crontab: one job to a line (CRON-02..13, CRON-23)."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from runtime.cron.schedule import REBOOT, SHORT_FORMS, Schedule

_FUNCTION = re.compile(r"/?[A-Za-z_]\w*/[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True)
class Entry:
    """One job as it stands in the crontab.

    Attributes:
        line: its number, from 1.
        schedule: when it runs.
        user: kept for compatibility; nobody switches to that user (CRON-13).
        command: as written.
        target: script or ``controller/function`` of a command with asterisks; empty for another program.
        arguments: words behind the target.
        models: the models run first: one asterisk (CRON-07, CRON-08).
    """

    line: int
    schedule: Schedule
    user: str
    command: str
    target: str = ""
    arguments: tuple[str, ...] = ()
    models: bool = False

    @property
    def is_external(self) -> bool:
        """Whether the command is for the system's shell (CRON-06)."""
        return not self.target


@dataclass(frozen=True)
class CrontabProblem:
    """A line that can not be read; the others run all the same (CRON-23)."""

    line: int
    text: str
    reason: str


def parse_crontab(text: str) -> tuple[list[Entry], list[CrontabProblem]]:
    """Return the jobs of a crontab and the lines that are none; comments and blank lines are left out."""
    entries: list[Entry] = []
    problems: list[CrontabProblem] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        try:
            entries.append(_parse_line(number, words))
        except ValueError as error:
            problems.append(CrontabProblem(number, words, str(error)))
    return entries, problems


def _parse_line(number: int, line: str) -> Entry:
    if line.startswith("@"):
        short, *rest = line.split(None, 1)
        when = short.lower()
        if when != REBOOT and when not in SHORT_FORMS:
            raise ValueError(f"{short} is unknown; there are {REBOOT}, {', '.join(SHORT_FORMS)}")
        tail = re.sub(r"^(?:\*\s+){4}", "", rest[0]) if rest else ""  # AMB-22: fields that say nothing
        parts = tail.split(None, 1)
    else:
        fields = line.split(None, 5)
        if len(fields) < 6:
            raise ValueError("five fields, a user and a command are expected")
        when, parts = " ".join(fields[:5]).lower(), fields[5].split(None, 1)
    if len(parts) < 2:
        raise ValueError("a user and a command are expected behind the time")
    user, command = parts
    target, arguments, models = _read_command(command)
    return Entry(number, Schedule(when), user, command, target, arguments, models)


def _read_command(command: str) -> tuple[str, tuple[str, ...], bool]:
    """Return target, arguments, and whether models run; an empty target for an external command."""
    bare = command.lstrip("*")
    stars = len(command) - len(bare)
    if not stars:
        return "", (), False
    try:
        words = shlex.split(bare)
    except ValueError:
        words = bare.split()
    if stars > 2 or not words:
        raise ValueError(f"the command {command!r} can not be read: one or two asterisks and a script")
    target = words[0]
    if not target.endswith(".py"):
        if not _FUNCTION.fullmatch(target):
            raise ValueError(f"{target!r} is neither a script that ends in .py nor controller/function")
        target = target.lstrip("/")
    return target, tuple(words[1:]), stars == 1
