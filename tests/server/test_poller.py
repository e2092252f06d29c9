"""CLI-19: waiting for sockets, once for each time that somebody asks for it."""

from __future__ import annotations

import select
import socket
from typing import Any

import pytest

from runtime.server.poller import Poller

pytestmark = pytest.mark.skipif(not hasattr(select, "epoll"), reason="this system has no epoll")


class Side:
    """One side of a connection, as the network loop sees it."""

    accepting = False

    def __init__(self, opened: socket.socket) -> None:
        self.socket = opened
        self.wanted, self.unsent = True, False
        self.heard: list[Any] = []

    def readable(self) -> bool:
        return self.wanted

    def writable(self) -> bool:
        return self.unsent

    def handle_read_event(self) -> None:
        self.heard.append(self.socket.recv(100))

    def handle_write_event(self) -> None:
        self.heard.append("may send")

    def handle_close(self) -> None:
        self.heard.append("closed")


@pytest.fixture
def pair() -> Any:
    ours, theirs = socket.socketpair()
    poller = Poller()
    yield poller, Side(ours), theirs
    poller.close()
    ours.close()
    theirs.close()


def test_what_is_wanted_no_more_is_left_in_the_socket(pair: Any) -> None:
    """A request runs: what its client sends meanwhile, or that it sends no more, is for later."""
    poller, side, theirs = pair
    sockets = {side.socket.fileno(): side}
    poller.round(0, sockets)
    side.wanted = False
    theirs.sendall(b"more")
    poller.round(1, sockets)
    poller.round(0, sockets)
    assert side.heard == []
    side.wanted = True
    poller.listen(side.socket.fileno(), side)
    poller.round(1, sockets)
    assert side.heard == [b"more"]


def test_each_event_is_told_once(pair: Any) -> None:
    poller, side, theirs = pair
    sockets = {side.socket.fileno(): side}
    side.unsent = True
    poller.round(1, sockets)
    side.unsent = False
    poller.round(0, sockets)
    theirs.sendall(b"a")
    poller.round(1, sockets)
    assert side.heard == ["may send", b"a"]


def test_a_new_socket_with_the_number_of_an_old_one(pair: Any) -> None:
    """The system gives the lowest free number: that of the connection just closed."""
    poller, side, theirs = pair
    number = side.socket.fileno()
    poller.round(0, {number: side})
    side.socket.close()
    theirs.close()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        new = Side(ours)
        if ours.fileno() != number:
            pytest.skip("another thread took the number")
        poller.listen(number, side)  # a thread that did not know
        poller.round(0, {number: new})
        theirs.sendall(b"b")
        poller.round(1, {number: new})
        poller.round(0, {number: new})
        assert new.heard == [b"b"]


def test_numbers_of_closed_sockets_are_forgotten(pair: Any) -> None:
    poller, side, _ = pair
    for _ in range(100):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            poller.round(0, {ours.fileno(): Side(ours), side.socket.fileno(): side})
    assert len(poller._watched) < 20
    poller.listen(-1, side)
    poller.round(0, {side.socket.fileno(): side})
