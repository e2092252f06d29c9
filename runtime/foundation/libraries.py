"""What our libraries import and few programs need: it waits until somebody uses it (SCHED-61)."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, KeysView, MutableMapping
from contextlib import suppress
from types import ModuleType
from typing import Any

from runtime.foundation.postponed import Postponed, StandIn, loaded, postpone, postpone_below, refuse

_DRIVERS = ("cx_Oracle", "imaplib", "pymongo", "pymysql", "MySQLdb", "pyodbc", "psycopg2", "pytds",
            "pymssql", "sqlite3", "psycopg2.extensions")  # fmt: skip


_SELDOM = ("csv", "hashlib", "hmac", "html", "inspect", "pickle", "platform", "psutil", "secrets", "shutil",
           "sqlite3", "tempfile", "traceback")  # fmt: skip
"""Modules of Python that many rooms use now and then; some bring ten others, or a library of megabytes."""


def postpone_imports() -> None:
    """Tell how to load our own rooms, pydal and werkzeug; none of them is loaded by this."""
    for package in ("runtime", "pydal", "werkzeug"):
        postpone_below(package, *_SELDOM)
    postpone("dataclasses", "inspect")
    postpone("tempfile", "shutil")
    postpone(
        "pydal._compat",
        "hashlib", "pickle", "html", "ipaddress", "configparser", "email", "email.encoders", "email.charset",
        "email.header", "email.mime.base", "email.mime.multipart", "email.mime.text", "html.entities",
        "html.parser", "http.cookiejar", "http.cookies", "urllib.request", "xmlrpc.client",
        finish=_without_openssl,
    )  # fmt: skip
    postpone("pydal.adapters.mongo", "random")
    postpone("pydal.drivers", *_DRIVERS, finish=_offer_drivers)
    refuse(
        "psycopg2._psycopg", "ssl"
    )  # for the locks of an OpenSSL before 1.1; without it libpq makes its own
    postpone("werkzeug", "werkzeug.serving", "werkzeug.test", "werkzeug.wrappers")


def _without_openssl(module: ModuleType) -> None:
    """Let pydal name its databases, by MD5, without loading OpenSSL for that."""
    with suppress(ImportError):
        md5 = importlib.import_module("_md5").md5  # Python's own, which `hashlib` has for want of OpenSSL
        module.__dict__["hashlib_md5"] = lambda text: md5(text.encode())


class Drivers(MutableMapping[str, Any]):
    """The drivers of databases by pydal's names; one is imported when a database asks for it.

    A driver that is installed and fails to load is absent, as for pydal.

    Args:
        found: the drivers that are installed, loaded or not.
    """

    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found

    def __getitem__(self, name: str) -> Any:
        driver = self._found[name]
        if isinstance(driver, (Postponed, StandIn)):
            try:
                driver = loaded(driver)
            except Exception as error:
                self._found.pop(name, None)
                raise KeyError(name) from error
            self._found[name] = driver
        return driver

    def __setitem__(self, name: str, driver: Any) -> None:
        self._found[name] = driver

    def __delitem__(self, name: str) -> None:
        del self._found[name]

    def __iter__(self) -> Iterator[str]:
        return _Names(self)

    def keys(self) -> KeysView[str]:
        """Return the names; asking for one of them loads no other."""
        return _Keys(self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Keys(KeysView[str]):
    def __init__(self, drivers: Drivers) -> None:
        super().__init__(drivers)
        self._drivers = drivers

    def __iter__(self) -> Iterator[str]:
        return iter(self._drivers)


class _Names(Iterator[str]):
    """Names of drivers. ``name in iter(drivers.keys())``, as pydal asks, loads no other than that one."""

    def __init__(self, drivers: Drivers) -> None:
        self._drivers = drivers
        self._left = iter(list(drivers._found))

    def __next__(self) -> str:
        return next(name for name in self._left if name in self._drivers)

    def __contains__(self, name: str) -> bool:
        return name in self._drivers


def _offer_drivers(module: ModuleType) -> None:
    names = module.__dict__
    drivers = names["DRIVERS"] = Drivers(names["DRIVERS"])
    if "psycopg2" in drivers._found:
        names["psycopg2_adapt"] = _adapt


def _adapt(value: Any) -> Any:
    """``psycopg2.extensions.adapt``, which pydal binds before anybody needs it."""
    return importlib.import_module("psycopg2.extensions").adapt(value)
