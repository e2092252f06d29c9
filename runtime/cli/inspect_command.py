"""`hadron inspect APP`: the databases, tables and scheduler functions of an application."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from runtime.admin.inspector import Inspectors
from runtime.cli.parser import UsageError
from runtime.foundation.problems import UserError

USAGE = "usage: hadron inspect APP[/CONTROLLER] [-f FOLDER] [--json]"


def run(arguments: Sequence[str]) -> int:
    """Carry out `hadron inspect ...`; returns the exit code, 1 for an application that does not load.

    Raises:
        UserError: the command line can not be used, or there is no such application.
    """
    if any(one.startswith("--load=") for one in arguments):  # the child that this program itself starts
        from runtime.admin.inspector.child import main

        return main(arguments)
    if any(one in ("-h", "--help") for one in arguments):
        print(f"{USAGE}\n\nShow the databases, tables and scheduler functions of an application.")
        print("With a controller, its own models run too, as they do for its actions.")
        return 0
    parser = argparse.ArgumentParser(
        prog="hadron inspect", add_help=False, allow_abbrev=False, exit_on_error=False
    )
    parser.add_argument("application")
    parser.add_argument("-f", "--folder", default=os.curdir)
    parser.add_argument("--json", action="store_true")
    try:
        given = parser.parse_args(arguments)
    except (argparse.ArgumentError, SystemExit):
        raise UsageError(USAGE) from None
    folder = os.path.abspath(given.folder)
    if not os.path.isdir(os.path.join(folder, "applications")):
        raise UserError(f"{folder} has no applications folder; name the site folder by -f")
    application, _, controller = given.application.partition("/")
    with Inspectors(folder) as inspectors:
        report = inspectors.of(application, controller=controller or "default").describe()
    if given.json:
        json.dump(report, sys.stdout, indent=1)
        print()
    else:
        print("\n".join(_lines(report)))
    return 0 if report["loads"] else 1


def _lines(report: dict[str, Any]) -> list[str]:
    lines = []
    if not report["loads"]:
        lines.append(f"{report['application']} does not load: {report['problem']['message']}")
    for database in report["databases"]:
        place = " on ".join(filter(None, (database["database"], database["host"])))
        lines.append(f"{database['name']}: {database['engine']}, {place}")
        for table in database["tables"]:
            fields = ", ".join(f"{field['name']} {field['type']}" for field in table["fields"])
            lines.append(f"  {table['name']}: {table['fault'] or fields}")
    for scheduler in report["schedulers"]:
        lines.append(f"{scheduler['name']}: scheduler on {scheduler['database']}")
        lines += [f"  {one['name']}{one['signature']}" for one in scheduler["functions"]]
    return lines or ["no databases, no scheduler"]
