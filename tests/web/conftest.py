"""A site folder with the application `myapp`, and a visitor of it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runtime.admin.applications import create_application
from runtime.admin.packs import pack_application
from runtime.admin.site import SCAFFOLDING, install_administration
from runtime.foundation.current import current
from runtime.server.password import set_up_password
from runtime.web.application import Application
from runtime.web.client import TestClient

THINGS = (
    "db.define_table('person', Field('name'), format='%(name)s')\n"
    "db.define_table('thing', Field('name', requires=IS_NOT_EMPTY()), Field('price', 'integer'),\n"
    "    Field('holder', 'reference person', requires=IS_EMPTY_OR(IS_IN_DB(db, 'person.id', '%(name)s'))),\n"
    "    Field('secret', readable=False, writable=False))\n"
    "if db(db.person).isempty():\n    db.person.insert(name='Ann')\n"
    "    for at in range(60):\n        db.thing.insert(name='thing %s' % at, price=at, holder=1)\n"
)
"""A model with two tables, one refers to the other."""


class Site:
    """A site folder under construction."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.app = root / "applications" / "myapp"
        self.write("controllers/default.py", "def index():\n    return 'hello'\n")

    def write(self, name: str, text: str | bytes, app: str = "myapp") -> Path:
        """Write a file of an application; text loses its common indentation."""
        path = self.root / "applications" / app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def controller(self, text: str, name: str = "default", app: str = "myapp") -> Path:
        return self.write(f"controllers/{name}.py", text, app)

    def model(self, text: str, name: str = "db") -> Path:
        return self.write(f"models/{name}.py", text)

    def view(self, text: str, name: str = "default/index.html") -> Path:
        return self.write(f"views/{name}", text)

    def client(self, **options: object) -> TestClient:
        return TestClient(Application(self.root, **options))  # type: ignore[arg-type]

    def tickets(self) -> list[Path]:
        found = (self.app / "errors").glob("*") if (self.app / "errors").exists() else ()
        return sorted(
            path for path in found if path.suffix != ".tmp"
        )  # one that is just being written is none


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    yield Site(tmp_path)
    current._begin()


@pytest.fixture
def run(site: Site) -> Callable[..., str]:
    """Run the lines of an action in a request and return the page as text."""

    def call(body: str, path: str = "/myapp/default/index", **options: object) -> str:
        site.controller("def index():\n" + textwrap.indent(textwrap.dedent(body), "    "))
        page = site.client().get(path, **options)
        assert page.status_code == 200, page.text
        return str(page.text)

    return call


@pytest.fixture
def administered(tmp_path: Path) -> Callable[[], Application]:
    """Makes a site with the application `shop`, the administration, and the password ``secret``."""

    def make() -> Application:
        (tmp_path / "applications").mkdir()
        pack_application(SCAFFOLDING, tmp_path / "welcome.w2p")
        create_application(tmp_path, "shop")
        install_administration(tmp_path)
        (tmp_path / "applications/shop/models/thing.py").write_text(THINGS)
        application = Application(tmp_path)
        application.settings["password_file"] = str(set_up_password(tmp_path, 8000, "secret"))
        return application

    return make
