"""Cost of users at each request, in CPU microseconds: ``Auth(db)`` and ``define_tables`` of a request that uses neither.

Run it as ``python tests/benchmarks/bench_auth.py``. "pydal" defines the same six tables with pydal itself,
as the old framework did at every request. "known" is a visitor who is logged in.
"""

from __future__ import annotations

import io
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pydal

from runtime.web.application import Application

ROUNDS, REQUESTS = 7, 200
MODELS = {
    "plain": "db = DAL('sqlite://storage.sqlite')\n",
    "auth": "from gluon.tools import Auth\ndb = DAL('sqlite://storage.sqlite')\nauth = Auth(db)\nauth.define_tables()\n",
}


def build(root: Path) -> None:
    """Write an application for each of `MODELS`."""
    for name, model in MODELS.items():
        for file, text in (
            ("models/db.py", model),
            (
                "controllers/default.py",
                "def index(): return 'x'\n"
                "def enter():\n    auth.register_bare(email='a@example.com', password='secret-1')\n"
                "    auth.login_bare('a@example.com', 'secret-1')\n    return 'x'\n",
            ),
        ):
            path = root / "applications" / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def ask(site: Application, path: str, cookie: str = "") -> list[tuple[str, str]]:
    """Send one request; return the headers of its answer."""
    environ: dict[str, Any] = {
        "PATH_INFO": path, "REQUEST_METHOD": "GET", "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(), "HTTP_COOKIE": cookie,
    }  # fmt: skip
    kept: list[tuple[str, str]] = []
    body = b"".join(site(environ, lambda status, headers, *_: kept.extend(headers)))
    assert body == b"x", body
    return kept


def tables_of_pydal(folder: str) -> None:
    """Define the six tables as a model of pydal does."""
    db = pydal.DAL("sqlite://peer.sqlite", folder=folder)
    field, short = pydal.Field, dict(length=512, default="")
    person = [
        field(n, **short) for n in ("first_name", "last_name", "email", "registration_key", "registration_id")
    ]
    db.define_table("auth_user", *person, field("password", "password"), field("reset_password_key", **short))
    db.define_table("auth_group", field("role", **short), field("description", "text"))
    db.define_table(
        "auth_membership", field("user_id", "reference auth_user"), field("group_id", "reference auth_group")
    )
    db.define_table(
        "auth_permission",
        field("group_id", "reference auth_group"),
        field("name"),
        field("table_name"),
        field("record_id", "integer"),
    )
    db.define_table(
        "auth_event",
        field("time_stamp", "datetime"),
        field("client_ip"),
        field("user_id", "reference auth_user"),
        field("origin"),
        field("description", "text"),
    )
    db.define_table(
        "auth_cas",
        field("user_id", "reference auth_user"),
        field("created_on", "datetime"),
        field("service"),
        field("ticket"),
        field("renew", "boolean"),
    )
    db.close()


def cost(works: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Return the lowest CPU microseconds of each work, measured in turns."""
    best = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):
        for name, work in works.items():
            begun = time.process_time()
            for _ in range(REQUESTS):
                work()
            best[name] = min(best[name], (time.process_time() - begun) / REQUESTS * 1e6)
    return best


def main() -> None:
    """Print the figures."""
    logging.disable(logging.CRITICAL)
    root = Path(tempfile.mkdtemp(prefix="bench-auth-"))
    build(root)
    site = Application(root, development=False)
    cookies = [
        value.split(";")[0] for name, value in ask(site, "/auth/default/enter") if name == "Set-Cookie"
    ]
    folder = tempfile.mkdtemp(prefix="bench-auth-peer-")
    works: dict[str, Callable[[], Any]] = {
        "plain": lambda: ask(site, "/plain/default/index"),
        "auth": lambda: ask(site, "/auth/default/index"),
        "known": lambda: ask(site, "/auth/default/index", "; ".join(cookies)),
        "pydal": lambda: tables_of_pydal(folder),
    }
    for work in works.values():
        for _ in range(30):
            work()
    best = cost(works)
    added = best["auth"] - best["plain"]
    print(f"request without a database object used: {best['plain']:.0f} us")
    print(
        f"Auth(db) and define_tables add:         {added:.0f} us, {best['pydal'] / added:.0f} times less than pydal's {best['pydal']:.0f}"
    )
    print(
        f"a visitor who is logged in adds:        {best['known'] - best['auth']:.0f} us (reads the session)"
    )


if __name__ == "__main__":
    main()
