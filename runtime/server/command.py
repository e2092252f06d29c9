"""Command line of a server child (for the supervisor)."""

from __future__ import annotations

from runtime.config import ServerConfig
from runtime.foundation.program import child_environment, program


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
    if config.host_names:
        command.append(f"--host-names={','.join(config.host_names)}")
    if config.production:
        command.append("--production")
    if config.cron in ("hard", "soft"):
        command.append("--run-cron" if config.cron == "hard" else "--softcron")
    if config.pid_file:
        command.append(f"--pid_filename={config.pid_file}")
    if config.access_log:
        command.append(f"--log_filename={config.access_log}")
    if config.profiler_folder:
        command.append(f"--profiler={config.profiler_folder}")
    return command


__all__ = ["child_environment", "program", "serve_command"]
