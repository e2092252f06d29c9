"""A server of mails on 127.0.0.1 that keeps what it took, and can be slow or refuse."""

from __future__ import annotations

import socketserver
import threading


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mails.

    Args:
        port: 0 for a free one.
        delay: seconds until it greets; `open` ends the waiting.
        refusing: answers every conversation with 451.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port=0, delay=0.0, refusing=False):
        super().__init__(("127.0.0.1", port), _Conversation)
        self.delay, self.refusing = delay, refusing
        self.open, self.called = threading.Event(), threading.Event()
        self.mails = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"

    def end(self):
        self.open.set()
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        server = self.server
        server.called.set()
        if server.delay:
            server.open.wait(server.delay)
        if server.refusing:
            self.wfile.write(b"451 not now\r\n")
            return
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            word = line.strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b""
                for part in self.rfile:
                    if part == b".\r\n":
                        break
                    text += part
                server.mails.append(text.decode().replace("=\r\n", "").replace("=3D", "="))
                self.wfile.write(b"250 ok\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")
