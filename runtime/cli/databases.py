"""`hadron db copy`: a database into an empty one, of another engine if wanted (SITE-04)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from runtime.cli.subparser import CommandGroup

EXIT_OK = 0


def run_command(arguments: Sequence[str]) -> int:
    """Carry out ``hadron db ...``; returns the exit code.

    Raises:
        UserError: the command line is wrong, or a database can not be used.
    """
    group = CommandGroup("db", "Work with whole databases.")
    copy = group.add(
        "copy",
        "Copy a database into an empty one, with all ids. The source is an application, whose models say "
        "what the tables are, or an address.",
        _copy,
    )
    copy.add_argument("source", metavar="APP|URI", help="an application, or the address of a database")
    copy.add_argument(
        "target", metavar="URI", help="address of the empty database, as the models will say it"
    )
    copy.add_argument("--db", default="", help="name of the database in the models; default the only one")
    return group.run(arguments)


def _copy(site: Path, options: argparse.Namespace) -> int:
    from runtime.admin.database_copy import copy_application, copy_database
    from runtime.foundation.paths import APPLICATION_NAME

    def progress(table: str, rows: int) -> None:
        print(f"{table}: {rows}", flush=True)

    if APPLICATION_NAME.fullmatch(options.source):
        rows = copy_application(site, options.source, options.target, options.db, progress)
    else:
        rows = copy_database(options.source, options.target, progress)
    print(f"{rows} row{'' if rows == 1 else 's'} copied")
    return EXIT_OK
