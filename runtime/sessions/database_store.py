"""Sessions in a database: table ``web2py_session_APP`` (SESS-08..12, AMB-07)."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from runtime.dal import Field
from runtime.foundation.storage import Storage
from runtime.sessions.stores import SessionStore


class DatabaseStore(SessionStore):
    """One row per session, written in the request's own transaction; not locked (SESS-10).

    Args:
        db: any DAL database.
        tablename: beginning of the table's name.
        application: its end: whose sessions these are.
        migrate: passed to the table's definition.
        request: gives the client's address and the time.
    """

    transactional = True

    def __init__(self, db: Any, tablename: str, application: str, migrate: Any, request: Any) -> None:
        name = f"{tablename}_{application}"
        self.request = request
        if name not in db.tables:
            db.define_table(
                name,
                Field("locked", "boolean", default=False),
                Field("client_ip", length=64),
                Field("created_datetime", "datetime"),
                Field("modified_datetime", "datetime"),
                Field("unique_key", length=64),
                Field("session_data", "blob"),
                migrate=migrate,
            )
        self.db = db
        self.table = db[name]

    def new_id(self) -> str:
        """Insert an empty row and return its id and key as one text."""
        now = datetime.datetime.now()
        key = secrets.token_hex(16)
        number = self.table.insert(
            locked=False,
            client_ip=self.request.client,
            created_datetime=now,
            modified_datetime=now,
            unique_key=key,
            session_data=b"",
        )
        return f"{int(number)}:{key}"

    def _row(self, session_id: str) -> Storage | Any:
        number, _, key = session_id.partition(":")
        if not number.isdigit() or not key:
            return None
        rows = self.db((self.table.id == int(number)) & (self.table.unique_key == key)).select(limitby=(0, 1))
        return rows.first()

    def read(self, session_id: str) -> bytes | None:
        """Return the row's data."""
        row = self._row(session_id)
        if row is None or row.session_data is None:
            return None
        data = row.session_data
        return data.encode("latin-1") if isinstance(data, str) else bytes(data)

    def write(self, session_id: str, blob: bytes) -> None:
        """Update the row."""
        number, _, key = session_id.partition(":")
        chosen = self.db((self.table.id == int(number)) & (self.table.unique_key == key))
        chosen.update(session_data=blob, modified_datetime=datetime.datetime.now())

    def delete(self, session_id: str) -> None:
        """Delete the row."""
        row = self._row(session_id)
        if row is not None:
            self.db(self.table.id == row.id).delete()

    def idle_seconds(self, session_id: str, now: float) -> float | None:
        """Return the seconds since the row was written."""
        row = self._row(session_id)
        return None if row is None else now - row.modified_datetime.timestamp()
