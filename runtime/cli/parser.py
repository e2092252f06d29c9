"""The command line's parser and help text, made from the table of options (CLI-01..54)."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from runtime.config import BY_NAME, OPTIONS, SECTIONS, ConfigError, Option, ServerConfig, build_config
from runtime.config.options_file import load_options_file
from runtime.foundation.problems import UserError


class UsageError(UserError):
    """The command line cannot be understood."""


@dataclass(frozen=True)
class Options:
    """What the command line asks for.

    Attributes:
        config: the effective options of the server.
        taskbar: start in the system tray (CLI-45).
        start_server: the window starts the server, too (SH-15).
        safe: the window leaves its settings aside for this run (ST-10).
        open: what the window is to show: an application, a ticket, a file by its whole path (SH-07).
        given: names of the options set on the command line or in the options
            file; they pre-fill the window (CLI-52).
        supervised: speak with a supervisor over standard input and output.
        nogui: never open a window.
        workers: the scheduler workers wanted, as ``-K`` names them; None for none (CLI-33).
        with_server: the workers run beside the web server (CLI-36).
    """

    config: ServerConfig
    taskbar: bool = False
    given: frozenset[str] = field(default_factory=frozenset)
    supervised: bool = False
    nogui: bool = False
    workers: str | None = None
    with_server: bool = False
    start_server: bool = False
    safe: bool = False
    open: str = ""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser; every option is absent from the result unless it was given."""
    parser = _Parser(prog="hadron", add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("--supervised", action="store_true")
    for option in OPTIONS:
        settings: dict[str, Any] = {"dest": option.name}
        if option.kind == "flag":
            settings["action"] = "store_true"
        elif option.kind == "remainder":
            settings["nargs"] = argparse.REMAINDER
        parser.add_argument(*option.flags, **settings)
    return parser


def parse(argv: Sequence[str]) -> dict[str, Any]:
    """Return the options given, by name, as text or True; also `help`, `version`, `supervised`.

    Raises:
        UsageError: an option is unknown or lacks its value.
    """
    found = vars(make_parser().parse_args(argv))
    return {name: value for name, value in found.items() if value is not None}


def make_options(given: dict[str, Any], warn: Callable[[str], None]) -> Options:
    """Check what was given, read the options file, and build the effective options.

    Args:
        given: from `parse`.
        warn: told about deprecated options and unknown names of the options file.

    Raises:
        ConfigError: a value cannot work.
    """
    values = {name: value for name, value in given.items() if name in BY_NAME}
    for name in values:
        notice = BY_NAME[name].notice
        if notice:
            warn(notice)
    from_file: dict[str, Any] = {}
    if "config" in values:
        from_file = load_options_file(values["config"], warn)
    elif values.get("config") == "":
        raise ConfigError("-L needs the name of a file")
    config = build_config(values, from_file)
    return Options(
        config=config,
        taskbar=bool(given.get("taskbar")),
        given=frozenset(values) | {name for name, value in from_file.items() if value is not None},
        supervised=bool(given.get("supervised")),
        nogui=bool(given.get("nogui")),
        workers=_workers(given),
        with_server=bool(given.get("with_scheduler")),
        start_server=bool(given.get("start_server")),
        safe=bool(given.get("safe")),
    )


def _workers(given: dict[str, Any]) -> str | None:
    """Check `-K` and `-X`."""
    text = given.get("scheduler")
    if text is None:
        if given.get("with_scheduler"):
            raise UsageError("-X needs -K, which names the applications")
        return None
    from runtime.scheduler.wishes import parse_wishes  # late: it brings the database layer with it

    parse_wishes(text)
    return str(text)


def help_text(subcommands: Sequence[tuple[str, str]]) -> str:
    """Return the help: usage, commands, then the options by section (CLI-02).

    Args:
        subcommands: usage and one sentence of each.
    """
    lines = [
        "Usage: hadron [OPTIONS]",
        "       hadron COMMAND ...",
        "",
        "Without -a and --nogui it opens the window; with one of them it serves from the console.",
        "",
        "Commands",
        *(_entry(usage, text) for usage, text in subcommands),
        "",
        "General",
        _entry("-h, --help", "Print this and exit."),
        _entry("--version", "Print the version and exit."),
    ]
    for key, title in SECTIONS.items():
        chosen = [option for option in OPTIONS if option.section == key]
        lines += ["", title, *(_entry(_usage(option), _description(option)) for option in chosen)]
    return "\n".join(lines) + "\n"


def _usage(option: Option) -> str:
    short, long = (f"-{option.short}, " if option.short else "    "), f"--{option.long}"
    if option.kind == "flag":
        return short + long
    return (
        f"{short}{long} {option.metavar}" if option.kind == "remainder" else f"{short}{long}={option.metavar}"
    )


def _description(option: Option) -> str:
    text = option.help
    if option.default not in (None, False, "") and "default" not in text.lower():
        default = f"{option.default:g}" if isinstance(option.default, float) else option.default
        text += f" Default {default}."
    if option.refusal and not text.startswith("Removed"):
        text += " (Not in this version.)"
    return text


def _entry(usage: str, text: str) -> str:
    wrapped = textwrap.wrap(text, 66)
    if len(usage) > 28:
        return "\n".join([f"  {usage}", *(f"{'':32}{line}" for line in wrapped)])
    return "\n".join([f"  {usage:<30}{wrapped[0]}", *(f"{'':32}{line}" for line in wrapped[1:])])
