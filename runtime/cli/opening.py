"""``hadron open WHAT``: shows something in the window, in the one that is open if there is one (SH-07)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from runtime.cli.parser import Options, UsageError, make_options, parse
from runtime.foundation.problems import UserError

USAGE = """Usage: hadron open WHAT [OPTIONS]

WHAT is an application by its name; a file of one, with its line as FILE:LINE; a folder below
`applications`; a pack or another folder, to be installed; or the number of a ticket.
A file or folder below `applications` opens the window of its own site. The options are those of the window.
"""
FOLDER_FLAGS = ("-f", "--folder")


def run_open(
    arguments: Sequence[str],
    open_window: Callable[[Options], int] | None,
    warn: Callable[[str], None],
    has_display: Callable[[], bool],
) -> int:
    """Carry out ``hadron open ...``; returns the exit code.

    Args:
        arguments: behind the name of the command.
        open_window: opens the window and runs it; None when there is none.
        warn: told about deprecated options.
        has_display: whether a window can be shown.

    Raises:
        UserError: the arguments can not be understood, or no window can be shown.
    """
    if not arguments:
        raise UsageError("open: the name of an application, a file, a pack or a ticket is missing")
    what, *rest = arguments
    if what in ("-h", "--help"):
        print(USAGE, end="")
        return 0
    if open_window is None or not has_display():
        raise UserError("no display was found, so there is no window to open anything in")
    place = Path(what).expanduser()
    site = site_above(place) if _is_path(what) else None
    if site is not None and not any(_names_folder(each) for each in rest):
        rest += ["-f", str(site)]
    options = make_options(parse(rest), warn)
    return open_window(replace(options, open=str(place.absolute()) if _is_path(what) else what))


def means_open(argument: str) -> bool:
    """Whether a first argument that is no command names a file or folder, as desktops hand it over."""
    return _is_path(argument) and Path(argument).expanduser().exists()


def site_above(place: Path) -> Path | None:
    """The site that a file or folder belongs to: what is above its nearest ``applications``."""
    whole = place.absolute()
    if (whole / "applications").is_dir():
        return whole
    return next((each.parent for each in (whole, *whole.parents) if each.name == "applications"), None)


def _is_path(what: str) -> bool:
    """Names of applications have neither separators nor dots; ``shop/NUMBER`` is a ticket."""
    if what.startswith((".", "~")) or Path(what).is_absolute():
        return True
    if not any(sign in what for sign in "/\\."):
        return False
    return Path(what).exists() or Path(what.rpartition(":")[0] or what).exists()


def _names_folder(argument: str) -> bool:
    return argument in FOLDER_FLAGS or argument.startswith(("--folder=", "-f"))
