"""What speaks against a place for a site folder that can be used all the same (ST-08)."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePath

LEAST_FREE = 500_000_000  # bytes that sessions, tickets, uploads and databases should find free
NETWORK_SYSTEMS = frozenset(
    {
        "9p", "acfs", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.ceph", "fuse.davfs2",
        "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse", "gfs2", "glusterfs",
        "lustre", "ncpfs", "nfs", "nfs4", "prl_fs", "smb3", "smbfs", "vboxsf", "webdav",
    }
)  # fmt: skip
"""Kinds of file systems whose files lie on another computer, as the system calls them."""

_SERVICES = (
    (r"Dropbox( \(.+\))?", "Dropbox"),
    (r"OneDrive( - .+)?", "OneDrive"),
    (r"(OneDrive|GoogleDrive|Dropbox|Box)-.+", "a cloud service"),  # below macOS's CloudStorage
    (r"Google ?Drive|My Drive", "Google Drive"),
    (r"iCloudDrive|iCloud Drive|Mobile Documents", "iCloud"),
    (r"CloudStorage", "a cloud service"),
    (r"Nextcloud\d*", "Nextcloud"),
    (r"ownCloud\d*", "ownCloud"),
    (r"pCloud ?Drive", "pCloud"),
)
_BELOW_HOME = {"Box": "Box", "Box Sync": "Box", "MEGA": "MEGA", "Sync": "Syncthing"}  # too usual elsewhere
_MARKS = ((".stfolder", "Syncthing"), (".dropbox", "Dropbox"), (".sync_*.db", "Nextcloud or ownCloud"))
_CLOUD_VARIABLES = ("OneDrive", "OneDriveConsumer", "OneDriveCommercial")

Mounts = Callable[[], Iterable[tuple[str, str, str]]]
"""Gives mount point, kind of file system and options of everything that is mounted."""


def mounted() -> list[tuple[str, str, str]]:
    """What is mounted now."""
    import psutil  # late: the window need not wait for it

    return [(each.mountpoint, each.fstype, each.opts) for each in psutil.disk_partitions(all=True)]


def place_warnings(
    folder: Path, mounts: Mounts = mounted, environment: Mapping[str, str] | None = None
) -> list[str]:
    """What to know before a site lives in `folder`, a sentence or two each; none for a good place.

    Looks at the disk, so not for the GUI thread; `folder` may be one that is still to be made.

    Args:
        folder: by its whole path.
        mounts: what is mounted.
        environment: variables that name folders of cloud services; default those of the process.
    """
    place = _real(folder)
    found = [
        _on_network(place, mounts),
        _in_cloud(place, os.environ if environment is None else environment),
        _nearly_full(place),
    ]
    return [sentence for sentence in found if sentence]


def free_bytes(folder: Path) -> int | None:
    """Bytes free where `folder` is or will be made; None when that can't be known. Not for the GUI thread."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def _real(folder: Path) -> Path:
    try:
        return folder.resolve()
    except (OSError, RuntimeError):  # links in a circle
        return folder


def _on_network(place: Path, mounts: Mounts) -> str:
    if not _is_remote(place, mounts):
        return ""
    return (
        "This folder is on another computer. SQLite databases and locks are not safe over a network, "
        "and pages wait for it: better keep the site on a disk of this computer."
    )


def _is_remote(place: Path, mounts: Mounts) -> bool:
    if str(place).startswith(("\\\\", "//")):  # the name of a share
        return True
    try:
        known = list(mounts())
    except OSError:
        return False
    above = [each for each in known if _is_within(place, each[0])]
    if not above:
        return False
    _point, system, options = max(above, key=lambda each: len(PurePath(each[0]).parts))
    return system.lower() in NETWORK_SYSTEMS or (sys.platform == "win32" and "remote" in options.split(","))


def _is_within(place: Path, point: str) -> bool:
    return bool(point) and place.is_relative_to(point)


def _in_cloud(place: Path, environment: Mapping[str, str]) -> str:
    service = _service(place, environment)
    if not service:
        return ""
    return (
        f"This folder is kept in step by {service}, which copies databases and sessions in the middle of a "
        "write and may bring old ones back: better keep the site outside, and copy packs of it there."
    )


def _service(place: Path, environment: Mapping[str, str]) -> str:
    for variable in _CLOUD_VARIABLES:
        named = environment.get(variable)
        if named and place.is_relative_to(named):
            return "OneDrive"
    home = Path.home()
    for above in (place, *place.parents):
        for pattern, service in _SERVICES:
            if re.fullmatch(pattern, above.name):
                return service
        if above.parent == home and above.name in _BELOW_HOME:
            return _BELOW_HOME[above.name]
        for mark, service in _MARKS:
            if above != home and _holds(above, mark):  # programs keep their own files in the home folder
                return service
    return ""


def _holds(folder: Path, pattern: str) -> bool:
    try:
        return next(folder.glob(pattern), None) is not None
    except OSError:
        return False


def _nearly_full(place: Path) -> str:
    free = free_bytes(place)
    if free is None or free >= LEAST_FREE:
        return ""
    return (
        f"Only {free // 1_000_000} MB are free on this disk. Sessions, tickets, uploads and databases fail "
        "once it is full: make room, or choose another disk."
    )
