"""Applications of a site: list, create, pack, install, remove (APPDIR, PACK-02, PACK-03)."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.foundation.compiled import (
    CompiledError,
    compiled_path,
    foreign_form,
    foreign_problem,
    read_header,
)
from runtime.foundation.files import write_atomic
from runtime.foundation.paths import APPLICATION_NAME
from runtime.foundation.problems import UserError

if TYPE_CHECKING:
    from runtime.admin.pack_reading import PackEntry

# packs are imported late: every window lists applications, few pack one

FOLDERS = (
    "models", "controllers", "views", "languages", "static", "modules", "private", "cron", "cache",
    "databases", "errors", "sessions", "uploads", "tests",
)  # fmt: skip
"""Folders of an application (APPDIR-01)."""
RESERVED = frozenset(("static", "admin_", "applications", "gluon", "runtime", "desktop"))
SECRET_MARK = re.compile(r"<fresh secret>")


class ApplicationError(UserError):
    """An application can not be made or changed as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class ApplicationInfo:
    """One installed application.

    Attributes:
        name: folder name below ``applications/``.
        folder: absolute folder.
        state: ``on``, ``off`` (a file ``DISABLED`` is there) or ``compiled`` (no sources).
        problem: why it can not be served, empty when it can.
    """

    name: str
    folder: Path
    state: str
    problem: str = ""


def applications_folder(site: Path) -> Path:
    """Return the folder that holds the applications of `site`."""
    return site / "applications"


def list_applications(site: Path) -> list[ApplicationInfo]:
    """Return the applications of `site` by name; other folders are left out."""
    out: list[ApplicationInfo] = []
    try:
        entries = sorted(os.scandir(applications_folder(site)), key=lambda entry: entry.name)
    except OSError:
        return out
    for entry in entries:
        folder = Path(entry.path)
        if APPLICATION_NAME.fullmatch(entry.name) is None or not entry.is_dir():
            continue
        if (folder / "controllers").is_dir() or (folder / "compiled").is_dir():
            out.append(_info(folder))
    return out


def _info(folder: Path) -> ApplicationInfo:
    state, problem = "on", ""
    if not any((folder / "controllers").glob("*.py")):
        try:
            problem = read_header(compiled_path(folder)).problem() or ""
            state = "compiled"
        except FileNotFoundError:
            origin = foreign_form(folder)
            if origin is not None:
                state, problem = "compiled", foreign_problem(folder.name, origin)
        except (CompiledError, OSError) as error:
            state, problem = "compiled", str(error)
    if (folder / "DISABLED").exists():
        state = "off"
    return ApplicationInfo(folder.name, folder, state, problem)


def check_name(site: Path, name: str) -> str | None:
    """Return why `name` can not be the name of a new application, None when it can."""
    return name_problem(name, _folder_names(site))


def name_problem(name: str, taken: Iterable[str]) -> str | None:
    """Return why `name` can not be the name of a new application beside those `taken`, None when it can."""
    if APPLICATION_NAME.fullmatch(name) is None:
        return "Use letters, digits and underscore, and begin with a letter"
    if name.lower() in RESERVED:
        return f"{name} is reserved"
    existing = {each.lower() for each in taken}
    return f"There is already something called {name}" if name.lower() in existing else None


def _folder_names(site: Path) -> list[str]:
    try:
        return os.listdir(applications_folder(site))
    except OSError:
        return []


def create_application(site: Path, name: str, pack: Path | None = None) -> ApplicationInfo:
    """Make a new application from the scaffolding pack, with fresh secrets (PACK-02, APPDIR-01).

    Args:
        site: site folder.
        name: name of the new application.
        pack: pack to start from; ``welcome.w2p`` of the site by default.

    Raises:
        ApplicationError: the name can not be used.
        PackError: the pack can not be used.
    """
    problem = check_name(site, name)
    if problem is not None:
        raise ApplicationError(f"application {name!r} can not be created: {problem}")
    folder = applications_folder(site) / name
    from runtime.admin.packs import unpack

    unpack(pack or site / "welcome.w2p", folder, site / "deposit")
    complete_folders(folder)
    renew_secrets(folder)
    return _info(folder)


def complete_folders(folder: Path) -> None:
    """Make the folders and the empty ``__init__.py`` that an application has (APPDIR-01, APPDIR-07)."""
    for name in FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    (folder / "__init__.py").touch()


def renew_secrets(folder: Path) -> None:
    """Put a new secret in every place of ``private/`` and ``models/`` that asks for one (PACK-02)."""
    for place in ("private", "models"):
        for path in sorted((folder / place).glob("*")):
            if path.suffix in (".ini", ".py") and path.is_file():
                text = path.read_text(encoding="utf-8")
                fresh = SECRET_MARK.sub(lambda _: secrets.token_urlsafe(32), text)
                if fresh != text:
                    write_atomic(path, fresh, mode=0o600 if place == "private" else None)


def install_pack(site: Path, name: str, pack: Path) -> ApplicationInfo:
    """Install `pack` as the application `name` (PACK-03).

    Raises:
        ApplicationError: the name can not be used.
        PackError: the pack can not be used, or was compiled for something else; nothing was written.
    """
    from runtime.admin.packs import check_application

    check_application(pack)
    return create_application(site, name, pack)


def install_folder(site: Path, name: str, folder: Path) -> ApplicationInfo:
    """Install a copy of the application in `folder`, with its data, as the application `name`.

    Raises:
        ApplicationError: the name can not be used.
        PackError: the folder holds no application that can be served here; nothing was written.
    """
    from runtime.admin.packs import pack_application

    scratch = site / "deposit"
    scratch.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="install-", dir=scratch) as temporary:
        copy = Path(temporary) / f"{name}.w2p"
        pack_application(folder, copy, with_data=True)
        return install_pack(site, name, copy)


def pack(
    site: Path, name: str, target: Path, *, with_data: bool = False, compiled_only: bool = False
) -> list[PackEntry]:
    """Pack the application `name` of `site` into `target`; see `pack_application`.

    Raises:
        ApplicationError: there is no such application.
    """
    from runtime.admin.packs import pack_application

    folder = existing_application(site, name)
    return pack_application(folder, target, with_data=with_data, compiled_only=compiled_only)


def existing_application(site: Path, name: str) -> Path:
    """Return the folder of the application `name`.

    Raises:
        ApplicationError: there is no such application.
    """
    folder = applications_folder(site) / name
    if APPLICATION_NAME.fullmatch(name) is None or not folder.is_dir():
        raise ApplicationError(f"there is no application {name!r} in {applications_folder(site)}")
    return folder


def set_enabled(site: Path, name: str, enabled: bool) -> None:
    """Turn an application on or off; visitors of one that is off see a maintenance page."""
    mark = applications_folder(site) / name / "DISABLED"
    if enabled:
        mark.unlink(missing_ok=True)
    else:
        write_atomic(mark, "disabled: True\n")


def remove_application(site: Path, name: str) -> Path:
    """Move the application into ``deposit/`` and return where it went; nothing is destroyed.

    Raises:
        ApplicationError: there is no such application.
    """
    folder = existing_application(site, name)
    deposit = site / "deposit"
    deposit.mkdir(exist_ok=True)
    target = deposit / f"{name}.removed.{secrets.token_hex(4)}"
    shutil.move(folder, target)
    return target
