"""The interactive shell of an application: `hadron shell`, `-S APP` (CLI-26..30)."""

from __future__ import annotations

import argparse
import code
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from runtime.cli.scripts import guarded, own_lines
from runtime.cli.subparser import SubcommandParser, add_folder, parse_or_help, site_of
from runtime.foundation.problems import UserError
from runtime.foundation.version import version

EXIT_OK = 0


def run_command(arguments: Sequence[str]) -> int:
    """Carry out ``hadron shell ...``; returns the exit code.

    Raises:
        UserError: the command line or the application is wrong.
    """
    options = parse_or_help(_parser(), arguments)
    if options is None:
        return EXIT_OK
    kind = "plain" if options.plain else "bpython" if options.bpython else "best"
    return run_shell(site_of(options), options.application, kind=kind, models=not options.no_models)


def _parser() -> argparse.ArgumentParser:
    parser = SubcommandParser(
        "shell",
        "Open an interactive shell in an application's environment, with its models. IPython is used where "
        "it is installed. What is not committed is rolled back at the end.",
    )
    add_folder(parser)
    parser.add_argument("--no-models", action="store_true", help="do not run the models first")
    parser.add_argument("-P", "--plain", action="store_true", help="use the plain Python shell")
    parser.add_argument("-B", "--bpython", action="store_true", help="use bpython")
    parser.add_argument("application", metavar="APP[/CONTROLLER[/FUNCTION]]")
    return parser


def run_shell(site: Path, application: str, *, kind: str = "best", models: bool = False) -> int:
    """Run a shell until it is left; returns the exit code.

    Args:
        site: the site folder.
        application: ``APP``, ``APP/controller`` or ``APP/controller/function``.
        kind: ``plain``, ``bpython``, or ``best`` for IPython where it is installed.
        models: run the models first.

    Raises:
        UserError: there is no such application, and none was made.
    """
    from runtime.web.outside import environment_of, parse_place

    place = parse_place(application)
    offer_to_create(site, place.application)
    shell = _choose(kind)

    def work() -> None:
        with environment_of(site, place, models=models, on_error=_tell) as environment:
            environment["__name__"] = "__main__"
            shell(environment, f"Hadron {version()}, application {place}")

    return guarded(work)


def _tell(error: Exception) -> None:
    print("".join(own_lines(error)), end="", file=sys.stderr)


def offer_to_create(site: Path, name: str) -> None:
    """Make the application `name` from the scaffolding when it is missing; a person is asked first (CLI-26).

    Raises:
        UserError: it can not be made, or the person did not want it.
    """
    from runtime.admin.applications import applications_folder, create_application
    from runtime.admin.site import prepare

    if (applications_folder(site) / name).is_dir():
        return
    if sys.stdin is not None and sys.stdin.isatty():
        answer = input(f"There is no application {name}. Create it from the scaffolding (y/n)? ")
        if answer.strip().lower() not in ("y", "yes"):
            raise UserError(f"application {name} was not created")
    prepare(site, create=True)
    if not (applications_folder(site) / name).is_dir():  # else it is the one that a new site begins with
        create_application(site, name)
    print(f"Application {name} was created in {applications_folder(site) / name}", flush=True)


Shell = Callable[[dict[str, Any], str], None]


def _choose(kind: str) -> Shell:
    """Return the shell of a kind; one that is not installed is replaced, with a notice (CLI-28, CLI-29)."""
    if kind == "plain":
        return plain
    name = "bpython" if kind == "bpython" else "IPython"
    try:
        module = importlib.import_module(name)
    except ImportError:
        if kind == "bpython":
            print("hadron: bpython is not installed: here is the plain shell", file=sys.stderr, flush=True)
        return plain
    if kind == "bpython":
        return lambda names, banner: module.embed(locals_=names, banner=banner)
    return lambda names, banner: _ipython(module, names, banner)


def _ipython(module: Any, names: dict[str, Any], banner: str) -> None:
    print(banner)
    module.start_ipython(argv=["--no-banner", "--no-confirm-exit"], user_ns=names)


def plain(names: dict[str, Any], banner: str) -> None:
    """Run Python's own shell, with completion and history where the system has them."""
    with suppress(ImportError):
        import readline
        import rlcompleter

        readline.set_completer(rlcompleter.Completer(names).complete)
        readline.parse_and_bind("tab: complete")
    startup = os.environ.get("PYTHONSTARTUP")
    if startup and os.path.isfile(startup):
        exec(compile(Path(startup).read_bytes(), startup, "exec"), names)  # noqa: S102  # the person's own file
    code.interact(banner=banner, local=names, exitmsg="")
