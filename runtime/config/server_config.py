"""`ServerConfig`: the effective options of one server."""

from __future__ import annotations

import ipaddress
import math
import os
import re
import socket
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import platformdirs

from runtime.config.interfaces import (
    Address,
    ConfigError,
    check_ip,
    check_port,
    parse_interfaces,
    read_interfaces,
)
from runtime.config.options import BY_NAME, OPTIONS, default_of

DEFAULT_THREADS = 8
MOST_THREADS = 1000
CRON_MODES = {"cron": "external", "run_cron": "hard", "softcron": "soft"}
"""Option to mode of cron."""


@dataclass(frozen=True)
class ServerConfig:
    """The effective options of one server. Make it with `build_config`, which checks the values.

    Attributes:
        folder: the site folder, absolute.
        interfaces: where to listen, at least one address.
        threads: worker threads, a fixed number.
        queue_size: listen backlog.
        timeout: seconds after which a silent connection is closed.
        shutdown_timeout: seconds a stop waits for running requests.
        socket_timeout: seconds sent data may stay unacknowledged.
        server_name: what applications see as `request.env.server_name`.
        pid_file, access_log, profiler_folder: absolute paths, or None.
        trusted_proxies: addresses whose forwarding headers are believed (AMB-37).
        host_names: hosts under which visitors reach the site, also patterns; for links in mails.
        password: text of `-a`: a password, ``<ask>``, ``<recycle>``, ``<pam_user:NAME>``;
            None when not given. Never shown in a repr.
        max_body_bytes: largest request body the server takes.
        production: the site is finished: files are looked at once a second, language
            files never written (FLOW-14, T-15, T-21). Else it is under development.
        cron: ``none``, ``hard`` (-Y), ``soft`` (--softcron) or ``external`` (-C) (CRON-14).
        cronjob: cron has started this process (CLI-42).
        debug_level: lowest level of messages shown on the console, 0 to 100.
        quiet, banner: console output at all; start-up header.
        supervised: a supervisor runs the server and speaks with it; no option, set by the role.
    """

    folder: Path
    interfaces: tuple[Address, ...] = (Address("127.0.0.1", 8000),)
    threads: int = DEFAULT_THREADS
    queue_size: int = 128
    timeout: float = 10.0
    shutdown_timeout: float = 5.0
    socket_timeout: float = 5.0
    server_name: str = "localhost"
    pid_file: Path | None = None
    access_log: Path | None = None
    profiler_folder: Path | None = None
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    host_names: tuple[str, ...] = ()
    password: str | None = field(default=None, repr=False)
    max_body_bytes: int = 1 << 30
    production: bool = False
    cron: str = "none"
    cronjob: bool = False
    debug_level: int = 30
    quiet: bool = False
    banner: bool = True
    supervised: bool = False


def default_site_folder() -> Path:
    """The site folder when none is named: ``site`` in the user's data folder."""
    return Path(platformdirs.user_data_dir("Hadron", appauthor=False)) / "site"


def user_runtime_folder() -> Path:
    """The user's folder for sockets and locks; ``HADRON_RUNTIME_DIR`` names another one.

    Where the session has none (a server without a log-in), a private folder below the temporary one.
    """
    named = os.environ.get("HADRON_RUNTIME_DIR")
    if named:
        return Path(named)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of the fallback, which is what we want
        return Path(platformdirs.user_runtime_dir("hadron", appauthor=False))


def build_config(
    command_line: Mapping[str, Any] | None = None, options_file: Mapping[str, Any] | None = None
) -> ServerConfig:
    """Merge command line, options file and defaults, in this order of precedence (AMB-36).

    Args:
        command_line: option name to value; only what was given.
        options_file: option name to value, as `load_options_file` returns it.

    Raises:
        ConfigError: a value cannot work, or asks for what this version cannot do.
    """
    given = {k: v for k, v in (options_file or {}).items() if v is not None}
    given |= {k: v for k, v in (command_line or {}).items() if v is not None}
    _refuse_unavailable(given)

    def value(name: str) -> Any:
        return given.get(name, default_of(name))

    folder = site_folder(value("folder"))
    return ServerConfig(
        folder=folder,
        interfaces=_interfaces(command_line or {}, given),
        threads=_threads(given),
        queue_size=_integer("request_queue_size", value("request_queue_size"), 1, 65535),
        timeout=_seconds("timeout", value("timeout"), least=1.0),
        shutdown_timeout=_seconds("shutdown_timeout", value("shutdown_timeout"), least=0.0),
        socket_timeout=_seconds("socket_timeout", value("socket_timeout"), least=0.1),
        server_name=_server_name(value("server_name")),
        pid_file=_path(folder, value("pid_filename")),
        access_log=_path(folder, value("log_filename")),
        profiler_folder=_path(folder, value("profiler_filename")),
        trusted_proxies=_proxies(value("trusted_proxies")),
        host_names=_host_names(value("host_names")),
        password=_password(value("password")),
        debug_level=_integer("debug", value("debug"), 0, 100),
        production=bool(value("production")),
        cronjob=bool(value("cronjob")),
        cron=_cron(command_line or {}, given),
        quiet=bool(value("quiet")),
        banner=not value("no_banner"),
    )


def site_folder(value: Any) -> Path:
    """Return the absolute site folder for the value of `-f` (CLI-22, AMB-04).

    A folder that is itself called ``applications`` stands for its parent.
    """
    if value is None:
        return default_site_folder()
    if not isinstance(value, (str, Path)) or not str(value).strip() or "\0" in str(value):
        raise ConfigError(f"folder {value!r} is no path")
    path = Path(value).expanduser().resolve()
    return path.parent if path.name == "applications" else path


def _refuse_unavailable(given: Mapping[str, Any]) -> None:
    if bool(given.get("ssl_certificate")) != bool(given.get("ssl_private_key")):
        missing = "-k (--ssl_private_key)" if given.get("ssl_certificate") else "-c (--ssl_certificate)"
        raise ConfigError(f"-c and -k belong together: {missing} is missing")  # CLI-10
    for option in OPTIONS:
        if option.refusal and given.get(option.name) not in (None, False):
            raise ConfigError(option.refusal)


def _interfaces(command_line: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[Address, ...]:
    """`--interfaces` before `-i`/`-p`; but what the command line says beats all that the file says."""
    single_given = any(command_line.get(name) is not None for name in ("ip", "port"))
    text = command_line.get("interfaces")
    if text is None and not single_given:
        text = given.get("interfaces")
    if text is not None:
        return parse_interfaces(text) if isinstance(text, str) else read_interfaces(text)
    ip = check_ip(given.get("ip", default_of("ip")))
    return (Address(ip, check_port(given.get("port", default_of("port")))),)


def _threads(given: Mapping[str, Any]) -> int:
    """CLI-14..16: the pool has a fixed size, which satisfies minimum and maximum alike."""
    read = {
        name: _integer(name, given[name], 1, MOST_THREADS)
        for name in ("minthreads", "maxthreads", "numthreads")
        if name in given
    }
    least = read.get("minthreads")
    most = read.get("maxthreads", read.get("numthreads"))
    if least is not None and most is not None and least > most:
        raise ConfigError(f"minthreads {least} is more than maxthreads {most}")
    return most or max(least or 0, DEFAULT_THREADS)


def _cron(command_line: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """Return the mode of cron; a process that cron started runs none (CRON-14, CRON-21)."""
    if given.get("cronjob") and not given.get("cron"):
        return "none"
    if given.get("no_cron") and not any(command_line.get(name) for name in CRON_MODES):
        return "none"
    source = command_line if any(command_line.get(name) for name in CRON_MODES) else given
    chosen = [name for name in CRON_MODES if source.get(name)]
    if len(chosen) > 1:
        first, second = (f"--{BY_NAME[name].long}" for name in chosen[:2])
        raise ConfigError(f"{first} and {second} exclude each other: choose one")
    return CRON_MODES[chosen[0]] if chosen else "none"


def _integer(name: str, value: Any, least: int, most: int) -> int:
    try:
        number = int(str(value).strip())
    except ValueError:
        raise ConfigError(f"{_spelling(name)} {value!r} is no whole number") from None
    if isinstance(value, bool) or not least <= number <= most:
        raise ConfigError(f"{_spelling(name)} {value} is out of range: give a number from {least} to {most}")
    return number


def _seconds(name: str, value: Any, least: float) -> float:
    try:
        number = float(str(value).strip())
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise ConfigError(f"{_spelling(name)} {value!r} is no number of seconds")
    if not least <= number <= 86_400:
        raise ConfigError(f"{_spelling(name)} {value} is out of range: give {least:g} to 86400 seconds")
    return number


def _spelling(name: str) -> str:
    return BY_NAME[name].long


def _server_name(value: Any) -> str:
    name = str(value or socket.gethostname() or "localhost").strip()
    if not name.isprintable() or not name.isascii() or " " in name:
        raise ConfigError(f"server_name {value!r} is no host name")
    return name


_HOST_NAME = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.*?-]+)(:[\d*?]+)?", re.ASCII)


def _host_names(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else list(value or ())
    names = [text for part in parts if (text := str(part).strip())]
    for name in names:
        if not _HOST_NAME.fullmatch(name):
            raise ConfigError(f"host-names: {name!r} is no host: write www.example.org or *.example.org:8080")
    return tuple(names)


def _path(folder: Path, value: Any) -> Path | None:
    if value in (None, "", False):
        return None
    if not isinstance(value, (str, Path)) or "\0" in str(value):
        raise ConfigError(f"{value!r} is no path")
    return folder / Path(value).expanduser()


def _proxies(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else list(value)
    found = []
    for part in parts:
        text = str(part).strip()
        if not text:
            continue
        try:
            found.append(str(ipaddress.ip_address(text)))
        except ValueError:
            raise ConfigError(f"trusted-proxies: {text!r} is no address") from None
    return tuple(found)


def _password(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or "\0" in value or "\n" in value:
        raise ConfigError("the password must be one line of text")
    return value or None
