"""Waiting for sockets with Linux's epoll, in the place of waitress's `poll`."""

from __future__ import annotations

import contextlib
import select
import time
from collections.abc import Iterable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.wasyncore import readwrite


class Poller:
    """The sockets that a network loop waits for, each until it has something to tell once.

    waitress asks every socket in every round what to wait for, and a thread that has given an answer
    wakes the loop, so that it asks again. Here the thread itself says that its connection is to be
    waited for again: no thread is woken for that, and idle connections cost nothing.

    Raises:
        AttributeError: there is no epoll on this system.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._watched: dict[int, tuple[Any, int]] = {}
        """By descriptor: the socket's dispatcher, and what it is waited for at least."""
        self._touched: set[int] = set()
        """Descriptors of connections that may wait for something else than before."""
        self._ask_all_at = 0.0
        """When to ask every socket again."""

    def round(self, seconds: float, sockets: dict[int, Any]) -> None:
        """Wait until something happens, and let the dispatchers of `sockets` deal with it.

        Args:
            seconds: to wait at most; every socket is asked as often, as some change by the clock.
            sockets: dispatchers by descriptor.
        """
        for descriptor, dispatcher in self._to_ask(seconds, sockets):
            wanted = _readable(dispatcher) | _writable(dispatcher)
            known, watched = self._watched.get(descriptor, (None, 0))
            if wanted and (known is not dispatcher or wanted & ~watched):
                self._watch(descriptor, dispatcher, wanted)
        for descriptor, events in self._epoll.poll(seconds):
            dispatcher = sockets.get(descriptor)
            if dispatcher is not None:
                self._watched[descriptor] = dispatcher, 0
                # What is not wanted now was asked for too early; it is asked for again in its time.
                unwanted = 0 if _readable(dispatcher) else _READ
                readwrite(dispatcher, events & ~unwanted)
                self._touch(descriptor, dispatcher, sockets)

    def _to_ask(self, seconds: float, sockets: dict[int, Any]) -> Iterable[tuple[int, Any]]:
        """Return the sockets that may wait for something else than in the round before."""
        touched, self._touched = self._touched, set()
        now = time.monotonic()
        if now < self._ask_all_at:
            return [(number, sockets[number]) for number in touched if number in sockets]
        self._ask_all_at = now + seconds
        self._watched = {number: self._watched[number] for number in sockets if number in self._watched}
        return list(sockets.items())

    def _touch(self, descriptor: int, dispatcher: Any, sockets: dict[int, Any]) -> None:
        """Note that something has happened to a socket: a connection says what it waits for now."""
        if descriptor in sockets and isinstance(dispatcher, HTTPChannel):
            self._touched.add(descriptor)
        else:  # a new connection, a closed one that had kept others out, somebody who woke the loop
            self._ask_all_at = 0.0

    def listen(self, descriptor: int, dispatcher: Any) -> None:
        """Wait for what the other side sends, in any thread; nothing happens when the loop has closed it."""
        self._watched[descriptor] = dispatcher, _READ  # first: an event that comes at once takes it back
        with contextlib.suppress(OSError, ValueError):
            self._epoll.modify(descriptor, _READ | select.EPOLLONESHOT)

    def close(self) -> None:
        """Give the epoll back."""
        self._epoll.close()

    def _watch(self, descriptor: int, dispatcher: Any, wanted: int) -> None:
        is_known = self._watched.get(descriptor, (None, 0))[0] is dispatcher
        self._watched[descriptor] = dispatcher, wanted
        try:
            (self._epoll.modify if is_known else self._epoll.register)(
                descriptor, wanted | select.EPOLLONESHOT
            )
        except FileExistsError:  # another socket had the number
            self._epoll.modify(descriptor, wanted | select.EPOLLONESHOT)


_READ = select.EPOLLIN | select.EPOLLPRI if hasattr(select, "epoll") else 0
_WRITE = select.EPOLLOUT if hasattr(select, "epoll") else 0


def _readable(dispatcher: Any) -> int:
    return _READ if dispatcher.readable() else 0


def _writable(dispatcher: Any) -> int:
    return _WRITE if dispatcher.writable() and not dispatcher.accepting else 0
