"""`hadron routes`: try an address against the routes of a site (REWR-06, DESK-17)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import NoReturn

from runtime.cli.parser import UsageError

USAGE = "routes try URL"
HELP = "Show where a URL leads, step by step; `hadron routes --help` tells how."
EXIT_OK, EXIT_REFUSED = 0, 1


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"routes: {message}; `hadron routes --help` tells how")


def run(arguments: Sequence[str]) -> int:
    """Carry out ``hadron routes ...`` and return the exit code: 1 when the address is refused.

    Raises:
        UserError: the command line or the site folder is wrong.
    """
    from runtime.admin import routes
    from runtime.config.server_config import site_folder

    try:
        options = _parser().parse_args(arguments)
    except SystemExit:  # after --help
        return EXIT_OK
    trial = routes.try_route(
        site_folder(options.folder), options.url, options.method, options.host, options.client
    )
    print(json.dumps(trial.as_json(), indent=1) if options.json else _text(trial))
    return EXIT_OK if trial.refusal is None else EXIT_REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="hadron routes", allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    tried = commands.add_parser("try", help="Show where a URL leads.", allow_abbrev=False)
    tried.add_argument("url", metavar="URL", help="a path, or a whole address")
    tried.add_argument("-f", "--folder", help="the site folder; default that of the window")
    tried.add_argument("--method", default="GET", help="default GET")
    tried.add_argument("--host", help="host of the request, with or without port; default localhost")
    tried.add_argument("--client", default="127.0.0.1", help="address of the client; default 127.0.0.1")
    tried.add_argument("--json", action="store_true", help="print everything as JSON")
    return parser


def _text(trial: object) -> str:
    lines = [f"{number}. {step}" for number, step in enumerate(getattr(trial, "steps", ()), 1)]
    refusal = getattr(trial, "refusal", None)
    if refusal is not None and refusal not in "\n".join(lines):
        lines.append(f"refused: {refusal}")
    return "\n".join(lines)
