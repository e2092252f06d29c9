"""Connections that stay open: one per adapter and thread, kept from request to request.

pydal closes the connection of a request (or returns it to a pool). Here an
adapter keeps it, because opening costs more than most requests ask of it.
The classes below are mixed into pydal's own adapter classes, one new class
for each; pydal itself is left as it is.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from pydal._globals import THREAD_LOCAL
from pydal.adapters.base import SQLAdapter
from pydal.helpers.classes import TimingHandler

from runtime.dal.state import state

STATEMENTS_KEPT = 100
"""Statements of a request that `db._timings` remembers."""

IDLE_SECONDS = 30.0
"""A network connection idle for longer is tried before it is used again."""


LOCK_SECONDS = 50
"""How long `hold` waits: as long as MySQL waits for the lock of a record."""

_READY = 1
"""`status` of a psycopg2 connection without a transaction."""


class _Slot(threading.local):
    """The connection of one adapter in the running thread."""

    def __init__(self) -> None:
        self.connection: Any = None
        self.cursor: Any = None
        self.owner: Any = None
        self.dirty = False  # in use since the last commit or rollback
        self.sent = False  # a statement was sent since then
        self.touched = 0.0  # time.monotonic() of the last commit or rollback
        self.file: tuple[int, int] | None = None  # device and inode of a sqlite file
        self.locks: list[str] = []  # of the server, held until the transaction ends
        self.afterwards: list[Callable[[], Any]] = []  # to be called when it is committed
        self.answers: Any = None  # kept ones of a sqlite file


class _Closer:
    """Closes a connection when the thread that opened it ends."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self._connection.close()


def file_identity(path: str) -> tuple[int, int] | None:
    """Return device and inode of `path`, None when it is absent."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino)


class KeptConnection:
    """Mixin before a pydal SQL adapter: connection handling and the statement log."""

    # Attributes of the adapter class it is mixed into.
    db: Any
    dbengine: str
    dbpath: str
    execution_handlers: list[Any]

    _slot: _Slot
    _seen: tuple[int, int] | None = None
    """Identity of the sqlite file as the request has just found it; None when it has to be asked."""
    _thread: int
    _handlers: tuple[Any, ...]
    shared: bool
    """Several threads have used the adapter; it stays with its database object."""

    def reuse(self, db: Any) -> None:
        """Serve the database object `db` from now on."""
        self.db = db
        self._seen = None
        self.execution_handlers = list(self._handlers)

    def keep(self) -> None:
        """Take over what the constructor of the adapter has left in pydal's thread storage."""
        names = (self._connection_uname_, self._cursors_uname_)  # type: ignore[attr-defined]  # of pydal
        connection = getattr(THREAD_LOCAL, names[0], None)
        self._slot = _Slot()
        self._thread = threading.get_ident()
        self.shared = False
        self._handlers = tuple(self.execution_handlers)
        for name in names:
            with contextlib.suppress(AttributeError):
                delattr(THREAD_LOCAL, name)
        self._file = getattr(self, "dbpath", None) if self.dbengine in ("sqlite", "spatialite") else None
        if self._file is not None and self._file.startswith("file:"):
            self._file = None
        if connection is not None:
            self._store(connection)
            connection.commit()  # session settings of the hooks outlive a rollback

    def _store(self, connection: Any) -> None:
        slot = self._slot
        slot.connection = connection
        slot.cursor = connection.cursor()
        slot.owner = _Closer(connection)
        slot.touched = time.monotonic()
        slot.dirty = slot.sent = False
        slot.answers = None

    @property
    def connection(self) -> Any:
        """The connection of this thread, opened when there is none."""
        return self.get_connection()

    @property
    def cursor(self) -> Any:
        """The cursor of this thread's connection."""
        slot = self._slot
        if not slot.dirty:
            self._begin()
        slot.sent = True  # whoever asks may send something
        return slot.cursor

    def get_connection(self, use_pool: bool = True) -> Any:
        """Return the connection of this thread for use; it counts as used from now on."""
        if not self._slot.dirty:
            self._begin()
        return self._slot.connection

    def _begin(self) -> Any:
        """Start a unit of work: a sound connection, known to `finish`. Returns the cursor."""
        slot = self._slot
        if slot.connection is not None and not slot.dirty and not self._sound():
            self.drop()
        if slot.connection is None:
            connection = self.connector()  # type: ignore[attr-defined]  # of pydal
            self._store(connection)
            slot.dirty = True  # the hooks below run statements themselves
            try:
                self.after_connection_hook()  # type: ignore[attr-defined]  # of pydal
                connection.commit()
            except BaseException:
                self.drop()
                raise
            if self._file is not None:
                slot.file = file_identity(self._file)
        slot.dirty = True
        state.used[id(self)] = self
        if self._thread != threading.get_ident():
            self.shared = True
        return slot.cursor

    def _sound(self) -> bool:
        """Tell whether the kept connection may be used for new work."""
        slot = self._slot
        if self.dbengine in ("sqlite", "spatialite"):
            if self._file is None:
                return True
            seen, self._seen = self._seen or file_identity(self._file), None
            return slot.file is not None and seen == slot.file
        if getattr(slot.connection, "closed", 0):
            return False
        if time.monotonic() - slot.touched > IDLE_SECONDS:
            try:
                slot.cursor.execute("SELECT 1")
                slot.cursor.fetchall()
                slot.connection.rollback()
            except Exception:
                return False
        return True

    def busy(self) -> bool:
        """Tell whether this thread's connection is inside a transaction, whoever began it."""
        connection = self._slot.connection
        if connection is None:
            return False
        return bool(getattr(connection, "in_transaction", False)) or (
            getattr(connection, "status", _READY) != _READY
        )

    def drop(self) -> None:
        """Close this thread's connection, whatever its state."""
        slot = self._slot
        slot.connection = slot.cursor = slot.owner = slot.file = None
        slot.dirty = slot.sent = False
        slot.locks, slot.afterwards = [], []
        state.used.pop(id(self), None)

    def set_connection(self, connection: Any, run_hooks: bool = False) -> None:
        """Use `connection` in this thread; None forgets the one there is."""
        if connection is None:
            self.drop()
            return
        self._store(connection)
        self._slot.dirty = True
        state.used[id(self)] = self
        if run_hooks:
            self.after_connection_hook()  # type: ignore[attr-defined]  # of pydal

    def reset_cursor(self) -> None:
        """Give this thread a new cursor; the old one is busy with an iterator."""
        self._slot.cursor = self.get_connection().cursor()

    def _clean_tlocals(self) -> None:
        self.drop()

    def close_connection(self) -> None:
        """Close this thread's connection without commit."""
        self.drop()

    def reconnect(self) -> None:
        """Commit and open a new connection."""
        self.close()
        self.get_connection()

    def close(self, action: Any = "commit", really: bool = True) -> None:
        """Run `action` ("commit", "rollback" or a function of the adapter), then close.

        As in pydal an action that fails leaves the work undone and the connection closed.
        """
        if self._slot.connection is None:
            return
        try:
            if callable(action):
                action(self)
            elif action:
                getattr(self, action)()
        except Exception:
            self.db.logger.exception("%r failed while a connection was closed", action)
        self.drop()

    def commit(self) -> None:
        """Commit what this thread has sent; nothing is opened for it."""
        slot = self._slot
        if state.held is not None:
            state.held[id(self)] = self
        elif slot.connection is not None:
            slot.connection.commit()
            self._settled(slot)
            self._fulfil()

    def after_commit(self, work: Callable[[], Any]) -> None:
        """Call `work` when what this thread has sent is committed; never when it is undone."""
        self._slot.afterwards.append(work)

    def _fulfil(self) -> None:
        """Do what was to be done after the commit; what it sends itself is committed too."""
        slot = self._slot
        works, slot.afterwards = slot.afterwards, []
        for work in works:
            try:
                work()
            except Exception:
                self.db.logger.exception("%r failed after a commit", work)
        if works and slot.dirty:
            self.commit()

    def leave_prepared(self) -> None:
        """Let the driver learn that a transaction of two phases is over: there is nothing left to undo."""
        slot = self._slot
        works, slot.afterwards = slot.afterwards, []
        self.rollback()
        slot.afterwards = works
        self._fulfil()

    def savepoint(self, name: str) -> int:
        """Make a savepoint; return what `undo_to` wants."""
        self.execute(f"SAVEPOINT {name}")
        return len(self._slot.afterwards)

    def undo_to(self, name: str, mark: int) -> None:
        """Undo what was done since `savepoint`."""
        self.execute(f"ROLLBACK TO SAVEPOINT {name}")
        del self._slot.afterwards[mark:]

    def rollback(self) -> None:
        """Undo what this thread has sent since the last commit."""
        slot = self._slot
        slot.afterwards = []
        if slot.connection is not None:
            slot.connection.rollback()
            self._settled(slot)

    def hold(self, name: str) -> None:
        """Hold a lock of a MySQL or MariaDB server until this thread's transaction ends; wait for it before.

        Args:
            name: of the lock, of at most 30 characters; each database has its own.

        Raises:
            TimeoutError: somebody else has held it for `LOCK_SECONDS`.
        """
        self.execute(f"SELECT GET_LOCK(CONCAT_WS('.', '{name}', MD5(DATABASE())), {LOCK_SECONDS})")
        if self.cursor.fetchone()[0] != 1:
            raise TimeoutError(f"the lock {name} of the database server was not free for {LOCK_SECONDS} s")
        self._slot.locks.append(name)

    def _let_go(self, slot: _Slot) -> None:
        """Free the locks of a transaction that is over; those of a lost connection the server frees."""
        try:
            while slot.locks:
                name = slot.locks.pop()
                slot.cursor.execute(f"DO RELEASE_LOCK(CONCAT_WS('.', '{name}', MD5(DATABASE())))")
        except Exception:
            self.drop()

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """Send what the block sends over a connection of its own: it sees what others have committed."""
        slot = self._slot
        kept = vars(slot).copy()
        vars(slot).update(vars(_Slot()))
        try:
            yield
        finally:
            self.drop()
            vars(slot).update(kept)
            state.used[id(self)] = self

    def _settled(self, slot: _Slot) -> None:
        if slot.locks:
            self._let_go(slot)
        slot.dirty = slot.sent = False
        slot.touched = time.monotonic()
        state.used.pop(id(self), None)

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Send one statement; it is logged with its time (`db._timings`).

        The first statement of a unit of work is sent again on a new
        connection when the server has closed the kept one.
        """
        slot = self._slot
        if not slot.dirty:
            self._begin()
        fresh = not slot.sent and getattr(slot.connection, "status", _READY) == _READY
        slot.sent = True
        command = self.filter_sql_command(args[0])  # type: ignore[attr-defined]  # of pydal
        try:
            return self._send(slot, command, args, kwargs)
        except Exception:
            if not fresh or not self._lost(slot):
                raise
        self.drop()
        self._begin()
        slot.sent = True
        return self._send(slot, command, args, kwargs)

    @staticmethod
    def _lost(slot: _Slot) -> bool:
        return bool(getattr(slot.connection, "closed", 0))

    def _send(self, slot: _Slot, command: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.execution_handlers != [TimingHandler]:
            handlers = [handler(self) for handler in self.execution_handlers]
            for handler in handlers:
                handler.before_execute(command)
            result = slot.cursor.execute(command, *args[1:], **kwargs)
            for handler in handlers:
                handler.after_execute(command)
            return result
        began = time.perf_counter()
        result = slot.cursor.execute(command, *args[1:], **kwargs)
        log_statement(command, time.perf_counter() - began)
        return result


def log_statement(command: str, seconds: float) -> None:
    """Add a statement to the log of this thread's request; only the last ones are kept."""
    timings = getattr(THREAD_LOCAL, "_pydal_timings_", None)
    if timings is None:
        timings = THREAD_LOCAL._pydal_timings_ = []
    timings.append((command, seconds))
    if len(timings) > STATEMENTS_KEPT:
        del timings[:-STATEMENTS_KEPT]


def can_be_kept(adapter: Any) -> bool:
    """Tell whether `adapter` speaks SQL, so that it can keep its connection."""
    return isinstance(adapter, SQLAdapter)
