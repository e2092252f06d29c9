"""The dependencies of a job as layers: what can run, what waits for what, circles (UI-SC-16, SCHED-22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter


@dataclass(frozen=True)
class Node:
    """A task of a job.

    Attributes:
        layer: 0 for what waits for nothing; one more than the last of its parents.
        waits_for: numbers of the parents that have not completed.
        in_circle: it waits for itself, so it never starts.
        why: why it does not start, in one sentence; "" when nothing holds it.
    """

    id: int
    name: str
    state: str
    layer: int
    waits_for: tuple[int, ...] = ()
    in_circle: bool = False
    why: str = ""


@dataclass(frozen=True)
class JobPicture:
    """A job: its tasks, its edges from parent to child, the circles found."""

    name: str
    nodes: tuple[Node, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    circles: tuple[tuple[int, ...], ...] = ()


def picture(
    name: str, edges: Iterable[tuple[int, int, bool]], tasks: Mapping[int, tuple[str, str]]
) -> JobPicture:
    """Lay out a job.

    Args:
        name: of the job.
        edges: parent, child, and whether the child need not wait for it any more.
        tasks: name and state by number; what is not there is shown as gone.
    """
    listed = list(edges)
    pairs = tuple(dict.fromkeys((parent, child) for parent, child, _ in listed))
    done = {(parent, child) for parent, child, visited in listed if visited}
    ids = sorted({one for pair in pairs for one in pair})
    parents: dict[int, list[int]] = {one: [] for one in ids}
    for parent, child in pairs:
        parents[child].append(parent)
    layers, circles = _sorted(ids, pairs)
    inside = {one for circle in circles for one in circle}
    nodes = []
    for one in ids:
        task_name, state = tasks.get(one, (f"task {one}", "gone"))
        waits = tuple(parent for parent in parents[one] if (parent, one) not in done)
        nodes.append(
            Node(
                one,
                task_name,
                state,
                layers[one],
                waits,
                one in inside,
                _why(one, state, waits, inside, tasks),
            )
        )
    return JobPicture(name, tuple(nodes), pairs, circles)


def _why(
    one: int, state: str, waits: tuple[int, ...], inside: set[int], tasks: Mapping[int, tuple[str, str]]
) -> str:
    if one in inside:
        return "It waits for itself, by way of others: it never starts. Take one dependency away."
    if state not in ("queued", "assigned", "late", "disabled") or not waits:
        return ""
    stuck = [parent for parent in waits if tasks.get(parent, ("", "gone"))[1] in _ENDED]
    if stuck:
        name, state = tasks.get(stuck[0], (f"task {stuck[0]}", "gone"))
        return f"It waits for {name}, which {_ENDED[state]}: run that one again."
    names = ", ".join(tasks.get(parent, (f"task {parent}", ""))[0] for parent in waits[:3])
    return f"It waits for {names}{' and more' if len(waits) > 3 else ''}."


_ENDED = {
    "failed": "has failed",
    "timeout": "took too long",
    "stopped": "was stopped",
    "expired": "has expired",
    "disabled": "is disabled",
    "gone": "is not there any more",
}


def _sorted(
    ids: list[int], pairs: Iterable[tuple[int, int]]
) -> tuple[dict[int, int], tuple[tuple[int, ...], ...]]:
    """The layer of each task, and the circles: each is cut open at one place until none is left."""
    left = list(pairs)
    circles: list[tuple[int, ...]] = []
    while True:
        sorter: TopologicalSorter[int] = TopologicalSorter(dict.fromkeys(ids, ()))
        for parent, child in left:
            sorter.add(child, parent)
        try:
            sorter.prepare()
            break
        except CycleError as error:
            circle = error.args[1]  # each waits for the one before it; the last is the first again
            circles.append(tuple(sorted(set(circle))))
            left.remove((circle[0], circle[1]))
    layers: dict[int, int] = {}
    layer = 0
    while sorter.is_active():
        ready = sorter.get_ready()
        layers.update(dict.fromkeys(ready, layer))
        sorter.done(*ready)
        layer += 1
    return layers, tuple(circles)
