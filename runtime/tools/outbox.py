"""What waits on the disk until a server of mails has taken it: ``private/outbox`` of the site.

A file per message, whole from its first moment, readable by the owner only. A message belongs to one
process, which holds the lock of its name as long as it lives: nobody else touches it. What a process leaves
behind, however it ended, is taken over by another one of the site: whoever gets the lock of the dead renames
its files.
What could not be sent for good is kept in ``aside/``; moved back by hand, it is sent again.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runtime.foundation.files import write_atomic
from runtime.foundation.locks import LockFile
from runtime.foundation.problems import UserError

logger = logging.getLogger("web2py.outbox")

FOLDER = "private/outbox"
ASIDE = "aside"
MOST = 1000
"""Messages of a site that may wait, and as many that may lie aside: the oldest of these go first."""
LARGEST = 1 << 20
"""Bytes of one message."""

_MAIL, _LOCK = ".mail", ".lock"
_UNOWNED = "unowned"  # whose files were put here by hand
_LEFTOVER_AFTER = 3600.0  # seconds: a temporary file as old belongs to a process that died


class OutboxFull(UserError):
    """A message finds no place; the text says why."""


class Outbox:
    """The messages of one site; methods may be called from any thread, also after a fork.

    Args:
        site: folder of the site.
    """

    def __init__(self, site: str | os.PathLike[str]) -> None:
        self.site = Path(site)
        self._folder = self.site / FOLDER
        self._guard = threading.Lock()
        self._pid = 0
        self._owner = ""
        self._lock: LockFile | None = None

    def put(self, content: dict[str, Any]) -> str:
        """Keep a message of this process; return its name.

        Args:
            content: what JSON can hold.

        Raises:
            OutboxFull: too many are waiting, or it is too large.
            OSError: the folder can not be written.
        """
        data = _data(content)
        if len(data) > LARGEST:
            raise OutboxFull(f"a message of {len(data)} bytes is too large: at most {LARGEST} can wait")
        owner = self._own()
        if sum(1 for _ in self._mails()) >= MOST:
            raise OutboxFull(f"{MOST} messages are waiting in {self._folder}: is there a server of mails?")
        name = f"{owner}.{uuid.uuid4().hex}{_MAIL}"
        self._write(name, data)
        return name

    def change(self, name: str, content: dict[str, Any]) -> None:
        """Replace a message of this process.

        Raises:
            OSError: it can not be written; the old one stays.
        """
        self._write(name, _data(content))

    def remove(self, name: str) -> None:
        """Forget a message of this process: it was sent, or is not to be."""
        with contextlib.suppress(FileNotFoundError):
            (self._folder / name).unlink()
        self._sync()

    def set_aside(self, name: str, content: dict[str, Any] | None = None) -> Path:
        """Keep a message that can not be sent where nobody tries it any more; return its file there.

        Args:
            name: of the message.
            content: what it shall hold from now on.

        Raises:
            OSError: it can not be moved.
        """
        aside = self._folder / ASIDE
        aside.mkdir(mode=0o700, exist_ok=True)
        if content is not None:
            self._write(name, _data(content))
        kept = aside / name.partition(".")[2]
        os.replace(self._folder / name, kept)
        there = sorted(aside.glob(f"*{_MAIL}"), key=lambda path: path.stat().st_mtime)
        for path in there[:-MOST]:
            path.unlink(missing_ok=True)
            logger.warning("%s was removed: more than %d messages lay aside", path, MOST)
        return kept

    def adopt(self) -> list[tuple[str, dict[str, Any]]]:
        """Take over the messages of processes that have ended; return their new names and contents."""
        if not self._folder.is_dir():
            return []
        mine = self._own()
        found = []
        for owner in self._owners() - {mine}:
            lock = LockFile(str(self._folder / f"{owner}{_LOCK}"))
            try:
                lock.take(f"{mine}\n", 0.0)
            except (TimeoutError, OSError):
                continue  # it lives
            try:
                found += [name for path in self._mails(owner) if (name := self._rename(path, mine))]
            finally:
                lock.drop()
        self._clean()
        return [(name, content) for name in found if (content := self._read(name)) is not None]

    def release(self) -> None:
        """Let others take over what this process has not sent; what it puts from now on is its own again."""
        with self._guard:
            if self._lock is not None and self._pid == os.getpid():
                self._lock.drop()
            self._lock, self._pid, self._owner = None, 0, ""

    def forget_parent(self) -> None:
        """Begin anew in a forked process: the parent's lock ends with the parent, whatever lives longer."""
        self._guard = threading.Lock()
        if self._lock is not None:
            self._lock.abandon()
        self._lock, self._pid, self._owner = None, 0, ""

    # -- files ---------------------------------------------------------------------------------------

    def _own(self) -> str:
        """Return the name under which this process keeps messages; its lock is held from now on."""
        with self._guard:
            if self._pid != os.getpid():
                self._folder.parent.mkdir(mode=0o700, exist_ok=True)
                self._folder.mkdir(mode=0o700, exist_ok=True)
                owner = uuid.uuid4().hex
                lock = LockFile(str(self._folder / f"{owner}{_LOCK}"))
                lock.take(f"{os.getpid()}\n", 1.0)
                self._lock, self._owner, self._pid = lock, owner, os.getpid()
            return self._owner

    def _mails(self, owner: str | None = None) -> Iterator[Path]:
        for path in self._folder.glob(f"*{_MAIL}"):
            if owner is None or _owner_of(path.name) == owner:
                yield path

    def _owners(self) -> set[str]:
        locks = {path.stem for path in self._folder.glob(f"*{_LOCK}")}
        return locks | {_owner_of(path.name) for path in self._mails()}

    def _rename(self, path: Path, mine: str) -> str:
        """Make a message ours; return its new name, "" when that can not be done now."""
        name = f"{mine}.{path.name.split('.')[-2]}{_MAIL}"
        try:
            os.rename(path, self._folder / name)
        except OSError as error:
            logger.warning("%s can not be taken over: %s", path, error)
            return ""
        return name

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            content = json.loads((self._folder / name).read_bytes())
            if isinstance(content, dict):
                return content
        except (OSError, ValueError):
            pass  # the error might quote what is secret
        logger.error("the message %s can not be read; it lies in %s", name, self._folder / ASIDE)
        with contextlib.suppress(OSError):
            self.set_aside(name)
        return None

    def _write(self, name: str, data: bytes) -> None:
        write_atomic(self._folder / name, data, mode=0o600)
        self._sync()

    def _sync(self) -> None:
        """Let the folder itself reach the disk, so that a power cut does not undo what was renamed in it."""
        if sys.platform == "win32":
            return
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _clean(self) -> None:
        """Remove halves of messages whose writer was killed."""
        for path in self._folder.glob(".*.tmp"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _LEFTOVER_AFTER:
                    path.unlink()


def _owner_of(name: str) -> str:
    parts = name.split(".")
    return parts[0] if len(parts) == 3 else _UNOWNED


def _data(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")


_sites: dict[str, Outbox] = {}


def _forget_parent() -> None:
    for outbox in _sites.values():
        outbox.forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_parent)


def outbox_of(site: str | os.PathLike[str]) -> Outbox:
    """Return the outbox of a site; one object per process and site."""
    name = os.fspath(site)
    found = _sites.get(name)
    if found is None:
        found = _sites.setdefault(name, Outbox(name))
    return found
