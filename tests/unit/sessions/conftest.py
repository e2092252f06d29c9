"""A site folder, and visitors whose requests go through the session frame only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from runtime import dal
from runtime.foundation.storage import Storage
from runtime.sessions import Session, cleaner, frame, habits
from runtime.sessions.cookies import ResponseCookies
from runtime.sessions.range_locks import LOCKS


class FakeRequest(Storage):
    """The parts of a request that sessions look at."""

    @property
    def _environ(self) -> dict[str, Any]:
        return self["environ"]


class FakeResponse(Storage):
    def __missing__(self, key: Any) -> Any:
        if key == "cookies":
            self["cookies"] = ResponseCookies(self.get("session_id_name"))
            return self["cookies"]
        return None


class Visitor:
    """One browser: keeps the cookies it is given."""

    def __init__(self, root: Path, client: str = "127.0.0.1") -> None:
        self.root = root
        self.client = client
        self.jar: dict[str, str] = {}
        self.answer = ResponseCookies()

    @contextmanager
    def request(
        self,
        app: str = "myapp",
        function: str = "index",
        connect: Callable[[Session, Any, Any], None] | None = None,
        **begin: Any,
    ) -> Iterator[Session]:
        """One request from binding to the end; an exception loses everything, as in the application object."""
        request = FakeRequest(
            application=app,
            controller="default",
            function=function,
            method="GET",
            client=self.client,
            is_https=False,
            folder=str(self.root / "applications" / app) + "/",
            cookies=SimpleCookie("; ".join(f"{k}={v}" for k, v in self.jar.items())),
            environ={"PATH_INFO": f"/{app}/default/{function}", "HTTP_COOKIE": "; ".join(self.jar)},
        )
        response = FakeResponse()
        session = Session()
        frame.begin(session, request, response, str(self.root), **begin)
        dal.begin_request()
        committed = False
        try:
            frame.start(session)
            if connect is not None:
                connect(session, request, response)
            yield session
            frame.check(session)
            dal.finish(commit=True)
            committed = True
            frame.finish(session)
            self.answer = response["cookies"]
            self.response = response
            self.jar.update({name: morsel.value for name, morsel in self.answer.items()})
        finally:
            if not committed:
                dal.finish(commit=False)
            frame.end(session)

    def get(self, name: str, **options: Any) -> Any:
        """Read one item in a request of its own."""
        with self.request(**options) as session:
            return session[name]

    def put(self, name: str, value: Any, **options: Any) -> None:
        """Set one item in a request of its own."""
        with self.request(**options) as session:
            session[name] = value


class Site:
    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "applications" / "myapp").mkdir(parents=True)

    def visitor(self, **options: Any) -> Visitor:
        return Visitor(self.root, **options)

    def files(self, app: str = "myapp") -> list[Path]:
        """All session files of an application, with anything else that lies there but the file of the locks."""
        folder = self.root / "applications" / app / "sessions"
        return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != LOCKS)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    for module, name in ((cleaner, "_CALLBACKS"), (cleaner, "_METHODS"), (habits, "_shares")):
        monkeypatch.setattr(module, name, {})
    return Site(tmp_path)


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return site.visitor()
