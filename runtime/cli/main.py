"""`main`: read the command line and start the role it asks for."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from runtime.cli import tools
from runtime.cli.commands import SUBCOMMANDS, Subcommand
from runtime.cli.opening import means_open, run_open
from runtime.cli.parser import Options, UsageError, help_text, make_options, parse
from runtime.foundation.problems import UserError
from runtime.foundation.version import version

OpenWindow = Callable[[Options], int]

EXIT_OK, EXIT_USAGE, EXIT_INTERRUPTED = 0, 2, 130

OLDEST_PYTHON = (3, 11)


def main(argv: Sequence[str] | None = None, open_window: OpenWindow | None = None) -> int:
    """Carry out a command line and return the exit code.

    Args:
        argv: arguments without the program's name; default those of the process.
        open_window: opens the window and runs it; None when there is none.
    """
    if tuple(sys.version_info[:2]) < OLDEST_PYTHON:  # CLI-54
        needed = ".".join(map(str, OLDEST_PYTHON))
        _complain(f"this program needs CPython {needed} or newer; this is {sys.version.split()[0]}")
        return EXIT_USAGE
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments and arguments[0] == "open":
            return _open(arguments[1:], open_window)
        if arguments and arguments[0] in SUBCOMMANDS:
            return SUBCOMMANDS[arguments[0]].run(arguments[1:])
        if arguments and not arguments[0].startswith("-"):
            if means_open(arguments[0]):  # a desktop hands a double-clicked pack over like this
                return _open(arguments, open_window)
            names = ", ".join(SUBCOMMANDS)
            raise UsageError(f"there is no command {arguments[0]!r}; the commands are {names}")
        return _run_options(arguments, open_window)
    except KeyboardInterrupt:  # a tool was interrupted; servers and workers catch it themselves
        return EXIT_INTERRUPTED
    except UserError as error:
        hint = "; `hadron --help` lists the options" if isinstance(error, UsageError) else ""
        _complain(f"{error}{hint}")
        if "--supervised" in arguments:  # the supervisor reads events, see `runtime.server.supervision`
            print(json.dumps({"event": "failed", "kind": "error", "message": str(error)}), flush=True)
        return EXIT_USAGE


def has_display() -> bool:
    """Whether a window can be shown."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _run_options(arguments: Sequence[str], open_window: OpenWindow | None) -> int:
    given = parse(arguments)
    if _answer_and_exit(given):
        return EXIT_OK
    options = _read(given)
    tool = tools.chosen(given, options)
    if tool is not None:
        return tool()
    if options.workers is None:
        return _open_or_serve(options, open_window)
    from runtime.cli import workers

    if not options.with_server:
        return workers.run_alone(options.config, options.workers)
    if _wants_window(options, open_window) and has_display():
        return _open_or_serve(options, open_window)  # the window runs them (DESK-09)
    with workers.beside(options.config, options.workers):
        return _open_or_serve(options, open_window)


def _open(arguments: Sequence[str], open_window: OpenWindow | None) -> int:
    return run_open(arguments, open_window, _complain, has_display)


def run_open_alone(arguments: Sequence[str]) -> int:
    """Carry out ``hadron open ...`` where there is no window; returns the exit code."""
    return _open(arguments, None)


def _wants_window(options: Options, open_window: OpenWindow | None) -> bool:
    given = options.supervised or options.nogui or options.config.password is not None  # DESK-07
    return open_window is not None and not given


def _open_or_serve(options: Options, open_window: OpenWindow | None) -> int:
    if open_window is None or not _wants_window(options, open_window):
        return _serve(options)
    if not has_display():
        _say("no display was found: serving without a window", options)
        return _serve(options)
    return open_window(options)


def run_serve(arguments: Sequence[str]) -> int:
    """Carry out ``hadron serve ...``; returns the exit code."""
    return _run_options(["--nogui", *arguments], None)


def _answer_and_exit(given: dict[str, Any]) -> bool:
    """CLI-01, CLI-02: questions that need nothing else to be right."""
    if given.get("help"):
        print(help_text([(command.usage, _meaning(command)) for command in SUBCOMMANDS.values()]), end="")
    elif given.get("version"):
        print(f"Hadron {version()}")
    else:
        return False
    return True


def _meaning(command: Subcommand) -> str:
    return f"{command.help} Like {command.like}." if command.like else command.help


def _read(given: dict[str, Any]) -> Options:
    quiet = bool(given.get("quiet"))
    return make_options(given, lambda text: None if quiet else _complain(text))


def _serve(options: Options) -> int:
    from runtime.server.logs import silence_console
    from runtime.server.role import serve

    if options.config.quiet and not options.supervised:
        silence_console()
    return serve(options.config, supervised=options.supervised)


def _say(text: str, options: Options) -> None:
    if not options.config.quiet:
        print(f"hadron: {text}", flush=True)


def _complain(text: str) -> None:
    print(f"hadron: {text}", file=sys.stderr, flush=True)
