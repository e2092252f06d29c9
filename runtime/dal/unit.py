"""The frame around a request: `begin_request`, then `finish` (FLOW-09..11, OCC-11)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pydal._globals import THREAD_LOCAL

from runtime.dal.state import state


def begin_request(folder: str = "") -> None:
    """Open the frame of a request in this thread; what an unfinished one left is rolled back.

    Args:
        folder: where databases without a folder of their own lie: the
            application's ``databases/``.
    """
    if state.active or state.used or state.instances:
        with contextlib.suppress(Exception):
            finish(commit=False)
    THREAD_LOCAL._pydal_timings_ = []
    THREAD_LOCAL._pydal_folder_ = folder
    state.active = True


def set_databases_folder(folder: str) -> str:
    """Set where databases without a folder of their own lie, in this thread; return where they lay."""
    before: str = getattr(THREAD_LOCAL, "_pydal_folder_", "")
    THREAD_LOCAL._pydal_folder_ = folder
    return before


def finish(commit: bool) -> None:
    """End the work of this thread on every database it has touched (FLOW-09, FLOW-10, FLOW-11).

    Transactions are committed, or rolled back; connections stay open for the
    next request of the thread; the DAL objects of the request are let go.

    Args:
        commit: False rolls back.

    Raises:
        Exception: the first commit that a database refused, as its driver
            raised it. Everything not committed by then is rolled back, and the
            frame is closed all the same.
    """
    failure: Exception | None = None
    for db in state.instances:  # code that holds a connection itself may have begun something
        adapter = db.__dict__.get("_adapter")
        if adapter is not None and hasattr(adapter, "busy") and adapter.busy():
            state.used[id(adapter)] = adapter
    while state.used:  # what is done after a commit may use another database
        adapter = state.used.pop(next(iter(state.used)))
        if state.held is not None:  # the work goes on in the same transaction, and is undone as a whole
            state.held[id(adapter)] = adapter
            continue
        try:
            if commit and failure is None:
                adapter.commit()
            else:
                adapter.rollback()
        except Exception as error:
            failure = failure or error
            _give_up(adapter)
    state.used.clear()
    state.active = False
    instances, state.instances = state.instances, []
    for db in instances:
        db._release()
    if failure is not None and commit:
        raise failure


@contextlib.contextmanager
def commits_held() -> Iterator[None]:
    """Make every commit of this thread wait for the end of the block, and be undone there (TEST-02).

    Code in the block sees what it wrote; nobody else ever does. Requests that it runs in this thread take
    part: what one leaves is seen by the next, also after an error. Only `db.rollback()` undoes at once.
    """
    outer, state.held = state.held, {}
    try:
        yield
    finally:
        held, state.held = state.held, outer
        for adapter in {**held, **state.used}.values():
            with contextlib.suppress(Exception):
                adapter.rollback()


def close_connections() -> None:
    """Close the connections that this thread keeps for its next request: before it is forked."""
    for adapters in state.idle.values():
        for adapter in adapters:
            adapter.drop()


def statements() -> list[tuple[str, float]]:
    """Return the statements that this thread has sent since the request began: SQL, and seconds taken."""
    return list(getattr(THREAD_LOCAL, "_pydal_timings_", ()))


def _give_up(adapter: object) -> None:
    """Undo and close a connection whose commit or rollback failed."""
    with contextlib.suppress(Exception):
        adapter._slot.connection.rollback()  # type: ignore[attr-defined]  # a kept connection
    adapter.drop()  # type: ignore[attr-defined]  # a kept connection
