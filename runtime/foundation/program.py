"""The command that starts this program again, and the environment for programs started from it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")


def program() -> list[str]:
    """The command that starts this program again, frozen or not.

    The working folder of the new process is not searched for modules: it may be a site folder.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-P", "-u", "-m", "desktop.launch"]


def child_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for programs that are started from this one.

    A frozen program points the system's loader at its own libraries; other
    programs (browser, editor, git) must get back what the user had.
    """
    result = dict(os.environ if environment is None else environment)
    if getattr(sys, "frozen", False):
        for name in _LIBRARY_PATHS:
            original = result.pop(f"{name}_ORIG", None)
            if original is not None:
                result[name] = original
            else:
                result.pop(name, None)
    return result
