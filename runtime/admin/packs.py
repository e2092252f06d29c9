"""Packs: an application as one gzipped tar, ``.w2p``, with sources or compiled (PACK-01..03)."""

from __future__ import annotations

import gzip
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.database_files import companions, opened
from runtime.admin.pack_reading import PackEntry, PackError, Reading
from runtime.foundation import compiled
from runtime.foundation.compiled import CompiledError
from runtime.foundation.files import open_atomic

RUNTIME_FOLDERS = ("sessions", "errors", "cache")
"""Never packed: what a running application leaves behind."""
DATA_FOLDERS = ("databases", "uploads")
"""Packed only when asked for."""
CODE_FOLDERS = ("models", "controllers", "views")
"""Left out of a compiled pack, which holds ``compiled/`` in their place."""
_SKIPPED_ENDINGS = (".pyc", ".pyo", ".tmp", "~")


@dataclass(frozen=True, slots=True)
class PackSummary:
    """What a pack holds.

    Attributes:
        entries: its files.
        size: bytes of all of them, unpacked.
        kind: ``source``, ``compiled``, ``foreign`` (compiled by the old framework, without
            sources) or ``other`` (no application).
        detail: for what is compiled, the Python that it is for.
    """

    entries: tuple[PackEntry, ...]
    size: int
    kind: str
    detail: str = ""


def pack_application(
    folder: Path, target: Path, *, with_data: bool = False, compiled_only: bool = False
) -> list[PackEntry]:
    """Write the application in `folder` to the pack `target`, in one step.

    The same files give the same bytes: entries are sorted and carry no owner.

    Args:
        folder: the application.
        target: the pack to write, usually ending in ``.w2p``.
        with_data: True packs databases and uploads too; databases of SQLite as of one instant.
        compiled_only: True packs the code compiled by this Python instead of models, controllers and
            views; files of ``modules/`` stay as they are.

    Returns:
        What was packed.

    Raises:
        PackError: `folder` is no application.
        CompileError: there are mistakes in its code.
        OSError: a file can not be read, or the pack not be written.
    """
    if not (folder / "controllers").is_dir() and not (folder / "compiled").is_dir():
        raise PackError(f"{folder} is no application: it has no controllers folder")
    with tempfile.TemporaryDirectory(prefix="compile-") as scratch:
        files = _files(folder, with_data, ("compiled",))
        if compiled_only or not _has_controllers(folder):
            made = compiled.compiled_path(folder)
            if _has_controllers(folder):
                from runtime.web.compiled_app import compile_application  # late: it brings the views with it

                compile_application(folder, target=scratch)
                made = compiled.compiled_path(scratch)
            left_out = (*CODE_FOLDERS, "compiled") if compiled_only else ("compiled",)
            files = _files(folder, with_data, left_out)
            if os.path.exists(made):
                files.append((f"{compiled.FOLDER}/{compiled.FILE}", Path(made)))
                files.sort()
        return _write(files, target)


def packable(folder: Path) -> list[PackEntry]:
    """Return the files of an application that a pack may hold, for a choice among them."""
    out = []
    for name, path in _files(folder, True, ()):
        try:
            out.append(PackEntry(name, path.stat().st_size))
        except OSError:
            continue
    return out


def pack_files(folder: Path, paths: Iterable[str], target: Path) -> list[PackEntry]:
    """Write chosen files of an application to the pack `target`, in one step (AP-05).

    Args:
        folder: the application.
        paths: relative to it, with ``/``.
        target: the pack to write.

    Raises:
        PackError: no file was chosen.
        OSError: a file can not be read, or the pack not be written.
    """
    files = [(path, folder / path) for path in sorted(paths)]
    if not files:
        raise PackError("choose the files to pack first")
    return _write(files, target)


def _has_controllers(folder: Path) -> bool:
    return any((folder / "controllers").glob("*.py"))


def _write(files: list[tuple[str, Path]], target: Path) -> list[PackEntry]:
    entries: list[PackEntry] = []
    with (
        open_atomic(target) as stream,
        gzip.GzipFile(filename="", fileobj=stream, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for name, path in files:
            info = tarfile.TarInfo(name)
            with opened(path) as source:
                info.size = os.fstat(source.fileno()).st_size
                info.mtime, info.mode = int(path.stat().st_mtime), 0o644
                tar.addfile(info, source)
            entries.append(PackEntry(name, info.size))
    return entries


def _files(folder: Path, with_data: bool, left_out: tuple[str, ...]) -> list[tuple[str, Path]]:
    skipped = {*RUNTIME_FOLDERS, *left_out} | (set() if with_data else set(DATA_FOLDERS))
    return sorted(_walk(folder, skipped))


def _walk(folder: Path, skipped: set[str]) -> Iterator[tuple[str, Path]]:
    for parent, names, files in os.walk(folder):
        top = Path(parent) == folder
        names[:] = [n for n in names if n != "__pycache__" and n[0] != "." and not (top and n in skipped)]
        for name in set(files) - companions(files):
            path = Path(parent) / name
            if not name.startswith(".") and not name.endswith(_SKIPPED_ENDINGS) and path.is_file():
                yield path.relative_to(folder).as_posix(), path


def read_pack(pack: Path) -> list[PackEntry]:
    """List what `pack` holds, after checking every entry; nothing is written.

    Raises:
        PackError: the pack is broken, too large, or holds an entry that would
            land outside of the application, a link, a device, or a name twice.
    """
    with Reading(pack) as reading:
        return [PackEntry(name, member.size) for name, member in reading.members]


def inspect_pack(pack: Path) -> PackSummary:
    """Tell what `pack` is, after checking every entry; nothing is written.

    Raises:
        PackError: see `read_pack`.
    """
    with Reading(pack) as reading:
        entries = tuple(PackEntry(name, member.size) for name, member in reading.members)
        size = sum(entry.size for entry in entries)
        names = {entry.path for entry in entries}
        if any(name.startswith("controllers/") and name.endswith(".py") for name in names):
            return PackSummary(entries, size, "source")
        ours = f"{compiled.FOLDER}/{compiled.FILE}"
        if ours in names:
            try:
                header = compiled.parse_header(reading.head(ours, compiled.MAX_HEADER), ours)
            except CompiledError as error:
                raise PackError(f"{pack.name}: {error}") from error
            return PackSummary(entries, size, "compiled", header.python)
        for name in sorted(names):
            if name.startswith(f"{compiled.FOLDER}/") and name.endswith(".pyc"):
                return PackSummary(entries, size, "foreign", compiled.python_of(reading.head(name, 4)))
        return PackSummary(entries, size, "other")


def check_application(pack: Path) -> PackSummary:
    """Check that `pack` is an application that can be served here; nothing is written.

    Raises:
        PackError: see `read_pack`; or it is none, or compiled for something else.
    """
    summary = inspect_pack(pack)
    if summary.kind == "foreign":
        origin = f"the old framework under {summary.detail}"
        raise PackError(compiled.foreign_problem(pack.name, origin))
    if summary.kind == "other":
        raise PackError(f"{pack.name} is no application: it has no controllers")
    if summary.kind == "compiled":
        with Reading(pack) as reading:
            ours = f"{compiled.FOLDER}/{compiled.FILE}"
            problem = compiled.parse_header(reading.head(ours, compiled.MAX_HEADER), ours).problem()
        if problem is not None:
            raise PackError(f"{pack.name} can not be used here: {problem}")
    return summary


def unpack(pack: Path, folder: Path, scratch: Path) -> None:
    """Unpack `pack` as the new folder `folder`: whole, or not at all.

    Args:
        pack: the pack.
        folder: must not exist yet.
        scratch: folder on the same disk where the files wait until all are there.

    Raises:
        PackError: see `read_pack`; or `folder` exists, or the disk has too little room.
        OSError: no space, no permission.
    """
    if folder.exists():
        raise PackError(f"{folder} exists already")
    with Reading(pack) as reading:
        scratch.mkdir(parents=True, exist_ok=True)
        reading.check_room(scratch)
        with tempfile.TemporaryDirectory(prefix="unpack-", dir=scratch) as temporary:
            root = Path(temporary) / folder.name
            root.mkdir()
            reading.extract(root)
            os.rename(root, folder)
