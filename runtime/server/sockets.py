"""Listening sockets of our own, and what goes wrong when one cannot be had (START-05, DEV-07)."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterable
from typing import Any

import psutil

from runtime.config import Address
from runtime.foundation.problems import UserError

_USED_BY_OTHERS = frozenset({5000, 8080})  # first ports of other frameworks: a poor offer (DEV-07)
_OFFER_WITHIN = 200


class BindError(UserError):
    """A listening socket could not be had.

    Attributes:
        kind: ``port_busy``, ``port_forbidden`` or ``address``.
        address: the address that failed.
    """

    kind = "address"

    def __init__(self, text: str, address: Address) -> None:
        super().__init__(text)
        self.address = address


class PortBusy(BindError):
    """Another socket has the port.

    Attributes:
        owner_name, owner_pid: the process that listens there; None when the
            system does not tell.
        next_free: the next port that is free on this address, or None.
    """

    kind = "port_busy"

    def __init__(
        self, address: Address, owner_name: str | None, owner_pid: int | None, next_free: int | None
    ) -> None:
        owner = f"{owner_name or 'a program'} (process {owner_pid})" if owner_pid else "another program"
        offer = f"port {next_free} is free" if next_free else "choose another port"
        super().__init__(f"port {address.port} on {address.ip} is used by {owner}; {offer}", address)
        self.owner_name = owner_name
        self.owner_pid = owner_pid
        self.next_free = next_free


class PortForbidden(BindError):
    """The operating system does not let this user have the port."""

    kind = "port_forbidden"

    def __init__(self, address: Address, next_free: int | None) -> None:
        offer = f"port {next_free} is free" if next_free else "choose a port above 1023"
        super().__init__(
            f"port {address.port} may not be opened by this user "
            f"(ports below 1024 need special rights); {offer}",
            address,
        )
        self.next_free = next_free


class AddressUnavailable(BindError):
    """This machine has no such address."""

    def __init__(self, address: Address, reason: str) -> None:
        super().__init__(
            f"cannot listen on {address.ip}: {reason}; use 127.0.0.1 or an address of this machine", address
        )


def listen_on(addresses: Iterable[Address], backlog: int) -> list[socket.socket]:
    """Open a listening socket for each address: all of them or none.

    Raises:
        PortBusy, PortForbidden, AddressUnavailable: for the first that fails.
    """
    sockets: list[socket.socket] = []
    try:
        for address in addresses:
            sockets.append(_listen(address, backlog))
    except BaseException:
        for opened in sockets:
            opened.close()
        raise
    return sockets


def _listen(address: Address, backlog: int) -> socket.socket:
    try:
        return _open(address, backlog)
    except OSError as error:
        raise _explain(error, address) from error


def _open(address: Address, backlog: int) -> socket.socket:
    """Bind and listen. Both are needed: two sockets may bind one port as long as none listens."""
    family, kind, proto, _, target = socket.getaddrinfo(
        address.ip, address.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_PASSIVE
    )[0]
    opened = socket.socket(family, kind, proto)
    try:
        if os.name == "nt":
            opened.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE"), 1)  # noqa: B009 - absent elsewhere
        else:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(target)
        opened.listen(backlog)
    except BaseException:
        opened.close()
        raise
    opened.setblocking(False)
    return opened


def _explain(error: OSError, address: Address) -> BindError:
    if error.errno == errno.EADDRINUSE:
        name, pid = port_owner(address)
        return PortBusy(address, name, pid, next_free_port(address))
    if error.errno in (errno.EACCES, errno.EPERM):
        if address.port >= 1024 and os.name == "nt":  # Windows answers so when a socket is exclusive
            name, pid = port_owner(address)
            return PortBusy(address, name, pid, next_free_port(address))
        return PortForbidden(address, next_free_port(Address(address.ip, 7999)))
    if isinstance(error, socket.gaierror) or error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return AddressUnavailable(address, "this machine does not have this address")
    return AddressUnavailable(address, error.strerror or str(error))


def next_free_port(address: Address) -> int | None:
    """Return the next port above `address.port` that can be had on its IP now; None: none near."""
    for port in range(address.port + 1, min(address.port + _OFFER_WITHIN, 65535) + 1):
        if port in _USED_BY_OTHERS:
            continue
        try:
            _open(Address(address.ip, port), 1).close()
        except OSError:
            continue
        return port
    return None


def port_owner(address: Address) -> tuple[str | None, int | None]:
    """Return name and process id of the program that listens on the port, as far as this user may know."""
    for pid, local in _listeners():
        if local[1] == address.port and _overlap(local[0], address.ip):
            try:
                return psutil.Process(pid).name(), pid
            except psutil.Error:
                return None, pid
    return None, None


def _overlap(one: str, other: str) -> bool:
    return one == other or one in ("0.0.0.0", "::") or other in ("0.0.0.0", "::")  # noqa: S104 - compared


def _listeners() -> Iterable[tuple[int, Any]]:
    try:
        found = psutil.net_connections(kind="tcp")
        return [(c.pid, c.laddr) for c in found if c.status == psutil.CONN_LISTEN and c.pid]
    except psutil.Error:
        return list(_own_listeners())  # some systems tell only about a user's own processes


def _own_listeners() -> Iterable[tuple[int, Any]]:
    for process in psutil.process_iter():
        try:
            for c in process.net_connections(kind="tcp"):
                if c.status == psutil.CONN_LISTEN:
                    yield process.pid, c.laddr
        except psutil.Error:
            continue
