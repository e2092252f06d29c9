"""Installing applications from a pack, a folder, an address or a git repository (AP-04).

An application is looked at first: what it consists of is shown before anything of it
lands under ``applications``.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from runtime.admin.applications import (
    ApplicationError,
    ApplicationInfo,
    applications_folder,
    check_name,
    complete_folders,
    renew_secrets,
)
from runtime.admin.bin import Thrown, put_back, throw_away
from runtime.admin.git import GitError, run_git
from runtime.admin.maintenance import copy_in
from runtime.admin.pack_reading import PackEntry
from runtime.admin.packs import check_application, unpack
from runtime.admin.structure import HIDDEN
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError

MOST_BYTES = 500 * 1000 * 1000
"""Bytes that are fetched from an address at most."""
SECONDS = 30
MAX_FILES = 50_000
PACK_ENDINGS = (".w2p", ".w3p", ".tar.gz", ".tgz", ".tar")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An application that could be installed.

    Attributes:
        kind: ``pack``, ``folder``, ``address`` or ``git``.
        source: what was given: a path or an address.
        name: a name it could have.
        entries: its files.
        content: the pack or folder to install from.
        scratch: temporary folder that goes with `drop`, or None.
    """

    kind: str
    source: str
    name: str
    entries: tuple[PackEntry, ...]
    content: Path
    scratch: Path | None = None

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries)


def drop(candidate: Candidate) -> None:
    """Remove what looking at the candidate left in the site's ``deposit``."""
    if candidate.scratch is not None:
        shutil.rmtree(candidate.scratch, ignore_errors=True)


def suggested_name(source: str) -> str:
    """Return a name for an application that comes from `source`."""
    stem = unquote(source.rstrip("/\\").replace("\\", "/").rpartition("/")[2])
    for ending in (*PACK_ENDINGS, ".git"):
        stem = stem.removesuffix(ending)
    stem = stem.removeprefix("web2py.app.")
    name = re.sub(r"\W+", "_", stem, flags=re.ASCII).strip("_")[:64]
    return f"app_{name}"[:64] if name[:1].isdigit() else name or "application"


def kind_of(source: str) -> str:
    """Return what `source` is: ``pack``, ``folder``, ``address`` or ``git``.

    Raises:
        ApplicationError: it is none of them.
    """
    if re.match(r"(git|ssh)://|git@|https?://.*\.git/?$", source):
        return "git"
    if re.match(r"https?://", source):
        return "address"
    path = Path(source).expanduser()
    if path.is_dir():
        return "folder"
    if path.is_file():
        return "pack"
    raise ApplicationError(f"There is no file or folder {source}. Give a pack, a folder or an address.")


def look_at(
    site: Path,
    source: str,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = bool,
) -> Candidate:
    """Fetch what `source` names, if need be, and return what it holds.

    Args:
        site: the site; fetched files wait in its ``deposit``.
        source: path or address, see `kind_of`.
        progress: called with bytes fetched and their total (0 when unknown).
        cancelled: True ends the fetching.

    Raises:
        UserError: it can not be had, or holds no application; nothing stays behind.
    """
    kind = kind_of(source)
    if kind == "pack":
        path = Path(source).expanduser().absolute()
        return Candidate(kind, source, suggested_name(source), check_application(path).entries, path)
    if kind == "folder":
        folder = application_in(Path(source).expanduser().absolute())
        return Candidate(kind, source, suggested_name(str(folder)), tuple(_files(folder)), folder)
    deposit = site / "deposit"
    deposit.mkdir(exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="install-", dir=deposit))
    try:
        name = suggested_name(source)
        if kind == "address":
            content = scratch / f"{name}.w2p"
            fetch(source, content, progress, cancelled)
            entries = check_application(content).entries
        else:
            run_git(
                scratch, "clone", "--quiet", "--depth=1", "--", source, name, seconds=600, cancelled=cancelled
            )
            content = application_in(scratch / name)
            entries = tuple(_files(content))
        return Candidate(kind, source, name, entries, content, scratch)
    except (UserError, OSError, GitError):
        shutil.rmtree(scratch, ignore_errors=True)
        raise


def application_in(folder: Path) -> Path:
    """Return the application that `folder` is or that is the only one below ``applications`` in it.

    Raises:
        ApplicationError: there is none, or there are several.
    """
    found = [folder] if _is_application(folder) else []
    for below in (folder / "applications", folder):
        if not found and below.is_dir():
            found = [each for each in sorted(below.iterdir()) if each.is_dir() and _is_application(each)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(each.name for each in found[:5])
        raise ApplicationError(f"{folder} holds several applications ({names}). Choose the folder of one.")
    raise ApplicationError(f"{folder} is no application: it has no folder controllers.")


def _is_application(folder: Path) -> bool:
    return (folder / "controllers").is_dir() or (folder / "compiled").is_dir()


def _files(folder: Path) -> list[PackEntry]:
    out: list[PackEntry] = []
    for parent, names, files in os.walk(folder):
        names[:] = sorted(set(names) - HIDDEN)
        for name in sorted(files):
            path = Path(parent) / name
            try:
                out.append(PackEntry(path.relative_to(folder).as_posix(), path.stat().st_size))
            except OSError:
                continue
        if len(out) > MAX_FILES:
            raise ApplicationError(f"{folder} holds more than {MAX_FILES} files.")
    return out


def fetch(
    address: str, target: Path, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> None:
    """Write what `address` answers to the file `target`.

    Raises:
        ApplicationError: it does not answer, answers with too much, or `cancelled` was true.
    """
    if urlsplit(address).scheme not in ("http", "https"):
        raise ApplicationError(f"{address} is no address of a pack: it begins with neither http nor https.")
    request = urllib.request.Request(address, headers={"User-Agent": "Hadron"})  # noqa: S310  # http(s) only
    try:
        with (
            urllib.request.urlopen(request, timeout=SECONDS) as answer,  # noqa: S310
            target.open("xb") as out,
        ):
            total, done = int(answer.headers.get("Content-Length") or 0), 0
            while block := answer.read(1 << 16):
                done += len(block)
                if cancelled():
                    raise ApplicationError("The fetching was canceled.")
                if done > MOST_BYTES:
                    raise ApplicationError(f"{address} answers with more than {MOST_BYTES // 1_000_000} MB.")
                out.write(block)
                progress(done, total)
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise ApplicationError(f"{address} can't be fetched: {reason}.") from error


def install(
    site: Path,
    candidate: Candidate,
    name: str,
    *,
    overwrite: bool = False,
    cancelled: Callable[[], bool] = bool,
) -> tuple[ApplicationInfo, Thrown | None]:
    """Install a candidate as the application `name`: whole, or not at all.

    Args:
        overwrite: an application of that name goes to the bin first, and comes back when installing fails.

    Returns:
        The application, and what went to the bin for it.

    Raises:
        UserError: the name can not be used, or a file can not be written.
    """
    folder = applications_folder(site) / name
    old: Thrown | None = None
    if overwrite and folder.is_dir():
        old = throw_away(site, folder, "application")
    try:
        problem = check_name(site, name)
        if problem is not None:
            raise ApplicationError(f"{name!r} can't be the name of the application: {problem}.")
        if candidate.content.is_dir():
            info = copy_in(site, candidate.content, name, cancelled=cancelled)
        else:
            unpack(candidate.content, folder, site / "deposit")
            complete_folders(folder)
            info = ApplicationInfo(name, folder, "off" if (folder / "DISABLED").exists() else "on")
        renew_secrets(folder)
    except (UserError, OSError):
        if old is not None and not folder.exists():
            put_back(site, old)
        raise
    return info, old


def differences(site: Path, candidate: Candidate, name: str) -> tuple[int, int, int]:
    """Return how many files overwriting `name` would add, change in size, and remove."""
    folder = applications_folder(site) / name
    here = {entry.path: entry.size for entry in _files(folder)} if folder.is_dir() else {}
    there = {entry.path: entry.size for entry in candidate.entries}
    changed = sum(1 for path, size in there.items() if path in here and here[path] != size)
    return len(there.keys() - here.keys()), changed, len(here.keys() - there.keys())


def create_empty(site: Path, name: str) -> ApplicationInfo:
    """Make an application that says hello, and nothing else (AP-03).

    Raises:
        ApplicationError: the name can not be used.
    """
    problem = check_name(site, name)
    if problem is not None:
        raise ApplicationError(f"application {name!r} can not be created: {problem}")
    folder = applications_folder(site) / name
    folder.mkdir()
    complete_folders(folder)
    write_atomic(folder / "controllers" / "default.py", _FIRST_CONTROLLER)
    return ApplicationInfo(name, folder, "on")


_FIRST_CONTROLLER = """def index():
    return "Hello"
"""
