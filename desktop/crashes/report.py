"""The report about a run that did not end by itself: made, masked, kept; sent nowhere (SH-16)."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from runtime.admin.logs import LogFile, LogProblem, texts_of
from runtime.admin.parts import about_lines
from runtime.errors.report_text import clean_report
from runtime.foundation.files import write_atomic
from runtime.foundation.log_lines import FOLDER

from .run import ERROR, FAULTS, MARK, Traces, reports_folder

KEPT = 10  # reports that stay
LOG_LINES, SERVER_LINES = 60, 40
MOST_BYTES = 64 * 1024  # of a trace
PROMPT = 120.0  # seconds: a computer that starts within them after the last sign of life was cut off


@dataclass(frozen=True)
class CrashReport:
    """A report.

    Attributes:
        when: the last that is known of the run, seconds since 1970.
        about: True when the end may have come up to a minute later.
        cause: what happened, one sentence.
        drafts: how many texts that were typed and not saved are kept.
        text: the whole report, without secrets.
        path: where it is kept; None when that failed.
    """

    when: float
    about: bool
    cause: str
    drafts: int
    text: str
    path: Path | None


def make_report(traces: Traces, data: Path, boot: float | None = None) -> CrashReport:
    """Make the report of a run from what it has left, keep it, and remove the traces; not for the GUI thread.

    Args:
        boot: when the computer was started, seconds since 1970; default now asked from the system.
    """
    folder = traces.folder
    mark = _mark(folder)
    faults, error = _tail(folder / FAULTS), _tail(folder / ERROR)
    when = max(_written(folder / name) for name in (MARK, FAULTS, ERROR))
    about = not faults and not error
    cause = _cause(faults, error, when, psutil.boot_time() if boot is None else boot)
    started = mark.get("started")
    drafts = _drafts(data, started if isinstance(started, float) else 0.0)
    server = traces.site / FOLDER / "server.log"
    facts = _facts(mark, when, about, cause, drafts, traces)
    parts = [
        "Hadron stopped unexpectedly\n",
        "".join(f"{name}: {value}\n" for name, value in facts),
        _part("Where it happened", error or faults),
        _part("The window's log", _log_tail("desktop", traces.log, LOG_LINES, traces.next)),
        _part("The server's log", _log_tail("server", server, SERVER_LINES, traces.next)),
    ]
    text = clean_report("\n".join(part for part in parts if part))
    path = _keep(data, when, text)
    if path is not None:
        shutil.rmtree(folder, ignore_errors=True)
    return CrashReport(when, about, cause, drafts, text, path)


def _mark(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / MARK).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _facts(
    mark: dict[str, object], when: float, about: bool, cause: str, drafts: int, traces: Traces
) -> list[tuple[str, str]]:
    started = mark.get("started")
    return [
        ("When", f"{'about ' if about else ''}{_moment(when)}"),
        ("Began", _moment(started) if isinstance(started, float) else "not known"),
        ("What happened", cause),
        ("Drafts kept", str(drafts)),
        ("Version then", str(mark.get("version", "not known"))),
        *about_lines(),
        ("Site folder", str(traces.site)),
        ("Process", str(mark.get("pid", "not known"))),
    ]


def _cause(faults: str, error: str, when: float, boot: float) -> str:
    """What ended the run, as far as its traces tell."""
    if error:
        return f"An error in the window ended it: {error.strip().splitlines()[-1]}"
    if faults:
        first = faults.strip().splitlines()[0]
        return f"{first.removeprefix('Fatal Python error: ').removeprefix('Windows fatal exception: ')}."
    if boot > when:
        if boot - when < PROMPT:
            return "The computer was started again at that time, or had no power."
        return "The computer was switched off, or had no power."
    return "It was ended from outside: by a person, another program, or for want of memory."


def _part(title: str, text: str) -> str:
    return f"---- {title} ----\n{text.rstrip()}\n" if text.strip() else ""


def _tail(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    return data[-MOST_BYTES:].decode("utf-8", "replace")


def _written(path: Path) -> float:
    try:
        found = path.stat()
    except OSError:
        return 0.0
    return found.st_mtime if found.st_size else 0.0


def _log_tail(name: str, path: Path, lines: int, before: float) -> str:
    try:
        records = [record for record in LogFile(name, path).older() if record.moment < before]
        return texts_of(records[-lines:])
    except LogProblem as problem:
        return str(problem)


def _drafts(data: Path, since: float) -> int:
    return sum(1 for path in (data / "drafts").rglob("*.json") if _written(path) >= since)


def _moment(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))


def _keep(data: Path, when: float, text: str) -> Path | None:
    folder = reports_folder(data)
    name = f"crash-{time.strftime('%Y%m%d-%H%M%S', time.localtime(when))}"
    path = folder / f"{name}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = 1
        while path.exists():  # windows of several site folders may end in the same second
            number += 1
            path = folder / f"{name}_{number}.txt"
        write_atomic(path, text, mode=0o600)
        for old in sorted(folder.glob("crash-*.txt"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return None
    return path
