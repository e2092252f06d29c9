"""The site folder: what a first start and an upgrade set up (START-01..04)."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import resources
from runtime.admin.applications import applications_folder, complete_folders, create_application
from runtime.admin.packs import pack_application
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError
from runtime.foundation.version import build_version

SCAFFOLDING = resources.ROOT / "applications" / "welcome"
EXAMPLES = resources.ROOT / "examples"
ADMINISTRATION = resources.ROOT / "applications" / "admin"
RENEWED = frozenset(("models", "controllers", "views", "static", "languages", "modules", "cron"))
"""Folders of the administration that an upgrade replaces."""
SHIPPED = "private/shipped"
"""File of the administration that is ours: the version it was copied from."""


class SiteError(UserError):
    """A folder can not serve as site folder.

    Attributes:
        kind: ``folder_missing``, ``folder_unwritable`` or ``no_applications``.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What `prepare` found and did.

    Attributes:
        folder: the site folder, absolute.
        created: True when it was set up now.
        packed: True when ``welcome.w2p`` was made now.
    """

    folder: Path
    created: bool
    packed: bool


def check(folder: Path) -> None:
    """Look whether `folder` can be a site folder; changes nothing.

    Raises:
        SiteError: it is missing, not writable, or holds other things but no ``applications``.
    """
    if not folder.is_dir():
        raise SiteError("folder_missing", f"The folder {folder} does not exist. Create it or choose another.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SiteError(
            "folder_unwritable",
            f"The folder {folder} can not be written. Change its permissions or choose another.",
        )
    if not applications_folder(folder).is_dir() and any(os.scandir(folder)):
        raise SiteError(
            "no_applications",
            f"The folder {folder} has no applications folder. Choose a site folder or an empty one.",
        )


def site_root(folder: Path) -> Path:
    """Return the site folder that `folder` means; ``applications`` stands for its parent (AMB-04)."""
    absolute = folder.expanduser().absolute()
    return absolute.parent if absolute.name == "applications" else absolute


def prepare(folder: Path, *, create: bool = False) -> SiteReport:
    """Make `folder` ready to serve: ``applications``, ``deposit``, ``welcome.w2p``, the scaffolding.

    ``examples`` is written with the pack: at a first start and after an upgrade.
    An existing site keeps its applications as they are; ``welcome`` and the administration are
    installed only into a site that has none. An administration of ours is renewed by an upgrade.

    Args:
        folder: the site folder.
        create: True makes the folder itself when it is missing.

    Raises:
        SiteError: see `check`.
        OSError: the disk is full, or a file can not be written.
    """
    folder = site_root(folder)
    if create:
        folder.mkdir(parents=True, exist_ok=True)
    check(folder)
    applications = applications_folder(folder)
    created = not applications.is_dir()
    applications.mkdir(exist_ok=True)
    (folder / "deposit").mkdir(exist_ok=True)
    packed = _refresh_pack(folder)
    if packed:
        _write_examples(folder / "examples")
    if created:
        create_application(folder, "welcome")
    if created or (applications / "admin" / SHIPPED).is_file():
        install_administration(folder)
    if not (folder / "VERSION").exists() or created:
        write_atomic(folder / "VERSION", f"{build_version()}\n")
    return SiteReport(folder, created, packed)


def _write_examples(folder: Path) -> None:
    """Put the examples of options, logging, routes and a queue beside the applications (CONF-05)."""
    folder.mkdir(exist_ok=True)
    for path in sorted(EXAMPLES.iterdir()):
        if path.is_file():
            write_atomic(folder / path.name, path.read_bytes())


def install_administration(folder: Path) -> bool:
    """Copy the application `admin` into a site, or renew an earlier copy; tell whether it was done.

    Its sessions, tickets and settings stay. An application of that name that is not ours is left alone.

    Raises:
        OSError: it can not be written.
    """
    target = applications_folder(folder) / "admin"
    mark = target / SHIPPED
    if target.exists() and not mark.is_file():
        return False
    if mark.is_file() and mark.read_text("utf-8") == build_version():
        return False
    target.mkdir(exist_ok=True)
    for source in sorted(ADMINISTRATION.iterdir()):
        if source.name in RENEWED:
            shutil.rmtree(target / source.name, ignore_errors=True)
            shutil.copytree(source, target / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.is_file():
            shutil.copyfile(source, target / source.name)
    complete_folders(target)
    write_atomic(mark, build_version())  # last: what breaks off before is done again by the next start
    return True


def _refresh_pack(folder: Path) -> bool:
    """Make ``welcome.w2p`` when it is missing or an upgrade left ``NEWINSTALL`` (START-02, START-03)."""
    marker, target = folder / "NEWINSTALL", folder / "welcome.w2p"
    if target.exists() and not marker.exists():
        return False
    pack_application(SCAFFOLDING, target)
    marker.unlink(missing_ok=True)
    return True
