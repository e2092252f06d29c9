"""``gluon.admin``: whole applications, with the calls that old administration code makes (SITE-08)."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import IO, Any

from runtime.admin import applications
from runtime.admin.packs import RUNTIME_FOLDERS
from runtime.foundation.problems import UserError
from runtime.web.compiled_app import compile_application


def apath(path: str = "", r: Any = None) -> str:
    """Return the absolute path of `path` below ``applications/`` of the site that request `r` belongs to."""
    return str(_site(r) / "applications" / path)


def _site(request: Any) -> Path:
    """Return the site folder of a request, else ``HADRON_SITE`` or the current folder."""
    if request is not None and request.folder:
        return Path(request.folder).parent.parent
    return Path(os.environ.get("HADRON_SITE") or Path.cwd())


def app_pack(
    app: str, request: Any, raise_ex: bool = False, filenames: list[str] | None = None
) -> str | None:
    """Pack an application into ``deposit/`` and return the pack's name there, None when that fails.

    Raises:
        UserError, OSError: it can not be packed, and `raise_ex` is set.
    """
    return _pack(app, request, raise_ex, compiled=False)


def app_pack_compiled(app: str, request: Any, raise_ex: bool = False) -> str | None:
    """As `app_pack`, without sources."""
    return _pack(app, request, raise_ex, compiled=True)


def _pack(app: str, request: Any, raise_ex: bool, compiled: bool) -> str | None:
    name = f"web2py.app.{app}{'.compiled' if compiled else ''}.w2p"
    deposit = _site(request) / "deposit"
    try:
        deposit.mkdir(exist_ok=True)
        applications.pack(_site(request), app, deposit / name, compiled_only=compiled)
    except (UserError, OSError):
        if raise_ex:
            raise
        return None
    return name


def app_compile(app: str, request: Any, skip_failed_views: bool = False) -> list[str] | str:
    """Compile an application; returns the views left out, or the text of what is wrong."""
    try:
        folder = applications.existing_application(_site(request), app)
        return compile_application(folder, skip_failed_views=skip_failed_views)[1]
    except UserError as error:
        return str(error)


def app_create(
    app: str, request: Any, force: bool = False, key: str | None = None, info: bool = False
) -> Any:
    """Make an application from the scaffolding and return whether that worked.

    Args:
        app: its name.
        request: tells the site.
        force: True is happy with an application that exists.
        key: kept for old callers; each application gets secrets of its own.
        info: True returns (made, reason).
    """
    if force and (_site(request) / "applications" / app).is_dir():
        return (True, None) if info else True
    try:
        applications.create_application(_site(request), app)
    except (UserError, OSError) as error:
        return (False, str(error)) if info else False
    return (True, None) if info else True


def app_install(
    app: str, fobj: IO[bytes], request: Any, filename: str, overwrite: bool | None = None
) -> str | None:
    """Install a pack read from `fobj`; returns the pack's path in ``deposit/``, None when it can not be used.

    Args:
        app: name of the application.
        fobj: the pack.
        request: tells the site.
        filename: the pack's own name.
        overwrite: True moves an application of this name into ``deposit/`` first.
    """
    site = _site(request)
    deposit = site / "deposit"
    deposit.mkdir(exist_ok=True)
    target = deposit / f"{app}{Path(filename).suffix or '.w2p'}"
    with tempfile.NamedTemporaryFile(dir=deposit, delete=False) as copy:
        shutil.copyfileobj(fobj, copy)
    os.replace(copy.name, target)
    moved = None
    try:
        if overwrite and (site / "applications" / app).is_dir():
            moved = applications.remove_application(site, app)
        applications.install_pack(site, app, target)
    except (UserError, OSError):
        if moved is not None and not (site / "applications" / app).exists():
            moved.rename(site / "applications" / app)
        return None
    return str(target)


def app_uninstall(app: str, request: Any) -> bool:
    """Move an application into ``deposit/``; returns whether there was one."""
    try:
        applications.remove_application(_site(request), app)
    except UserError:
        return False
    return True


def app_cleanup(app: str, request: Any) -> bool:
    """Remove sessions, tickets and cached items of an application; returns whether all of it went."""
    folder = _site(request) / "applications" / app
    done = True
    for name in RUNTIME_FOLDERS:
        for entry in (folder / name).glob("*"):
            try:
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
            except OSError:
                done = False
    return done


__all__ = [
    "apath", "app_cleanup", "app_compile", "app_create", "app_install", "app_pack", "app_pack_compiled",
    "app_uninstall",
]  # fmt: skip
