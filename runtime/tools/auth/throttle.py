"""Growing waits after failed logins, by address and by user and address, for all processes of a site."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

from runtime.tools.attempts import Attempts, Kind, attempts_of

BY_USER = Kind("user", free=5)
"""Failures of one user name from one address."""

BY_ADDRESS = Kind("address", free=20)
"""Failures of one address, whatever names it tries."""

MAILS = Kind("mail", free=3)
"""Mails with links to one address of mail."""


def claim(request: Any, name: str) -> float:
    """Count a login that is about to be checked; return the seconds to wait when it may not be, 0 else.

    Args:
        request: the running one.
        name: of the user, as typed.
    """
    return _attempts(request).claim(*_keys(request, name))


def succeeded(request: Any, name: str) -> None:
    """Forget the failures of a user, and the attempt of the address: the login was right."""
    user, address = _keys(request, name)
    attempts = _attempts(request)
    attempts.forgive(*user)
    attempts.forgive(*address, count=1)


def may_mail(request: Any, address: str) -> bool:
    """Tell whether one more mail with a link may go to an address, and count it."""
    return _attempts(request).claim((MAILS, f"{request.application}\n{address.lower()}")) <= 0


def network(client: str) -> str:
    """Return what counts as one address: of IPv6 the 64 bits that a provider gives to one customer."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return client


def _attempts(request: Any) -> Attempts:
    return attempts_of(Path(request.folder).parent.parent)


def _keys(request: Any, name: str) -> tuple[tuple[Kind, str], tuple[Kind, str]]:
    place = f"{request.application}\n{network(str(request.client))}"
    return (BY_USER, f"{place}\n{name.lower()}"), (BY_ADDRESS, place)
