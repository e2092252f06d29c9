"""The request of models that nobody has asked for: shell, scripts, cron, tasks, checks (REQ-26, SCHED-14)."""

from __future__ import annotations

from typing import Any

from runtime.foundation.storage import Storage
from runtime.web.request import Request

_LOCAL = {
    "REMOTE_ADDR": "127.0.0.1",
    "HTTP_HOST": "127.0.0.1:8000",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "wsgi.url_scheme": "http",
}
_OF_VISITOR = ("client", "env", "is_https", "is_local", "method", "uuid")


def unvisited_request(
    folder: str,
    application: str,
    controller: str,
    function: str,
    settings: Storage,
    role: str = "is_shell",
) -> Request:
    """Return the request that models see outside of requests: that of a visitor of this very machine.

    So models that read the host, the address or the path of their request load here too. Nobody looks at what
    cron jobs and tasks do: `is_local` is False for them, since models ask it whether to show or to send.

    Args:
        folder: of the application, with the separator behind it.
        application, controller, function: what it says it is for; conditional models go by them.
        settings: of the site; whether cron has started the process among them.
        role: what it says of the run, ``is_shell`` or ``is_scheduler``.
    """
    request = unsent_request(_LOCAL, folder, application, controller, function, settings)
    request[role] = True
    if role == "is_scheduler" or settings.cronjob:
        request["is_local"] = False
    return request


def unsent_request(
    environ: dict[str, Any], folder: str, application: str, controller: str, function: str, settings: Storage
) -> Request:
    """Return the request for an action that nobody has sent.

    Args:
        environ: host, client and scheme, as WSGI names them.
        folder, application, controller, function, settings: see `unvisited_request`.
    """
    path = f"/{application}/{controller}/{function}"
    request = Request(environ | {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": ""})
    request.update(
        application=application,
        controller=controller,
        function=function,
        extension="html",
        folder=folder,
        global_settings=settings,
    )
    return request


def forget_visitor(request: Request) -> None:
    """Leave in `request.env` what is known of the site alone: a task has no request (SCHED-14)."""
    object.__setattr__(request, "_environ", {})
    for name in _OF_VISITOR:
        request.pop(name, None)
