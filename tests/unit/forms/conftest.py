"""A database in memory and a visitor who fills forms in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from runtime.dal import DAL
from runtime.forms import FORM
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.html.tag_factory import parse
from tests.services import ENGINES, empty_database


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


@pytest.fixture(params=ENGINES)
def database_uri(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of an empty database, of each kind there is."""
    with empty_database(request.param) as uri:
        yield uri
