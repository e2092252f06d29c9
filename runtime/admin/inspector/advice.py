"""In the child: what a person should know about an application that loads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from pydal.validators import IS_EMPTY_OR, DefaultValidatorProxy

from runtime.admin.inspector.application import Application
from runtime.dal.passwords import CRYPT

_CUTTING = ("postgres", "mysql")
"""Engines whose columns hold what their length says, and no more."""


def advice_for(application: Application) -> str:
    """Return what to mend although the application loads, as the rest of a sentence; "" when all is well."""
    if application.problem is not None:
        return ""
    return "; and ".join(part for part in (_about_links(application), _about_hashes(application)) if part)


def _about_links(application: Application) -> str:
    """Tell of mails whose links lead where a request says."""
    if "runtime.tools.auth" not in sys.modules:
        return ""
    from runtime.tools.auth import Auth
    from runtime.tools.auth.hosts import ADVICE, are_named

    request = application.environment.get("request")
    for one in list(application.environment.values()):
        if isinstance(one, Auth) and _sends(one) and not are_named(request, one.settings):
            return f"its mails hold links, and whoever forges a request chooses where they lead: {ADVICE}"
    return ""


def _sends(auth: Any) -> bool:
    """Tell whether mails reach other people, and not the log alone."""
    try:
        server = str(auth.settings.mailer.settings.server or "")
    except AttributeError:  # a mailer of the application's own, or none
        return False
    return bool(server) and server.partition(":")[0] != "logging"


def _about_hashes(application: Application) -> str:
    """Tell of fields for passwords that are shorter than a hash."""
    for db in application.databases().values():
        if db._adapter.dbengine not in _CUTTING:
            continue
        for field in (field for name in db.tables for field in db[name] if field.type == "password"):
            needed = max(_hash_lengths(field.requires), default=0)
            if needed > field.length:
                return (
                    f"{field} has length={field.length}, the hash of a password takes {needed} characters, "
                    "and none can be stored: leave the length out of its definition, or write length=512"
                )
    return ""


def _hash_lengths(rule: Any) -> Iterator[int]:
    """Yield the lengths of the hashes that a validator, or several, make."""
    if isinstance(rule, (list, tuple)):
        for one in rule:
            yield from _hash_lengths(one)
    elif isinstance(rule, CRYPT):
        with suppress(ValueError):  # an algorithm that nobody knows is told when a password comes
            yield rule.length
    elif isinstance(rule, DefaultValidatorProxy):
        yield from _hash_lengths(rule.obj)
    elif isinstance(rule, IS_EMPTY_OR):
        yield from _hash_lengths(rule.other)
