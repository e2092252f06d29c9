"""The runtime under any WSGI server (SITE-01, WSGI-2), for example::

HADRON_SITE=/data/site waitress-serve runtime.server.wsgi:application

With ``HADRON_CRON=soft`` in the environment the jobs of crontabs run after pages (CRON-15);
``HADRON_HOST_NAMES`` is the option ``--host-names`` of `hadron serve`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from runtime.config import ServerConfig, build_config, site_folder
from runtime.server.access_log import AccessLog
from runtime.server.factory import cron_of, letter_carrier, make_application
from runtime.server.metrics import MeteredApplication, Metrics
from runtime.server.profiler import ProfiledApplication
from runtime.server.web_server import WSGIApplication


class SiteApplication:
    """The application of a site, built at the first request.

    Args:
        folder: the site folder; default ``HADRON_SITE`` of the environment, else the current folder.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._application: WSGIApplication | None = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if self._application is None:
            with self._lock:
                if self._application is None:
                    folder = site_folder(self._folder or os.environ.get("HADRON_SITE") or Path.cwd())
                    names = os.environ.get("HADRON_HOST_NAMES")
                    config = build_config({"folder": folder, "host_names": names})
                    self._application = _with_soft_cron(make_application(config, None), folder)
                    letter_carrier(folder)
        return self._application(environ, start_response)


def _with_soft_cron(wsgiapp: WSGIApplication, folder: Path) -> WSGIApplication:
    if os.environ.get("HADRON_CRON") != "soft":
        return wsgiapp
    from werkzeug.wsgi import ClosingIterator

    cron = cron_of(ServerConfig(folder, cron="soft"))
    cron.start()

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return ClosingIterator(wsgiapp(environ, start_response), cron.page_served)

    return answer


application = SiteApplication()
"""The WSGI entry point."""


def appfactory(
    wsgiapp: WSGIApplication = application,
    logfilename: str | None = "httpserver.log",
    profiler_dir: str | None = None,
) -> WSGIApplication:
    """Return `wsgiapp` with an access log and, when asked for, a profile per request (WSGI-2, CLI-44).

    Args:
        logfilename: the access log, relative to the current folder; None for none.
        profiler_dir: folder for the profiles; None for none.

    Raises:
        OSError: the log cannot be opened.
        UserError: the profiler's folder cannot be made.
    """
    inner = ProfiledApplication(wsgiapp, Path(profiler_dir)) if profiler_dir else wsgiapp
    on_end = AccessLog(Path(logfilename).absolute()).write if logfilename else None
    return MeteredApplication(inner, Metrics(), on_end=on_end)
