"""Sessions in a database: table ``web2py_session_APP`` (SESS-08..12, AMB-07)."""

from __future__ import annotations

import datetime
import re
import secrets
from typing import Any

from runtime.dal import Field
from runtime.sessions.stores import TOUCH_AFTER, SessionStore

_ID = re.compile(r"[0-9]{1,18}:[0-9a-f]{32}", re.ASCII)


def define_session_table(db: Any, tablename: str, application: str, migrate: Any = True) -> Any:
    """Return the table that holds the sessions of `application`, defined if it is not yet (SESS-09).

    Args:
        db: any DAL database.
        tablename: beginning of the table's name, ``web2py_session`` by default elsewhere.
        application: its end.
        migrate: passed to the table's definition.
    """
    name = f"{tablename}_{application}"
    if name not in db.tables:
        db.define_table(
            name,
            Field("locked", "boolean", default=False),
            Field("client_ip", length=64),
            Field("created_datetime", "datetime", default=_now),
            Field("modified_datetime", "datetime"),
            Field("unique_key", length=64),
            Field("session_data", "blob"),
            migrate=migrate,
        )
    return db[name]


def _now() -> datetime.datetime:
    return datetime.datetime.now().replace(microsecond=0)


class DatabaseStore(SessionStore):
    """One row per session, written in the request's own transaction; not locked (SESS-10).

    Args:
        db: any DAL database.
        tablename: beginning of the table's name.
        application: its end: whose sessions these are.
        migrate: passed to the table's definition.
    """

    transactional = True

    def __init__(self, db: Any, tablename: str, application: str, migrate: Any = True) -> None:
        self.db = db
        self.table = define_session_table(db, tablename, application, migrate)

    def accepts(self, session_id: str) -> bool:
        """Tell whether `session_id` is the number of a row and its key."""
        return _ID.fullmatch(session_id) is not None

    def belongs_to(self, session_id: str, client: str) -> bool:
        """Tell whether the row was made for the address `client`."""
        row = self._row(session_id)
        return row is not None and row.client_ip == client

    def new_id(self, client: str) -> str:
        """Insert an empty row and return its id and key as one text."""
        key = secrets.token_hex(16)
        number = self.table.insert(
            client_ip=client, modified_datetime=_now(), unique_key=key, session_data=b""
        )
        return f"{int(number)}:{key}"

    def _chosen(self, session_id: str) -> Any:
        number, _, key = session_id.partition(":")
        return self.db((self.table.id == int(number)) & (self.table.unique_key == key))

    def _row(self, session_id: str) -> Any:
        return self._chosen(session_id).select(limitby=(0, 1)).first()

    def read(self, session_id: str) -> bytes | None:
        """Return the row's data."""
        row = self._row(session_id)
        if row is None or row.session_data is None:
            return None
        if row.modified_datetime is None or (_now() - row.modified_datetime).total_seconds() > TOUCH_AFTER:
            self.touch(session_id)
        data = row.session_data
        return data.encode("latin-1") if isinstance(data, str) else bytes(data)

    def write(self, session_id: str, blob: bytes) -> None:
        """Update the row."""
        self._chosen(session_id).update(session_data=blob, modified_datetime=_now())

    def delete(self, session_id: str) -> bool:
        """Delete the row."""
        return bool(self._chosen(session_id).delete())

    def idle_seconds(self, session_id: str, now: float) -> float | None:
        """Return the seconds since the row was written or touched."""
        row = self._row(session_id)
        if row is None or row.modified_datetime is None:
            return None
        return now - float(row.modified_datetime.timestamp())

    def touch(self, session_id: str) -> None:
        """Set the row's time to now."""
        self._chosen(session_id).update(modified_datetime=_now())
