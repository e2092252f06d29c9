"""The process that runs the tasks of a worker, with a control channel: a window looks into its cache (CA-01).

Workers that the window starts have it; the scheduler itself knows nothing of it. Where each task has a
process of its own there is none: what such a task keeps in memory ends with it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runtime.foundation.problems import UserError
from runtime.scheduler.command_line import main as run_role


def main(argv: Sequence[str]) -> int:
    """Run a role of the scheduler; an executor opens its channel when it is ready for tasks."""
    return run_role(argv, on_ready=open_channel)


def open_channel(site: Path, application: str) -> None:
    """Answer the commands of `cache_commands` on a channel that `control_file.find_executors` finds."""
    from runtime.admin.cache import cache_commands
    from runtime.server.control import ControlServer, new_key
    from runtime.server.control_file import new_control_address, publish_executor, runtime_folder

    commands = {**cache_commands(site), "ping": lambda: {"pid": os.getpid()}}

    def call(name: str, arguments: dict[str, Any]) -> Any:
        if name not in commands:
            raise UserError(f"unknown command {name!r}; there are: {', '.join(sorted(commands))}")
        return commands[name](**arguments)

    address, key = new_control_address(runtime_folder(site)), new_key()
    ControlServer(address, key, call)
    publish_executor(site, address, key, application)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
