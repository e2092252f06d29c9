"""Running an application's models outside of requests, for workers and tasks (SCHED-03, SCHED-14)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime import dal
from runtime.cache import Cache
from runtime.foundation.current import current
from runtime.foundation.problems import UserError
from runtime.i18n import TranslatorFactory
from runtime.scheduler.scheduler import Scheduler
from runtime.sessions import Session
from runtime.web import importer
from runtime.web.actions import prepare_response
from runtime.web.code import CodeCache, Source
from runtime.web.importer import builtins_for
from runtime.web.late_names import late_names, make_real, mentioned
from runtime.web.models import run_models
from runtime.web.request import application_folder, databases_folder
from runtime.web.response import Response
from runtime.web.site_settings import new_settings
from runtime.web.unvisited import forget_visitor, unvisited_request

if TYPE_CHECKING:
    from runtime.views import CompiledView, ViewLoader


class _Environment:
    """The names that the models and tasks of one run see.

    Args:
        late: those of pages come when code mentions them, or a view is shown.
    """

    def __init__(self, late: bool) -> None:
        self.late = late
        self.names: dict[str, Any] = {}

    def begin(self, application: str, objects: dict[str, Any]) -> dict[str, Any]:
        """Return the names of a new run."""
        if not self.late:
            from runtime.web.environment import build_environment

            return build_environment(application, **objects)
        names = self.names = late_names() | objects
        names["__builtins__"] = builtins_for(application)
        names["__name__"] = "__restricted__"
        names["__warningregistry__"] = {}  # as in requests
        return names


class _Codes(CodeCache):
    """Compiled files; what they mention is in the environment before they run."""

    def __init__(self, environment: _Environment) -> None:
        super().__init__()
        self._environment = environment
        self._mentioned: dict[str, tuple[Source, frozenset[str]]] = {}

    def get(self, path: str) -> Source | None:
        """Return the compiled file, None when there is no such file."""
        source = super().get(path)
        if source is not None and self._environment.late:
            known = self._mentioned.get(path)
            if known is None or known[0] is not source:
                known = self._mentioned[path] = source, mentioned(source.code)
            make_real(self._environment.names, known[1])
        return source


class _Views:
    """The views of tasks: loaded with the first one that is shown, which may name everything."""

    def __init__(self, environment: _Environment) -> None:
        self._environment = environment
        self._loader: ViewLoader | None = None

    def _ready(self) -> ViewLoader:
        make_real(self._environment.names)
        if self._loader is None:
            from runtime.views import ViewLoader

            self._loader = ViewLoader(check_interval=1.0)
        return self._loader

    def get(self, *args: Any) -> CompiledView:
        """As `ViewLoader.get`."""
        return self._ready().get(*args)

    def get_text(self, *args: Any) -> CompiledView:
        """As `ViewLoader.get_text`."""
        return self._ready().get_text(*args)


class ApplicationModels:
    """Runs the models of one application, each time in a fresh environment.

    Args:
        site_folder: holds ``applications/``.
        application: its name.
        late: load what makes pages only when code of the application mentions it.

    Raises:
        UserError: there is no such application.
    """

    def __init__(self, site_folder: str, application: str, late: bool = False) -> None:
        self.site = os.path.abspath(site_folder)
        self.application = application
        self.folder = application_folder(self.site, application)
        if not os.path.isdir(self.folder):
            raise UserError(f"there is no application {application!r} in {self.site}")
        self._environment = _Environment(late)
        self._codes = _Codes(self._environment)
        self._views = _Views(self._environment)
        self._settings = new_settings(self.site)
        importer.install(self.site)

    def begin(
        self,
        controller: str = "default",
        function: str = "index",
        *,
        role: str = "is_scheduler",
        keep: Callable[[dict[str, Any]], None] | None = None,
        **names: Any,
    ) -> dict[str, Any]:
        """Open the frame of a run and return the environment after the models.

        `finish` has to follow, whatever happens.

        Args:
            controller, function: whose conditional models run too.
            role: what `request` says of the run, ``is_scheduler`` or ``is_shell``.
            keep: given the environment before the models run, for who wants it also when they fail.
            names: further names that models and tasks see.
        """
        request = unvisited_request(self.folder, self.application, controller, function, self._settings, role)
        response, session = Response(), Session()
        response["_view_loader"], response["_codes"] = self._views, self._codes
        prepare_response(response, request)
        objects: dict[str, Any] = {
            "request": request,
            "response": response,
            "session": session,
            "cache": Cache(request),
            "T": TranslatorFactory(os.path.join(self.folder, "languages"), None),
        }
        environment = self._environment.begin(self.application, objects)
        environment.update(names)
        if keep is not None:
            keep(environment)
        response["_view_environment"] = environment
        current._begin(**objects, **names, globalenv=environment)
        dal.begin_request(databases_folder(self.folder))
        run_models(self._codes, os.path.join(self.folder, "models"), environment)
        if role == "is_scheduler":
            forget_visitor(request)
        return environment

    @staticmethod
    def finish() -> None:
        """Roll back what was not committed; connections stay for the next run (SCHED-16)."""
        dal.finish(commit=False)

    def load_scheduler(self) -> Scheduler:
        """Return the scheduler that the models create.

        Raises:
            UserError: they create none.
            Exception: whatever a model raises.
        """
        try:
            self.begin()
            scheduler = getattr(current, "_scheduler", None)
            if not isinstance(scheduler, Scheduler):
                raise UserError(
                    f"application {self.application!r} has no scheduler: a model has to say `Scheduler(db)`"
                )
            adapter = scheduler.db._adapter  # the frame takes it away, a worker needs it
            dal.finish(commit=True)  # tables that were created
        except BaseException:
            dal.finish(commit=False)
            raise
        scheduler.db.__dict__["_adapter"] = adapter
        return scheduler
