"""Ports for servers that tests start and that want a number beforehand."""

from __future__ import annotations

import random
import socket

_CHANCE = random.SystemRandom()  # Hypothesis gives the usual one the same seed in every process


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens.

    It lies below those that systems give to outgoing connections (32768 and up on Linux, 49152 elsewhere): no
    request of another test can take it before the server does.
    """
    while True:
        port = _CHANCE.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
