"""Modules of the old framework's core whose job others do now: importable, one helpful error in use."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from runtime.tools.absent import discontinued

GONE = {
    "newcron": ("cron runs inside the server", "`hadron serve`, or `hadron --cron` from the system's cron"),
    "rocket": ("the server is waitress", "`hadron serve`, or gluon.main.wsgibase under any WSGI server"),
    "widget": ("command line and window are a program of their own", "the command `hadron`"),
    "winservice": (
        "the server registers itself with no service manager",
        "`hadron serve` under the service manager of your choice; docs/deployment.md tells how",
    ),
}
"""Why a module is gone, and what does its job (SITE-08)."""


class GoneFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of `GONE` when nothing else does."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of a module that is gone; other names are not ours."""
        package, _, name = fullname.rpartition(".")
        if package != "gluon" or name not in GONE:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return the module: reading any name of it says what does its job."""
        return _Gone(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _Gone(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        why, instead = GONE[self.__name__.rpartition(".")[2]]
        discontinued(f"{self.__name__}.{name}", why, instead)


def install() -> None:
    """Let imports find the modules of `GONE`, behind everything else."""
    if not any(isinstance(finder, GoneFinder) for finder in sys.meta_path):
        sys.meta_path.append(GoneFinder())
