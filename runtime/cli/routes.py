"""`hadron routes`: try an address, or let the running server read the routes again (REWR-03, REWR-06)."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from runtime.cli.subparser import CommandGroup
from runtime.foundation.problems import UserError

EXIT_OK, EXIT_REFUSED = 0, 1


def run(arguments: Sequence[str]) -> int:
    """Carry out ``hadron routes ...`` and return the exit code: 1 when the address is refused.

    Raises:
        UserError: the command line or the site folder is wrong.
    """
    group = CommandGroup("routes", "Show where a URL leads; let the running server read routes.py again.")
    group.add("reload", "Let the running server read routes.py.", _reload)
    tried = group.add("try", "Show where a URL leads.", _try)
    tried.add_argument("url", metavar="URL", help="a path, or a whole address")
    tried.add_argument("--method", default="GET", help="default GET")
    tried.add_argument("--host", help="host of the request, with or without port; default localhost")
    tried.add_argument("--client", default="127.0.0.1", help="address of the client; default 127.0.0.1")
    tried.add_argument("--json", action="store_true", help="print everything as JSON")
    return group.run(arguments)


def _try(folder: Path, options: argparse.Namespace) -> int:
    from runtime.admin.routes import try_route

    trial = try_route(folder, options.url, options.method, options.host, options.client)
    print(json.dumps(trial.as_json(), indent=1) if options.json else _text(trial))
    return EXIT_OK if trial.refusal is None else EXIT_REFUSED


def _reload(folder: Path, options: argparse.Namespace) -> int:
    from runtime.server.control import ControlClient
    from runtime.server.control_file import find_running

    running = find_running(folder)
    if running is None:
        raise UserError(f"no server of {folder} is running; it reads routes.py when it starts")
    found = ControlClient(running.address, running.key).call("reload_routes")
    print(found.get("error") or "the routes were read again")
    return EXIT_REFUSED if found.get("error") else EXIT_OK


def _text(trial: object) -> str:
    lines = [f"{number}. {step}" for number, step in enumerate(getattr(trial, "steps", ()), 1)]
    refusal = getattr(trial, "refusal", None)
    if refusal is not None and refusal not in "\n".join(lines):
        lines.append(f"refused: {refusal}")
    return "\n".join(lines)
