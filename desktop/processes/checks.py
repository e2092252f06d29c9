"""What can be wrong with the server's settings, found before a start (SV-02, SV-03, SV-08)."""

from __future__ import annotations

import ipaddress
import os
import sys
import tempfile
from pathlib import Path

from desktop.processes.protocol import sentence
from desktop.processes.site_place import place_warnings
from desktop.processes.state import Fault, PortReport, ServerSettings
from runtime.config import Address, ConfigError, check_ip, default_site_folder

MOST_THREADS = 1000
_UNPRIVILEGED = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")


def instant_faults(settings: ServerSettings, *, password_set: bool) -> list[Fault]:
    """Faults that show without looking at disk or network."""
    faults = []
    try:
        public = not ipaddress.ip_address(check_ip(settings.address)).is_loopback
    except ConfigError:
        public = False
        text = f"{settings.address or 'Nothing'} is no address. Use 127.0.0.1, or one of this computer."
        faults.append(Fault("address", text))
    if public and not password_set:
        text = "Serving beyond this computer needs a password for the administration pages. Set it first."
        faults.append(Fault("address", text))
    if not 1 <= settings.port <= 65535:
        faults.append(Fault("port", f"Port {settings.port} does not exist. Choose one from 1024 to 65535."))
    elif settings.port < first_free_for_all():
        text = f"Port {settings.port} needs administrator rights. Choose one from 1024 to 65535."
        faults.append(Fault("port", text))
    if not 1 <= settings.threads <= MOST_THREADS:
        text = f"{settings.threads} threads cannot be. Choose from 1 to {MOST_THREADS}."
        faults.append(Fault("threads", text))
    if not str(settings.site_folder).strip() or not settings.site_folder.is_absolute():
        faults.append(Fault("site_folder", "Choose a site folder by its whole path."))
    return faults


def first_free_for_all() -> int:
    """The lowest port this user may open."""
    if sys.platform == "win32" or os.geteuid() == 0:
        return 1
    if sys.platform == "darwin":
        return 1  # macOS opens low ports to all addresses for everyone; binding tells the rest
    try:
        return int(_UNPRIVILEGED.read_text())
    except (OSError, ValueError):
        return 1024


def folder_faults(folder: Path) -> list[Fault]:
    """What is wrong with a site folder, or speaks against it (ST-08); not for the GUI thread."""
    if folder == default_site_folder() and not folder.exists():  # made at the first start
        return [Fault("site_folder", text, warning=True) for text in place_warnings(folder)]
    if not folder.is_dir():
        return [Fault("site_folder", f"The folder {folder} does not exist. Choose another, or create it.")]
    faults = []
    if not (folder / "applications").is_dir():
        faults.append(Fault("site_folder", f"{folder} has no folder 'applications', so it holds no site."))
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or error
        text = f"Nothing can be written in {folder} ({reason}); sessions, tickets and databases need it."
        faults.append(Fault("site_folder", text))
    return faults or [Fault("site_folder", text, warning=True) for text in place_warnings(folder)]


def probe_port(address: str, port: int) -> PortReport:
    """Try to listen on a port, and say who has it if that fails; not for the GUI thread."""
    from runtime.server.sockets import BindError, listen_on  # late: the window need not wait for psutil

    try:
        target = Address(check_ip(address), port)
        for opened in listen_on([target], 1):
            opened.close()
    except (BindError, ConfigError) as error:
        return PortReport(
            address,
            port,
            free=False,
            sentence=sentence(str(error)),
            owner_name=getattr(error, "owner_name", None),
            owner_pid=getattr(error, "owner_pid", None),
            next_free_port=getattr(error, "next_free", None),
            kind=getattr(error, "kind", "address"),
        )
    return PortReport(address, port, free=True, sentence=f"Port {port} is free.")
