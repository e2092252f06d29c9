"""Login services that were closed: importable, and one helpful error when used."""

from __future__ import annotations

import logging
import os
from typing import Any, ClassVar

from runtime.foundation.current import current
from runtime.tools.absent import discontinued

logger = logging.getLogger("web2py.auth")

_OPENID_CONNECT = "OAuth 2.0 with gluon.contrib.login_methods.oauth20_account"


class _Closed:
    """A login form whose service is gone.

    Raises:
        Discontinued: when it is made.
    """

    why: ClassVar[str] = "its service was closed"
    instead: ClassVar[str] = _OPENID_CONNECT

    def __init__(self, *args: Any, **named: Any) -> None:
        discontinued(type(self).__name__, self.why, self.instead)


class RPXAccount(_Closed):
    """Janrain (LIB-49)."""

    why = "the login broker Janrain was closed"


class BrowserID(_Closed):
    """Mozilla Persona (LIB-35)."""

    why = "Mozilla Persona was closed in 2016"


class Loginza(_Closed):
    """Loginza (LIB-43)."""

    why = "the login broker Loginza was closed"


class DropboxAccount(_Closed):
    """The first interface of Dropbox (LIB-37)."""

    why = "Dropbox closed the interface that it used"


class LinkedInAccount(_Closed):
    """The first interface of LinkedIn (LIB-42)."""

    why = "LinkedIn closed the interface that it used"


class GaeGoogleAccount(_Closed):
    """Accounts of the first App Engine (LIB-40)."""

    why = "it worked inside of the first App Engine only"


class OpenIDAuth(_Closed):
    """OpenID 1 and 2 (LIB-47)."""

    why = "providers closed OpenID 1 and 2"


class OneallAccount(_Closed):
    """OneAll (LIB-46)."""

    why = "no maintained package speaks to the login broker OneAll"


_told: set[str] = set()


def _settings_file(filename: str) -> str:
    return os.path.join(current.request.folder, filename)


def use_janrain(auth: Any, filename: str = "private/janrain.key", **named: Any) -> None:
    """Do nothing: scaffolding calls this in every application, most of which have no such key.

    Where the key file exists, the log says once that the service is gone; the
    usual login form stays.
    """
    path = _settings_file(filename)
    if os.path.exists(path) and path not in _told:
        _told.add(path)
        logger.warning("%s is not used: the login broker Janrain was closed. Use %s.", path, _OPENID_CONNECT)


def use_oneall(auth: Any, filename: str = "private/oneall.key", **named: Any) -> None:
    """Do nothing, as `use_janrain`."""
    path = _settings_file(filename)
    if os.path.exists(path) and path not in _told:
        _told.add(path)
        logger.warning(
            "%s is not used: no maintained package speaks to OneAll. Use %s.", path, _OPENID_CONNECT
        )
