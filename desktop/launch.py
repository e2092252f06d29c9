"""Entry point `hadron`: reads the command line; Qt is imported only when a window opens."""

from __future__ import annotations

import multiprocessing
import sys

from runtime.cli import Options
from runtime.cli import main as run_command_line


def open_window(options: Options) -> int:
    """Open the window and run it; returns the exit code."""
    from desktop.app import run_window

    return run_window(options)


def main() -> int:
    """Carry out the command line of this process."""
    multiprocessing.freeze_support()
    return run_command_line(sys.argv[1:], open_window)


if __name__ == "__main__":
    sys.exit(main())
