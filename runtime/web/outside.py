"""An application's environment outside of requests: shell, scripts, cron, tests (TASKQ, CRON-07..11)."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime import dal
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.paths import APPLICATION_NAME
from runtime.foundation.problems import UserError
from runtime.routing import Router, set_default
from runtime.web import importer
from runtime.web.exec_environment import CODES, bind_environment
from runtime.web.models import run_models
from runtime.web.request import application_folder, databases_folder
from runtime.web.response import Response
from runtime.web.site_settings import settings_of_site
from runtime.web.unvisited import unvisited_request


@dataclass(frozen=True)
class Place:
    """Where code runs: an application, and optionally one of its controllers and functions (CLI-27)."""

    application: str
    controller: str = ""
    function: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.application, self.controller, self.function) if part)


def parse_place(text: str) -> Place:
    """Read ``APP``, ``APP/controller`` or ``APP/controller/function``.

    Raises:
        UserError: a part can not be such a name.
    """
    parts = text.strip("/").split("/")
    if len(parts) > 3 or not all(APPLICATION_NAME.fullmatch(part) for part in parts):
        raise UserError(
            f"{text!r} names no application: write APP, APP/controller or APP/controller/function"
        )
    return Place(*parts)


@contextmanager
def environment_of(
    site: Path,
    place: Place,
    *,
    models: bool = False,
    cronjob: bool = False,
    on_error: Callable[[Exception], None] | None = None,
) -> Iterator[dict[str, Any]]:
    """Give the environment of an application; what was not committed at the end is rolled back (CRON-11).

    `URL` follows the site's ``routes.py``. The place's controller is executed in it, so that its functions
    can be called; conditional models of the place run too.

    Args:
        site: the site folder, absolute.
        place: where; `request` says the same.
        models: run the models (CLI-30).
        cronjob: the process was started by cron (CLI-42).
        on_error: told what the code raised while `current` is still that of the code.

    Raises:
        UserError: there is no such application or controller.
        Exception: whatever a model or the controller raises.
    """
    root = str(site)
    folder = application_folder(root, place.application)
    if not os.path.isdir(folder):
        raise UserError(f"there is no application {place.application!r} in {root}")
    importer.install(root)
    set_default(Router(site).table)
    settings = settings_of_site(root, cronjob=cronjob, shell=place.application)
    names = place.application, place.controller or "default", place.function or "index"
    request, response = unvisited_request(folder, *names, settings), Response()
    kept = dict(current.__dict__)
    environment = bind_environment(request, response, None)
    dal.begin_request(databases_folder(folder))
    try:
        if models:
            run_models(CODES, os.path.join(folder, "models"), environment)
        if place.controller:
            _run_controller(folder, place.controller, environment)
        yield environment
    except Exception as error:
        if on_error is not None and not isinstance(error, UserError):
            on_error(error)
        raise
    finally:
        dal.finish(commit=False)
        current._begin(**kept)


@contextmanager
def models_of(site: Path, application: str) -> Iterator[dict[str, Any]]:
    """Give the environment of an application after its models, for a tool that needs what they make.

    Raises:
        UserError: there is no such application, or a model fails; the text says how.
    """
    with ExitStack() as stack:
        try:
            environment = stack.enter_context(environment_of(site, Place(application), models=True))
        except UserError:
            raise
        except (Exception, SystemExit, HTTP) as error:
            raise UserError(f"the models of {application} failed: {type(error).__name__}: {error}") from error
        yield environment


def _run_controller(folder: str, controller: str, environment: dict[str, Any]) -> None:
    path = os.path.join(folder, "controllers", f"{controller}.py")
    source = CODES.get(path)
    if source is None:
        raise UserError(f"there is no controller {controller!r}: {path} does not exist")
    exec(source.code, environment)  # noqa: S102  # applications are trusted code; this is what a controller is


def call_function(environment: dict[str, Any], place: Place) -> Any:
    """Call the place's function and return what it returns (CRON-09).

    Raises:
        UserError: the controller has no such function.
        Exception: whatever it raises.
    """
    function = environment.get(place.function)
    if not callable(function):
        raise UserError(f"controller {place.controller!r} has no function {place.function!r}")
    return function()


@contextmanager
def as_main_program(environment: dict[str, Any], script: Path, arguments: Sequence[str]) -> Iterator[None]:
    """Make `environment` the namespace of ``__main__`` and set ``sys.argv`` and ``sys.args`` (TASKQ-02).

    So `if __name__ == '__main__'`, `pickle` and `unittest.main()` work in a script.
    """
    kept = {name: getattr(sys, name) for name in ("argv", "args") if hasattr(sys, name)}
    outer = sys.modules["__main__"]
    sys.argv, sys.args = [str(script), *arguments], list(arguments)  # type: ignore[attr-defined]  # documented
    sys.modules["__main__"] = _Program(environment)
    environment["__name__"] = "__main__"
    try:
        yield
    finally:
        sys.modules["__main__"] = outer
        if "args" not in kept:
            del sys.args  # type: ignore[attr-defined]
        for name, value in kept.items():
            setattr(sys, name, value)


class _Program(types.ModuleType):
    """``__main__`` whose names are those of an environment."""

    def __init__(self, environment: dict[str, Any]) -> None:
        super().__init__("__main__")
        object.__setattr__(self, "_environment", environment)

    def __getattribute__(self, name: str) -> Any:
        environment = object.__getattribute__(self, "_environment")
        if name == "__dict__":
            return environment
        if name in environment:
            return environment[name]
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__getattribute__(self, "_environment")[name] = value

    def __dir__(self) -> list[str]:
        return list(object.__getattribute__(self, "_environment"))


def find_script(site: Path, application: str, name: str) -> Path:
    """Return the absolute path of a script: as given, below the site folder, or below the application.

    Raises:
        UserError: there is none.
    """
    wanted = Path(name).expanduser()
    places = [Path.cwd(), site, site / "applications" / application]
    tried = [wanted] if wanted.is_absolute() else [place / wanted for place in places]
    for path in tried:
        if path.is_file():
            return path.resolve()
    raise UserError(f"there is no script {name}: looked for {', '.join(dict.fromkeys(map(str, tried)))}")


def run_script(environment: dict[str, Any], script: Path, arguments: Sequence[str] = ()) -> None:
    """Run a Python file in `environment` as though it were part of a controller (TASKQ-01).

    Raises:
        BaseException: whatever it raises; SystemExit and SyntaxError too.
    """
    code = compile(script.read_bytes(), str(script), "exec", dont_inherit=True)
    environment["__file__"] = str(script)
    with as_main_program(environment, script, arguments):
        exec(code, environment)  # noqa: S102  # running a file is the purpose
