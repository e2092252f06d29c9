"""Settings of a hosted application from its environment (LIB-22)."""

from __future__ import annotations

import os
import re
from typing import Any

from runtime.dal import DAL
from runtime.foundation.current import current
from runtime.foundation.problems import UserError

_NAMES = ("DATABASE_URL", r"HEROKU_POSTGRESQL_\w+_URL", r"\w*POSTGRES\w*_URL")


class HerokuError(UserError):
    """The environment names no database."""


def database_url(name: str | None = None) -> str:
    """Return the address of the database in the form that `DAL` takes.

    Args:
        name: variable of the environment; the first of the usual ones by default.

    Raises:
        HerokuError: there is none.
    """
    names = [name] if name else sorted(key for p in _NAMES for key in os.environ if re.fullmatch(p, key))
    for one in ["DATABASE_URL", *names] if not name else names:
        value = os.environ.get(one)
        if value:
            return re.sub(r"^postgresql?://", "postgres://", value)
    raise HerokuError(f"the environment has no {name or 'DATABASE_URL'}: attach a database, or set it")


def get_db(name: str | None = None, pool_size: int = 10, **options: Any) -> DAL:
    """Return the hosted database; sessions are kept in it too, since files of a host do not last.

    Args:
        name: variable of the environment that holds its address.
        pool_size: passed to `DAL`, as are `options`.

    Raises:
        HerokuError: the environment names no database.
    """
    db = DAL(database_url(name), pool_size=pool_size, **options)
    current.session.connect(current.request, current.response, db=db)
    return db
