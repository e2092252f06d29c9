"""Where running servers of a user can be found, so that a desktop can adopt one (SV-22 of the desktop).

Each site folder has a folder of its own below the user's runtime folder; in it lie the control
sockets and ``server.json``. Only the user can enter, which is what keeps others away from the key.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from runtime.config import user_runtime_folder
from runtime.foundation.files import write_atomic
from runtime.foundation.locks import file_lock
from runtime.foundation.problems import UserError

_LONGEST_SOCKET_PATH = 100  # bytes; the least of the supported systems takes 104
_SAME_PROCESS = 1.0  # seconds: two readings of one process's start may differ by rounding


@dataclass(frozen=True)
class RunningServer:
    """A server that runs now, as its control file tells.

    Attributes:
        pid, create_time: the process, and when the system started it (epoch seconds).
        address, key: of the control channel.
        url: of the site. `version`: of the server. `started`: epoch seconds.
        folder: the site folder.
    """

    pid: int
    create_time: float
    address: str
    key: str
    url: str
    version: str
    started: float
    folder: str

    def __repr__(self) -> str:
        return f"RunningServer(pid={self.pid}, url={self.url!r}, folder={self.folder!r})"


def runtime_folder(site_folder: Path) -> Path:
    """Return the private folder of a site's servers, made if it is missing.

    ``HADRON_RUNTIME_DIR`` replaces the user's runtime folder.

    Raises:
        UserError: it belongs to another user, or is open to others and cannot be closed.
    """
    base = user_runtime_folder()
    folder = base / hashlib.sha256(str(site_folder.resolve()).encode()).hexdigest()[:16]
    for part in (base, folder):
        part.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_private(part)
    return folder


def _make_private(folder: Path) -> None:
    if sys.platform == "win32":
        return  # the user's own profile is private there
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise UserError(f"{folder} belongs to another user: remove it, or set HADRON_RUNTIME_DIR")
    if found.st_mode & 0o077:
        os.chmod(folder, 0o700)


def new_control_address(folder: Path) -> str:
    """Return an address for a control channel: a socket below `folder`, a named pipe on Windows."""
    name = f"{os.getpid()}-{secrets.token_hex(4)}"
    if sys.platform == "win32":
        return rf"\\.\pipe\hadron-{name}-{secrets.token_hex(8)}"
    path = str(folder / f"{name}.sock")
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        path = os.path.join(tempfile.mkdtemp(prefix="hadron-"), "control.sock")
    return path


def publish(server: RunningServer) -> bool:
    """Write the control file of the server of this process.

    Returns:
        False when another living server of this site folder is published already; that one stays.
    """
    folder = runtime_folder(Path(server.folder))
    with file_lock(folder / "lock"):
        other = _read_living(folder)
        if other is not None and other.pid != server.pid:
            return False
        write_atomic(folder / "server.json", json.dumps(asdict(server), indent=1), mode=0o600)
    return True


def withdraw(server: RunningServer) -> None:
    """Remove the control file, if it is still this server's."""
    folder = runtime_folder(Path(server.folder))
    with file_lock(folder / "lock"):
        found = _read(folder / "server.json")
        if found is not None and found.address == server.address:
            (folder / "server.json").unlink(missing_ok=True)


@dataclass(frozen=True)
class RunningExecutor:
    """A process that runs the tasks of a worker and can be asked, as its control file tells.

    Attributes:
        pid, create_time: the process, and when the system started it (epoch seconds).
        address, key: of the control channel.
        application: whose tasks it runs.
    """

    pid: int
    create_time: float
    address: str
    key: str
    application: str

    def __repr__(self) -> str:
        return f"RunningExecutor(pid={self.pid}, application={self.application!r})"


def publish_executor(site_folder: Path, address: str, key: str, application: str) -> None:
    """Write the control file of this process, which runs the tasks of a worker."""
    process = psutil.Process()
    facts = RunningExecutor(process.pid, process.create_time(), address, key, application)
    path = runtime_folder(site_folder) / f"executor-{facts.pid}.json"
    write_atomic(path, json.dumps(asdict(facts), indent=1), mode=0o600)


def find_executors(site_folder: Path) -> list[RunningExecutor]:
    """Return the executors of a site that can be asked; what dead ones left behind is removed.

    Raises:
        UserError: see `runtime_folder`.
    """
    out = []
    for path in sorted(runtime_folder(site_folder).glob("executor-*.json")):
        try:
            found = RunningExecutor(**json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            continue  # it is just being replaced or removed
        if is_alive(found):
            out.append(found)
        else:
            path.unlink(missing_ok=True)
    return out


def find_running(site_folder: Path) -> RunningServer | None:
    """Return the running server of a site folder; what dead ones left behind is removed.

    Raises:
        UserError: see `runtime_folder`.
    """
    folder = runtime_folder(site_folder)
    with file_lock(folder / "lock"):
        _remove_dead_sockets(folder)
        return _read_living(folder)


def _read_living(folder: Path) -> RunningServer | None:
    path = folder / "server.json"
    server = _read(path)
    if server is not None and is_alive(server):
        return server
    path.unlink(missing_ok=True)
    return None


def _read(path: Path) -> RunningServer | None:
    try:
        values: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return RunningServer(**values)
    except (OSError, ValueError, TypeError):
        return None


def is_alive(server: RunningServer | RunningExecutor) -> bool:
    """Whether the very process that wrote the file still runs; a later one with its number does not count."""
    try:
        process = psutil.Process(server.pid)
        same: bool = abs(process.create_time() - server.create_time) < _SAME_PROCESS
        return same and bool(process.status() != psutil.STATUS_ZOMBIE)
    except (psutil.Error, ValueError, TypeError):
        return False


def _remove_dead_sockets(folder: Path) -> None:
    for path in folder.glob("*.sock"):
        pid = path.name.split("-", 1)[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            path.unlink(missing_ok=True)
