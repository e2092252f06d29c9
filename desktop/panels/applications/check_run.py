"""The background's side of checking applications: one by one, while nobody needs the computer. No Qt."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from desktop.background import Context
from runtime.admin.inspector import InspectorProblem, Limits
from runtime.admin.load_checks import GENTLE, LoadCheck, check_application

QUIET = 2.0  # seconds without a key or the mouse after which the person counts as idle
BUSY = 60.0  # percent of all processors from which the computer counts as busy
MEASURE = 0.4  # seconds over which that is measured
WAITING = "Checks wait: the computer is busy"


def busy_percent() -> float:
    """How much of all processors was used in the last moment; not for the GUI thread: it waits."""
    psutil.cpu_percent(None)
    time.sleep(MEASURE)
    return float(psutil.cpu_percent(None))


class Due:
    """Names of applications that are to be checked, in order; for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: list[str] = []

    def set(self, names: Iterable[str]) -> None:
        """Takes other names."""
        with self._lock:
            self._names = list(names)

    def first(self) -> str:
        """The next name; empty when there is none."""
        with self._lock:
            return self._names[0] if self._names else ""

    def drop(self, name: str) -> None:
        """It was checked."""
        with self._lock:
            self._names = [each for each in self._names if each != name]

    def postpone(self, name: str) -> None:
        """Lets the others come first."""
        with self._lock:
            if name in self._names:
                self._names.remove(name)
                self._names.append(name)

    def __len__(self) -> int:
        with self._lock:
            return len(self._names)


class CheckRun:
    """Checks what is due until nothing is.

    Args:
        site: the site folder.
        due: what is to be checked; may change meanwhile.
        hurry: once set, nothing waits: the person has asked for it.
        idle: seconds since the person has touched keys or mouse.
        load: percent of all processors that are used; takes a moment.
        found: gets each result.
        said: gets words about what is going on.
    """

    def __init__(
        self,
        site: Path,
        due: Due,
        hurry: threading.Event,
        idle: Callable[[], float],
        load: Callable[[], float],
        found: Callable[[LoadCheck], None],
        said: Callable[[str], None],
    ) -> None:
        self._site, self._due, self._hurry = site, due, hurry
        self._idle, self._load, self._found, self._said = idle, load, found, said
        self._slow: set[str] = set()  # had no time to end once
        self._words = ""

    def __call__(self, context: Context) -> None:
        done = 0
        while name := self._due.first():
            context.check()
            if not self._hurry.is_set() and not self._is_quiet():
                self._say(WAITING)
                time.sleep(MEASURE)
                continue
            context.progress(done, done + len(self._due))
            self._say(f"Checking {name}, {done + 1} of {done + len(self._due)}")
            found = self._check(name, context)
            if found is None:
                continue
            self._due.drop(name)
            done += 1
            self._found(found)

    def _is_quiet(self) -> bool:
        """Tells whether neither person nor computer were busy in the last moment."""
        return self._idle() >= QUIET and self._load() <= BUSY and self._idle() >= QUIET

    def _say(self, words: str) -> None:
        """Tells the window something new, and nothing twice: it has other things to do."""
        if words != self._words:
            self._words = words
            self._said(words)

    def _check(self, name: str, context: Context) -> LoadCheck | None:
        """Checks one application; None when it has to be done again, or is there no longer."""
        gentle = not self._hurry.is_set()
        try:
            limits = GENTLE if gentle else Limits()
            found = check_application(self._site, name, limits, lambda: context.cancelled)
        except InspectorProblem:
            context.check()
            self._due.drop(name)  # it was removed meanwhile
            return None
        if found.kind == "hang" and gentle and name not in self._slow and self._load() > BUSY:
            self._slow.add(name)  # who steps back runs out of time when others work: it is tried once more
            self._due.postpone(name)
            return None
        return found
