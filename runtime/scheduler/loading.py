"""Running an application's models outside of requests, for workers and tasks (SCHED-03, SCHED-14)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from runtime import dal
from runtime.cache import Cache
from runtime.foundation.current import current
from runtime.foundation.problems import UserError
from runtime.foundation.storage import Storage
from runtime.i18n import TranslatorFactory
from runtime.scheduler.scheduler import Scheduler
from runtime.sessions import Session
from runtime.views import ViewLoader
from runtime.web import importer
from runtime.web.actions import prepare_response
from runtime.web.code import CodeCache
from runtime.web.environment import build_environment
from runtime.web.models import run_models
from runtime.web.request import Request, application_folder, databases_folder
from runtime.web.response import Response


class ApplicationModels:
    """Runs the models of one application, each time in a fresh environment.

    Args:
        site_folder: holds ``applications/``.
        application: its name.

    Raises:
        UserError: there is no such application.
    """

    def __init__(self, site_folder: str, application: str) -> None:
        self.site = os.path.abspath(site_folder)
        self.application = application
        self.folder = application_folder(self.site, application)
        if not os.path.isdir(self.folder):
            raise UserError(f"there is no application {application!r} in {self.site}")
        self._codes = CodeCache()
        self._views = ViewLoader(check_interval=1.0)
        self._settings = Storage(
            gluon_parent=self.site,
            applications_parent=self.site,
            is_pypy=False,
            is_jython=False,
            cronjob=False,
            local_hosts=["127.0.0.1", "::1"],
        )
        importer.install(self.site)

    def begin(
        self,
        controller: str = "default",
        *,
        role: str = "is_scheduler",
        keep: Callable[[dict[str, Any]], None] | None = None,
        **names: Any,
    ) -> dict[str, Any]:
        """Open the frame of a run and return the environment after the models.

        `finish` has to follow, whatever happens.

        Args:
            controller: whose conditional models run too.
            role: what `request` says of the run, ``is_scheduler`` or ``is_shell``.
            keep: given the environment before the models run, for who wants it also when they fail.
            names: further names that models and tasks see.
        """
        request = Request()
        request.update(
            application=self.application,
            controller=controller,
            function="index",
            extension="html",
            folder=self.folder,
            global_settings=self._settings,
        )
        request[role] = True
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
        environment = build_environment(self.application, **objects)
        environment.update(names)
        if keep is not None:
            keep(environment)
        response["_view_environment"] = environment
        current._begin(**objects, **names)
        dal.begin_request(databases_folder(self.folder))
        run_models(self._codes, os.path.join(self.folder, "models"), environment)
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
