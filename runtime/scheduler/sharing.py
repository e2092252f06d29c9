"""Groups that workers serve with different weights (SCHED-09)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from runtime.scheduler import states
from runtime.scheduler.records import WorkerRow


def weights_of(group: str, workers: Iterable[WorkerRow], application: str | None) -> dict[str, int]:
    """Return how often each working worker of an application names `group`, of those that do."""
    found: dict[str, int] = {}
    for worker in workers:
        count = Counter(worker.group_names)[group]
        if count and worker.status in states.WORKING and worker.application == application:
            found[worker.name] = count
    return found


class Shares:
    """The groups of one worker whose tasks have to be shared by weight.

    Where all weights are equal every worker takes what is due as soon as it
    is free. Else one of them, the first by name, assigns the tasks.

    Args:
        name: of the worker.
        groups: the groups it serves.
        application: whose tasks it takes.
    """

    def __init__(self, name: str, groups: Iterable[str], application: str | None) -> None:
        self._name = name
        self._groups = sorted(set(groups))
        self._application = application
        self._given: dict[str, dict[str, int]] = {}
        self.free: list[str] = list(self._groups)
        """Groups whose tasks are simply taken."""
        self.mine: dict[str, dict[str, int]] = {}
        """Groups whose tasks this worker assigns, and the weights of the workers."""

    def update(self, workers: list[WorkerRow]) -> None:
        """Look at the workers that live."""
        self.free, self.mine = [], {}
        for group in self._groups:
            weights = weights_of(group, workers, self._application)
            if len(set(weights.values())) <= 1:
                self.free.append(group)
                self._given.pop(group, None)
            elif min(weights) == self._name:
                self.mine[group] = weights

    def given(self, group: str) -> dict[str, int]:
        """Return how many tasks of `group` each worker was given while it was this worker's to assign."""
        return self._given.setdefault(group, {})
