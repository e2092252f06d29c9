"""What the pages of the administration share: who may, forms of our own, kinds of files (ADMIN-08, APPDIR-08)."""

import math
import time
from pathlib import Path

from gluon import HTTP, URL, current, redirect
from gluon.utils import web2py_uuid
from runtime.foundation.paths import UnsafePath, safe_join
from runtime.server.password import verify_password
from runtime.tools import administrator
from runtime.tools.auth import throttle

KINDS = {
    "models": (".py",),
    "controllers": (".py",),
    "views": (".html", ".load", ".xml", ".json", ".rss", ".csv", ".ics", ".jsonp", ".txt"),
    "languages": (".py",),
    "static": None,
}
"""Folders whose files can be edited here, with the endings of their files; None for any."""
READ_ONLY = ("ABOUT", "README", "LICENSE")


def begin(open_pages):
    """Lets the administrator in, others to the log-in only; tells whether it is the administrator."""
    request, session = current.request, current.session
    if not administrator.is_secure_channel(request):
        text = "Anybody between you and this server could read the password."
        more = "Use the administration on the server itself, or over HTTPS."
        raise HTTP(403, f"{current.T(text)} {current.T(more)}", **{"Content-Type": "text/plain; charset=utf-8"})
    inside = administrator.is_logged_in(session, administrator.password_mark(request))
    if inside:
        if time.time() - session.last_time > 60:
            session.last_time = time.time()
        if session.token is None:
            session.token = web2py_uuid()
    elif f"{request.controller}/{request.function}" not in open_pages:
        send = request.env.path_info if request.method == "GET" else ""
        redirect(URL("default", "index", vars={"send": send} if send else None), client_side=request.ajax)
    return inside


def needs_post():
    """Refuses what was not sent by a form of these pages: each carries the token of the session."""
    request, session = current.request, current.session
    ours = request.method == "POST" and session.token and request.post_vars.token == session.token
    if not ours:
        text = current.T("This form was out of date. Go back, reload the page, and send it again.")
        raise HTTP(400, current.response.render("default/problem.html", {"problem": text}))


# logging in


def is_password(text):
    """Whether `text` is the administrator's password of this server."""
    request = current.request
    file = Path(request.global_settings.password_file or "")
    port = file.stem.rpartition("_")[2]
    return port.isdigit() and verify_password(file.parent, int(port), text)


def seconds_to_wait():
    """Counts an attempt of this address to log in; seconds until the next where there were too many."""
    return math.ceil(throttle.claim(current.request, "administrator"))


def forget_failures():
    """Takes the wrong passwords of this address back: the right one came."""
    throttle.succeeded(current.request, "administrator")


def way_back(wanted):
    """Where to go after the log-in: a path of this host, else the applications."""
    path = str(wanted or "")
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path and path.isprintable()
    return path if fine else URL("default", "site")


# files of applications


def application_folder(site, name):
    """The folder of an application; a page that says so where there is none."""
    from runtime.admin.applications import existing_application
    from runtime.foundation.problems import UserError

    try:
        return existing_application(site, str(name or ""))
    except UserError:
        raise HTTP(404, current.response.render("default/problem.html", {
            "problem": current.T("There is no application %(name)s.", {"name": str(name)[:80]}),
        })) from None


def editable_file(folder, parts):
    """The path of a file that can be edited, and its name below the application.

    Raises HTTP 404 for one that these pages do not show: only `KINDS` and `READ_ONLY`, never what leads out.
    """
    name = "/".join(str(part) for part in parts)
    kind = name.partition("/")[0]
    hidden = any(part.startswith(".") for part in name.split("/"))
    endings = KINDS.get(kind, ())
    known = name in READ_ONLY or (kind in KINDS and "/" in name and (endings is None or name.endswith(endings)))
    try:
        path = safe_join(folder, name)
        inside = path.relative_to(Path(folder).resolve() / kind) if "/" in name else path
    except (UnsafePath, ValueError):
        inside = None
    if not known or hidden or inside is None:
        raise HTTP(404, current.response.render("default/problem.html", {
            "problem": current.T("There is no such file among those that can be shown here."),
        }))
    return path, name


def files_of(folder):
    """Names of the files that can be edited, by kind."""
    found = {}
    for kind, endings in KINDS.items():
        root = Path(folder) / kind
        names = sorted(
            path.relative_to(folder).as_posix()
            for path in root.rglob("*")
            if path.is_file() and not path.name.startswith(".") and "__pycache__" not in path.parts
        )
        found[kind] = [name for name in names if endings is None or name.endswith(endings)][:2000]
    found["about"] = [name for name in READ_ONLY if (Path(folder) / name).is_file()]
    return found
