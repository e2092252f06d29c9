"""`run`: serve a site from a script of one's own (DEV-02), with restart on changed code (DEV-03)."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from runtime.config import ServerConfig, build_config
from runtime.server.role import serve

_CHILD_MARK = "HADRON_RELOAD_CHILD"
_EXIT_CHANGED = 75  # the child's way to say: start me again
_LOOK_EVERY = 1.0  # seconds


def run(
    folder: str | os.PathLike[str],
    host: str = "127.0.0.1",
    port: int = 8000,
    reload: bool = False,
    debug: bool | int | None = None,
) -> int:
    """Serve the site `folder` until Ctrl+C; returns the exit code.

    Args:
        folder: the site folder.
        host, port: where to listen.
        reload: restart the process when a loaded Python file changes.
        debug: level of messages on the console as a number; True is 10 (all
            of the runtime's own), False or None the default 30.

    Raises:
        ConfigError: host, port or debug cannot work.
    """
    level = 10 if debug is True else 30 if debug is False or debug is None else debug
    config = build_config({"folder": os.fspath(folder), "ip": host, "port": port, "debug": level})
    if not reload:
        return serve(config)
    if os.environ.get(_CHILD_MARK) == "1":
        _watch_code()
        return serve(config)
    return _keep_restarting(config)


def _keep_restarting(config: ServerConfig) -> int:
    """Run a child that serves, again and again as long as it ends because code changed."""
    address = config.interfaces[0]
    command = [sys.executable, "-c", _CHILD_CODE, str(config.folder), address.ip, str(address.port),
               str(config.debug_level)]  # fmt: skip
    environment = {**os.environ, _CHILD_MARK: "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    while True:
        child = subprocess.Popen(command, env=environment)
        code = _outlive(child)
        if code != _EXIT_CHANGED:
            return code


_CHILD_CODE = (
    "import sys; from runtime.server.run import run; "
    "sys.exit(run(sys.argv[1], sys.argv[2], int(sys.argv[3]), True, int(sys.argv[4])))"
)


def _outlive(child: subprocess.Popen[bytes]) -> int:
    """Wait for the child; Ctrl+C reaches it too and lets it drain."""
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


def _watch_code() -> None:
    threading.Thread(target=_leave_on_change, name="hadron-reload", daemon=True).start()


def _leave_on_change() -> None:
    known: dict[Path, int] = {}
    pause = threading.Event()
    while True:
        for path, changed in _loaded_files():
            if known.setdefault(path, changed) != changed:
                print(f"{path.name} has changed: restarting", file=sys.stderr, flush=True)
                os._exit(_EXIT_CHANGED)
        pause.wait(_LOOK_EVERY)


def _loaded_files() -> Iterator[tuple[Path, int]]:
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if isinstance(name, str) and name.endswith(".py"):
            try:
                yield Path(name), os.stat(name).st_mtime_ns
            except OSError:
                continue
