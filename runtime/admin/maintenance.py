"""Orders to whole applications: rename, duplicate, clean, remove compiled code, uninstall (AP-06)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.application_facts import measure
from runtime.admin.applications import (
    ApplicationError,
    ApplicationInfo,
    applications_folder,
    check_name,
    complete_folders,
    existing_application,
)
from runtime.admin.bin import Thrown, throw_away
from runtime.admin.database_files import companions, copy_file
from runtime.admin.packs import RUNTIME_FOLDERS

PARTS: tuple[tuple[str, str], ...] = (
    ("errors", "Errors (tickets)"),
    ("sessions", "Sessions"),
    ("cache", "Cache on disk"),
)
"""Folders that cleaning empties, and their words."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a running application left in one folder: files and bytes."""

    part: str
    files: int
    size: int


def leftovers(site: Path, name: str) -> list[Leftover]:
    """Return what cleaning could take, part by part.

    Raises:
        UserError: there is no such application.
    """
    folder = existing_application(site, name)
    out = []
    for part, _ in PARTS:
        size, files, _changed = measure(folder / part)
        out.append(Leftover(part, files, size))
    return out


def clean(site: Path, name: str, parts: tuple[str, ...]) -> int:
    """Empty the folders `parts` of an application and return how many files went.

    Raises:
        UserError: there is no such application, or one of `parts` may not be cleaned.
    """
    folder = existing_application(site, name)
    unknown = set(parts) - {part for part, _ in PARTS}
    if unknown:
        raise ApplicationError(f"{', '.join(sorted(unknown))} can't be cleaned.")
    removed, faults = 0, []
    for part in parts:
        for parent, folders, files in os.walk(folder / part, topdown=False):
            for file in files:
                try:
                    os.unlink(os.path.join(parent, file))
                    removed += 1
                except OSError as error:
                    faults.append(f"{part}/{file}: {error.strerror or error}")
            for below in folders:
                try:
                    os.rmdir(os.path.join(parent, below))
                except OSError:
                    pass  # something new is in it already
    if faults:
        raise ApplicationError(f"{len(faults)} files of {name} stayed. {faults[0]}")
    return removed


def rename(site: Path, name: str, new: str) -> ApplicationInfo:
    """Give an application another name.

    Raises:
        UserError: there is no such application, or the name can not be used.
    """
    folder = existing_application(site, name)
    problem = check_name(site, new)
    if problem is not None and new.lower() != name.lower():
        raise ApplicationError(f"{name} can't be renamed to {new!r}: {problem}.")
    target = applications_folder(site) / new
    try:
        os.rename(folder, target)
    except OSError as error:
        raise ApplicationError(f"{name} can't be renamed: {error.strerror or error}.") from error
    return ApplicationInfo(new, target, "off" if (target / "DISABLED").exists() else "on")


def duplicate(
    site: Path, name: str, new: str, *, with_data: bool = True, cancelled: Callable[[], bool] = bool
) -> ApplicationInfo:
    """Copy an application under another name: whole, or not at all.

    Sessions, errors and cache stay behind.

    Args:
        with_data: databases and uploads are copied too; databases of SQLite as of one instant.
        cancelled: asked before each file; True ends the copying and leaves nothing.

    Raises:
        UserError: there is no such application, the name can not be used, or a file can not be copied.
    """
    folder = existing_application(site, name)
    left = set(RUNTIME_FOLDERS) | (set() if with_data else {"databases", "uploads"})
    return copy_in(site, folder, new, left_out=left, cancelled=cancelled)


def copy_in(
    site: Path,
    folder: Path,
    new: str,
    *,
    left_out: set[str] | frozenset[str] = frozenset(),
    cancelled: Callable[[], bool] = bool,
) -> ApplicationInfo:
    """Copy `folder` into the site as the application `new`; links are followed only within `folder`.

    Raises:
        ApplicationError: the name can not be used, a link leads outside, or a file can not be copied.
    """
    problem = check_name(site, new)
    if problem is not None:
        raise ApplicationError(f"{new!r} can't be the name of the application: {problem}.")
    deposit = site / "deposit"
    deposit.mkdir(exist_ok=True)
    root = os.path.realpath(folder)

    def skip(parent: str, names: list[str]) -> set[str]:
        if cancelled():
            raise ApplicationError("The copying was canceled; nothing was left behind.")
        out = {each for each in names if each == "__pycache__" or each.endswith(".pyc")}
        out |= companions(names) & set(names)
        if os.path.realpath(parent) == root:
            out |= left_out & set(names)
        for each in set(names) - out:
            path = os.path.join(parent, each)
            if os.path.islink(path) and not os.path.realpath(path).startswith(root + os.sep):
                raise ApplicationError(f"{path} leads out of the folder; nothing was copied.")
        return out

    with tempfile.TemporaryDirectory(prefix="copy-", dir=deposit) as scratch:
        copied = Path(scratch) / new
        try:
            shutil.copytree(folder, copied, ignore=skip, copy_function=copy_file)
            complete_folders(copied)
            target = applications_folder(site) / new
            os.rename(copied, target)
        except (OSError, shutil.Error) as error:
            raise ApplicationError(f"{folder} can't be copied: {error}.") from error
    return ApplicationInfo(new, target, "off" if (target / "DISABLED").exists() else "on")


def compile_sources(site: Path, name: str) -> list[str]:
    """Compile the sources of an application; return the names of its compiled controllers.

    Raises:
        UserError: there is no such application, or there are mistakes in its code; the text names them.
        OSError: a file can not be read or written.
    """
    from runtime.web.compiled_app import compile_application  # late: it brings the views with it

    header, _failed = compile_application(existing_application(site, name))
    return list(header.controllers)


def remove_compiled(site: Path, name: str) -> None:
    """Take the compiled code of an application away, so that its sources count again.

    Raises:
        UserError: there is no such application, or it has no sources to fall back on.
    """
    folder = existing_application(site, name)
    if not (folder / "controllers").is_dir():
        raise ApplicationError(f"{name} has no sources: without its compiled code nothing would be left.")
    if (folder / "compiled").is_dir():
        throw_away(site, folder / "compiled")


def uninstall(site: Path, name: str) -> Thrown:
    """Move an application to the bin of the site, where it stays for 30 days.

    Raises:
        UserError: there is no such application, or it can not be moved.
    """
    return throw_away(site, existing_application(site, name), "application")


def has_databases(site: Path, name: str) -> bool:
    """Tell whether the application keeps data in files of its own."""
    folder = existing_application(site, name) / "databases"
    return any(path.suffix in (".sqlite", ".db", ".sqlite3") for path in folder.glob("*"))
