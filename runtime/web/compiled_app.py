"""Applications served without their sources (PACK-03): compiling one, and finding what was compiled.

``compiled/application.bin`` holds the code of all models, controllers and views. It is used while the
application has no controller in source form; single models and views in source form go before it.
"""

from __future__ import annotations

import ast
import marshal
import os
import posixpath
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from runtime.foundation import compiled
from runtime.foundation.compiled import CompiledError, Header
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError
from runtime.foundation.syntax import parse_python
from runtime.views import (
    DEFAULT_DELIMITERS,
    CompiledView,
    TemplateError,
    ViewLoader,
    ViewNotFound,
    dump,
    is_layout,
    load,
)
from runtime.web.code import (
    MODEL_NAME,
    CodeCache,
    Model,
    ModelList,
    Source,
    Stamp,
    public_functions,
    stamp_of,
)

MAX_VARIANTS = 500
"""Pages that one view with layouts of computed names may be compiled to."""
_SHOWN = 20


class CompileError(UserError):
    """Files of an application can not be compiled.

    Attributes:
        problems: one line for each, with file and line.
    """

    def __init__(self, application: str, problems: list[str]) -> None:
        self.problems = problems
        more = [f"... and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
        lines = "\n".join(f"  {line}" for line in problems[:_SHOWN] + more)
        super().__init__(f"{application} can not be compiled, nothing was written:\n{lines}")


@dataclass(slots=True)
class _Parts:
    """What a compiled application consists of; kept by `marshal`."""

    models: dict[str, Any] = field(default_factory=dict)
    controllers: dict[str, tuple[Any, tuple[str, ...]]] = field(default_factory=dict)
    views: dict[tuple[str, tuple[str, ...]], bytes] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def compile_application(
    folder: str | os.PathLike[str],
    *,
    delimiters: tuple[str, str] = DEFAULT_DELIMITERS,
    skip_failed_views: bool = False,
    target: str | os.PathLike[str] | None = None,
) -> tuple[Header, list[str]]:
    """Compile the models, controllers and views of an application into ``compiled/``.

    Args:
        folder: the application, with its sources.
        delimiters: begin and end of a tag, in all views.
        skip_failed_views: leave out views with a mistake instead of giving up.
        target: folder that gets ``compiled/``; the application itself by default.

    Returns:
        What was compiled, and the views left out, with their mistake.

    Raises:
        CompileError: there are mistakes, or no controllers.
        OSError: a file can not be read or written.
    """
    root = os.path.abspath(folder)
    name = os.path.basename(root)
    parts = _Parts()
    _compile_python(root, parts)
    _compile_views(root, delimiters, parts)
    if not skip_failed_views:
        parts.problems += parts.failed
    if not parts.controllers and not parts.problems:
        parts.problems.append("there are no controllers in source form")
    if parts.problems:
        raise CompileError(name, parts.problems)
    code = marshal.dumps((parts.models, parts.controllers, parts.views))
    views = tuple(sorted({view for view, _ in parts.views}))
    header = Header.of(code, delimiters, tuple(sorted(parts.controllers)), tuple(parts.models), views)
    path = compiled.compiled_path(root if target is None else target)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_atomic(path, compiled.write(header, code))
    return header, parts.failed


def remove_compiled(folder: str | os.PathLike[str]) -> bool:
    """Remove the compiled form of an application and return whether there was one.

    Raises:
        CompiledError: the application would be left without any code.
    """
    place = os.path.join(folder, compiled.FOLDER)
    if not os.path.isdir(place):
        return False
    if not has_sources(os.path.join(folder, "")):
        raise CompiledError(
            f"{os.path.basename(os.path.abspath(folder))} has no sources, only its compiled form; "
            "without that there would be nothing left to serve"
        )
    shutil.rmtree(place)
    return True


def has_sources(folder: str) -> bool:
    """Tell whether the application in `folder` has a controller in source form."""
    try:
        with os.scandir(f"{folder}controllers") as entries:
            return any(entry.name.endswith(".py") for entry in entries)
    except OSError:
        return False


def _compile_python(root: str, parts: _Parts) -> None:
    models = os.path.join(root, "models")
    if os.path.isdir(models):
        for model in ModelList.read(models).models:
            found = _python(model.path, f"models/{model.name}", parts)
            if found is not None:
                parts.models[model.name] = found[0]
    controllers = os.path.join(root, "controllers")
    names = sorted(os.listdir(controllers)) if os.path.isdir(controllers) else []
    for name in names:
        if MODEL_NAME.match(name):
            found = _python(os.path.join(controllers, name), f"controllers/{name}", parts)
            if found is not None:
                parts.controllers[name[:-3]] = found[0], tuple(sorted(public_functions(found[1])))


def _python(path: str, name: str, parts: _Parts) -> tuple[Any, ast.Module] | None:
    try:
        with open(path, "rb") as stream:
            tree = parse_python(stream.read(), name)
        return compile(tree, name, "exec", dont_inherit=True), tree
    except SyntaxError as error:
        parts.problems.append(f"{name}, line {error.lineno or 1}: {error.msg}")
    except ValueError as error:  # NUL bytes, a wrong encoding
        parts.problems.append(f"{name}: {error}")
    return None


def _compile_views(root: str, delimiters: tuple[str, str], parts: _Parts) -> None:
    folder = os.path.join(root, "views")
    names = list(_view_names(folder))
    loader = ViewLoader(check_interval=3600.0)
    layouts = ["", *(name for name in names if is_layout(os.path.join(folder, name), delimiters))]
    for name in names:
        try:
            for choices, view in _variants(loader, folder, name, delimiters, layouts):
                parts.views[name, choices] = dump(view, root)
        except TemplateError as error:
            place = os.path.relpath(error.path, root).replace(os.sep, "/")
            parts.failed.append(f"views/{name}: {place}, line {error.line}: {error.reason}")
        except (UserError, UnicodeError) as error:
            parts.failed.append(f"views/{name}: {error}")


def _view_names(folder: str) -> Iterator[str]:
    for parent, names, files in os.walk(folder, followlinks=True):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and not name.endswith((".bak", ".tmp", "~")):
                yield os.path.relpath(os.path.join(parent, name), folder).replace(os.sep, "/")


def _variants(
    loader: ViewLoader, folder: str, name: str, delimiters: tuple[str, str], layouts: list[str]
) -> Iterator[tuple[tuple[str, ...], CompiledView]]:
    """Yield a view once, or, where the name of its layout is computed, once for each possible layout."""
    todo: list[tuple[str, ...]] = [()]
    count = 0
    while todo:
        choices = todo.pop()
        try:
            view = loader.get(folder, name, delimiters, choices)
        except UserError:
            if choices:  # this layout does not fit; should it be asked for, the page says so
                continue
            raise
        count += 1
        if count > MAX_VARIANTS:
            raise TemplateError(
                os.path.join(folder, name), 1, f"computed layouts make more than {MAX_VARIANTS} pages of it"
            )
        yield choices, view
        if view.question is not None:
            todo += [(*choices, layout) for layout in layouts]


class CompiledApplication:
    """The compiled form of one application, loaded.

    Args:
        folder: the application, ending in a separator.

    Raises:
        CompiledError: it is damaged, or for another Python.
        OSError: it can not be read.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        path = compiled.compiled_path(folder)
        self.header, code = compiled.read(path)
        status = os.stat(path)
        self.stamp = Stamp(status.st_mtime_ns, status.st_size)
        self.origin = (path, status.st_mtime_ns, status.st_size, status.st_ino)
        models, controllers, self._views = marshal.loads(code)  # noqa: S302 - as trusted as the sources
        self._sources: dict[str, Source] = {}
        for name, module in models.items():
            self._add("models", name, module, ())
        for name, (module, actions) in controllers.items():
            self._add("controllers", f"{name}.py", module, actions)
        self._loaded: dict[tuple[str, tuple[str, ...]], CompiledView] = {}

    def _add(self, kind: str, name: str, code: Any, actions: tuple[str, ...]) -> None:
        path = os.path.join(self.folder, kind, *name.split("/"))
        self._sources[path] = Source(path, self.stamp, compiled.renamed(code, path), frozenset(actions))

    def source(self, path: str) -> Source | None:
        """Return the model or controller that stood at `path`."""
        return self._sources.get(path)

    def models(self) -> list[Model]:
        """Return the models by name."""
        folder = os.path.join(self.folder, "models")
        return [Model(name, os.path.join(folder, *name.split("/"))) for name in self.header.models]

    def view(self, name: str, delimiters: tuple[str, str], choices: tuple[str, ...]) -> CompiledView:
        """Return a view.

        Raises:
            ViewNotFound: it was not compiled.
            CompiledError: the application asks for other delimiters than it was compiled with.
        """
        if delimiters != self.header.delimiters:
            raise CompiledError(
                f"the views of {self.folder} were compiled with {' '.join(self.header.delimiters)} as tags, "
                f"response.delimiters says {' '.join(delimiters)}"
            )
        key = posixpath.normpath(name), tuple(posixpath.normpath(one) if one else "" for one in choices)
        view = self._loaded.get(key)
        if view is None:
            data = self._views.get(key)
            if data is None:
                raise ViewNotFound(name if not choices else choices[-1])
            view = self._loaded[key] = load(data, self._find(name, delimiters), self.folder)
        return view

    def _find(self, name: str, delimiters: tuple[str, str]) -> Any:
        def find(wanted: str, choices: tuple[str, ...]) -> CompiledView:
            return self.view(name if choices else wanted, delimiters, choices)

        return find


class CompiledApplications:
    """The compiled applications of a process, found when a source is missing.

    Args:
        check_interval: seconds between two looks at one application; 0 looks every time.
    """

    def __init__(self, check_interval: float = 0.0) -> None:
        self.check_interval = check_interval
        self._known: dict[str, tuple[float, CompiledApplication | None]] = {}

    def find(self, folder: str) -> CompiledApplication | None:
        """Return the compiled form of the application in `folder`, None when it is not compiled.

        Args:
            folder: ends in a separator.

        Raises:
            CompiledError: it has no sources, and its compiled form can not be used here.
        """
        known = self._known.get(folder)
        now = time.monotonic()
        if known is not None and self.check_interval and now - known[0] < self.check_interval:
            return known[1]
        found = self._look(folder, known[1] if known is not None else None)
        self._known[folder] = now, found
        return found

    def _look(self, folder: str, known: CompiledApplication | None) -> CompiledApplication | None:
        if not os.path.isdir(f"{folder}{compiled.FOLDER}") or has_sources(folder):
            return None
        stamp = stamp_of(compiled.compiled_path(folder))
        if stamp is None:
            origin = compiled.foreign_form(folder)
            if origin is None:
                return None
            raise CompiledError(compiled.foreign_problem(os.path.basename(folder.rstrip(os.sep)), origin))
        if known is not None and known.stamp == stamp:
            return known
        return CompiledApplication(folder)

    def view(
        self, folder: str, name: str, delimiters: tuple[str, str], choices: tuple[str, ...]
    ) -> tuple[CompiledView, tuple[tuple[str, int, int, int], ...]] | None:
        """Return a compiled view with the stamps of what it came from; see `ViewLoader`."""
        application = self.find(folder[: -len("views")]) if folder.endswith(f"{os.sep}views") else None
        if application is None:
            return None
        try:
            place = os.stat(folder)
            path = folder
        except OSError:
            path = application.folder
            place = os.stat(path)
        stamps = (application.origin, (path, place.st_mtime_ns, place.st_size, place.st_ino))
        return application.view(name, delimiters, choices), stamps


def make_loaders(check_interval: float = 0.0) -> tuple[CodeCache, ViewLoader]:
    """Return what finds the code and views of applications, be they compiled or not.

    Args:
        check_interval: seconds between two looks at one file; 0 looks at every use (FLOW-14).
    """
    applications = CompiledApplications(check_interval)
    return CodeCache(check_interval, applications.find), ViewLoader(check_interval, applications.view)
