"""Imports of applications: their own ``modules/`` first, each under its own name (IMP-01..08, MOD-1..4).

``import x`` inside an application is looked up as ``applications.APP.modules.x``
first. A path hook can not do that, since it does not know who imports; the
importing code's own ``__builtins__`` can: each application's models, controllers
and views run with an ``__import__`` bound to that application, and so do its modules.
It also gives them a ``pydal`` whose database belongs to the request.
Code outside of applications keeps the plain import.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.machinery
import importlib.util
import os
import sys
import threading
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runtime.foundation.current import current

_PLAIN_IMPORT = builtins.__import__


class ChangeTracker:
    """Whether changed application modules are loaded anew (IMP-04..08)."""

    def __init__(self) -> None:
        self.on = False
        self._seen: dict[str, tuple[int, int]] = {}
        self._lock = threading.RLock()

    def check(self, module: types.ModuleType) -> None:
        """Reload `module` when its file changed since it was loaded."""
        path = getattr(module, "__file__", None)
        if path is None:
            return
        with self._lock:
            try:
                info = os.stat(path)
            except OSError:
                return
            stamp = (info.st_mtime_ns, info.st_size)
            known = self._seen.setdefault(module.__name__, stamp)
            if known != stamp:
                self._seen[module.__name__] = stamp
                importlib.invalidate_caches()
                importlib.reload(module)


tracker = ChangeTracker()


def track_changes(track: bool = True) -> None:
    """Load application modules anew when their file changed (IMP-05); False turns it off (IMP-06)."""
    tracker.on = bool(track)


def is_tracking_changes() -> bool:
    """Tell whether `track_changes` is on (IMP-06)."""
    return tracker.on


class ApplicationFinder:  # of no class in `importlib.abc`, which brings half a megabyte
    """Finds the packages ``applications``, ``applications.APP`` and what lies below, in one site folder.

    Modules loaded through it import with their application's ``__import__``.
    """

    def __init__(self, site_root: str) -> None:
        self.site_root = site_root

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of a module below ``applications``; other names are not ours."""
        if fullname == "applications":
            package = importlib.machinery.ModuleSpec(fullname, None, is_package=True)
            package.submodule_search_locations = [os.path.join(self.site_root, "applications")]
            return package
        if not fullname.startswith("applications.") or path is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        parts = fullname.split(".")
        if (
            spec is not None
            and len(parts) > 3
            and isinstance(spec.loader, importlib.machinery.SourceFileLoader)
        ):
            spec.loader = ApplicationLoader(spec.loader.name, spec.loader.path, parts[1])
        return spec


class ApplicationLoader(importlib.machinery.SourceFileLoader):
    """Loads one module of an application with the application's own ``__import__``."""

    def __init__(self, fullname: str, path: str, application: str) -> None:
        super().__init__(fullname, path)
        self.application = application

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute the module; its imports look in the application's ``modules/`` first."""
        module.__dict__["__builtins__"] = builtins_for(self.application)
        super().exec_module(module)


_BUILTINS: dict[str, dict[str, Any]] = {}


def builtins_for(application: str) -> dict[str, Any]:
    """Return the builtins that `application`'s code runs with."""
    found = _BUILTINS.get(application)
    if found is None:
        found = dict(vars(builtins))
        found["__import__"] = _importer_for(application)
        _BUILTINS[application] = found
    return found


def _importer_for(application: str) -> Callable[..., types.ModuleType]:
    prefix = f"applications.{application}.modules"
    folder = os.path.join(_site_root(), "applications", application, "modules")
    absent: dict[str, int] = {}

    def application_import(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> types.ModuleType:
        if level or name.startswith(("gluon", "applications.")):
            module = _PLAIN_IMPORT(name, globals, locals, fromlist or (), level)
            if tracker.on:
                _check_loaded(f"{name}" if not level else "", application)
            return module
        head = name.split(".", 1)[0]
        own = f"{prefix}.{head}"
        if own in sys.modules or _exists(own, head):
            full = f"{prefix}.{name}"
            module = importlib.import_module(full)
            if tracker.on:
                _check_loaded(full, application)
                module = sys.modules[full]
            if fromlist:
                return _PLAIN_IMPORT(full, globals, locals, fromlist, 0)
            return sys.modules[own]
        module = _PLAIN_IMPORT(name, globals, locals, fromlist or (), 0)
        if head == "pydal":
            from runtime.web.pydal_names import as_applications_see

            return as_applications_see(module)
        return module

    def _exists(own: str, head: str) -> bool:
        """Look for a module of the application; a folder without it is asked again when it changed."""
        if not _may_have_modules(application):
            return False
        try:
            listed = os.stat(folder).st_mtime_ns
        except OSError:
            return False
        if absent.get(head) == listed:
            return False
        try:
            if importlib.util.find_spec(own) is not None:
                return True
        except ImportError:
            return False
        absent[head] = listed
        return False

    return application_import


def _may_have_modules(application: str) -> bool:
    """Tell whether the running request saw a ``modules/`` in its application; True outside of requests."""
    here = current.__dict__
    request, response = here.get("request"), here.get("response")
    if request is None or response is None or dict.get(request, "application") != application:
        return True
    names = dict.get(response, "_folder_names")
    return names is None or "modules" in names


def _check_loaded(name: str, application: str) -> None:
    module = sys.modules.get(name)
    if module is not None and name.startswith("applications."):
        tracker.check(module)


def _site_root() -> str:
    return next((f.site_root for f in sys.meta_path if isinstance(f, ApplicationFinder)), "")


def install(site_root: str) -> None:
    """Make ``applications.*`` importable from `site_root` and put its ``site-packages`` on the path (MOD-2).

    The last site installed in a process counts; installing it again changes nothing.
    """
    for finder in [f for f in sys.meta_path if isinstance(f, ApplicationFinder)]:
        if finder.site_root == site_root:
            return
        sys.meta_path.remove(finder)
        for name in [n for n in sys.modules if n == "applications" or n.startswith("applications.")]:
            del sys.modules[name]
        _BUILTINS.clear()
    sys.meta_path.insert(0, ApplicationFinder(site_root))
    packages = os.path.join(site_root, "site-packages")
    if os.path.isdir(packages) and packages not in sys.path:
        sys.path.append(packages)
