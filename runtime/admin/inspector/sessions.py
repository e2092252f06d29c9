"""In the child: sessions that an application keeps in a database, in Redis, or in cookies (DESK-17)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from runtime.admin.inspector.application import Application
from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.inspector.reading import fetched
from runtime.admin.inspector.values import blob
from runtime.admin.inspector.work import Work
from runtime.admin.sessions import shown_blob
from runtime.sessions import RedisSession
from runtime.sessions.database_store import DatabaseStore
from runtime.sessions.redis_store import PREFIX

MOST = 10_000


def _store(application: Application) -> Any:
    """Return where the models keep sessions; None for cookies, ``file`` for files."""
    given = application.sessions or {}
    if given.get("cookie_key") is not None:
        return None
    place, name = given.get("db"), given.get("masterapp") or application.name
    if isinstance(place, RedisSession):
        return place.bind(name)
    if hasattr(place, "define_table"):
        return DatabaseStore(place, given["tablename"], name, migrate=False)
    return "file"


def sessions(application: Application, work: Work, *, do: str = "list", **arguments: Any) -> dict[str, Any]:
    """Answer about sessions that are in no files.

    Args:
        do: ``list``; ``show`` or ``expire`` with ``session``; ``expire_all`` with ``idle``, seconds.

    Returns:
        ``kind``: ``file``, ``cookie``, ``database`` or ``redis``; for the last two ``sessions`` (id, client,
        age, size), the forms of one, or ``count``.

    Raises:
        InspectorProblem: there is no such session; the store does not answer.
    """
    store = _store(application)
    if store is None:
        return {"kind": "cookie", "sessions": []}
    if store == "file":
        return {"kind": "file", "sessions": []}
    side: Any = _InDatabase(store) if isinstance(store, DatabaseStore) else _InRedis(store)
    if do == "list":
        return {"kind": side.kind, "sessions": side.listed()}
    if do == "show":
        data = side.read(str(arguments["session"]))
        if data is None:
            raise InspectorProblem("gone", "The session does not exist (any more).")
        site = Path(application.folder).parent.parent
        return {"kind": side.kind, **shown_blob(data, site, int(arguments.get("most", 65536)))}
    if do == "expire":
        return {"kind": side.kind, "count": side.expire([str(arguments["session"])])}
    idle = float(arguments.get("idle", 0))
    chosen = [one["id"] for one in side.listed() if one["age"] >= idle]
    return {"kind": side.kind, "count": side.expire(chosen)}


class _InDatabase:
    kind = "database"

    def __init__(self, store: DatabaseStore) -> None:
        self._db, self._table = store.db, store.table

    def listed(self) -> list[dict[str, Any]]:
        """Return the sessions, the latest used first."""
        table, now = self._table, time.time()
        rows = self._db(table).select(
            table.id,
            table.client_ip,
            table.modified_datetime,
            orderby=~table.modified_datetime,
            limitby=(0, MOST),
        )
        sql = self._db(table)._select(table.id, f"LENGTH({table.session_data.sqlsafe})")
        sizes = dict(fetched(self._db, sql))
        return [
            {
                "id": str(row.id),
                "client": row.client_ip or "",
                "age": max(0.0, now - row.modified_datetime.timestamp()) if row.modified_datetime else -1.0,
                "size": int(sizes.get(row.id) or 0),
            }
            for row in rows
        ]

    def read(self, session_id: str) -> bytes | None:
        """Return the bytes of one session."""
        sql = self._db(self._table.id == int(session_id))._select(self._table.session_data)
        rows = fetched(self._db, sql)
        return blob(rows[0][0]) if rows and rows[0][0] is not None else None

    def expire(self, ids: list[str]) -> int:
        """End sessions."""
        count = int(self._db(self._table.id.belongs([int(one) for one in ids])).delete()) if ids else 0
        self._db.commit()
        return count


class _InRedis:
    kind = "redis"

    def __init__(self, store: RedisSession) -> None:
        self._conn, self._expiry = store.redis_conn, store.session_expiry
        self._prefix = f"{PREFIX}:{store.application}:"

    def listed(self) -> list[dict[str, Any]]:
        """Return the sessions; Redis knows their age only where they expire."""
        out = []
        for name in self._conn.scan_iter(match=f"{self._prefix}*", count=1000):
            text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
            if text.endswith(":lock"):
                continue
            left = int(self._conn.pttl(name))
            age = self._expiry - left / 1000 if self._expiry is not None and left >= 0 else -1.0
            session_id = text[len(self._prefix) :]
            size = int(self._conn.strlen(name))
            out.append({"id": session_id, "client": session_id.rpartition(".")[0], "age": age, "size": size})
            if len(out) >= MOST:
                break
        return sorted(out, key=lambda one: one["age"])

    def read(self, session_id: str) -> bytes | None:
        """Return the bytes of one session."""
        data = self._conn.get(f"{self._prefix}{session_id}")
        return data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data

    def expire(self, ids: list[str]) -> int:
        """End sessions."""
        return int(self._conn.unlink(*(f"{self._prefix}{one}" for one in ids))) if ids else 0
