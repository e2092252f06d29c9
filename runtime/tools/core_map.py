"""Modules of the old framework whose job others do now: found, and one helpful error for their names."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

from runtime.tools.absent import Discontinued, Gone

_WSGI = "gluon.main.wsgibase under any WSGI server"
_PAYING = "the package `stripe`, or the one of your payment provider"
_OPENID_CONNECT = "OAuth 2.0 with gluon.contrib.login_methods.oauth20_account"
_APP_ENGINE = (
    "the first App Engine was closed",
    "gluon.contrib.redis_cache, gluon.contrib.memcache or cache.ram",
)
_DEBUGGER = (
    "the debugger in the browser is gone",
    "breakpoint() in a server on a console, or your editor's debugger",
)

GONE = {
    "gluon.authapi": ("logging in without forms has one way", "auth.login_bare, or gluon.tools.AuthJWT"),
    "gluon.debug": _DEBUGGER,
    "gluon.newcron": (
        "cron runs inside the server",
        "`hadron serve`, or `hadron --cron` from the system's cron",
    ),
    "gluon.packages": (
        "libraries are installed, not kept inside",
        "`from pydal import ...`, `from yatl import ...`",
    ),
    "gluon.recfile": ("folders of files have their own helpers", "the standard library's os and pathlib"),
    "gluon.rocket": ("the server is waitress", f"`hadron serve`, or {_WSGI}"),
    "gluon.widget": ("command line and window are a program of their own", "the command `hadron`"),
    "gluon.winservice": (
        "the server registers itself with no service manager",
        "`hadron serve` under the service manager of your choice; docs/deployment.md tells how",
    ),
    "gluon.contrib.DowCommerce": ("nobody keeps up a client of this gateway", _PAYING),
    "gluon.contrib.aes": (
        "nobody keeps up ciphers in plain Python",
        "the package `cryptography`, which is installed",
    ),
    "gluon.contrib.comet_messaging": ("WebSocket took its place", "gluon.contrib.websocket_messaging"),
    "gluon.contrib.dbg": _DEBUGGER,
    "gluon.contrib.gae_memcache": _APP_ENGINE,
    "gluon.contrib.gae_retry": _APP_ENGINE,
    "gluon.contrib.gateways": ("adapters for FastCGI are not kept up any more", _WSGI),
    "gluon.contrib.generics": (
        "it set pages by the programs and packages that it found",
        "FPDF.write_html of gluon.contrib.fpdf in the view",
    ),
    "gluon.contrib.google_wallet": ("Google closed its wallet for shops", _PAYING),
    "gluon.contrib.hypermedia": (
        "collection+json found no clients",
        "@request.restful() with db.parse_as_rest",
    ),
    "gluon.contrib.imageutils": (
        "pictures are the business of a package",
        "`from PIL import Image` of Pillow",
    ),
    "gluon.contrib.memdb": ("a cache is no database", "DAL, or RedisSession of gluon.contrib.redis_session"),
    "gluon.contrib.minify": (
        "packages do it",
        "response.optimize_css and optimize_js, or rcssmin and rjsmin",
    ),
    "gluon.contrib.multipart_post_handler": (
        "others send forms",
        "gluon.contrib.webclient, or the package `requests`",
    ),
    "gluon.contrib.ordereddict": ("Python has it", "`from collections import OrderedDict`, or a plain dict"),
    "gluon.contrib.pam": ("it is part of a way to log in", "gluon.contrib.login_methods.pam_auth"),
    "gluon.contrib.paymentech": ("nobody keeps up a client of this gateway", _PAYING),
    "gluon.contrib.pbkdf2": ("Python has it", "hashlib.pbkdf2_hmac"),
    "gluon.contrib.pbkdf2_ctypes": ("Python has it", "hashlib.pbkdf2_hmac"),
    "gluon.contrib.pg8000": (
        "drivers are installed, not kept inside",
        "`import psycopg2`, or the package `pg8000`",
    ),
    "gluon.contrib.pymysql": ("drivers are installed, not kept inside", "`import pymysql`"),
    "gluon.contrib.qdb": _DEBUGGER,
    "gluon.contrib.redis_scheduler": (
        "tasks are kept in the database",
        "gluon.scheduler.Scheduler; docs/scheduler.md",
    ),
    "gluon.contrib.rocket": ("the server is waitress", f"`hadron serve`, or {_WSGI}"),
    "gluon.contrib.sms_utils": (
        "operators closed their gateways from mail",
        "the interface of an SMS provider",
    ),
    "gluon.contrib.taskbar_widget": ("the window has its own icon in the tray", "the command `hadron`"),
    "gluon.contrib.timecollect": ("the server measures requests itself", "`hadron serve --profiler FOLDER`"),
    "gluon.contrib.login_methods.loginradius_account": ("a broker is not needed any more", _OPENID_CONNECT),
    "gluon.contrib.login_methods.motp_auth": (
        "its codes of MD5 are not safe any more",
        "auth.settings.auth_two_factor_enabled",
    ),
    "gluon.contrib.login_methods.saml2_auth": ("nobody keeps up its package", _OPENID_CONNECT),
}
"""Why a module is gone, and what does its job (SITE-08, LIB-9 to LIB-25)."""


def _gone(name: str) -> str | None:
    """Return the entry of `GONE` for a module, or for the package that it is in."""
    parts = name.split(".")
    found = (".".join(parts[:n]) for n in range(len(parts), 1, -1))
    return next((one for one in found if one in GONE), None)


class GoneFinder:  # finder and loader of no class in `importlib.abc`, which brings half a megabyte
    """Finds the modules of `GONE` when nothing else does."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of a module that is gone; other names are not ours."""
        if not fullname.startswith("gluon.") or _gone(fullname) is None:
            return None
        loader: Any = self
        return importlib.machinery.ModuleSpec(fullname, loader, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return the module: reading any name of it says what does its job."""
        return _Gone(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


class _Gone(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        why, instead = GONE[_gone(self.__name__) or ""]
        text = f"{self.__name__}.{name} can not be used: {why}. Instead: {instead}."
        if self.__name__.startswith("gluon.contrib."):
            return _Stub(text)
        raise Gone(text)


class _Stub:
    """A name of an addition that is gone: a controller that imports it keeps its pages that do not use it."""

    def __init__(self, text: str) -> None:
        self.__dict__["_text"] = text

    def __call__(self, *args: Any, **named: Any) -> NoReturn:
        raise Discontinued(self.__dict__["_text"])

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise Discontinued(self.__dict__["_text"])


def install() -> None:
    """Let imports find the modules of `GONE`, behind everything else."""
    if not any(isinstance(finder, GoneFinder) for finder in sys.meta_path):
        sys.meta_path.append(GoneFinder())
