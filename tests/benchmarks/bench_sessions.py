"""Time of one request's session work, without the rest of a request.

Cases: never touched; read unchanged; counter (lock, write); the same for a
visitor among 10 000 sessions in one folder. Peers of the same run: opening,
reading and unpickling a file; writing a file and renaming it; a plain
dictionary; Redis, where one answers. Prints microseconds (lowest of the
rounds) and ratios. Run it as a script.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import timeit
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runtime.foundation.storage import Storage
from runtime.sessions import RedisSession, Session, frame, habits
from runtime.sessions.cookies import ResponseCookies

ROUNDS, CALLS, MANY = 7, 1000, 10_000
DATA = {"user": {"id": 7, "name": "Ann", "groups": [1, 2]}, "cart": ["a", "b"], "n": 0}


class Request(Storage):
    """The parts of a request that sessions look at."""

    @property
    def _environ(self) -> dict[str, Any]:
        return ENVIRON


ENVIRON = {"PATH_INFO": "/app/default/index", "HTTP_COOKIE": ""}


class Bench:
    """Requests of one visitor of the site `root`."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.request = Request(
            application="app", controller="default", function="index", method="GET", client="127.0.0.1",
            folder=f"{root}/applications/app/", cookies=SimpleCookie(), is_https=False,
        )  # fmt: skip

        self.response = Storage(cookies=ResponseCookies())

    def begin(self) -> Session:
        """A request's new session."""
        session = Session()
        frame.begin(session, self.request, self.response, self.root)
        return session

    def end(self, session: Session) -> None:
        """The rest of the frame."""
        frame.check(session)
        frame.finish(session)
        frame.end(session)

    def untouched(self) -> None:
        """A request that does not know of sessions."""
        self.end(self.begin())

    def read(self) -> None:
        """A request that reads."""
        session = self.begin()
        assert session.user
        self.end(session)

    def write(self) -> None:
        """A request that counts."""
        session = self.begin()
        session.n = (session.n or 0) + 1
        self.end(session)

    def first(self) -> str:
        """A new visitor; returns the id."""
        self.request.cookies = SimpleCookie()
        session = self.begin()
        session.update(DATA)
        self.end(session)
        session_id = str(session._state.session_id)
        self.request.cookies = SimpleCookie(f"session_id_app={session_id}")
        return session_id


def lowest(function: Callable[[], Any]) -> float:
    """Microseconds of one call."""
    return min(timeit.repeat(function, number=CALLS, repeat=ROUNDS)) / CALLS * 1e6


def show(name: str, value: float, peer: float | None = None, peer_name: str = "") -> None:
    """Print one line."""
    ratio = f"  = {value / peer:5.2f} x {peer_name}" if peer else ""
    print(f"{name:44}{value:9.2f} us{ratio}")


def files(root: str) -> None:
    """Sessions in files, against bare file work."""
    bench = Bench(root)
    show("never touched", lowest(bench.untouched))
    session_id = bench.first()
    path = f"{root}/applications/app/sessions/{session_id}"
    habits._shares.clear()

    def plain_read() -> None:
        with open(path, "rb") as stream:
            pickle.loads(stream.read()[35:])  # written by this script

    def plain_write() -> None:
        with open(f"{root}/plain.new", "wb") as stream:
            stream.write(pickle.dumps(DATA))
        os.replace(f"{root}/plain.new", f"{root}/plain")

    floor, written = lowest(plain_read), lowest(plain_write)
    show("  open, read, unpickle", floor)
    show("  write, rename", written)
    read = lowest(bench.read)
    show("read, unchanged", read, floor, "open, read, unpickle")
    write = lowest(bench.write)
    show("counter: lock, verify, write", write, floor + written, "read and write without lock")
    for number in range(MANY):
        Path(f"{path}{number:05}").touch()
    habits._shares.clear()
    show(f"read, {MANY} sessions in the folder", lowest(bench.read), read, "alone in the folder")
    show(f"counter, {MANY} sessions in the folder", lowest(bench.write), write, "alone in the folder")


def redis(root: str) -> None:
    """Sessions in Redis, against bare commands."""
    try:
        from runtime.cache.redis_cache import RConn

        conn = RConn()
        conn.ping()
    except Exception as error:
        print(f"no Redis: {error}")
        return
    bench = Bench(root)
    store = RedisSession(conn, application="bench")
    begin = bench.begin

    def connected() -> Session:
        session = begin()
        session._state.store = store
        return session

    bench.begin = connected  # type: ignore[method-assign]  # the same requests with another store
    session_id = bench.first()
    name = f"w2p:sess:bench:{session_id}"
    habits._shares.clear()
    floor = lowest(lambda: conn.get(name))
    show("  GET", floor)
    show("Redis: read, unchanged", lowest(bench.read), floor, "GET")
    show("Redis: counter", lowest(bench.write), floor, "GET")
    conn.delete(name)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        files(folder)
        redis(folder)
