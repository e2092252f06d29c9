"""`JobGraph`: tasks that wait for other tasks (SCHED-22)."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Any


class JobGraph:
    """The dependencies of one job. A child starts only after all its parents have completed.

    Args:
        db: the database of the scheduler's tables.
        job_name: which dependencies belong together.
    """

    def __init__(self, db: Any, job_name: str = "job_0") -> None:
        self.db = db
        self.job_name = job_name

    def add_deps(self, task_parent: int, task_child: int) -> None:
        """Let `task_child` wait for `task_parent`; both are task ids."""
        self.db.scheduler_task_deps.insert(
            job_name=self.job_name, task_parent=task_parent, task_child=task_child
        )

    def validate(self, job_name: str | None = None) -> list[set[int]] | None:
        """Check the job: commit it when it can run, roll it back when it can not.

        Args:
            job_name: another job than this one.

        Returns:
            Groups of task ids in the order they can run, those of a group side
            by side; None when tasks wait for each other in a circle.
        """
        deps = self.db.scheduler_task_deps
        graph: TopologicalSorter[int] = TopologicalSorter()
        for row in self.db(deps.job_name == (job_name or self.job_name)).select():
            graph.add(int(row.task_child), int(row.task_parent))
        try:
            graph.prepare()
        except CycleError:
            self.db.rollback()
            return None
        groups: list[set[int]] = []
        while graph.is_active():
            ready = graph.get_ready()
            groups.append(set(ready))
            graph.done(*ready)
        self.db.commit()
        return groups
