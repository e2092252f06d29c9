"""Code objects of models and controllers, compiled once and checked by time and size (FLOW-14)."""

from __future__ import annotations

import ast
import os
import re
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import NamedTuple, Protocol

from runtime.foundation.syntax import parse_python

MODEL_NAME = re.compile(r"^\w+\.py$")


class Stamp(NamedTuple):
    """What tells one version of a file from another."""

    mtime_ns: int
    size: int


def stamp_of(path: str) -> Stamp | None:
    """Return the stamp of the regular file `path`, None when there is none."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return _stamp(info)


def _stamp(info: os.stat_result) -> Stamp | None:
    return Stamp(info.st_mtime_ns, info.st_size) if stat.S_ISREG(info.st_mode) else None


@dataclass(slots=True)
class Source:
    """One compiled file.

    Attributes:
        path: absolute path, also what tracebacks show.
        stamp: the version that was compiled.
        code: its module code.
        actions: names of the public functions (DISP-04).
    """

    path: str
    stamp: Stamp
    code: CodeType
    actions: frozenset[str]


def public_functions(tree: ast.Module) -> frozenset[str]:
    """Names of the functions at top level that take no arguments and may be called by URL (DISP-04)."""
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__") and _takes_nothing(node.args)
    )


def _takes_nothing(arguments: ast.arguments) -> bool:
    return not (
        arguments.args or arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg
    )


class WithoutSources(Protocol):
    """A compiled application: what `CodeCache` needs of it."""

    def source(self, path: str) -> Source | None: ...

    def models(self) -> list[Model]: ...


class CodeCache:
    """Compiled files of all applications of a process.

    Args:
        check_interval: seconds between two looks at one file: 0 looks at
            every use, as development wants it (FLOW-14).
        compiled: finds the compiled form of the application in a folder, for files that are not there.
    """

    def __init__(
        self, check_interval: float = 0.0, compiled: Callable[[str], WithoutSources | None] | None = None
    ) -> None:
        self.check_interval = check_interval
        self._compiled = compiled
        self._sources: dict[str, Source] = {}
        self._looked: dict[str, float] = {}
        self._models: dict[str, ModelList] = {}

    def get(self, path: str) -> Source | None:
        """Return the compiled file, None when there is no such file.

        Raises:
            SyntaxError: the file is no valid Python; it names file and line.
            UnicodeDecodeError: the file is not in the encoding it says.
        """
        source = self._sources.get(path)
        if source is not None and self.check_interval:
            now = time.monotonic()
            if now - self._looked.get(path, 0.0) < self.check_interval:
                return source
            self._looked[path] = now
        try:
            info = os.stat(path)
        except OSError:
            info = None
        if source is not None and info is not None and source.stamp == (info.st_mtime_ns, info.st_size):
            return source
        stamp = None if info is None else _stamp(info)
        if stamp is None:
            self._sources.pop(path, None)
            return self._without_source(path)
        if self.check_interval:
            self._looked[path] = time.monotonic()
        source = _compile(path, stamp)
        self._sources[path] = source
        return source

    def models(self, folder: str, beside: frozenset[str] | None = None) -> ModelList:
        """Return the models below `folder` (an application's ``models/``) in the order they run.

        Files of the folder itself come first, then subfolders, each in
        alphabetical order (MDL-01, MDL-05). Folders are listed again only
        when one of them changed.

        Args:
            folder: absolute path, ending in ``models``.
            beside: names of what lies beside it, when that is known.
        """
        if beside is not None and _CODE_FOLDERS.isdisjoint(beside):
            return _NO_MODELS
        known = self._models.get(folder)
        if known is None or not known.current(self.check_interval):
            known = self._models[folder] = ModelList.read(folder)
        elif known.compiled is None and (known.names or (beside is not None and "compiled" not in beside)):
            return known
        application = None if self._compiled is None else self._compiled(folder[: -len("models")])
        if application is not known.compiled:
            known = self._models[folder] = ModelList.read(folder)
            known.add(application)
        return known

    def _without_source(self, path: str) -> Source | None:
        """Return what a compiled application has instead of the file `path`."""
        for kind in ("controllers", "models"):
            folder, found, _ = path.rpartition(f"{os.sep}{kind}{os.sep}")
            if found and self._compiled is not None:
                application = self._compiled(folder + os.sep)
                return None if application is None else application.source(path)
        return None


def _compile(path: str, stamp: Stamp) -> Source:
    with open(path, "rb") as stream:
        data = stream.read()
    tree = parse_python(data, path)
    code = compile(tree, path, "exec", dont_inherit=True)
    return Source(path, stamp, code, public_functions(tree))


class Model(NamedTuple):
    """A model file: its path below ``models/`` with slashes, and the absolute path."""

    name: str
    path: str


def _order(model: Model) -> tuple[int, str]:
    """Files of the folder itself first, each level in alphabetical order (MDL-01, MDL-05)."""
    return model.name.count("/"), model.name


class ModelList:
    """The listing of one ``models/`` folder, with the stamps of the folders it came from.

    Attributes:
        models: the files, in the order they run.
        names: their names.
        compiled: the compiled application that some of them come from.
    """

    def __init__(self, root: str, models: list[Model], folders: list[tuple[str, int]]) -> None:
        self.root = root
        self.models = models
        self.names = tuple(model.name for model in models)
        self.folders = folders
        self.compiled: WithoutSources | None = None
        self.looked = time.monotonic()

    def add(self, compiled: WithoutSources | None) -> None:
        """Add the models of the compiled application that are not there in source form."""
        self.compiled = compiled
        if compiled is not None:
            known = set(self.names)
            self.models += [model for model in compiled.models() if model.name not in known]
            self.models.sort(key=_order)
            self.names = tuple(model.name for model in self.models)

    @classmethod
    def read(cls, root: str) -> ModelList:
        """List `root` and all folders below; names that are no model are left out."""
        models: list[Model] = []
        folders: list[tuple[str, int]] = []
        for folder, names, files in os.walk(root, followlinks=True):
            names[:] = sorted(name for name in names if not name.startswith((".", "__")))
            folders.append((folder, os.stat(folder).st_mtime_ns))
            below = os.path.relpath(folder, root).replace(os.sep, "/")
            prefix = "" if below == "." else f"{below}/"
            models += [
                Model(prefix + name, os.path.join(folder, name)) for name in files if MODEL_NAME.match(name)
            ]
        models.sort(key=_order)
        return cls(root, models, folders)

    def current(self, check_interval: float) -> bool:
        """True while no listed folder changed; looked at most every `check_interval` seconds."""
        if check_interval:
            now = time.monotonic()
            if now - self.looked < check_interval:
                return True
            self.looked = now
        if not self.folders:
            return not os.path.isdir(self.root)
        try:
            return all(os.stat(folder).st_mtime_ns == mtime for folder, mtime in self.folders)
        except OSError:
            return False


_CODE_FOLDERS = frozenset(("models", "compiled"))
_NO_MODELS = ModelList("", [], [])
