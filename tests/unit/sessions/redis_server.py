"""A Redis server of the tests' own, on a free port, that can be stopped and started again."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.services import missing


class OwnRedis:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = shutil.which("redis-server")
        if command is None:
            missing("no redis-server is installed")
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(
            [str(command), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the Redis server of the test does not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


@pytest.fixture
def own_redis(tmp_path_factory):
    """A running Redis server that the test may stop and start."""
    server = OwnRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_conn():
    """A client of the Redis on 127.0.0.1:6379; the keys of the test's applications are removed afterwards."""
    redis = pytest.importorskip("redis")
    from runtime.cache.redis_cache import RConn

    conn = RConn("127.0.0.1", 6379)
    try:
        conn.ping()
    except redis.RedisError as error:
        missing(f"no Redis answers on 127.0.0.1:6379: {error}")
    yield conn
    names = [n for p in ("w2p:sess:myapp:*", "w2p:cache:hadrontest*") for n in conn.scan_iter(match=p)]
    if names:
        conn.delete(*names)
