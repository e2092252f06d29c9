"""A database in memory and a visitor who fills forms in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.dal import DAL
from runtime.forms import FORM
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.html.tag_factory import parse
from tests.services import missing


class Visitor:
    """Sees the form that `make` returns, and sends it as a browser would: every control, hidden ones too."""

    def __init__(self, make: Callable[[], FORM], session: Any = None, **options: Any) -> None:
        self.make = make
        self.session = Storage() if session is None else session
        self.options = options
        self.form = self.get()

    def get(self) -> FORM:
        self.form = self.make()
        self.form.accepts(Storage(), self.session, **self.options)
        self.page = str(self.form)
        return self.form

    def fields(self) -> dict[str, Any]:
        """What the browser would send for the page as it is."""
        out: dict[str, Any] = {}
        for node in parse(self.page).elements("input, textarea, select"):
            name, kind = node["_name"], node["_type"]
            if not name or kind in ("file", "submit", "button"):
                continue
            if kind in ("checkbox", "radio") and not node["_checked"]:
                continue
            if node.tag == "textarea":
                value: Any = node.flatten()
            elif node.tag == "select":
                chosen = [o["_value"] for o in node.elements("option") if o["_selected"]]
                if node["_multiple"]:
                    value = chosen
                else:
                    value = chosen[0] if chosen else node.elements("option")[0]["_value"]
            else:
                value = node["_value"] or ""
            if name in out:
                out[name] = [*(out[name] if isinstance(out[name], list) else [out[name]]), value]
            else:
                out[name] = value
        return out

    def send(self, **changes: Any) -> FORM:
        """Send the page with `changes`; None leaves a control out."""
        sent = {**self.fields(), **changes}
        self.sent = {name: value for name, value in sent.items() if value is not None}
        return self.replay()

    def replay(self) -> FORM:
        """Send the same once more."""
        self.form = self.make()
        self.form.accepts(dict(self.sent), self.session, **self.options)
        self.page = str(self.form)
        return self.form


@pytest.fixture
def db() -> Iterator[Any]:
    database = DAL("sqlite:memory")
    yield database
    database.close()
    current._begin()


@pytest.fixture
def visit() -> type[Visitor]:
    """What makes a visitor: ``visit(lambda: FORM(...))``."""
    return Visitor


def _postgres() -> Iterator[str]:
    import psycopg2

    server = psycopg2.connect("postgresql://postgres:postgres@127.0.0.1:5432/postgres", connect_timeout=5)
    server.autocommit = True
    name = f"hadron_{uuid.uuid4().hex[:12]}"
    with server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        yield f"postgres:psycopg2://postgres:postgres@127.0.0.1:5432/{name}"
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


def _mysql() -> Iterator[str]:
    import pymysql

    server = pymysql.connect(host="127.0.0.1", user="root", password="", autocommit=True, connect_timeout=5)
    name = f"hadron_{uuid.uuid4().hex[:12]}"
    with server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        yield f"mysql:pymysql://root:@127.0.0.1:3306/{name}"
        cursor.execute(f"DROP DATABASE {name}")
    server.close()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
    ]
)
def database_uri(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of an empty database, of each kind there is."""
    if request.param == "sqlite":
        yield "sqlite://storage.sqlite"
        return
    made = {"postgres": _postgres, "mysql": _mysql}[request.param]()
    try:
        uri = next(made)
    except Exception as error:
        missing(f"no server: {error}")
    yield uri
    next(made, None)
