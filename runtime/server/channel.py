"""Connections whose answers leave from the thread that made them."""

from __future__ import annotations

from waitress.channel import HTTPChannel
from waitress.task import WSGITask


class Task(WSGITask):  # type: ignore[misc] # waitress has no types
    """One request. Head and body of a short answer leave in one piece.

    waitress lets the network loop send what is short: it wakes the loop, which looks at all
    connections, finds this one ready to take data, sends, and looks again. The worker can do that
    itself, and the client has its answer two steps earlier. What the socket does not take at once
    is left to the loop, as before.
    """

    def write(self, data: bytes) -> None:
        """Hand over a piece of the body; the first one with the head before it."""
        if self.wrote_header or not data or not self.complete or self.chunked_response:
            super().write(data)
            return
        length = self.content_length
        if length is None or len(data) != length or not self.has_body:
            super().write(data)
            return
        head = self.build_response_header()
        self.wrote_header = True
        self.content_bytes_written += len(data)
        self.channel.write_soon(head + data)

    def finish(self) -> None:
        """End the answer and send it."""
        super().finish()
        self.channel.send_now()


class Channel(HTTPChannel):  # type: ignore[misc] # waitress has no types
    """One connection."""

    task_class = Task

    def send_now(self) -> None:
        """Send from the calling worker what the socket takes without waiting."""
        if self.total_outbufs_len:
            with self.outbuf_lock:
                self._flush_exception(self._flush_some, do_close=False)
