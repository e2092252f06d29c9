"""What the parsers of all subcommands have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from runtime.cli.parser import UsageError


class SubcommandParser(argparse.ArgumentParser):
    """The parser of ``hadron NAME``; mistakes are raised, not printed.

    Args:
        name: of the subcommand.
        purpose: what it does, for ``--help`` (SITE-05).
    """

    def __init__(self, name: str = "", purpose: str = "", **settings: Any) -> None:
        settings.setdefault("prog", f"hadron {name}")
        settings.setdefault("description", purpose or None)
        super().__init__(allow_abbrev=False, **settings)
        self._name = name or self.prog.removeprefix("hadron ")

    def error(self, message: str) -> NoReturn:
        """Refuse a command line.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self._name}: {message}; `hadron {self._name} --help` tells how")


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Give a parser the option ``-f``."""
    parser.add_argument("-f", "--folder", help="the site folder; default that of the window")


def site_of(options: argparse.Namespace) -> Path:
    """Return the site folder that ``-f`` names, or the default one.

    Raises:
        ConfigError: it is no path.
    """
    from runtime.config.server_config import site_folder

    return site_folder(options.folder)


def parse_or_help(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace | None:
    """Return the parsed arguments; None after ``--help``, which has printed.

    Raises:
        UsageError: the arguments can not be understood.
    """
    try:
        return parser.parse_args(arguments)
    except SystemExit:
        return None


class CommandGroup:
    """A subcommand with commands of its own: ``hadron NAME COMMAND ...``.

    Args:
        name: of the subcommand.
        purpose: what it does.
    """

    def __init__(self, name: str, purpose: str) -> None:
        self._name = name
        self._parser = SubcommandParser(name, purpose)
        self._commands = self._parser.add_subparsers(
            required=True, metavar="COMMAND", parser_class=SubcommandParser
        )

    def add(
        self, name: str, help: str, run: Callable[[Path, argparse.Namespace], int]
    ) -> argparse.ArgumentParser:
        """Add a command and return its parser, for arguments.

        Args:
            name: of the command.
            help: what it does.
            run: does it; gets the site folder and the arguments, returns the exit code.
        """
        made: argparse.ArgumentParser = self._commands.add_parser(
            name, help=help, description=help, prog=f"hadron {self._name} {name}"
        )
        add_folder(made)
        made.set_defaults(run=run)
        return made

    def run(self, arguments: Sequence[str]) -> int:
        """Carry out a command line and return the exit code.

        Raises:
            UserError: the arguments can not be understood or not be carried out.
        """
        options = parse_or_help(self._parser, arguments)
        return 0 if options is None else int(options.run(site_of(options), options))
