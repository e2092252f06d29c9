"""`hadron introspect`: models, screens, descriptions, differences of databases (DBI-01..04, DBI-07)."""

from __future__ import annotations

import argparse
import keyword
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.cli.subparser import SubcommandParser, add_folder, parse_or_help, site_of
from runtime.foundation.problems import UserError

if TYPE_CHECKING:
    from runtime.admin.introspection import Description

EXIT_OK, EXIT_DIFFERENT = 0, 1
_SOURCE = "address of a database as DAL takes it, an SQLite file, or a description in a .yaml file"


def run_command(arguments: Sequence[str]) -> int:
    """Carry out ``hadron introspect ...``; returns 1 when ``diff`` finds a difference.

    Raises:
        UserError: the command line is wrong, or a database or file can not be read.
    """
    words = list(arguments)
    if words and words[0] == "diff":
        return _diff(words[1:])
    if words and words[0] == "apply":
        return _apply(words[1:])
    parser = SubcommandParser(
        "introspect",
        "Write models, or a description, of an existing database. Nothing in it is changed, and the models "
        "never change it: migrate=False. Further commands: introspect diff, introspect apply.",
    )
    parser.add_argument("source", metavar="SOURCE", help=_SOURCE)
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to; default the standard output")
    parser.add_argument("--yaml", action="store_true", help="write a description instead of models")
    parser.add_argument(
        "--db", help="name of the database object in the models; default db, with --application data"
    )
    parser.add_argument(
        "--application",
        metavar="NAME",
        help="write models, and screens with grid and form of each table, into this application, old or new",
    )
    add_folder(parser)
    options = parse_or_help(parser, words)
    if options is None:
        return EXIT_OK
    options.db = options.db or ("data" if options.application else "db")
    if not options.db.isidentifier() or keyword.iskeyword(options.db):
        raise UserError(f"--db {options.db!r} can not be the name of an object")
    return _write_application(options) if options.application else _write(options)


def _read(source: str) -> tuple[Description, str]:
    """Return the description of a source, and its address when it is a database."""
    from runtime.admin.introspection import from_yaml, introspect

    if not source.lower().endswith((".yaml", ".yml")):
        return introspect(source), source
    try:
        return from_yaml(Path(source).read_text("utf-8")), ""
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{source} can not be read: {error}") from None


def _write(options: argparse.Namespace) -> int:
    from runtime.admin.introspection import to_yaml, write_models
    from runtime.admin.introspection.reading import without_password
    from runtime.foundation.files import write_atomic

    found, uri = _read(options.source)
    if options.yaml:
        text = to_yaml(found)
    else:
        text = write_models(found, uri, options.db, without_password(options.source))
    if options.out is None:
        sys.stdout.write(text)
        return EXIT_OK
    try:
        write_atomic(options.out, text)
    except OSError as error:
        raise UserError(f"{options.out} can not be written: {error.strerror}") from error
    count = len(found.tables)
    print(f"{count} table{'' if count == 1 else 's'} written to {options.out}")
    return EXIT_OK


def _write_application(options: argparse.Namespace) -> int:
    from runtime.admin.applications import applications_folder, create_application
    from runtime.admin.introspection import add_screens
    from runtime.admin.introspection.reading import without_password
    from runtime.admin.site import prepare

    if options.yaml or options.out:
        raise UserError("--application writes into the application: leave --yaml and --out away")
    found, uri = _read(options.source)
    if not uri:
        raise UserError(f"{options.source} is a description: screens need the address of a database")
    site = site_of(options)
    folder = applications_folder(site) / options.application
    if not folder.is_dir():
        prepare(site, create=True)
        folder = create_application(site, options.application).folder
    for path in add_screens(folder, found, _absolute(uri), options.db, without_password(uri)):
        print(path)
    return EXIT_OK


def _absolute(uri: str) -> str:
    """Return an address that means the same file from wherever the server is started."""
    from runtime.admin.introspection.reading import engine_of, sqlite_path

    if engine_of(uri) != "sqlite":
        return uri
    scheme = uri.partition("://")[0] if "://" in uri else "sqlite"
    return f"{scheme}://{sqlite_path(uri, Path.cwd()).resolve()}"


def _diff(words: list[str]) -> int:
    parser = SubcommandParser("introspect diff", "Show the difference of two databases or descriptions.")
    parser.add_argument("first", metavar="FIRST", help=_SOURCE)
    parser.add_argument("second", metavar="SECOND", help="the same")
    options = parse_or_help(parser, words)
    if options is None:
        return EXIT_OK
    from runtime.admin.introspection import differences

    found = differences(_read(options.first)[0], _read(options.second)[0])
    for difference in found:
        print(difference)
    return EXIT_DIFFERENT if found else EXIT_OK


def _apply(words: list[str]) -> int:
    parser = SubcommandParser(
        "introspect apply",
        "Show the statements that add what a database lacks against a description. Nothing is changed "
        "without --write, and nothing is ever altered or removed.",
    )
    parser.add_argument("description", metavar="FILE.yaml", help="a description")
    parser.add_argument("uri", metavar="DATABASE", help="address of the database")
    parser.add_argument("--write", action="store_true", help="carry the statements out")
    options = parse_or_help(parser, words)
    if options is None:
        return EXIT_OK
    from runtime.admin.introspection import apply_description

    wanted, uri = _read(options.description)
    if uri:
        raise UserError(f"{options.description} is no description: its name has to end in .yaml")
    plan = apply_description(options.uri, wanted, write=options.write)
    for statement in plan.statements:
        print(f"{statement};")
    for difference in plan.left:
        print(f"-- left as it is: {difference}")
    if plan.statements and not options.write:
        print("-- nothing was changed; add --write to carry this out")
    return EXIT_OK
