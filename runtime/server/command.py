"""Command line and environment of a server child (for the supervisor)."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from runtime.config import ServerConfig

_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH")


def program() -> list[str]:
    """The command that starts this program again, frozen or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-u", "-m", "desktop.launch"]


def serve_command(config: ServerConfig, *, supervised: bool = True) -> list[str]:
    """Return the command of a server with these options.

    The password is not part of it: a supervised server reads it from its
    standard input (see `role`).
    """
    command = [*program(), "serve"]
    if supervised:
        command.append("--supervised")
    command += [
        f"--folder={config.folder}",
        "--interfaces=" + ";".join(map(str, config.interfaces)),
        f"--maxthreads={config.threads}",
        f"--request_queue_size={config.queue_size}",
        f"--timeout={config.timeout:g}",
        f"--shutdown_timeout={config.shutdown_timeout:g}",
        f"--socket-timeout={config.socket_timeout:g}",
        f"--server_name={config.server_name}",
        f"--trusted-proxies={','.join(config.trusted_proxies)}",
        f"--debug={config.debug_level}",
    ]
    if config.production:
        command.append("--production")
    if config.pid_file:
        command.append(f"--pid_filename={config.pid_file}")
    if config.access_log:
        command.append(f"--log_filename={config.access_log}")
    if config.profiler_folder:
        command.append(f"--profiler={config.profiler_folder}")
    return command


def child_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for programs that are started from this one.

    A frozen program points the system's loader at its own libraries; other
    programs (browser, editor, git) must get back what the user had.
    """
    result = dict(os.environ if environment is None else environment)
    if getattr(sys, "frozen", False):
        for name in _LIBRARY_PATHS:
            original = result.pop(f"{name}_ORIG", None)
            if original is not None:
                result[name] = original
            else:
                result.pop(name, None)
    return result
