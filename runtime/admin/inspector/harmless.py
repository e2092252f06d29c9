"""In the child: what keeps a mere look at an application from leaving files behind in it."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from pydal.adapters.sqlite import SQLite

from runtime.scheduler import loading

_UNMADE = re.compile(
    r"no such (?:table|column)|has no column|(?:relation|column|table) \S+ does not exist"
    r"|table \S+ doesn't exist|unknown column",
    re.IGNORECASE,
)


def leave_no_files() -> None:
    """Let modules be imported without files of bytecode, and missing folders and SQLite files stay missing.

    A database whose file is not there is an empty one in memory, until the file is there.
    """
    sys.dont_write_bytecode = True
    setattr(loading, "databases_folder", lambda folder: f"{folder}databases")
    connect = SQLite.connector

    def connector(adapter: Any) -> Any:
        path = str(adapter.dbpath)
        if path.startswith("file:") or os.path.exists(path):
            return connect(adapter)
        return adapter.driver.Connection(":memory:", **adapter.driver_args)

    SQLite.connector = connector


def is_unmade(error: BaseException) -> bool:
    """Tell whether a database says that a table or column is not there (yet): nothing is migrated here."""
    names = {each.__name__ for each in type(error).__mro__}
    return "DatabaseError" in names and _UNMADE.search(str(error)) is not None
