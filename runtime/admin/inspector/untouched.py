"""In the child that only looks: models may write neither below the site nor into databases (ST-07)."""

from __future__ import annotations

import errno
import os
import re
import sys
import urllib.parse
from collections.abc import Callable
from typing import Any

from pydal.adapters.base import BaseAdapter
from pydal.adapters.mysql import MySQL
from pydal.adapters.postgres import Postgre
from pydal.adapters.sqlite import SQLite

from runtime.dal.connections import KeptConnection


class UntouchedError(PermissionError):
    """A model would write below a site that is only looked at."""


_PLACES: dict[str, tuple[tuple[int, int | None], ...]] = {
    "os.chmod": ((0, 2),),
    "os.chown": ((0, 3),),
    "os.link": ((0, 2), (1, 3)),
    "os.mkdir": ((0, 2),),
    "os.remove": ((0, 1),),
    "os.removexattr": ((0, None),),
    "os.rename": ((0, 2), (1, 3)),
    "os.rmdir": ((0, 1),),
    "os.setxattr": ((0, None),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "os.utime": ((0, 3),),
    "shutil.rmtree": ((0, 1),),
    "sqlite3.connect": ((0, None),),
}
"""Events of changes: which of their arguments is a path, and which the open folder that it counts from."""
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_REFUSALS = re.compile(r"attempt to write a readonly database|in a read.only transaction", re.IGNORECASE)
_WAL = 2
"""What byte 18 of an SQLite file holds where its journal is a file beside it."""


def keep_untouched(site: str) -> None:
    """Refuse from now on to write below the folder `site`, and into databases.

    What a model writes by other programs is beyond this.
    """
    below = os.path.join(os.path.realpath(site), "")

    def refuse(path: Any, folder: Any = None) -> None:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        name = os.path.join(_path_of(folder), os.fsdecode(path))
        whole = os.path.realpath(name)
        if whole.startswith(below):
            raise UntouchedError(errno.EPERM, "a look writes nothing", os.path.relpath(whole, below))

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if isinstance(arguments[2], int) and arguments[2] & _WRITING:
                refuse(arguments[0])
            return
        for path, folder in _PLACES.get(event, ()):
            given = len(arguments)
            refuse(arguments[path], arguments[folder] if folder is not None and folder < given else None)

    sys.addaudithook(hook)
    _let_databases_be_read_only()


def _path_of(folder: Any) -> str:
    """Return the path of an open folder; of None and of -1, which stand for the present one, nothing."""
    if not isinstance(folder, int) or folder < 0:
        return ""
    if sys.platform == "darwin":
        import fcntl

        found: bytes = fcntl.fcntl(folder, fcntl.F_GETPATH, bytes(1024))
        return os.fsdecode(found.rstrip(b"\0"))
    return os.readlink(f"/proc/self/fd/{folder}")


def _let_databases_be_read_only() -> None:
    """Commit nothing; the usual engines refuse to write at all, others undo it when the child ends."""
    setattr(SQLite, "connector", _read_only_file(SQLite.connector))
    for engine, order in (
        (Postgre, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"),
        (MySQL, "SET SESSION TRANSACTION READ ONLY"),
    ):
        setattr(engine, "connector", _told_first(engine.connector, order))
    for adapter in (BaseAdapter, KeptConnection):
        setattr(adapter, "commit", lambda adapter: None)


def _told_first(connect: Callable[[Any], Any], order: str) -> Callable[[Any], Any]:
    """Return a connector whose connections have obeyed `order`."""

    def connector(adapter: Any) -> Any:
        connection = connect(adapter)
        with connection.cursor() as cursor:
            cursor.execute(order)
        connection.commit()  # counts from the next transaction on
        return connection

    return connector


def _read_only_file(connect: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a connector that opens files of SQLite for reading, and makes none beside them."""

    def connector(adapter: Any) -> Any:
        path, arguments = adapter.dbpath, adapter.driver_args
        if not os.path.isfile(path):
            return connect(adapter)
        address = f"file:{urllib.parse.quote(os.path.abspath(path))}?mode=ro"
        adapter.dbpath = address + ("&immutable=1" if _has_wal(path) else "")
        adapter.driver_args = arguments | {"uri": True}
        try:
            return connect(adapter)
        finally:
            adapter.dbpath, adapter.driver_args = path, arguments

    return connector


def _has_wal(path: str) -> bool:
    """Tell whether SQLite would make files beside this one even for reading."""
    with open(path, "rb") as stream:
        head = stream.read(20)
    return len(head) == 20 and head[18] == _WAL


def is_refused(error: BaseException) -> bool:
    """Tell whether an error comes from `keep_untouched`, also when a model has raised another one for it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, UntouchedError) or _REFUSALS.search(str(cause)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
