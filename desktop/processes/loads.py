"""Processor and memory of processes and their children (SV-14, SV-19)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import psutil


@dataclass
class Load:
    """Processor and memory of one worker with its executor; None while not known."""

    process: psutil.Process
    percent: float | None = None
    memory: int = 0
    children: dict[int, psutil.Process] = field(default_factory=dict)

    def words(self) -> str:
        """ "3 % CPU, 61 MB", or nothing while it is not known."""
        return "" if self.percent is None else f"{self.percent:.0f} % CPU, {self.memory / 1e6:.0f} MB"


class Loads:
    """Measures processes again and again; used by one thread at a time."""

    def __init__(self) -> None:
        self._known: dict[int, Load] = {}

    def read(self, pids: Iterable[int]) -> dict[int, str]:
        """What each process uses, in words; processor time is known from the second time on."""
        found: dict[int, Load] = {}
        for pid in pids:
            try:
                load = self._known.get(pid) or Load(psutil.Process(pid))
                measure(load)
                found[pid] = load
            except psutil.Error:
                continue
        self._known = found
        return {pid: load.words() for pid, load in found.items()}


def measure(load: Load) -> None:
    """Reads processor and memory of a process and its children.

    Raises:
        psutil.Error: it has gone.
    """
    process = load.process
    percent, memory = process.cpu_percent(None), process.memory_info().rss
    living: dict[int, psutil.Process] = {}
    for child in process.children(recursive=True):
        known = load.children.get(child.pid, child)
        try:
            percent += known.cpu_percent(None)
            memory += known.memory_info().rss
            living[child.pid] = known
        except psutil.Error:
            continue
    first = load.percent is None and not load.memory
    load.children, load.memory = living, memory
    load.percent = None if first else percent
