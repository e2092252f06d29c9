"""The table of subcommands, beside the table of options in `runtime.config.options` (CLI-02)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Subcommand:
    """A command before the options.

    Attributes:
        name: the word.
        usage: name and arguments.
        help: what it does; one sentence.
        module: that carries it out, below `runtime.cli`; imported when it is asked for.
        function: of the module; gets the arguments behind the name and returns the exit code.
        like: the documented short options that do the same.
    """

    name: str
    usage: str
    help: str
    module: str
    function: str = "run_command"
    like: str = ""

    def run(self, arguments: Sequence[str]) -> int:
        """Carry it out; returns the exit code."""
        module = importlib.import_module(f"runtime.cli.{self.module}")
        function: Callable[[Sequence[str]], int] = getattr(module, self.function)
        return function(arguments)


_COMMANDS = (
    Subcommand("serve", "serve [OPTIONS]", "Serve from the console.", "main", "run_serve", "--nogui"),
    Subcommand("open", "open APP|FILE|PACK|TICKET", "Show something in the window.", "main",
               "run_open_alone"),
    Subcommand("worker", "worker APPS [OPTIONS]", "Run scheduler workers.", "workers", "run", "-K"),
    Subcommand("shell", "shell APP[/c[/f]]", "Open an interactive shell in an application.", "shell",
               like="-S -M"),
    Subcommand("run", "run APP FILE|c/f [ARGS]", "Run a script, or a function, in an application.", "scripts",
               like="-S -M -R -A"),
    Subcommand("test", "test APP[/c[/f]]", "Run the doctests and the tests of an application.", "testing",
               like="-T"),
    Subcommand("cron", "cron list|run|on|off|log", "Look after the jobs of crontabs.", "cron", like="-C"),
    Subcommand("new", "new APP", "Make a new application.", "applications", "new"),
    Subcommand("install", "install FILE|FOLDER", "Install an application.", "applications", "install"),
    Subcommand("pack", "pack APP", "Write an application into one file.", "applications", "pack"),
    Subcommand("compile", "compile APP", "Compile and check an application.", "applications", "compile_one"),
    Subcommand("uninstall", "uninstall APP", "Move an application out of the site.", "applications",
               "uninstall"),
    Subcommand("routes", "routes try|reload", "Show where a URL leads; read routes again.", "routes", "run"),
    Subcommand("tickets", "tickets list|show|delete|...", "List, show, delete, export tickets.", "tickets",
               "run"),
    Subcommand("languages", "languages scan|stats|...", "Find, count, export or import translations.",
               "languages", "run"),
    Subcommand("inspect", "inspect APP[/c] [--json]", "Show an application's databases, tables, scheduler.",
               "inspect_command", "run"),
    Subcommand("check", "check [APP ...]", "Tell which applications load, and why the others do not.",
               "checking"),
    Subcommand("db", "db copy APP|URI URI", "Copy a database into one of another engine.", "databases"),
    Subcommand("introspect", "introspect DATABASE", "Write models for an existing database.", "introspect"),
    Subcommand("admin", "admin", "Put the administration over the web into a site.", "administration"),
    Subcommand("licences", "licences [NAME]", "List the libraries inside with their licences.", "parts",
               "run"),
    Subcommand("sessions", "sessions expire", "Remove sessions that nobody uses any more.", "sessions"),
)  # fmt: skip

SUBCOMMANDS = {command.name: command for command in _COMMANDS}
"""Commands by name, in the order of the help text."""


def commands_as_markdown() -> str:
    """Return the table of commands for the documentation."""
    lines = ["| Command | Like | Does |", "|---|---|---|"]
    for command in SUBCOMMANDS.values():
        usage = command.usage.replace("|", "\\|")
        lines.append(f"| `hadron {usage}` | {f'`{command.like}`' if command.like else ''} | {command.help} |")
    return "\n".join(lines) + "\n"
