"""Reading and changing stores and sessions, for threads in the background (CA-01, CA-09, DESK-17)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop.background import Context
from runtime.admin import cache as stores
from runtime.admin import sessions
from runtime.admin.inspector import InspectorProblem, Inspectors
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError

from .executors import Executors
from .model import WORKER, WORKERS, Key, Session, Snapshot, Store

PIECE = 25_000  # keys of one answer, so that reading them never holds the window up
WHOLE = 4_000_000


class Server:
    """The running server of a site as the panel asks it; for threads in the background only."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.workers = Executors(site)
        self._client: Any = None
        self._pid = 0

    def call(self, name: str, **arguments: Any) -> Any:
        """Ask the server.

        Raises:
            UserError: there is none, or it can't answer.
        """
        from runtime.server.control import ControlClient
        from runtime.server.control_file import find_running

        found = find_running(self.site)
        if found is None:
            raise NotServing("The server is stopped.")
        if self._client is None or found.pid != self._pid:
            self.close()
            self._client, self._pid = ControlClient(found.address, found.key), found.pid
        return self._client.call(name, timeout=20.0, **arguments)

    def close(self) -> None:
        """Let the connection go."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def end(self) -> None:
        """Let all connections go."""
        self.close()
        self.workers.close()


class NotServing(UserError):
    """There is no running server."""


def read_all(
    server: Server, applications: Sequence[str], known: dict[Any, Any], context: Context
) -> tuple[Snapshot, dict[Any, Any]]:
    """Read all stores of some applications; keys of a store that has not changed are those of before."""
    found: list[Store] = []
    keys: list[Key] = []
    kept: dict[Any, Any] = {}
    serving = True
    history: list[dict[str, Any]] = []
    try:
        history = server.call("cache_history")["samples"]
    except UserError:
        serving = False
    for application in applications:
        context.check()
        for facts in [*_facts(server, application, serving), *server.workers.stores(application)]:
            name = facts["store"]
            mark = _mark(server.site, application, facts)
            before = known.get((application, name))
            fault = ""
            if before is not None and before[0] == mark and mark[0] is not None:
                rows = before[1]
            else:
                rows, fault = _rows(server, application, name, serving, context)
            kept[application, name] = (mark, rows)
            keys += rows
            answers = serving or name.startswith(WORKER)
            found.append(_store_of(facts, rows, fault, _line(history, application, name), answers))
    return Snapshot(time.time(), serving, _summed(found), tuple(keys)), kept


def _facts(server: Server, application: str, serving: bool) -> list[dict[str, Any]]:
    if serving:
        answer: list[dict[str, Any]] = server.call("cache_stores", application=application)
        return answer
    return [one for one in stores.list_stores(server.site, application) if one["store"] == "disk"]


def _mark(site: Path, application: str, facts: dict[str, Any]) -> tuple[Any, ...]:
    """Return what changes when keys of a store change; begins with None where that can't be told."""
    if facts["kind"] not in ("ram", "disk"):
        return (None,)
    changed = 0
    if facts["kind"] == "disk":
        folder = site / "applications" / application / "cache"
        for name in ("cache.sqlite", "cache.sqlite-wal"):
            try:
                changed += (folder / name).stat().st_mtime_ns
            except OSError:
                continue
    return (
        facts["entries"],
        facts["bytes"],
        facts.get("misses"),
        facts.get("evictions"),
        facts["pid"],
        changed,
    )


def _rows(
    server: Server, application: str, store: str, serving: bool, context: Context
) -> tuple[list[Key], str]:
    out: list[Key] = []
    now = time.time()
    try:
        while True:
            context.check()
            if store.startswith(WORKER):
                answer = server.workers.call(
                    store, "cache_rows", application=application, after=len(out), limit=PIECE
                )
            elif store == "disk" or not serving:  # the file can be read without troubling the server
                answer = stores.list_rows(server.site, application, store, after=len(out))
            else:
                answer = server.call(
                    "cache_rows", application=application, store=store, after=len(out), limit=PIECE
                )
            out += [
                Key(application, store, key, kind, size, now - age if age >= 0 else 0.0)
                for key, kind, size, age in answer["rows"]
            ]
            if not answer["more"] or not answer["rows"]:
                return out, ""
    except UserError as error:
        return out, str(error)


def _store_of(
    facts: dict[str, Any], rows: list[Key], fault: str, line: tuple[Any, ...], serving: bool
) -> Store:
    return Store(
        name=facts["store"],
        kind=facts["kind"],
        title=_title(facts),
        entries=len(rows) if rows or facts["kind"] != "memcached" else None,
        size=sum(one.size for one in rows) if rows or facts["kind"] != "memcached" else None,
        hits=facts.get("hits") if serving else None,
        misses=facts.get("misses") if serving else None,
        oldest=min((one.stored for one in rows if one.stored), default=0.0),
        fault=fault,
        line=line,
    )  # fmt: skip


def _title(facts: dict[str, Any]) -> str:
    if facts["kind"] == "ram":
        return f"process {facts['pid']}"
    return "" if facts["kind"] == "disk" else str(facts["title"])


def _summed(found: list[Store]) -> tuple[Store, ...]:
    """Return one store for each name: several applications are added up."""
    out: dict[str, Store] = {}
    for one in found:
        before = out.get(one.name)
        if before is None:
            out[one.name] = one
            continue
        ages = [age for age in (before.oldest, one.oldest) if age]
        out[one.name] = replace(
            before,
            entries=_plus(before.entries, one.entries), size=_plus(before.size, one.size),
            hits=_plus(before.hits, one.hits), misses=_plus(before.misses, one.misses),
            oldest=min(ages, default=0.0), fault=before.fault or one.fault,
            line=tuple(
                (at, rate + other, 0)
                for (at, rate, _), (_, other, _) in zip(before.line, one.line, strict=False)
            ),
        )  # fmt: skip
    return tuple(out.values())


def with_workers(found: Sequence[Store]) -> list[Store]:
    """Return the stores with those of workers added up to one: there may be many of them."""
    workers = [one for one in found if one.name.startswith(WORKER)]
    out = [one for one in found if not one.name.startswith(WORKER)]
    if workers:
        (total,) = _summed([replace(one, name=WORKERS) for one in workers])
        title = workers[0].title if len(workers) == 1 else f"{len(workers)} processes"
        out.append(replace(total, title=title))
    return out


def _plus(first: int | None, second: int | None) -> int | None:
    return second if first is None else first if second is None else first + second


def _line(
    history: list[dict[str, Any]], application: str, store: str
) -> tuple[tuple[float, float, int], ...]:
    """Return look-ups per second over the last quarter of an hour."""
    out = []
    before: tuple[float, int] | None = None
    for sample in history:
        facts = sample["statistics"].get(application, {}).get(store)
        if facts is None:
            continue
        total = facts["hits"] + facts["misses"]
        if before is not None and sample["time"] > before[0]:
            out.append((sample["time"], max(0, total - before[1]) / (sample["time"] - before[0]), 0))
        before = (sample["time"], total)
    return tuple(out)


def look_at(server: Server, key: Key, limit: int) -> dict[str, Any]:
    """Read one value."""
    if key.store == "disk":
        return stores.look(server.site, key.application, key.key, "disk", limit)
    if key.store.startswith(WORKER):
        found: dict[str, Any] = server.workers.call(
            key.store, "cache_look", application=key.application, key=key.key, limit=limit
        )
        return found
    answer: dict[str, Any] = server.call(
        "cache_look", application=key.application, key=key.key, store=key.store, limit=limit
    )
    return answer


def remove(server: Server, application: str, keys: list[str] | None, store: str) -> int:
    """Delete keys, or all with None."""
    if store == "disk":
        return stores.delete_from(server.site, application, keys, store)
    if store.startswith(WORKER):
        return int(server.workers.call(store, "cache_remove", application=application, keys=keys))
    return int(server.call("cache_remove", application=application, keys=keys, store=store))


def delete_keys(server: Server, keys: Sequence[Key], context: Context) -> int:
    """Delete keys of any stores, in pieces that can be called off."""
    groups: dict[tuple[str, str], list[str]] = {}
    for one in keys:
        groups.setdefault((one.application, one.store), []).append(one.key)
    done = count = 0
    for (application, store), names in groups.items():
        for at in range(0, len(names), PIECE):
            context.check()
            piece = names[at : at + PIECE]
            count += remove(server, application, piece, store)
            done += len(piece)
            context.progress(done, len(keys))
    return count


def export_keys(server: Server, keys: Sequence[Key], path: Path, context: Context) -> int:
    """Write keys with their values as JSON."""
    out = []
    for at, one in enumerate(keys):
        context.check()
        facts: dict[str, Any] = {
            "application": one.application, "store": one.store, "key": one.key, "type": one.type,
            "size": one.size, "written": one.stored or None,
        }  # fmt: skip
        try:
            seen = look_at(server, one, WHOLE)
            facts["value"] = json.loads(seen["json"]) if seen.get("json") else seen.get("text")
            if seen.get("base64"):
                facts["base64"] = seen["base64"]
        except (UserError, ValueError) as error:
            facts["fault"] = str(error)
        out.append(facts)
        if at % 50 == 0:
            context.progress(at, len(keys))
    try:
        write_atomic(path, json.dumps(out, indent=1, ensure_ascii=False))
    except OSError as error:
        raise UserError(f"{path} can't be written: {error.strerror or error}.") from error
    return len(out)


def list_sessions(
    site: Path, applications: Sequence[str], inspectors: Inspectors, context: Context
) -> tuple[list[Session], str]:
    """List sessions of files, databases and Redis; tell what can't be listed."""
    out: list[Session] = []
    notes: list[str] = []
    for application in applications:
        context.check()
        offset = 0
        while True:
            page = sessions.list_sessions(site, application, offset=offset, limit=1000)
            out += [
                Session(application, "file", one["id"], one["client"], one["age"], one["size"])
                for one in page["sessions"]
            ]
            offset += len(page["sessions"])
            if not page["sessions"] or offset >= page["total"]:
                break
        try:
            elsewhere = inspectors.of(application).ask("sessions", cancelled=lambda: context.cancelled)
        except InspectorProblem as problem:
            notes.append(f"{application}: only sessions in files are listed. {problem}")
            continue
        if elsewhere["kind"] == "cookie":
            notes.append(
                f"{application} keeps sessions in cookies: they are with the visitors and can't be listed."
            )
        out += [
            Session(application, elsewhere["kind"], one["id"], one["client"], one["age"], one["size"])
            for one in elsewhere["sessions"]
        ]
    out.sort(key=lambda one: one.age if one.age >= 0 else float("inf"))
    return out, "  ".join(notes)


def expire_sessions(
    site: Path, wanted: Sequence[Session], inspectors: Inspectors, server: Server, context: Context
) -> int:
    """End sessions; one that has ended meanwhile is no error."""
    count = 0
    for at, one in enumerate(wanted):
        context.check()
        try:
            if one.kind != "file":
                inspectors.of(one.application).ask("sessions", do="expire", session=one.id)
            else:
                try:
                    server.call("session_expire", application=one.application, session_id=one.id)
                except NotServing:
                    sessions.expire_session(site, one.application, one.id)
            count += 1
        except UserError:
            continue
        if at % 20 == 0:
            context.progress(at, len(wanted))
    return count
