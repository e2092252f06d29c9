"""``gluon.fileutils``: files, folders and packs."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

from runtime.admin.applications import complete_folders, renew_secrets
from runtime.admin.packs import CODE_FOLDERS, pack_application, unpack
from runtime.admin.site import SCAFFOLDING
from runtime.foundation.files import write_atomic
from runtime.foundation.paths import safe_join
from runtime.tools.administrator import check_credentials
from runtime.web.compiled_app import compile_application
from runtime.web.site_settings import global_settings


def abspath(*parts: str, gluon: bool = False) -> str:
    """Return the path of something below the folder with ``applications/``, of this package if `gluon`."""
    base = os.path.dirname(__file__) if gluon else global_settings.applications_parent or os.getcwd()
    return os.path.join(base, *parts)


def up(path: str) -> str:
    """Return the folder that holds `path`."""
    return os.path.dirname(os.path.normpath(path))


def open_file(filename: str, mode: str = "r") -> IO[Any]:
    """Return an open file; texts are UTF-8."""
    return open(filename, mode, encoding=None if "b" in mode else "utf-8")


def read_file(filename: str, mode: str = "r") -> Any:
    """Return the content of a file."""
    with open_file(filename, mode) as stream:
        return stream.read()


def write_file(filename: str, value: str | bytes, mode: str = "w") -> None:
    """Write a file in one step; mode ``a`` appends."""
    if "a" in mode:
        with open_file(filename, mode) as stream:
            stream.write(value)
    else:
        write_atomic(filename, value)


def listdir(
    path: str,
    expression: str = "^.+$",
    drop: bool = True,
    add_dirs: bool = False,
    sort: bool = True,
    maxnum: int | None = None,
    exclude_content_from: Collection[str] | None = None,
    followlinks: bool = False,
) -> list[str]:
    """Return the files below `path` whose names match `expression`.

    Args:
        path: folder to walk.
        expression: pattern that a file's own name must match.
        drop: True leaves `path` out of the results.
        add_dirs: True lists folders too.
        sort: True sorts by name.
        maxnum: most names to return; None for all.
        exclude_content_from: folders, as paths below `path`, whose files are left out.
        followlinks: True walks into linked folders.
    """
    match = re.compile(expression).match
    start = len(path) + (0 if path.endswith(os.sep) else 1) if drop else 0
    found: list[str] = []
    left_out = {os.path.normpath(os.path.join(path, name)) for name in exclude_content_from or ()}
    for root, folders, files in os.walk(path, topdown=True, followlinks=followlinks):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if os.path.normpath(root) in left_out:
            folders.clear()
            continue
        if add_dirs:
            found += [os.path.join(root, name)[start:] for name in folders]
        found += [os.path.join(root, n)[start:] for n in files if match(n) and not n.startswith(".")]
    return (sorted(found) if sort else found)[:maxnum]


def cleanpath(path: str) -> str:
    """Return `path` as a plain file name: other letters become underscores, the ending is kept."""
    stem, dot, ending = path.rpartition(".")
    if not dot:
        stem, ending = path, ""
    stem = re.sub(r"[^\w-]+", "_", stem).strip("_")
    return f"{stem}.{ending}" if ending else stem


def parse_version(version: str) -> tuple[Any, ...]:
    """Return ``X.Y.Z-pre+build`` as a tuple: three numbers, what stands before the build, the build."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)(?:-([\w.]+))?(?:\+([\w.]+))?", version.strip())
    if match is None:
        raise ValueError(f"{version!r} is no version: X.Y.Z is expected")
    return (*map(int, match.group(1, 2, 3)), match[4] or "", match[5] or "")


def tar(file: str, dir: str, expression: str = "^.+$", filenames: list[str] | None = None) -> None:
    """Write the files of `dir` that match `expression`, or `filenames`, into the tar `file`."""
    with tarfile.open(file, "w") as archive:
        for name in filenames if filenames is not None else listdir(dir, expression, add_dirs=True):
            archive.add(os.path.join(dir, name), name, recursive=False)


def untar(file: str, dir: str) -> None:
    """Unpack the tar `file` into `dir`; links are left out.

    Raises:
        UnsafePath: an entry would leave `dir`.
    """
    with tarfile.open(file, "r:*") as archive:
        for member in archive:
            target = safe_join(dir, member.name)
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
            elif (source := archive.extractfile(member)) is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                with source, target.open("wb") as out:
                    shutil.copyfileobj(source, out)


def tar_compiled(file: str, dir: str, expression: str = "^.+$") -> None:
    """Write the files of the application `dir` that match `expression` into the tar `file`, without sources.

    Models, controllers and views are left out; ``compiled/`` takes their place.

    Raises:
        CompileError: there are mistakes in the code.
    """
    if any(Path(dir, "controllers").glob("*.py")):
        compile_application(dir)
    left_out = (*CODE_FOLDERS, "databases")
    names = [
        name
        for name in listdir(dir, expression)
        if name.replace(os.sep, "/").partition("/")[0] not in left_out
        and not name.endswith(".pyc")
        and not os.path.islink(os.path.join(dir, name))
    ]
    tar(file, dir, filenames=names)


def create_app(path: str) -> None:
    """Make the folders of an application in `path`, with the content of the scaffolding application."""
    folder = Path(path)
    with tempfile.TemporaryDirectory() as scratch:
        unpacked, pack = Path(scratch) / "app", Path(scratch) / "welcome.w2p"
        pack_application(SCAFFOLDING, pack)
        unpack(pack, unpacked, Path(scratch))
        shutil.copytree(unpacked, folder, dirs_exist_ok=True)
    complete_folders(folder)
    renew_secrets(folder)


def w2p_pack(filename: str, path: str, compiled: bool = False, filenames: list[str] | None = None) -> None:
    """Pack the application in `path` into the ``.w2p`` file `filename`.

    Args:
        filename: the pack to write.
        path: the application.
        compiled: True leaves out sources and packs the compiled form in their place.
        filenames: only these files; all by default.
    """
    if filenames is None:
        pack_application(Path(path), Path(filename), compiled_only=compiled)
        return
    with tarfile.open(filename, "w:gz") as archive:
        for name in filenames:
            archive.add(os.path.join(path, name), name, recursive=False)


def w2p_unpack(filename: str, path: str) -> None:
    """Unpack a ``.w2p`` file as the new folder `path`."""
    unpack(Path(filename), Path(path), Path(path).parent)


__all__ = [
    "abspath", "cleanpath", "create_app", "listdir", "open_file", "parse_version", "read_file", "tar",
    "tar_compiled", "untar", "up", "w2p_pack", "w2p_unpack", "write_file",
]  # fmt: skip
