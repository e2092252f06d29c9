"""A memcached server of a few lines: the text protocol's commands that a cache needs."""

from __future__ import annotations

import socketserver
import threading


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: FakeMemcached = self.server  # type: ignore[assignment]
        while line := self.rfile.readline():
            command, *words = line.decode("ascii").split()
            data = b""
            if command in ("set", "add"):
                data = self.rfile.read(int(words[3]) + 2)[:-2]
            with server.guard:
                self.wfile.write(getattr(self, f"do_{command}")(server, words, data))

    def do_get(self, server, words, data) -> bytes:
        out = b""
        for key in words:
            if key in server.values:
                value = server.values[key]
                out += b"VALUE %s 0 %d\r\n%s\r\n" % (key.encode(), len(value), value)
        return out + b"END\r\n"

    def do_set(self, server, words, data) -> bytes:
        assert len(words[0]) <= 250
        if len(data) > 1_000_000:
            return b"SERVER_ERROR object too large for cache\r\n"
        server.values[words[0]] = data
        server.expiry[words[0]] = int(words[2])
        return b"STORED\r\n"

    def do_add(self, server, words, data) -> bytes:
        return b"NOT_STORED\r\n" if words[0] in server.values else self.do_set(server, words, data)

    def do_delete(self, server, words, data) -> bytes:
        return b"DELETED\r\n" if server.values.pop(words[0], None) is not None else b"NOT_FOUND\r\n"

    def do_incr(self, server, words, data) -> bytes:
        if words[0] not in server.values:
            return b"NOT_FOUND\r\n"
        total = str(int(server.values[words[0]]) + int(words[1])).encode()
        server.values[words[0]] = total
        return total + b"\r\n"


class FakeMemcached(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.values: dict[str, bytes] = {}
        self.expiry: dict[str, int] = {}
        self.guard = threading.Lock()
        self.address = f"127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
