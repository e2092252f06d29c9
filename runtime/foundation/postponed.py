"""Modules of libraries whose own imports wait until what they bring is used.

Some libraries import at start what few programs ever need: pydal every
database driver there is, werkzeug its development server. Such a module is
executed as it is; while it is, some of its import statements give stand-ins,
which import when they are used. Nobody else sees the difference, and the
modules themselves are in `sys.modules` only once they are needed.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any, TypeVar

Result = TypeVar("Result")
Finish = Callable[[ModuleType], None]


class Postponed:
    """What ``from module import name`` would have bound.

    Args:
        module, name: as in the statement.
    """

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    def get(self) -> Any:
        """Import it.

        Raises:
            ImportError: the module has no such name.
        """
        try:
            return getattr(importlib.import_module(self.module), self.name)
        except AttributeError:
            return importlib.import_module(f"{self.module}.{self.name}")


class StandIn(ModuleType):
    """What ``import name`` would have bound: the module is imported when one of its names is read.

    From then on the module itself takes its place.
    """

    _bound: list[tuple[dict[str, Any], str]]

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]  # the real one, for those who look into modules
        return self._module().__dict__

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._module(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._module(), name)

    def _module(self) -> ModuleType:
        module = importlib.import_module(self.__name__)
        for names, place in _own(self).pop("_bound", ()):
            if names.get(place) is self:
                names[place] = module
        return module

    def is_bound(self, names: dict[str, Any], place: str) -> None:
        """Note that `names[place]` is this stand-in."""
        _own(self).setdefault("_bound", []).append((names, place))


def _own(stand_in: StandIn) -> dict[str, Any]:
    """Return what the stand-in itself keeps."""
    kept: dict[str, Any] = _dictionary_of(stand_in)
    return kept


_dictionary_of = vars(ModuleType)["__dict__"].__get__


def loaded(value: Postponed | StandIn) -> Any:
    """Return what a stand-in stands for.

    Raises:
        Exception: whatever its import raises.
    """
    return value.get() if isinstance(value, Postponed) else importlib.import_module(value.__name__)


class _Imports:
    """The imports of one module, while it is executed.

    Args:
        late: modules whose import waits.
        whole: only that of whole modules, not that of names from them.
    """

    def __init__(self, late: frozenset[str], whole: bool) -> None:
        self._late = late
        self._whole = whole

    def run(
        self, plain: Callable[..., Any], name: str, names: dict[str, Any], wanted: Sequence[str], level: int
    ) -> Any:
        """Carry out an import statement.

        Args:
            plain: the usual ``__import__``.
            name, names, wanted, level: its arguments; `names` are the globals.
        """
        full = _absolute(name, names, level)
        if not wanted:
            if full in self._late and _is_there(full):
                return StandIn(full)
            return plain(name, names, None, (), level)
        if self._whole:
            return plain(name, names, None, wanted, level)
        if full in self._late and _is_there(full):
            return SimpleNamespace(**{one: Postponed(full, one) for one in wanted})
        found: dict[str, Any] = {one: Postponed(full, one) for one in wanted if f"{full}.{one}" in self._late}
        if not found:
            return plain(name, names, None, wanted, level)
        now = [one for one in wanted if one not in found]
        module = plain(name, names, None, now or ("__name__",), level)
        found.update((one, getattr(module, one)) for one in now)
        return SimpleNamespace(**found)


class _Redirection:
    """Python's ``__import__`` while such a module is executed: looks whose statement it is.

    The module's own ``__builtins__`` are not touched: its functions would keep them, and Qt's
    binding looks there for what it has put into the usual ones.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # never held while something is imported
        self._plain: Callable[..., Any] = builtins.__import__
        self._running: dict[int, _Imports] = {}
        self._refused: dict[int, str] = {}  # thread to the module that it does not get
        self._stays = False  # somebody has put an ``__import__`` of theirs before this one: they call it

    def __call__(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        imports = self._running.get(id(globals))
        if self._refused and self._refused.get(threading.get_ident()) == name:
            raise ModuleNotFoundError(f"{name} is not loaded for this", name=name)
        if imports is None:
            return self._plain(name, globals, locals, fromlist, level)
        assert isinstance(globals, dict)
        return imports.run(self._plain, name, globals, fromlist or (), level)

    @contextmanager
    def _at(self, place: dict[int, Any], key: int, value: object) -> Iterator[None]:
        """Take over the imports, and note `value` in `place`, while the block runs."""
        with self._lock:
            if not self._stays and builtins.__import__ is not self:
                self._plain, builtins.__import__ = builtins.__import__, self
            place[key] = value
        try:
            yield
        finally:
            with self._lock:
                del place[key]
                self._stays = self._stays or builtins.__import__ is not self
                if not self._running and not self._refused and not self._stays:
                    builtins.__import__ = self._plain

    def execute(self, code: CodeType, names: dict[str, Any], imports: _Imports) -> None:
        """Execute a module's code with its own imports."""
        with self._at(self._running, id(names), imports):
            exec(code, names)  # noqa: S102  # as the module's own loader would

    def without(self, name: str, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, which does not get the module `name`."""
        with self._at(self._refused, threading.get_ident(), name):
            return work()


_redirection = _Redirection()


def _absolute(name: str, names: Mapping[str, Any], level: int) -> str:
    if not level:
        return name
    package = str(names["__package__"])
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{name}" if name else base


def _is_there(name: str) -> bool:
    """Tell whether a module can be found; what is below it is not looked for."""
    top = name.partition(".")[0]
    return top in sys.modules or _spec_of(top, None) is not None


def _spec_of(fullname: str, path: Sequence[str] | None) -> ModuleSpec | None:
    for finder in sys.meta_path:
        if not isinstance(finder, _Finder) and (spec := finder.find_spec(fullname, path, None)) is not None:
            return spec
    return None


class _Loader:
    """Executes a module with imports that wait; the loader it stands before does the rest."""

    def __init__(self, loader: Any, imports: _Imports, finish: Finish | None) -> None:
        self._loader = loader
        self._imports = imports
        self._finish = finish

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the real loader does."""
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Execute it; what was to be imported is looked up when it is asked for."""
        names = module.__dict__
        spec = module.__spec__
        if spec is not None:
            spec.loader = self._loader
        names["__loader__"] = self._loader
        code: CodeType | None = self._loader.get_code(module.__name__)
        if code is None:
            self._loader.exec_module(module)
            return
        _redirection.execute(code, names, self._imports)
        late = {name: value for name, value in names.items() if isinstance(value, Postponed)}
        for name in late:
            del names[name]
        for name, value in names.items():
            if isinstance(value, StandIn):
                StandIn.is_bound(value, names, name)
        _look_up_late(module, late)
        if self._finish is not None:
            self._finish(module)


class _LoaderWithout:
    """Loads an extension module that does not get a module it asks for."""

    def __init__(self, loader: Any, refused: str) -> None:
        self._loader = loader
        self._refused = refused

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the real loader does."""
        spec.loader = self._loader
        module: ModuleType | None = self._alone(lambda: self._loader.create_module(spec))
        return module

    def exec_module(self, module: ModuleType) -> None:
        """As the real loader does."""
        module.__dict__["__loader__"] = self._loader
        self._alone(lambda: self._loader.exec_module(module))

    def _alone(self, work: Callable[[], Result]) -> Result:
        return work() if self._refused in sys.modules else _redirection.without(self._refused, work)


def _look_up_late(module: ModuleType, late: dict[str, Postponed]) -> None:
    names = module.__dict__
    before = names.get("__getattr__")

    def look_up(name: str) -> Any:
        found = late.get(name)
        if found is not None:
            value = names[name] = found.get()
            return value
        if before is not None:
            return before(name)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    if late:
        names["__getattr__"] = look_up


class _Finder:
    """Finds the modules that were named to `postpone`, each once."""

    def __init__(self) -> None:
        self.wanted: dict[str, tuple[_Imports, Finish | None]] = {}
        self.below: dict[str, _Imports] = {}
        self.refused: dict[str, str] = {}

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        """Return the real spec with our loader before the real one."""
        refused = self.refused.get(fullname)
        if refused is not None:
            spec = _spec_of(fullname, path)
            if spec is not None:
                spec.loader = _LoaderWithout(spec.loader, refused)  # type: ignore[assignment]  # all that is asked for
            return spec
        wanted = self.wanted.get(fullname)
        if wanted is None:
            imports = self.below.get(fullname.partition(".")[0])
            if imports is None:
                return None
            wanted = imports, None
        spec = _spec_of(fullname, path)
        if spec is not None and hasattr(spec.loader, "get_code"):
            spec.loader = _Loader(spec.loader, *wanted)  # type: ignore[assignment]  # all that the import system asks for
        return spec


_finder = _Finder()


def postpone(module: str, *late: str, finish: Finish | None = None) -> None:
    """Let some of the imports of a library's module wait until they are needed.

    Nothing happens when the module is loaded already.

    Args:
        module: the module that imports.
        late: full names of what it imports and seldom needs, modules only: ``import X`` (one name without a
            dot), ``from X import name`` and ``from package import X``.
        finish: does the rest once the module is executed.
    """
    if module in sys.modules:
        return
    _install()
    _finder.wanted[module] = _Imports(frozenset(late), whole=False), finish


def refuse(module: str, name: str) -> None:
    """Load an extension module without a module that it asks for and can do without.

    Who has loaded that one before lets it have it.

    Args:
        module: full name of the extension module.
        name: what it does not get.
    """
    _install()
    _finder.refused[module] = name


def postpone_below(package: str, *late: str) -> None:
    """Let ``import name`` wait in all modules of a package that are loaded from now on.

    Statements ``from name import`` do not wait.

    Args:
        package: without a dot; its modules that were named to `postpone` are left out.
        late: full names of modules, without a dot.
    """
    _install()
    _finder.below[package] = _Imports(frozenset(late), whole=True)


def _install() -> None:
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
