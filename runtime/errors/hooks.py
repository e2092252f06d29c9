"""Errors outside of requests: in threads of an application, in ``__del__`` (ERR-08)."""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from typing import Any

from runtime.errors.capture import is_own
from runtime.errors.record import record_error

logger = logging.getLogger("web2py")

_MARKER = f"{os.sep}applications{os.sep}"
_INSTALLED = threading.Event()


def install() -> None:
    """Record errors of threads and of ``__del__`` from now on; calling it again changes nothing."""
    if _INSTALLED.is_set():
        return
    _INSTALLED.set()
    before_thread, before_unraisable = threading.excepthook, sys.unraisablehook

    def in_thread(found: Any) -> None:
        if found.exc_value is None or not on_error(f"thread {_name(found.thread)}", found.exc_value):
            before_thread(found)

    def unraisable(found: Any) -> None:
        if found.exc_value is None or not on_error("an object that goes away", found.exc_value):
            before_unraisable(found)

    threading.excepthook, sys.unraisablehook = in_thread, unraisable


def _name(thread: threading.Thread | None) -> str:
    return thread.name if thread is not None else "unknown"


def on_error(where: str, error: BaseException) -> bool:
    """Record an error that no request will report; tell whether an application was its cause.

    Args:
        where: it happened, for the log.
        error: the exception with its traceback.
    """
    if sys.is_finalizing() or isinstance(error, SystemExit):
        return False
    folder = _application_folder(error)
    if folder is None:
        return False
    number, _ = record_error(folder, os.path.basename(folder), error)
    logger.error("%s happened in %s, outside of a request", number, where)
    return True


def _application_folder(error: BaseException) -> str | None:
    """Return the folder of the application whose code is nearest to the fault."""
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = frame.f_code.co_filename
        if is_own(file):
            root, _, rest = file.rpartition(_MARKER)
            return os.path.join(root + _MARKER, rest.split(os.sep, 1)[0])
    return None
