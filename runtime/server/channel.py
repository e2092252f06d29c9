"""Connections whose short answers leave in one piece."""

from __future__ import annotations

from functools import lru_cache

from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from runtime.foundation.dates import http_date

_OF_THE_SERVER = frozenset(("Server", "Date", "Via", "Connection"))


class Task(WSGITask):  # type: ignore[misc] # waitress has no types
    """One request.

    waitress sends the head of an answer, then its body: two system calls, two packets. Nearly all
    pages are one piece of a known length: here it goes out with its head.
    """

    wrote_header: bool

    def write(self, data: bytes) -> None:
        """Hand over a piece of the body; the first one with the head before it."""
        whole = (
            self.complete
            and not self.wrote_header
            and data
            and len(data) == self.content_length
            and self.has_body
        )
        if not whole:
            super().write(data)
            return
        head = self.build_response_header()
        self.wrote_header = True
        self.content_bytes_written += len(data)
        self.channel.write_soon(head + data)

    def build_response_header(self) -> bytes:
        """Return the head; the usual one (HTTP/1.1, length known, connection kept) in one pass."""
        usual = (
            self.version == "1.1"
            and self.content_length is not None
            and "CONNECTION" not in self.request.headers
            and not self.close_on_finish
            and self.has_body
        )
        lines = [f"HTTP/1.1 {self.status}"]
        if usual:
            for name, value in self.response_headers:
                proper = _proper(name)
                if proper in _OF_THE_SERVER:
                    usual = False
                    break
                lines.append(f"{proper}: {value}")
        if not usual or not any(line.startswith("Content-Length:") for line in lines):
            head: bytes = super().build_response_header()
            return head
        lines.append(f"Date: {http_date()}")
        if ident := self.channel.server.adj.ident:
            lines.append(f"Server: {ident}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Channel(HTTPChannel):  # type: ignore[misc] # waitress has no types
    """One connection."""

    task_class = Task

    def service(self) -> None:
        """Answer a request, in a worker thread."""
        self.server.answering.channel = self
        try:
            super().service()
        finally:
            self.server.answering.channel = None


@lru_cache(maxsize=512)
def _proper(name: str) -> str:
    """Return a header's name as it is usually written."""
    return "-".join(part.capitalize() for part in name.split("-"))
