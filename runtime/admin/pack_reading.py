"""Reading packs of any origin: every entry is checked, and how much there is, before anything is written."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import unicodedata
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self, cast

from runtime.foundation.problems import UserError

MAX_FILES = 50_000
MAX_BYTES = 2 * 1024**3
"""Bytes of all files of a pack, unpacked."""
MAX_DEPTH = 40
_MAX_NAME = 240  # bytes of one part of a path; file systems end at 255
_BLOCK = 1 << 20
_MAX_METADATA = 1 << 20  # bytes of one extended header; tarfile reads it as a whole
_ROOM_LEFT = 64 * 1024**2  # bytes that a disk keeps free
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10)))
)
_READ_ERRORS = (tarfile.TarError, OSError, EOFError, zlib.error)


class PackError(UserError):
    """A pack can not be made or unpacked; the text says which entry and why."""


@dataclass(frozen=True, slots=True)
class PackEntry:
    """One file of a pack: its path below the application and its size in bytes."""

    path: str
    size: int


class _Bounded(io.RawIOBase):
    """What stands between the unpacked bytes and `tarfile`: bounds what it reads at once and in all."""

    def __init__(self, source: IO[bytes], name: str, limit: int) -> None:
        self._source, self._name, self._limit = source, name, limit

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size is None or not 0 <= size <= _MAX_METADATA:
            raise PackError(f"{self._name} can not be read as a pack: an entry describes itself at length")
        self._check(self._source.tell() + size)
        return self._source.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0:
            self._check(offset)
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        return self._source.tell()

    def _check(self, end: int) -> None:
        if end > self._limit:
            raise PackError(_too_large(self._name))


class Reading:
    """An open pack whose entries have been checked.

    A pack that holds everything in one folder, as ``tar czf app.tgz app`` makes it, is read as
    though it held that folder's content.

    Args:
        pack: a tar, gzipped or not.

    Attributes:
        members: path below the application and entry of each file.

    Raises:
        PackError: the pack is broken, too large, or holds an entry that would land outside of the
            application, a link, a device, or a name twice.
    """

    def __init__(self, pack: Path) -> None:
        self._name = pack.name
        try:
            self._file = pack.open("rb")
        except OSError as error:
            raise PackError(f"{pack} can not be read: {error.strerror or error}") from error
        try:
            packed = self._file.read(2) == b"\x1f\x8b"
            self._file.seek(0)
            source = cast("IO[bytes]", gzip.GzipFile(fileobj=self._file, mode="rb") if packed else self._file)
            bounded: Any = _Bounded(source, self._name, MAX_BYTES + 4096 * MAX_FILES)
            self._tar = tarfile.open(fileobj=bounded, mode="r:")
            self.members = self._checked()
        except _READ_ERRORS as error:
            self._file.close()
            raise self._broken(error) from error
        except PackError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _broken(self, error: BaseException) -> PackError:
        return PackError(f"{self._name} can not be read as a pack: {error}")

    def _checked(self) -> list[tuple[str, tarfile.TarInfo]]:
        out: list[tuple[str, tarfile.TarInfo]] = []
        total = 0
        entries = 0
        for member in self._tar:
            entries += 1
            total += member.size if member.isreg() else 0
            if entries > 2 * MAX_FILES or len(out) >= MAX_FILES or total > MAX_BYTES:
                raise PackError(_too_large(self._name))
            if member.isdir() and PurePosixPath(member.name).as_posix() == ".":
                continue
            name = _entry_name(member.name, self._name)
            if member.isdir():
                continue
            if not member.isreg():
                raise PackError(f"{self._name}: {member.name} is a link or device; nothing was unpacked")
            out.append((name, member))
        out = _without_top(out)
        self._check_names([name for name, _ in out])
        return out

    def _check_names(self, names: list[str]) -> None:
        """Refuse names that mean one place, here or on a disk that knows no case."""
        seen: dict[str, str] = {}
        folders: dict[str, str] = {}
        for name in names:
            if _folded(name) in seen:
                raise PackError(f"{self._name}: {name} is in it twice, up to case; nothing was unpacked")
            seen[_folded(name)] = name
            for parent in list(PurePosixPath(name).parents)[:-1]:
                text = parent.as_posix()
                if folders.setdefault(_folded(text), text) != text:
                    raise PackError(
                        f"{self._name}: the folder {text} is in it twice, up to case; nothing was unpacked"
                    )
        both = seen.keys() & folders.keys()
        if both:
            raise PackError(f"{self._name}: {seen[min(both)]} is a file and a folder; nothing was unpacked")

    def head(self, name: str, size: int) -> bytes:
        """Return at most the first `size` bytes of the file `name`.

        Raises:
            PackError: it can not be read.
        """
        member = dict(self.members)[name]
        try:
            with cast("IO[bytes]", self._tar.extractfile(member)) as stream:
                return b"".join(iter(lambda: stream.read(min(_BLOCK // 2, size - stream.tell())), b""))
        except _READ_ERRORS as error:
            raise self._broken(error) from error

    def check_room(self, folder: Path) -> None:
        """Check that the files fit on the disk of `folder`.

        Raises:
            PackError: they do not.
        """
        needed = sum(member.size for _, member in self.members)
        free = shutil.disk_usage(folder).free
        if needed + _ROOM_LEFT > free:
            raise PackError(
                f"{self._name} needs {needed // 1024**2 + 1} MB, the disk of {folder} has "
                f"{free // 1024**2} MB left; nothing was unpacked"
            )

    def extract(self, root: Path) -> None:
        """Write all files below the empty folder `root`.

        Raises:
            PackError: one can not be read.
            OSError: one can not be written.
        """
        for name, member in self.members:
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as out:
                for block in self._blocks(member):
                    out.write(block)

    def _blocks(self, member: tarfile.TarInfo) -> Any:
        try:
            with cast("IO[bytes]", self._tar.extractfile(member)) as source:
                while block := source.read(_BLOCK):
                    yield block
        except _READ_ERRORS as error:
            raise self._broken(error) from error


def _too_large(name: str) -> str:
    return f"{name} is too large: more than {MAX_FILES} files or {MAX_BYTES // 1024**3} GB"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _entry_name(name: str, pack: str) -> str:
    path = PurePosixPath(name)
    parts = [part for part in path.parts if part != "."]
    if path.is_absolute() or ".." in parts or not parts or any(c in "\\:" or ord(c) < 32 for c in name):
        raise PackError(f"{pack}: {name!r} would land outside of the application; nothing was unpacked")
    for part in parts:
        if len(os.fsencode(part)) > _MAX_NAME or (os.name == "nt" and _refused_by_windows(part)):
            raise PackError(f"{pack}: {name[:80]!r} can not be a file here; nothing was unpacked")
    if len(parts) > MAX_DEPTH:
        raise PackError(f"{pack}: {name[:80]!r}... lies too deep; nothing was unpacked")
    return "/".join(parts)


def _refused_by_windows(part: str) -> bool:
    stem = part.partition(".")[0].rstrip(" ").lower()
    return stem in _DEVICES or part[-1] in ". " or any(c in '<>"|?*' for c in part)


def _without_top(members: list[tuple[str, tarfile.TarInfo]]) -> list[tuple[str, tarfile.TarInfo]]:
    """Leave out the one folder that everything lies in, when an application lies in it."""
    tops = {name.partition("/")[0] for name, _ in members}
    if len(tops) != 1:
        return members
    top = f"{tops.pop()}/"
    if not any(name.startswith((f"{top}controllers/", f"{top}compiled/")) for name, _ in members):
        return members
    return [(name[len(top) :], member) for name, member in members if name.startswith(top)]
