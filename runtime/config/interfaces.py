"""Addresses to listen on, and the text form of several of them (CLI-03, CLI-48, CONF-03)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any, NamedTuple

from runtime.foundation.problems import UserError


class ConfigError(UserError):
    """An option has a value that cannot work; the text names the option and quotes the value."""


class Address(NamedTuple):
    """Where to listen: `ip` without brackets, `port` 0 for any free one."""

    ip: str
    port: int

    @property
    def host(self) -> str:
        """The address as it stands in a URL: IPv6 in square brackets."""
        return f"[{self.ip}]" if ":" in self.ip else self.ip

    @property
    def url(self) -> str:
        """A URL a browser on this machine can open; an address that means "all" becomes loopback."""
        if self.ip in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
            return f"http://{'127.0.0.1' if self.ip == '0.0.0.0' else '[::1]'}:{self.port}/"  # noqa: S104
        return f"http://{self.host}:{self.port}/"

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach it."""
        return not ipaddress.ip_address(self.ip).is_loopback

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def check_port(value: Any, name: str = "port") -> int:
    """Return `value` as a port number.

    Raises:
        ConfigError: no number from 0 to 65535.
    """
    try:
        port = int(str(value).strip())
    except ValueError:
        raise ConfigError(f"{name} {value!r} is no number: give one from 1 to 65535") from None
    if isinstance(value, bool) or not 0 <= port <= 65535:
        raise ConfigError(
            f"{name} {value} is out of range: give a number from 1 to 65535 (0 for any free port)"
        )
    return port


def check_ip(value: Any, name: str = "ip") -> str:
    """Return `value` as a numeric address; `localhost` is understood, brackets are dropped.

    Raises:
        ConfigError: neither an IPv4 nor an IPv6 address.
    """
    text = str(value).strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    if text.lower() == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ConfigError(
            f"{name} {value!r} is no address: give IPv4 like 127.0.0.1 or IPv6 like ::1"
        ) from None


def parse_interfaces(text: str) -> tuple[Address, ...]:
    """Read ``ip1:port1;ip2:port2`` (CLI-48).

    Raises:
        ConfigError: a part is malformed (it is quoted), or asks for TLS.
    """
    if any(character.isspace() for character in text):
        raise ConfigError(f"--interfaces must hold no blanks: {text!r}")
    parts = text.split(";")
    if parts[-1] == "":
        parts.pop()  # a closing semicolon separates nothing
    if not parts:
        raise ConfigError('--interfaces is empty: give "ip:port", several separated by semicolons')
    return _distinct(_parse_part(part) for part in parts)


def _parse_part(part: str) -> Address:
    wrong = f"--interfaces: {part!r} is not ip:port"
    hint = " (IPv6 is written as [::1]:8000)" if part.count(":") > 1 else ""
    if part.startswith("["):
        ip, bracket, rest = part[1:].partition("]")
        if not bracket or not rest.startswith(":") or ":" not in ip:
            raise ConfigError(wrong + hint)
        rest = rest[1:]
    else:
        ip, colon, rest = part.partition(":")
        if not ip or not colon:
            raise ConfigError(wrong + hint)
    port, *tls = rest.split(":")
    try:
        address = Address(check_ip(ip), check_port(port))
    except ConfigError as error:
        raise ConfigError(f"--interfaces: in {part!r}, {error}{hint}") from None
    if len(tls) > 3:
        raise ConfigError(f"--interfaces: {part!r} has too many fields (ip:port:key:cert:ca_cert)")
    if any(tls):
        raise ConfigError(f"--interfaces: {part!r} asks for TLS, which is not available in this version")
    return address


def read_interfaces(value: Any) -> tuple[Address, ...]:
    """Read the options file's list of ``(ip, port)`` (CONF-03); a text is read as on the command line.

    Raises:
        ConfigError: an entry is malformed, or asks for TLS.
    """
    if isinstance(value, str):
        return parse_interfaces(value)
    if not isinstance(value, (list, tuple)) or not value:
        raise ConfigError(f"interfaces {value!r} is no list of (ip, port)")
    found: list[Address] = []
    for entry in value:
        if not isinstance(entry, (list, tuple)) or len(entry) < 2:
            raise ConfigError(f"interfaces: {entry!r} is not (ip, port)")
        if any(entry[2:]):
            raise ConfigError(f"interfaces: {entry!r} asks for TLS, which is not available in this version")
        found.append(Address(check_ip(entry[0]), check_port(entry[1])))
    return _distinct(found)


def _distinct(addresses: Iterable[Address]) -> tuple[Address, ...]:
    found = tuple(addresses)
    for position, address in enumerate(found):
        if address.port and address in found[:position]:
            raise ConfigError(f"interfaces name {address} twice")
    return found
