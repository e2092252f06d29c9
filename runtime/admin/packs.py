"""Packs: an application as one gzipped tar, ``.w2p`` (PACK-01..03)."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError

RUNTIME_FOLDERS = ("sessions", "errors", "cache")
"""Never packed: what a running application leaves behind."""
DATA_FOLDERS = ("databases", "uploads")
"""Packed only when asked for."""
MAX_FILES = 50_000
MAX_BYTES = 2 * 1024**3
_SKIPPED_ENDINGS = (".pyc", ".pyo", ".tmp", "~")


class PackError(UserError):
    """A pack can not be made or unpacked; the text says which entry and why."""


@dataclass(frozen=True, slots=True)
class PackEntry:
    """One file of a pack: its path below the application and its size in bytes."""

    path: str
    size: int


def pack_application(folder: Path, target: Path, *, with_data: bool = False) -> list[PackEntry]:
    """Write the application in `folder` to the pack `target`, in one step.

    The same files give the same bytes: entries are sorted and carry no owner.

    Args:
        folder: the application.
        target: the pack to write, usually ending in ``.w2p``.
        with_data: True packs databases and uploads too.

    Returns:
        What was packed.

    Raises:
        PackError: `folder` is no application.
        OSError: a file can not be read, or the pack not be written.
    """
    if not (folder / "controllers").is_dir() and not (folder / "compiled").is_dir():
        raise PackError(f"{folder} is no application: it has no controllers folder")
    entries: list[PackEntry] = []
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for name, path in _files(folder, with_data):
            info = tarfile.TarInfo(name)
            stat = path.stat()
            info.size, info.mtime, info.mode = stat.st_size, int(stat.st_mtime), 0o644
            with path.open("rb") as stream:
                tar.addfile(info, stream)
            entries.append(PackEntry(name, stat.st_size))
    write_atomic(target, buffer.getvalue())
    return entries


def _files(folder: Path, with_data: bool) -> Iterator[tuple[str, Path]]:
    left_out = set(RUNTIME_FOLDERS) | (set() if with_data else set(DATA_FOLDERS))
    for parent, names, files in os.walk(folder):
        top = Path(parent) == folder
        names[:] = sorted(
            n for n in names if n != "__pycache__" and n[0] != "." and not (top and n in left_out)
        )
        for name in sorted(files):
            path = Path(parent) / name
            if not name.startswith(".") and not name.endswith(_SKIPPED_ENDINGS) and path.is_file():
                yield path.relative_to(folder).as_posix(), path


def read_pack(pack: Path) -> list[PackEntry]:
    """List what `pack` holds, after checking every entry; nothing is written.

    Raises:
        PackError: the pack is broken, too large, or holds an entry that would
            land outside of the application, a link, a device, or a name twice.
    """
    try:
        with tarfile.open(pack, "r:*") as tar:
            return [PackEntry(name, member.size) for name, member in _checked(tar, pack)]
    except (tarfile.TarError, OSError, EOFError, gzip.BadGzipFile) as error:
        raise PackError(f"{pack.name} can not be read as a pack: {error}") from error


def _checked(tar: tarfile.TarFile, pack: Path) -> list[tuple[str, tarfile.TarInfo]]:
    out: list[tuple[str, tarfile.TarInfo]] = []
    seen: set[str] = set()
    total = 0
    for member in tar:
        if member.isdir():
            continue
        name = _entry_name(member.name, pack)
        if not member.isreg():
            raise PackError(f"{pack.name}: {member.name} is a link or device; nothing was unpacked")
        if name.lower() in seen:
            raise PackError(f"{pack.name}: {name} is in it twice, up to case; nothing was unpacked")
        seen.add(name.lower())
        total += member.size
        if len(out) >= MAX_FILES or total > MAX_BYTES:
            raise PackError(f"{pack.name} is too large: more than {MAX_FILES} files or {MAX_BYTES} bytes")
        out.append((name, member))
    return out


def _entry_name(name: str, pack: Path) -> str:
    path = PurePosixPath(name)
    parts = [part for part in path.parts if part != "."]
    if path.is_absolute() or ".." in parts or not parts or any(c in name for c in "\\\0:"):
        raise PackError(f"{pack.name}: {name!r} would land outside of the application; nothing was unpacked")
    return "/".join(parts)


def unpack(pack: Path, folder: Path, scratch: Path) -> None:
    """Unpack `pack` as the new folder `folder`: whole, or not at all.

    Args:
        pack: the pack.
        folder: must not exist yet.
        scratch: folder on the same disk where the files wait until all are there.

    Raises:
        PackError: see `read_pack`; or `folder` exists.
        OSError: no space, no permission.
    """
    if folder.exists():
        raise PackError(f"{folder} exists already")
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="unpack-", dir=scratch) as temporary:
        root = Path(temporary) / folder.name
        root.mkdir()
        try:
            with tarfile.open(pack, "r:*") as tar:
                for name, member in _checked(tar, pack):
                    target = root / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    source = tar.extractfile(member)
                    if source is not None:
                        with source, target.open("xb") as out:
                            while block := source.read(1 << 20):
                                out.write(block)
        except (tarfile.TarError, EOFError, gzip.BadGzipFile) as error:
            raise PackError(f"{pack.name} can not be read as a pack: {error}") from error
        os.rename(root, folder)
