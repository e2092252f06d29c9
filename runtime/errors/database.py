"""Tickets in a database table (ERR-11, SITE-04).

An application whose ``private/ticket_storage.txt`` holds an address such as ``postgres://user:word@host/db``
keeps its tickets in the table ``web2py_ticket_NAME`` of that database: `ticket_id`, `ticket_data`,
`created_datetime`. The data is the same document as in a file; pickles of the old framework are read too.
"""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.errors.safe_values import mask_text
from runtime.errors.ticket import TicketError
from runtime.foundation.paths import APPLICATION_NAME

SETTING = "ticket_storage.txt"
_OPENING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket as the table holds it: its number, the time of its row, its content if asked for."""

    id: str
    time: float
    data: bytes


def storage_address(folder: Path) -> str | None:
    """Return the address of the database for tickets, None when they go to files."""
    try:
        text = (folder / "private" / SETTING).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text or None


class TicketTable:
    """The tickets of one application in its database.

    Args:
        folder: of the application.
        address: of the database.
    """

    def __init__(self, folder: Path, address: str) -> None:
        if APPLICATION_NAME.fullmatch(folder.name) is None:
            raise TicketError(f"{folder.name!r} is no name of an application")
        self._folder, self._address = folder, address
        self._name = f"web2py_ticket_{folder.name}"

    def insert(self, ticket_id: str, data: bytes) -> None:
        """Write a ticket.

        Raises:
            TicketError: the database can not be used.
        """
        with self._open() as table:
            table.insert(
                ticket_id=ticket_id,
                ticket_data=data,
                created_datetime=datetime.datetime.now().replace(microsecond=0),
            )

    def rows(self) -> list[Row]:
        """Return numbers and times of all tickets, without their content."""
        with self._open() as table:
            found = table._db(table.id > 0).select(table.ticket_id, table.created_datetime)
            return [Row(str(row.ticket_id), _seconds(row.created_datetime), b"") for row in found]

    def read(self, ticket_id: str) -> Row | None:
        """Return one ticket, None when there is none of that number."""
        with self._open() as table:
            row = table._db(table.ticket_id == ticket_id).select(limitby=(0, 1)).first()
            if row is None:
                return None
            data = row.ticket_data or b""
            content = data if isinstance(data, bytes) else str(data).encode("utf-8", "surrogateescape")
            return Row(str(row.ticket_id), _seconds(row.created_datetime), content)

    def delete(self, ticket_id: str) -> bool:
        """Remove a ticket; tell whether there was one."""
        with self._open() as table:
            return bool(table._db(table.ticket_id == ticket_id).delete())

    @contextlib.contextmanager
    def _open(self) -> Iterator[Any]:
        """Give the table over a connection of its own: that of the failed request is being rolled back."""
        from pydal import DAL
        from pydal._globals import THREAD_LOCAL

        name = f"tickets-{id(self)}"
        databases = self._folder / "databases"
        try:
            databases.mkdir(parents=True, exist_ok=True)
            with _OPENING:  # making the table twice at once fails
                db = DAL(
                    self._address,
                    folder=str(databases),
                    pool_size=0,
                    attempts=1,
                    db_uid=name,
                )
                try:
                    table = self._table(db)
                except Exception:
                    db.close()
                    raise
        except Exception as error:  # drivers raise what they like
            # pydal lists also what it could not open, and asks each of its list for an adapter
            getattr(THREAD_LOCAL, "_pydal_db_instances_", {}).pop(name, None)
            raise TicketError(f"the database for tickets can not be used: {_short(error)}") from error
        try:
            yield table
            db.commit()
        except Exception as error:
            with contextlib.suppress(Exception):
                db.rollback()
            raise TicketError(f"the database for tickets can not be used: {_short(error)}") from error
        finally:
            with contextlib.suppress(Exception):
                db.close()

    def _table(self, db: Any) -> Any:
        from pydal import Field

        def define(migrate: bool) -> Any:
            return db.define_table(
                self._name,
                Field("ticket_id", length=250),
                Field("ticket_data", "blob"),
                Field("created_datetime", "datetime"),
                migrate=migrate,
                redefine=True,
            )

        table = define(migrate=False)
        try:
            db(table.id < 0).count()
        except Exception:  # it is not there yet
            db.rollback()
            table = define(migrate=True)
            db.commit()
        return table


def _seconds(when: Any) -> float:
    return when.timestamp() if isinstance(when, datetime.datetime) else 0.0


def _short(error: Exception) -> str:
    return mask_text(f"{type(error).__name__}: {error}")[:300]  # drivers repeat the address with its password
